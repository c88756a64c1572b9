/**
 * The pixels of a view while they are made, in the memory of assembly/views: [height, width, 4] f32, R G B (0..255
 * until `tone`) and the network's y. One image a thread, used for view after view.
 */
import viewsWasm from '../../build/views.wasm';
import { FRAME_CHANNELS } from '../../src/network/spec.ts';
import { normal, seededRandom } from '../random.ts';

interface ViewExports {
  bilinear(...args: number[]): void;
  area(...args: number[]): void;
  meanGreen(image: number, pixels: number, step: number, table: number): number;
  tone(...args: number[]): void;
  reorder(image: number, pixels: number, red: number, green: number, blue: number): void;
  shade(image: number, width: number, height: number, grid: number, columns: number, rows: number): void;
  blurRows(image: number, width: number, height: number, reach: number, scratch: number): void;
  sharpen(image: number, width: number, height: number, share: number, scratch: number): void;
}

/** Where a line of view pixels comes from: what the kernels' tables hold, see assembly/views. */
export interface Neighbours {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly share: Float32Array;
}
export interface Covered {
  readonly first: Int32Array;
  readonly last: Int32Array;
}

/** 256 colours each: what becomes of a red, a green, a blue. */
export type ColourTables = readonly [Float32Array, Float32Array, Float32Array];

const PAGE_BYTES = 65_536;
const TABLE_BYTES = 1024;
/** Numbers of the noise table; a power of two. */
export const NOISE_TABLE_SIZE = 4096;
/** Fixed places: colour tables (and one more for a mean), noise. What follows depends on the view. */
const COLOURS = 64;
const POWERS = COLOURS + 3 * TABLE_BYTES;
const NOISES = POWERS + TABLE_BYTES;
const FREE = NOISES + NOISE_TABLE_SIZE * 4;
/** Means are taken of every so many pixels. */
const MEAN_STEP = 7;

export class ViewImage {
  readonly #memory = new WebAssembly.Memory({ initial: 64 });
  readonly #kernels: ViewExports;
  #width = 0;
  #height = 0;
  #image = 0;
  #scratch = 0;
  #tables = 0;
  #rgb = 0;

  constructor() {
    const module = new WebAssembly.Module(viewsWasm);
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.#kernels = instance.exports as unknown as ViewExports;
    const random = seededRandom(1);
    // Standard normal numbers, the same in every run: what differs from view to view is where reading starts.
    this.#floats(NOISES, NOISE_TABLE_SIZE).forEach((_, i, noises) => {
      noises[i] = normal(random);
    });
  }

  #floats(at: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, length);
  }

  /** Lays the memory out for a view, and brings the picture in. */
  #begin(width: number, height: number, rgb: Uint8Array, ys: Float32Array, lines: ArrayLike<number>[]): void {
    const row = width * FRAME_CHANNELS * 4;
    this.#width = width;
    this.#height = height;
    this.#image = FREE;
    this.#scratch = this.#image + row * height;
    this.#tables = this.#scratch + 3 * row;
    const numbers = lines.reduce((sum, { length }) => sum + length, ys.length);
    this.#rgb = this.#tables + numbers * 4;
    const missing = this.#rgb + rgb.length + 16 - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    new Uint8Array(this.#memory.buffer).set(rgb, this.#rgb);
    let at = this.#tables;
    for (const line of [ys, ...lines]) {
      const Kind = line instanceof Int32Array ? Int32Array : Float32Array;
      new Kind(this.#memory.buffer, at, line.length).set(line);
      at += line.length * 4;
    }
  }

  /** @param rgb [.., .., 3]; @param ys y of each row; offsets of the neighbours in bytes, -1 outside */
  bilinear(rgb: Uint8Array, columns: Neighbours, rows: Neighbours, ys: Float32Array): void {
    const [width, height] = [columns.low.length, rows.low.length];
    const lines = [columns, rows].flatMap(({ low, high, share }) => [low, high, share]);
    this.#begin(width, height, rgb, ys, lines);
    const fromColumns = this.#tables + height * 4;
    const fromRows = fromColumns + 3 * width * 4;
    this.#kernels.bilinear(this.#rgb, this.#image, width, height, fromColumns, fromRows, this.#tables);
  }

  /** @param pictureWidth px of a row of `rgb` */
  area(rgb: Uint8Array, pictureWidth: number, columns: Covered, rows: Covered, ys: Float32Array): void {
    const [width, height] = [columns.first.length, rows.first.length];
    this.#begin(
      width,
      height,
      rgb,
      ys,
      [columns, rows].flatMap(({ first, last }) => [first, last]),
    );
    const fromColumns = this.#tables + height * 4;
    const fromRows = fromColumns + 2 * width * 4;
    const picture = [this.#rgb, pictureWidth] as const;
    this.#kernels.area(...picture, this.#image, width, height, fromColumns, fromRows, this.#tables);
  }

  /** Mean green of some of the pixels, 0..255; or of what a table of 256 makes of it. */
  meanGreen(table?: Float32Array): number {
    if (table) this.#floats(POWERS, table.length).set(table);
    return this.#kernels.meanGreen(this.#image, this.#width * this.#height, MEAN_STEP, table ? POWERS : 0);
  }

  /** @param order which channel becomes red, green and blue */
  reorder(order: readonly [number, number, number]): void {
    this.#kernels.reorder(this.#image, this.#width * this.#height, ...order);
  }

  /** Colours (0..255) times gains that are bilinear between those of `grid` [rows, columns], at least 2 x 2. */
  shade(grid: Float32Array, columns: number): void {
    // Three rows of pixels hold more than any grid.
    this.#floats(this.#scratch, grid.length).set(grid);
    const size = [this.#width, this.#height] as const;
    this.#kernels.shade(this.#image, ...size, this.#scratch, columns, grid.length / columns);
  }

  /** Running mean of `reach` px along the rows. */
  blurRows(reach: number): void {
    this.#kernels.blurRows(this.#image, this.#width, this.#height, reach, this.#scratch);
  }

  /** Adds `share` of what a 3x3 blur takes away; below 0 the image is blurred by that share. */
  sharpen(share: number): void {
    this.#kernels.sharpen(this.#image, this.#width, this.#height, share, this.#scratch);
  }

  /** @param grey share of the way to grey; @param noise deviation; @param noiseStart where the noise is read from */
  tone(tables: ColourTables, grey = 0, noise = 0, noiseStart = 0): void {
    for (const [i, table] of tables.entries()) this.#floats(COLOURS + i * TABLE_BYTES, 256).set(table);
    const pixels = this.#width * this.#height;
    const noises = [NOISES, NOISE_TABLE_SIZE - 1, noiseStart] as const;
    this.#kernels.tone(this.#image, pixels, COLOURS, grey, ...noises, noise);
  }

  /** Writes the image into `out` at `offset`. */
  copyTo(out: Float32Array, offset: number): void {
    out.set(this.#floats(this.#image, this.#width * this.#height * FRAME_CHANNELS), offset);
  }
}
