/**
 * The wasm executor: plans memory once a working size, then runs kernels on it. In steady state a frame allocates
 * no buffer: what comes back are small objects and views of buffers that the plan holds.
 */
import { responseOf } from '../../network/response.ts';
import { GATE_FIVE, GATE_SKIP, GATE_THREE, type Model, type NetworkSpec } from '../../network/spec.ts';
import type { Executor, Glance, Inspection, PixelFrame } from '../backend.ts';
import { checkFrame, checkGates, disposedError, orderError, unknownMapError } from '../checks.ts';
import type { Arena } from './arena.ts';
import { CLUMP_SIDE, LEAST_IN_CLUMPS } from './block-clumps.ts';
import type { Kernels } from './kernels.ts';
import { readMap, type WasmMap } from './layout.ts';
import { type BlockList, type LayerPlan, type PartedList, type Plan, planFor, type Step } from './plan.ts';
import { BAND_ROWS, type PackedLayer, packModel } from './weights.ts';

/** Entries of the lists. */
interface ListCounts {
  readonly all: PartedCounts;
  readonly three: PartedCounts;
  five: number;
}

interface PartedCounts {
  whole: number;
  clumps: number;
  singles: number;
}

export class WasmExecutor implements Executor {
  readonly backend = 'wasm';
  readonly #spec: NetworkSpec;
  readonly #packed: ReadonlyMap<string, PackedLayer>;
  readonly #weightsEnd: number;
  #arena: Arena | null;
  #kernels: Kernels | null;
  #plan: Plan | null = null;
  #glanced = false;
  #inspected = false;
  /** Blocks of the last inspection at this size. */
  #attended = 0;

  /** Packs the weights into the arena. @throws SaccadeNetError OUT_OF_MEMORY */
  constructor(model: Model, arena: Arena, kernels: Kernels) {
    this.#spec = model.network;
    this.#arena = arena;
    this.#kernels = kernels;
    this.#packed = packModel(arena, model);
    const { numerator, slope, offset, linear } = responseOf(model.network);
    kernels.setResponse(numerator, slope, offset, linear);
    this.#weightsEnd = arena.mark;
  }

  async upload(frame: PixelFrame): Promise<void> {
    const { arena } = this.#alive();
    checkFrame(frame);
    let plan = this.#plan;
    if (plan === null || plan.size.width !== frame.width || plan.size.height !== frame.height) {
      this.#plan = null;
      this.#glanced = false;
      this.#inspected = false;
      this.#attended = 0;
      arena.reset(this.#weightsEnd);
      plan = planFor(this.#spec, { width: frame.width, height: frame.height }, this.#packed, arena);
      this.#plan = plan;
    }
    plan.pixels.set(frame.data);
  }

  async glance(): Promise<Glance> {
    const { kernels } = this.#alive();
    const plan = this.#planned('glance');
    const { size, pixels, input, lists, grid } = plan;
    const { downsample } = this.#spec.attention;
    const startMs = performance.now();
    kernels.averageFrame(
      ...([pixels.byteOffset, size.width, size.height, downsample, input.address, input.rowBytes] as const),
    );
    const downsampleMs = performance.now() - startMs;
    for (const { own, output } of plan.attention) {
      const bands = Math.ceil(output.height / BAND_ROWS);
      convolve(kernels, plan, own, lists.bands, bands, output.width, BAND_ROWS);
    }
    this.#glanced = true;
    this.#readLogits(plan, plan.maps.get(this.#spec.attention.gate.name)!);
    return { columns: grid.columns, rows: grid.rows, look: plan.look, five: plan.five, downsampleMs };
  }

  async inspect(gates: Uint8Array): Promise<Inspection> {
    const { kernels } = this.#alive();
    const plan = this.#planned('inspect');
    if (!this.#glanced) throw orderError('inspect', 'glance');
    checkGates(plan.grid, gates);
    const counts = this.#list(plan, gates);
    this.#inspected = true;

    const { lists, join, features } = plan;
    const side = this.#spec.block / this.#spec.cell;
    const firstTrunk = this.#spec.detail.trunk[0].name;
    let macs = 0;
    const run = (step: Step, list: BlockList, count: number, blockSide: number) => {
      macs += convolve(kernels, plan, step, list, count, blockSide, blockSide);
    };
    const runParted = ({ own, wide, side }: LayerPlan, list: PartedList, count: PartedCounts) => {
      if (wide === null || count.clumps === 0) return run(own, list, count.whole, side);
      run(wide, list.clumps, count.clumps, CLUMP_SIDE);
      run(own, list.singles, count.singles, side);
    };
    for (const layer of plan.detail) {
      if (layer.name === firstTrunk) {
        kernels.fillJoin(
          ...([join.address + plan.joinFeaturesBytes, join.placeBytes, join.width, join.height] as const),
          ...([features.address, features.rowBytes, features.placeBytes] as const),
          ...([lists.all.address, counts.all.whole, side] as const),
        );
      }
      if (layer.five === null) {
        runParted(layer, lists.all, counts.all);
      } else {
        runParted(layer, lists.three, counts.three);
        run(layer.five, lists.five, counts.five, layer.side);
      }
    }
    return { ...this.#gather(kernels, plan, counts.all.whole), macs };
  }

  async read(name: string): Promise<{ shape: [number, number, number]; data: Float32Array }> {
    this.#alive();
    const plan = this.#plan;
    const known = this.#computed();
    const map = known.includes(name) ? plan?.maps.get(name) : undefined;
    if (!plan || !map) throw unknownMapError(name, known);
    const { floats, blocks, grid } = plan;
    return {
      shape: [map.height, map.width, map.channels.slots.length],
      data: readMap(floats, map, blocks.subarray(0, this.#attended), grid.columns),
    };
  }

  memoryBytes(): number {
    return this.#arena?.memory.buffer.byteLength ?? 0;
  }

  dispose(): void {
    this.#arena = null;
    this.#kernels = null;
    this.#plan = null;
  }

  #alive(): { kernels: Kernels; arena: Arena } {
    if (this.#kernels === null || this.#arena === null) throw disposedError();
    return { kernels: this.#kernels, arena: this.#arena };
  }

  #planned(call: string): Plan {
    if (this.#plan === null) throw orderError(call, 'upload');
    return this.#plan;
  }

  /** Names of the maps that hold something. */
  #computed(): string[] {
    const names = (layers: readonly LayerPlan[]) => layers.map(({ name }) => name);
    if (this.#plan === null) return [];
    return [
      ...(this.#glanced ? ['input', ...names(this.#plan.attention)] : []),
      ...(this.#inspected ? ['join', ...names(this.#plan.detail)] : []),
    ];
  }

  #readLogits({ floats, look, five }: Plan, gate: WasmMap): void {
    let block = 0;
    for (let row = 0; row < gate.height; row++) {
      for (let column = 0; column < gate.width; column++) {
        const at = (gate.address + row * gate.rowBytes + column * gate.placeBytes) / 4;
        look[block] = floats[at];
        five[block] = floats[at + 1];
        block++;
      }
    }
  }

  /** Writes the block lists and slots of these gates. */
  #list(plan: Plan, gates: Uint8Array): ListCounts {
    const { lists, blocks, slots } = plan;
    const { columns } = plan.grid;
    const slotAt = (block: number) => Math.floor(block / columns + 1) * (columns + 2) + (block % columns) + 1;
    for (let n = 0; n < this.#attended; n++) slots[slotAt(blocks[n])] = -1;
    const add = ({ entries }: BlockList, at: number, block: number) => {
      entries[2 * at] = block % columns;
      entries[2 * at + 1] = Math.floor(block / columns);
    };
    const counts = {
      all: { whole: 0, clumps: 0, singles: 0 },
      three: { whole: 0, clumps: 0, singles: 0 },
      five: 0,
    };
    for (let block = 0; block < gates.length; block++) {
      if (gates[block] === GATE_SKIP) continue;
      slots[slotAt(block)] = counts.all.whole;
      blocks[counts.all.whole] = block;
      add(lists.all, counts.all.whole++, block);
      if (gates[block] === GATE_FIVE) add(lists.five, counts.five++, block);
      else add(lists.three, counts.three.whole++, block);
    }
    this.#part(plan, gates, GATE_FIVE, lists.all, counts.all);
    this.#part(plan, gates, GATE_THREE, lists.three, counts.three);
    this.#attended = counts.all.whole;
    return counts;
  }

  /** Parts a list into clumps and single blocks. @param most greatest gate of its blocks */
  #part({ clumps }: Plan, gates: Uint8Array, most: number, list: PartedList, counts: PartedCounts): void {
    // Too few for any clump: the whole list is of single blocks.
    if (counts.whole < LEAST_IN_CLUMPS) return;
    clumps.find(gates, GATE_THREE, most, list.clumps, list.singles);
    counts.clumps = clumps.clumps;
    counts.singles = clumps.singles;
  }

  #gather(kernels: Kernels, plan: Plan, count: number): Pick<Inspection, 'blocks' | 'cells'> {
    const head = plan.detail.at(-1)!.output;
    const channels = head.channels.slots.length;
    const side = this.#spec.block / this.#spec.cell;
    kernels.gatherCells(
      ...([head.address, head.placeBytes, head.width, head.height, channels] as const),
      ...([plan.lists.all.address, count, side, plan.cells] as const),
    );
    const cells = plan.cells / Float32Array.BYTES_PER_ELEMENT;
    return {
      blocks: plan.blocks.subarray(0, count),
      cells: plan.floats.subarray(cells, cells + count * side * side * channels),
    };
  }
}

/** Runs one layer's branch over a block list. @returns MACs of the places computed. */
function convolve(
  kernels: Kernels,
  plan: Plan,
  { descriptor, by, macsPerPlace }: Step,
  { address }: BlockList,
  count: number,
  width: number,
  height: number,
): number {
  return macsPerPlace * places();

  function places(): number {
    const { size, pixels, scratch } = plan;
    switch (by) {
      case 'direct':
        return kernels.convolve(descriptor, address, count, width, height, scratch);
      case 'tiles':
        return kernels.convolveTiles(descriptor, address, count, width, height, scratch);
      case 'pixels':
        return kernels.convolvePixels(
          ...([descriptor, pixels.byteOffset, size.width, size.height] as const),
          ...([address, count, width, scratch] as const),
        );
    }
  }
}
