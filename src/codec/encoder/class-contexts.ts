/**
 * Rank-1 variance contexts: a class for every index of an axis, in units of a quarter octave of amplitude, whose sum
 * over the axes (and a base) says which scale of the parametric family prices a weight.
 */
import { MAX_LEVEL, SCALES, SHAPES, SYMBOLS, ZERO_FACTORS } from '../tables.ts';
import { familyBits } from './prices.ts';

export const MAX_CLASS = 15;
/** Highest sum of classes that an encoder uses: no two scales lie further apart. */
export const MAX_SUM = 63;
export const SUMS = MAX_SUM + 1;

export interface AxisClasses {
  readonly classes: Uint8Array;
  /** Quarter octaves a class. */
  readonly unit: number;
}

/** For each axis its classes, or null. */
export type Axes = readonly (AxisClasses | null)[];

/** The parametric family of a tensor: context = clamp(base + sum of classes). */
export interface Family {
  readonly shape: number;
  readonly zero: number;
  readonly base: number;
  readonly bits: number;
}

/** POWER[s] = 2^(-s/4): what a sum of classes divides amplitudes by. */
const POWER = Float64Array.from({ length: 6 * MAX_CLASS * 4 + 1 }, (_, sum) => 2 ** (-sum / 4));

function strideOf(shape: readonly number[], axis: number): number {
  return shape.slice(axis + 1).reduce((product, dimension) => product * dimension, 1);
}

/** Adds what an axis' classes say to the sums (or takes it away), by element. */
export function addClasses(
  sums: Uint8Array,
  shape: readonly number[],
  axis: number,
  of: AxisClasses,
  sign: 1 | -1,
): void {
  const stride = strideOf(shape, axis);
  const dimension = shape[axis];
  for (
    let at = 0, index = 0;
    at < sums.length;
    at += stride, index = index + 1 === dimension ? 0 : index + 1
  ) {
    const value = sign * of.unit * of.classes[index];
    for (let i = at; i < at + stride; i++) sums[i] += value;
  }
}

/** Sum of classes of every element, not clamped. */
export function classSums(shape: readonly number[], elements: number, axes: Axes): Uint8Array {
  const sums = new Uint8Array(elements);
  for (const [axis, of] of axes.entries()) if (of !== null) addClasses(sums, shape, axis, of, 1);
  return sums;
}

/** Classes of one axis from the mean amplitude at each index, after what the other axes say. */
function fitAxis(
  data: Float32Array,
  shape: readonly number[],
  axis: number,
  unit: number,
  sums: Uint8Array,
  floor: number,
): AxisClasses {
  const stride = strideOf(shape, axis);
  const dimension = shape[axis];
  const amplitude = new Float64Array(dimension);
  for (
    let at = 0, index = 0;
    at < data.length;
    at += stride, index = index + 1 === dimension ? 0 : index + 1
  ) {
    let sum = 0;
    for (let i = at; i < at + stride; i++) sum += (Math.abs(data[i]) + floor) * POWER[sums[i]];
    amplitude[index] += sum;
  }
  const count = data.length / dimension;
  const quarters = Float64Array.from(amplitude, (sum) => (4 / unit) * Math.log2(sum / count));
  const most = quarters.reduce((a, b) => Math.max(a, b));
  const least = Math.max(
    quarters.reduce((a, b) => Math.min(a, b)),
    most - MAX_CLASS,
  );
  const classes = Uint8Array.from(quarters, (value) =>
    Math.round(Math.min(MAX_CLASS, Math.max(0, value - least))),
  );
  return { classes, unit };
}

/** Classes for the axes with a unit above 0, fitted in turns. */
export function fitClasses(
  data: Float32Array,
  shape: readonly number[],
  units: readonly number[],
  floor: number,
): { axes: Axes; sums: Uint8Array; highest: number } {
  const axes: (AxisClasses | null)[] = shape.map(() => null);
  const sums = new Uint8Array(data.length);
  for (let round = 0; round < 2; round++) {
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (units[axis] === 0) continue;
      const before = axes[axis];
      if (before !== null) addClasses(sums, shape, axis, before, -1);
      const fitted = fitAxis(data, shape, axis, units[axis], sums, floor);
      axes[axis] = fitted;
      addClasses(sums, shape, axis, fitted, 1);
    }
  }
  return { axes, sums, highest: sums.reduce((a, b) => Math.max(a, b), 0) };
}

/** Bits that the classes take in the file: about their entropy, and what the coder takes to learn it. */
export function classBits(axes: Axes): number {
  let bits = 8;
  for (const of of axes) {
    if (of === null) continue;
    const counts = new Float64Array(MAX_CLASS + 1);
    for (const value of of.classes) counts[value]++;
    let used = 0;
    for (const count of counts) {
      if (count === 0) continue;
      used++;
      bits += count * Math.log2(of.classes.length / count);
    }
    bits += 4 + 3 * used;
  }
  return bits;
}

/** Counts of symbols [2 quantisers][SUMS][127]; `quantisers` null where all are 0. */
export function countSymbols(
  symbols: Int8Array,
  sums: Uint8Array,
  quantisers: Uint8Array | null,
): Float64Array {
  const counts = new Float64Array(2 * SUMS * SYMBOLS);
  if (quantisers === null) {
    for (let i = 0; i < symbols.length; i++) counts[sums[i] * SYMBOLS + symbols[i] + MAX_LEVEL]++;
  } else {
    for (let i = 0; i < symbols.length; i++) {
      counts[(quantisers[i] * SUMS + sums[i]) * SYMBOLS + symbols[i] + MAX_LEVEL]++;
    }
  }
  return counts;
}

/** The symbols of one quantiser and sum of classes that occur, and how often. */
interface Cell {
  readonly quantiser: 0 | 1;
  readonly sum: number;
  readonly symbols: Uint8Array;
  readonly counts: Float64Array;
}

function occupied(counts: Float64Array): Cell[] {
  const cells: Cell[] = [];
  for (let row = 0; row < 2 * SUMS; row++) {
    const slice = counts.subarray(row * SYMBOLS, (row + 1) * SYMBOLS);
    const symbols: number[] = [];
    for (let symbol = 0; symbol < SYMBOLS; symbol++) if (slice[symbol] > 0) symbols.push(symbol);
    if (symbols.length === 0) continue;
    cells.push({
      quantiser: row < SUMS ? 0 : 1,
      sum: row % SUMS,
      symbols: Uint8Array.from(symbols),
      counts: Float64Array.from(symbols, (symbol) => slice[symbol]),
    });
  }
  return cells;
}

function priceFamily(cells: readonly Cell[], shape: number, zero: number, base: number): number {
  const tables = [familyBits(shape, zero, 0), familyBits(shape, zero, 1)];
  let bits = 0;
  for (const { quantiser, sum, symbols, counts } of cells) {
    const table = tables[quantiser];
    const at = Math.max(0, Math.min(SCALES - 1, base + sum)) * SYMBOLS;
    for (let i = 0; i < symbols.length; i++) bits += counts[i] * table[at + symbols[i]];
  }
  return bits;
}

/** The cheapest base of a shape and zero factor, by descent in steps of `wide` at first. */
function climb(
  cells: readonly Cell[],
  { shape, zero, base: from }: Omit<Family, 'bits'>,
  widest: number,
): Family {
  let best: Family = { shape, zero, base: from, bits: priceFamily(cells, shape, zero, from) };
  for (const direction of [1, -1]) {
    for (let wide = widest; wide >= 1; wide = wide >> 2) {
      for (;;) {
        const base = best.base + direction * wide;
        if (base < -MAX_SUM || base >= SCALES) break;
        const bits = priceFamily(cells, shape, zero, base);
        if (bits >= best.bits) break;
        best = { shape, zero, base, bits };
      }
    }
  }
  return best;
}

/** The cheapest family for given counts, by descent from a start near it. */
export function fitFamily(counts: Float64Array, start: Family): Family {
  const cells = occupied(counts);
  let best = climb(cells, start, 1);
  for (let shape = 0; shape < SHAPES; shape++) {
    if (shape === best.shape) continue;
    const found = climb(cells, { ...best, shape }, 1);
    if (found.bits < best.bits) best = found;
  }
  for (const direction of [1, -1]) {
    for (;;) {
      const zero = best.zero + direction;
      if (zero < 0 || zero >= ZERO_FACTORS.length) break;
      const found = climb(cells, { ...best, zero }, 1);
      if (found.bits >= best.bits) break;
      best = found;
    }
  }
  return best;
}

/** Every family for given counts, each with its cheapest base, by number zero * SHAPES + shape. */
export function allFamilies(counts: Float64Array, base?: number): Family[] {
  const cells = occupied(counts);
  return Array.from({ length: SHAPES * ZERO_FACTORS.length }, (_, number) => {
    const start = { shape: number % SHAPES, zero: Math.floor(number / SHAPES), base: base ?? 8 };
    return climb(cells, start, base === undefined ? 4 : 1);
  });
}

/** The cheapest family of all. @param base near which it is sought */
export function searchFamily(counts: Float64Array, base?: number): Family {
  return allFamilies(counts, base).reduce((a, b) => (b.bits < a.bits ? b : a));
}

/** Price of every symbol of every sum of classes, [2 quantisers][SUMS][127]. */
export function pricesOf({ shape, zero, base }: Family): Float32Array {
  const prices = new Float32Array(2 * SUMS * SYMBOLS);
  for (const quantiser of [0, 1] as const) {
    const table = familyBits(shape, zero, quantiser);
    for (let sum = 0; sum < SUMS; sum++) {
      const scale = Math.max(0, Math.min(SCALES - 1, base + sum));
      prices.set(table.subarray(scale * SYMBOLS, (scale + 1) * SYMBOLS), (quantiser * SUMS + sum) * SYMBOLS);
    }
  }
  return prices;
}
