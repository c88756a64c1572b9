/**
 * A 3x3 layer of the trunk on wasm over a list of blocks, with maps in slots laid out as NHWC and as NCHWc4: as the
 * product runs it (NHWC, Winograd's tiles, assembly/kernels); in tiles by one bench kernel with the strides of either
 * (assembly/layouts); and directly, by the product's kernel and by one for NCHWc4.
 */
import layoutBytes from '../../build/layouts.wasm';
import { Arena } from '../../src/backends/wasm/arena.ts';
import { instantiateKernels, type Kernels } from '../../src/backends/wasm/kernels.ts';
import { packedLength, packWeights, plainChannels } from '../../src/backends/wasm/layout.ts';
import {
  packTransformed,
  type Tiling,
  tileScratchBytes,
  transformedLength,
} from '../../src/backends/wasm/winograd.ts';
import type { Grid } from '../../src/network/geometry.ts';
import { seededRandom } from '../../train/random.ts';
import { processorMs } from './processor-time.ts';

export const WAYS = ['product', 'NHWC tiles', 'NCHWc4 tiles', 'NHWC direct', 'NCHWc4 direct'] as const;
export type Way = (typeof WAYS)[number];

type LayoutKernels = Record<
  'convolveTilesC4' | 'convolveTilesNhwc' | 'convolveC4',
  (descriptor: number, list: number, count: number, scratch: number) => void
>;

/** Cells a block side, and floats of a vector. */
const SIDE = 4;
const LANES = 4;
const SLICE = 8;
const PLACES = SIDE * SIDE;
const TILING: Tiling = { kernel: 3, stride: 1, side: 4 };
const REGION_FLOATS = 9 * PLACES;
const WEIGHTS_SCALE = 0.05;
const NONE = -1;

/** A layer with as many inputs as outputs, a residual and ReLU. */
export class LayoutBench {
  readonly #arena: Arena;
  readonly #kernels: Kernels;
  readonly #layouts: LayoutKernels;
  readonly #channels: number;
  readonly #grid: Grid;
  readonly #at: Readonly<
    Record<'inputs' | 'inputsC4' | 'output' | 'zeros' | 'slots' | 'list' | 'scratch', number>
  >;
  readonly #descriptors: Readonly<Record<Way, number>>;
  #count = 0;

  private constructor(
    arena: Arena,
    kernels: Kernels,
    layouts: LayoutKernels,
    grid: Grid,
    channels: number,
    weights: Float32Array,
  ) {
    this.#arena = arena;
    this.#kernels = kernels;
    this.#layouts = layouts;
    this.#grid = grid;
    this.#channels = channels;
    const start = arena.mark;
    const blocks = grid.columns * grid.rows;
    const plain = plainChannels(channels);
    const floats = (count: number) => arena.allocate(4 * count);
    const map = () => floats(blocks * PLACES * channels);
    const slotsRow = 4 * (grid.columns + 2);
    const scratchBytes = tileScratchBytes(TILING, plain) + 4 * REGION_FLOATS * channels;
    this.#at = {
      ...{ inputs: map(), inputsC4: map(), output: map(), zeros: floats(PLACES * channels) },
      ...{ slots: arena.allocate(slotsRow * (grid.rows + 2)), list: arena.allocate(8 * blocks) },
      scratch: arena.allocate(scratchBytes),
    };
    const direct = packedLength(3, plain, channels);
    const tiles = transformedLength(TILING, plain, channels);
    const packed = { tiles: floats(tiles), direct: floats(direct), directC4: floats(direct) };
    const bias = floats(channels);
    const descriptors = WAYS.map((way) => [way, arena.allocate(128)] as const);
    arena.commit(start);
    const { buffer } = arena.memory;
    packTransformed(new Float32Array(buffer, packed.tiles, tiles), weights, TILING, plain, channels);
    packWeights(new Float32Array(buffer, packed.direct, direct), weights, 3, plain, channels);
    packDirectC4(new Float32Array(buffer, packed.directC4, direct), weights, channels);
    for (const [way, address] of descriptors) {
      const c4 = way.startsWith('NCHWc4');
      const own = !way.endsWith('direct') ? packed.tiles : c4 ? packed.directC4 : packed.direct;
      const [place, row] = [4 * channels, 4 * channels * SIDE];
      const [width, height] = [grid.columns * SIDE, grid.rows * SIDE];
      // In the order of the fields of assembly/kernels/convolution.ts, `Convolution`.
      const fields = [
        ...[c4 ? this.#at.inputsC4 : this.#at.inputs, row, place, this.#at.output, row, place],
        ...[own, bias, 3, 1, SIDE, channels / LANES, 1, 1],
        ...[width, height, width, height, SIDE, this.#at.slots + slotsRow + 4, slotsRow, this.#at.zeros],
      ];
      new Int32Array(buffer, address, fields.length).set(fields);
    }
    this.#descriptors = Object.fromEntries(descriptors) as Record<Way, number>;
  }

  /** @param channels a multiple of 8 */
  static async create(grid: Grid, channels: number, seed: number): Promise<LayoutBench> {
    const arena = new Arena();
    const env = { memory: arena.memory, abort: () => {} };
    const { instance } = await WebAssembly.instantiate(layoutBytes, { env });
    const random = seededRandom(seed);
    const weights = Float32Array.from(
      { length: 9 * channels * channels },
      () => WEIGHTS_SCALE * (random() - 0.5),
    );
    const kernels = await instantiateKernels(arena.memory);
    const layouts = instance.exports as unknown as LayoutKernels;
    const bench = new LayoutBench(arena, kernels, layouts, grid, channels, weights);
    bench.#fill(random);
    return bench;
  }

  /** Attends to these blocks from now on. @param gates [rows, columns] */
  choose(gates: Uint8Array): void {
    const { columns, rows } = this.#grid;
    const { buffer } = this.#arena.memory;
    const slots = new Int32Array(buffer, this.#at.slots, (columns + 2) * (rows + 2)).fill(NONE);
    const list = new Int32Array(buffer, this.#at.list, 2 * columns * rows);
    this.#count = 0;
    gates.forEach((gate, block) => {
      if (gate === 0) return;
      const [x, y] = [block % columns, Math.floor(block / columns)];
      slots[(y + 1) * (columns + 2) + x + 1] = this.#count;
      list.set([x, y], 2 * this.#count++);
    });
  }

  /** Runs the layer once. @returns ms of processor time */
  run(way: Way): number {
    const { list, scratch } = this.#at;
    const [descriptor, count] = [this.#descriptors[way], this.#count];
    const startMs = processorMs();
    if (way === 'product') this.#kernels.convolveTiles(descriptor, list, count, SIDE, SIDE, scratch);
    else if (way === 'NHWC direct') this.#kernels.convolve(descriptor, list, count, SIDE, SIDE, scratch);
    else if (way === 'NHWC tiles') this.#layouts.convolveTilesNhwc(descriptor, list, count, scratch);
    else if (way === 'NCHWc4 tiles') this.#layouts.convolveTilesC4(descriptor, list, count, scratch);
    else this.#layouts.convolveC4(descriptor, list, count, scratch);
    return processorMs() - startMs;
  }

  /** What the last run made, whatever its layout: [blocks, places, channels]. */
  outputs(way: Way): Float32Array {
    const length = this.#count * PLACES * this.#channels;
    const data = new Float32Array(this.#arena.memory.buffer, this.#at.output, length).slice();
    return way.startsWith('NCHWc4') ? reorder(data, this.#channels, 'NHWC') : data;
  }

  #fill(random: () => number): void {
    const { buffer } = this.#arena.memory;
    const length = this.#grid.columns * this.#grid.rows * PLACES * this.#channels;
    const data = Float32Array.from({ length }, () => Math.max(0, random() - 0.5));
    new Float32Array(buffer, this.#at.inputs, length).set(data);
    new Float32Array(buffer, this.#at.inputsC4, length).set(reorder(data, this.#channels, 'NCHWc4'));
  }
}

/** Slots [place][channel] to [channel / 4][place][4], or back. @param to the layout wanted; data is in the other */
export function reorder(data: Float32Array, channels: number, to: 'NHWC' | 'NCHWc4'): Float32Array {
  const out = new Float32Array(data.length);
  const slotLength = PLACES * channels;
  for (let start = 0; start < data.length; start += slotLength) {
    for (let place = 0; place < PLACES; place++) {
      for (let c = 0; c < channels; c++) {
        const nhwc = start + place * channels + c;
        const c4 = start + (Math.floor(c / LANES) * PLACES + place) * LANES + (c % LANES);
        if (to === 'NHWC') out[nhwc] = data[c4];
        else out[c4] = data[nhwc];
      }
    }
  }
  return out;
}

/** Weights [3, 3, channels, channels] to [outputs / 8][inputs / 4][tap][4][8]. */
function packDirectC4(target: Float32Array, w: Float32Array, channels: number): void {
  for (let tap = 0; tap < 9; tap++) {
    for (let i = 0; i < channels; i++) {
      for (let o = 0; o < channels; o++) {
        const slice = Math.floor(o / SLICE) * (channels / LANES) + Math.floor(i / LANES);
        const at = ((slice * 9 + tap) * LANES + (i % LANES)) * SLICE + (o % SLICE);
        target[at] = w[(tap * channels + i) * channels + o];
      }
    }
  }
}
