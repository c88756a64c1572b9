/**
 * fused.wgsl on a device: the trunk and the head of the detail network as one dispatch, a workgroup a block. Reads the
 * join of FrameMaps and the weights as today's kernels have them, and writes cells as they do.
 *
 * Limits: 3x3 kernels throughout (no 5x5 branch), trunk layers of equal width with ReLU, float32 or float16.
 */
import type { DeviceHandle } from '../../src/backends/webgpu/device.ts';
import { USAGE } from '../../src/backends/webgpu/device.ts';
import type { FrameMaps } from '../../src/backends/webgpu/maps.ts';
import type { KernelShape } from '../../src/backends/webgpu/pipelines.ts';
import { type NetworkPlan, vec4s } from '../../src/backends/webgpu/plan.ts';
import { PRECISIONS } from '../../src/backends/webgpu/precision.ts';
import type { LoadedNetwork } from '../../src/backends/webgpu/steps.ts';
import { unroll } from '../../src/backends/webgpu/unroll.ts';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { GATE_SKIP, type NetworkSpec } from '../../src/network/spec.ts';
import code from './fused.wgsl';

/** What a fused layer reads beyond its block: computed again, or zero. */
export type FusedHalo = 'recomputed' | 'blind';

/** How the kernel is cut to a network: the counts of fused.wgsl. */
export interface FusedShape {
  readonly RING: number;
  readonly SHIFT: number;
  readonly STORE: number;
  readonly SIDE: number;
  readonly DEPTH: number;
  readonly JOIN: number;
  readonly WIDTH: number;
  readonly HEAD: number;
}

/** Bytes of the uniform struct `Fused` before the weights' places, a multiple of 16. */
const WEIGHTS_AT = 32;

export function fusedShape({ block, cell, attention, detail }: NetworkSpec, halo: FusedHalo): FusedShape {
  const SIDE = block / cell;
  const DEPTH = detail.trunk.length;
  const recomputed = halo === 'recomputed';
  return {
    SIDE,
    DEPTH,
    RING: recomputed ? DEPTH - 1 : 0,
    SHIFT: recomputed ? 0 : 1,
    STORE: recomputed ? SIDE + 2 * (DEPTH - 1) : SIDE + 2,
    // Stem, features and coordinates each begin at a vec4 (backends/webgpu/plan.ts).
    JOIN: vec4s(detail.stem[detail.stem.length - 1].outputs) + vec4s(attention.features.outputs) + 1,
    WIDTH: vec4s(detail.trunk[0].outputs),
    HEAD: vec4s(detail.head.outputs),
  };
}

/** Workgroup memory that the kernel takes. */
export function fusedBytes({ STORE, WIDTH }: FusedShape, vec4Bytes: number): number {
  return (STORE * STORE * WIDTH + 1) * vec4Bytes;
}

export class FusedKernel {
  /** As FrameMaps lays out the head's list. */
  readonly cells: GPUBuffer;
  readonly #pipeline: GPUComputePipeline;
  readonly #group: GPUBindGroup;
  readonly #attended: GPUBuffer;
  readonly #maps: FrameMaps;
  readonly #device: GPUDevice;

  private constructor(
    device: GPUDevice,
    network: LoadedNetwork,
    plan: NetworkPlan,
    maps: FrameMaps,
    pipeline: GPUComputePipeline,
  ) {
    const { storage, uniform, copySource, copyTarget } = USAGE;
    const create = (size: number, usage: number) => device.createBuffer({ label: 'fused', size, usage });
    const join = plan.maps.find(({ name }) => name === 'join')!;
    const split = 1 + plan.detail.map(({ target }) => target).lastIndexOf(join);
    const trunk = network.detail.slice(split).filter(({ step }) => step.tiles !== 'five');
    const layout = maps.layout(join);
    const { columns, rows } = maps.grid;
    const words = new Uint32Array(WEIGHTS_AT / 4 + 4 * trunk.length);
    words.set([layout.origin, layout.row, layout.width, layout.height, columns]);
    trunk.forEach(({ weights }, layer) => {
      words[WEIGHTS_AT / 4 + 4 * layer] = weights.offset / network.precision.vec4Bytes;
    });
    const settings = create(words.byteLength, uniform | copyTarget);
    device.queue.writeBuffer(settings, 0, words);
    this.#device = device;
    this.#maps = maps;
    this.#pipeline = pipeline;
    this.#attended = create(4 * (columns + 2) * (rows + 2), storage | copyTarget);
    this.cells = create(maps.layout(plan.cells).bytes, storage | copySource);
    const resources = [
      { buffer: settings },
      { buffer: maps.buffer(join) },
      { buffer: network.weights },
      { buffer: this.cells },
      maps.list('attended'),
      { buffer: this.#attended },
    ];
    this.#group = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
  }

  /**
   * @throws SaccadeNetError UNSUPPORTED where the device's workgroups have too little memory or threads for it, or the
   * network is none that it can run
   */
  static async create(
    handle: DeviceHandle,
    spec: NetworkSpec,
    network: LoadedNetwork,
    plan: NetworkPlan,
    maps: FrameMaps,
    halo: FusedHalo,
  ): Promise<FusedKernel> {
    const { device } = handle;
    const { shape, precision } = network;
    const counts = fusedShape(spec, halo);
    const { trunk, head } = spec.detail;
    const even = trunk.every(
      (one) => one.kernel === 3 && one.activation === 'relu' && one.outputs === trunk[0].outputs,
    );
    if (!even || head.kernel !== 1) throw unsupported('it runs trunks of equal 3x3 layers with ReLU only');
    const bytes = fusedBytes(counts, precision.vec4Bytes);
    const most = device.limits.maxComputeWorkgroupStorageSize;
    if (bytes > most)
      throw unsupported(`it needs ${bytes} bytes of workgroup memory, the device has ${most}`);
    checkPasses(counts, shape, halo);
    const text = unroll([PRECISIONS[shape.precision].prelude, code].join('\n'), {
      ...counts,
      PLACES: shape.places,
      COLUMNS: shape.columns,
    });
    const pipeline = await device.createComputePipelineAsync({
      label: `fused ${halo}`,
      layout: 'auto',
      compute: {
        module: device.createShaderModule({ code: text }),
        constants: { WORKGROUP: shape.workgroup },
      },
    });
    return handle.scoped('the fused kernel', () => new FusedKernel(device, network, plan, maps, pipeline));
  }

  /** Which blocks are attended from now on; FrameMaps.chosen has their list. @param gates [rows, columns] */
  choose(gates: Uint8Array): void {
    const { columns, rows } = this.#maps.grid;
    const words = new Uint32Array((columns + 2) * (rows + 2));
    gates.forEach((gate, block) => {
      const at = (Math.floor(block / columns) + 1) * (columns + 2) + (block % columns) + 1;
      words[at] = gate === GATE_SKIP ? 0 : 1;
    });
    this.#device.queue.writeBuffer(this.#attended, 0, words);
  }

  encode(pass: GPUComputePassEncoder, blocks: number): void {
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#group);
    const rows = Math.ceil(blocks / this.#device.limits.maxComputeWorkgroupsPerDimension);
    pass.dispatchWorkgroups(Math.ceil(blocks / rows), rows);
  }
}

/** A thread row must fit the workgroup; blind, one pass must hold the block, since it is overwritten in place. */
function checkPasses({ SIDE, WIDTH }: FusedShape, shape: KernelShape, halo: FusedHalo): void {
  const slots = Math.floor(shape.workgroup / Math.ceil(WIDTH / shape.columns));
  const needed = halo === 'blind' ? Math.ceil((SIDE * SIDE) / shape.places) : 1;
  if (slots < needed) {
    throw unsupported(
      `a workgroup of ${shape.workgroup} threads holds ${slots} of ${needed} tiles that it needs`,
    );
  }
}

function unsupported(why: string): SaccadeNetError {
  return new SaccadeNetError('UNSUPPORTED', `The fused kernel cannot run here: ${why}.`);
}
