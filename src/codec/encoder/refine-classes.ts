/**
 * Classes by the bits that they save: for every index of an axis the class under which its own symbols are shortest,
 * given those of the other axes, what the class itself takes counted. Coordinate descent from the amplitudes' classes
 * (class-contexts.ts), in which a few strong indices and dead ones use up the range of 16 classes.
 */
import { MAX_LEVEL, SYMBOLS } from '../tables.ts';
import { type AxisClasses, MAX_CLASS, MAX_SUM, SUMS } from './class-contexts.ts';

const CLASSES = MAX_CLASS + 1;
/** What an unseen class counts as having been seen. */
const PRIOR = 0.4;

export interface Symbols {
  readonly shape: readonly number[];
  readonly symbols: Int8Array;
  /** Of the trellis; null where all are 0. */
  readonly quantisers: Uint8Array | null;
  /** Bits of every symbol of every sum of classes, [2 quantisers][SUMS][127]. */
  readonly prices: Float32Array;
}

/** Bits of the symbols at every index of an axis, were it of that class: [dimension][16]. */
function costsOf(
  { shape, symbols, quantisers, prices }: Symbols,
  axis: number,
  { classes, unit }: AxisClasses,
  sums: Uint8Array,
  top: number,
): Float64Array {
  const dimension = shape[axis];
  const stride = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const costs = new Float64Array(dimension * CLASSES);
  const step = unit * SYMBOLS;
  for (let at = 0, index = 0; at < symbols.length; at += stride) {
    const own = unit * classes[index];
    const to = index * CLASSES;
    for (let i = at; i < at + stride; i++) {
      const row = sums[i] - own + (quantisers === null ? 0 : SUMS * quantisers[i]);
      let from = row * SYMBOLS + symbols[i] + MAX_LEVEL;
      for (let c = 0; c <= top; c++, from += step) costs[to + c] += prices[from];
    }
    index = index + 1 === dimension ? 0 : index + 1;
  }
  return costs;
}

/**
 * The classes of one axis made anew; those of the others stay.
 * @param sums of all axes, by element: not changed
 * @param others greatest sum of the other axes' classes
 */
export function refineAxis(
  of: Symbols,
  axis: number,
  before: AxisClasses,
  sums: Uint8Array,
  others: number,
): AxisClasses {
  const { unit } = before;
  const top = Math.min(MAX_CLASS, Math.floor((MAX_SUM - others) / unit));
  const costs = costsOf(of, axis, before, sums, top);
  const counts = new Float64Array(CLASSES).fill(PRIOR);
  for (const value of before.classes) counts[value]++;
  const classes = before.classes.slice();
  for (let index = 0; index < classes.length; index++) {
    counts[classes[index]]--;
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let c = 0; c <= top; c++) {
      const bits = costs[index * CLASSES + c] - Math.log2(counts[c]);
      if (bits < least) [best, least] = [c, bits];
    }
    classes[index] = best;
    counts[best]++;
  }
  return { classes, unit };
}
