/**
 * The trunk and the head of the detail network on WebGPU over the same join and blocks: a dispatch a layer as the product
 * runs it (today), the same with the register tile of the fused kernels (layers), fused with a recomputed halo, and fused
 * and blind (fused.wgsl). All take 3x3 kernels everywhere.
 */
import type { PixelFrame } from '../../src/backends/backend.ts';
import { unpadCells } from '../../src/backends/webgpu/cells.ts';
import { type DeviceHandle, USAGE } from '../../src/backends/webgpu/device.ts';
import { FrameMaps, type MapLayout } from '../../src/backends/webgpu/maps.ts';
import type { KernelShape } from '../../src/backends/webgpu/pipelines.ts';
import { type MapPlan, type NetworkPlan, padded, planNetwork } from '../../src/backends/webgpu/plan.ts';
import { PRECISIONS, type Precision } from '../../src/backends/webgpu/precision.ts';
import { listBlocks } from '../../src/backends/webgpu/shapes.ts';
import { StageTimer } from '../../src/backends/webgpu/stage-timer.ts';
import { type BoundStep, bindNetwork, encodeStep, loadNetwork } from '../../src/backends/webgpu/steps.ts';
import type { Grid } from '../../src/network/geometry.ts';
import { GATE_SKIP, GATE_THREE, type Model } from '../../src/network/spec.ts';
import { FusedKernel } from './fused-kernel.ts';
import { type ExpectedCells, FusionOracle } from './fusion-oracle.ts';
import { processorMs } from './processor-time.ts';

export const WAYS = ['today', 'layers', 'recomputed', 'blind'] as const;
export type Way = (typeof WAYS)[number];
/** The stem and the join come before, by any way. */
export const LANES = ['stem', ...WAYS] as const;
export type Lane = (typeof LANES)[number];

/** Steps with the tile that they are cut to. */
interface Layers {
  readonly stem: readonly BoundStep[];
  /** Without 5x5 branches; the head among them. */
  readonly trunk: readonly BoundStep[];
  readonly workgroup: number;
}

interface Parts {
  readonly plan: NetworkPlan;
  readonly precision: Precision;
  readonly maps: FrameMaps;
  readonly oracle: FusionOracle;
  readonly layers: Readonly<Record<'today' | 'layers', Layers>>;
  readonly fused: Readonly<Record<'recomputed' | 'blind', FusedKernel>>;
}

const TIMES_BYTES = 16 * LANES.length;

export class FusionBench {
  readonly grid: Grid;
  readonly #handle: DeviceHandle;
  readonly #model: Model;
  readonly #parts: Parts;
  readonly #timer: StageTimer | null;
  readonly #times: GPUBuffer;
  #gates: Uint8Array;
  #blocks: Uint32Array = new Uint32Array(0);

  private constructor(handle: DeviceHandle, model: Model, parts: Parts) {
    const { device } = handle;
    this.grid = parts.maps.grid;
    this.#handle = handle;
    this.#model = model;
    this.#parts = parts;
    this.#timer = device.features.has('timestamp-query') ? new StageTimer(device) : null;
    this.#times = device.createBuffer({ size: TIMES_BYTES, usage: USAGE.mapRead | USAGE.copyTarget });
    this.#gates = new Uint8Array(this.grid.columns * this.grid.rows);
  }

  /**
   * @param today the product's shape; `fused`: that of the fused kernels, of the same precision
   * @throws SaccadeNetError UNSUPPORTED where a fused kernel cannot run on the device
   */
  static async create(
    handle: DeviceHandle,
    model: Model,
    frame: PixelFrame,
    { today, fused }: { readonly today: KernelShape; readonly fused: KernelShape },
  ): Promise<FusionBench> {
    const { device } = handle;
    const spec = model.network;
    const precision = PRECISIONS[today.precision];
    const plan = planNetwork(spec);
    const maps = await FrameMaps.create(handle, spec, plan, frame, precision.vec4Bytes);
    const load = (shape: KernelShape) => loadNetwork(handle, model, plan, shape, precision);
    const networks = { today: await load(today), layers: await load(fused) };
    const layersOf = (network: typeof networks.today): Layers => {
      const { detail } = bindNetwork(device, network, plan, maps);
      const split = 1 + detail.map(({ step }) => step.target.name).lastIndexOf('join');
      const trunk = detail.slice(split).filter(({ step }) => step.tiles !== 'five');
      return { stem: detail.slice(0, split), trunk, workgroup: network.shape.workgroup };
    };
    const oracle = await FusionOracle.create(model, frame);
    const write = (name: string, data: Float32Array) => {
      const map = plan.maps.find((one) => one.name === name)!;
      const packed = packMap(map, maps.layout(map), precision.vec4Bytes, data);
      device.queue.writeBuffer(maps.buffer(map), 0, precision.pack(packed));
    };
    write('frame', oracle.frame);
    write(spec.attention.features.name, oracle.features);
    const kernel = (halo: 'recomputed' | 'blind') =>
      FusedKernel.create(handle, spec, networks.layers, plan, maps, halo);
    return new FusionBench(handle, model, {
      ...{ plan, precision, maps, oracle },
      layers: { today: layersOf(networks.today), layers: layersOf(networks.layers) },
      fused: { recomputed: await kernel('recomputed'), blind: await kernel('blind') },
    });
  }

  /** Attends to these blocks from now on, with 3x3 kernels. @param attended [rows, columns], not 0: attended */
  choose(attended: Uint8Array): void {
    const { maps, fused, layers } = this.#parts;
    const { queue } = this.#handle.device;
    const gates = attended.map((gate) => (gate === GATE_SKIP ? GATE_SKIP : GATE_THREE));
    const lists = listBlocks(gates, this.#gates);
    queue.writeBuffer(maps.chosen, 0, maps.chosenWords(lists, gates));
    for (const kernel of Object.values(fused)) kernel.choose(gates);
    this.#gates = gates;
    this.#blocks = lists.attended.blocks;
    // Blocks attended before and not now become zero, as in a frame.
    const { stem, trunk, workgroup } = layers.today;
    const tiles = this.#blocks.length + lists.attended.stale.length;
    const encoder = this.#handle.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    this.#encode(pass, [...stem, ...trunk], workgroup, tiles);
    pass.end();
    queue.submit([encoder.finish()]);
  }

  dispatches(way: Way): number {
    return way === 'today' || way === 'layers' ? this.#parts.layers[way].trunk.length : 1;
  }

  /** @returns ms by the GPU's timestamps, where it has none by the clock; and of processor time, for an emulated GPU */
  async run(lane: Lane): Promise<{ gpuMs: number; cpuMs: number }> {
    const { device } = this.#handle;
    const { layers, fused } = this.#parts;
    const blocks = this.#blocks.length;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(this.#timer?.writes(lane));
    if (lane === 'recomputed' || lane === 'blind') fused[lane].encode(pass, blocks);
    else {
      const { stem, trunk, workgroup } = layers[lane === 'stem' ? 'today' : lane];
      this.#encode(pass, lane === 'stem' ? stem : trunk, workgroup, blocks);
    }
    pass.end();
    this.#timer?.copy(encoder, this.#times, 0);
    const [startMs, startCpuMs] = [performance.now(), this.#processorMs()];
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    const [wallMs, cpuMs] = [performance.now() - startMs, this.#processorMs() - startCpuMs];
    if (this.#timer === null) return { gpuMs: wallMs, cpuMs };
    const read = await this.#handle.readStaging(this.#times, TIMES_BYTES);
    return { gpuMs: this.#timer.read(read)[lane], cpuMs };
  }

  /** Cells of the blocks attended, as the last run of that way left them: [blocks, side, side, channels]. */
  async cells(way: Way): Promise<Float32Array> {
    const { device } = this.#handle;
    const { plan, precision, maps, fused } = this.#parts;
    const { block, cell, detail } = this.#model.network;
    const buffer = way === 'recomputed' || way === 'blind' ? fused[way].cells : maps.buffer(plan.cells);
    const { pitch } = maps.layout(plan.cells);
    const bytes = this.#blocks.length * (block / cell) ** 2 * pitch * precision.vec4Bytes;
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, maps.cellStaging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    const read = await this.#handle.readStaging(maps.cellStaging, bytes);
    return unpadCells(precision.unpack(read), pitch, detail.head.outputs);
  }

  /** What `cells` must be: blind for the way of that name, the spec's for all others. */
  expected(): Promise<ExpectedCells> {
    return this.#parts.oracle.expected(this.#gates);
  }

  /** 0 in a page. */
  #processorMs(): number {
    return typeof process === 'undefined' || !process.cpuUsage ? 0 : processorMs();
  }

  #encode(pass: GPUComputePassEncoder, steps: readonly BoundStep[], workgroup: number, tiles: number): void {
    const { maxComputeWorkgroupsPerDimension } = this.#handle.device.limits;
    const limits = { workgroup, perDimension: maxComputeWorkgroupsPerDimension };
    for (const step of steps) encodeStep(pass, step, tiles, limits);
  }
}

/** The inverse of unpackMap for a whole map. @param data [height, width, channels] */
function packMap(
  map: MapPlan,
  layout: MapLayout,
  vec4Bytes: number,
  data: Float32Array,
): Float32Array<ArrayBuffer> {
  const { width, height, origin, row, pitch, bytes } = layout;
  const packed = new Float32Array((4 * bytes) / vec4Bytes);
  const positions = padded(map);
  let from = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = 4 * (origin + y * row + x * pitch);
      for (const position of positions) packed[to + position] = data[from++];
    }
  }
  return packed;
}
