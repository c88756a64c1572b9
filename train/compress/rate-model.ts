/**
 * What a level costs, in bits, before it is coded: an estimate of what src/codec will need, made from the levels that a
 * layer has now. As in the codec, how busy a place is comes from the product of its axes (a rank-1 model): a weight
 * that stands alone in its row and column costs its whole address, one among many costs little. So whole rows empty
 * first, without a rule that says so.
 */

/** Densities are kept off 0 and 1: an empty row may fill again, at a price (12-bit probabilities cost as much). */
const LEAST_DENSITY = 1 / 2048;
const MOST_DENSITY = 0.98;
/** Levels of this weight are added to an axis index before its density is believed. */
const PRIOR = 2;
const LEAST_EACH = 4;
/** Magnitudes that are counted one by one; larger ones cost a geometric tail. */
const MAGNITUDES = 16;
const TAIL_BITS = 1.5;

export class RateModel {
  /** Bits of a zero, and of the step from zero to something, by element. */
  readonly zeroBits: Float32Array;
  readonly liveBits: Float32Array;
  /** Bits of sign and magnitude m, from m = 1 on. */
  readonly #magnitudeBits: Float64Array;

  /** @param levels of one layer, as they were quantised last */
  constructor(levels: Int32Array, shape: readonly number[]) {
    const density = densities(levels, shape);
    this.zeroBits = new Float32Array(levels.length);
    this.liveBits = new Float32Array(levels.length);
    for (let i = 0; i < levels.length; i++) {
      this.zeroBits[i] = -Math.log2(1 - density[i]);
      this.liveBits[i] = -Math.log2(density[i]);
    }
    this.#magnitudeBits = magnitudeBits(levels);
  }

  /** Bits of |level| >= 1 beside the bits of not being zero: sign and magnitude. */
  magnitude(level: number): number {
    const last = this.#magnitudeBits.length - 1;
    return this.#magnitudeBits[Math.min(level, last)] + Math.max(0, level - last) * TAIL_BITS;
  }

  bits(index: number, level: number): number {
    return level === 0 ? this.zeroBits[index] : this.liveBits[index] + this.magnitude(Math.abs(level));
  }

  total(levels: Int32Array): number {
    let sum = 0;
    for (let i = 0; i < levels.length; i++) sum += this.bits(i, levels[i]);
    return sum;
  }
}

function magnitudeBits(levels: Int32Array): Float64Array {
  const counts = new Float64Array(MAGNITUDES + 1);
  for (const level of levels) if (level !== 0) counts[Math.min(MAGNITUDES, Math.abs(level))]++;
  // A little of a geometric law, so that magnitudes that do not occur yet have a price.
  for (let m = 1; m <= MAGNITUDES; m++) counts[m] += 2 ** -m;
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count, m) => (m === 0 ? 0 : 1 - Math.log2(count / all)));
}

/** The chance of each element to be no zero: the product of how busy its index is on every axis. */
function densities(levels: Int32Array, shape: readonly number[]): Float32Array {
  const live = levels.reduce((sum, level) => sum + (level === 0 ? 0 : 1), 0);
  const overall = (live + 1) / (levels.length + 2);
  const factors = shape.map((dimension, axis) => {
    const stride = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
    const counts = new Float64Array(dimension);
    for (let i = 0; i < levels.length; i++) {
      if (levels[i] !== 0) counts[Math.floor(i / stride) % dimension]++;
    }
    const each = levels.length / dimension;
    // An index of a few weights tells too little of the others: biases have one each.
    if (each < LEAST_EACH) return counts.fill(1);
    return counts.map((count) => (count + PRIOR * overall) / ((each + PRIOR) * overall));
  });
  const inner = shape[shape.length - 1];
  const last = factors[shape.length - 1];
  const index = new Array<number>(shape.length - 1).fill(0);
  const density = new Float32Array(levels.length);
  for (let start = 0; start < levels.length; start += inner) {
    const row = index.reduce((product, at, axis) => product * factors[axis][at], overall);
    for (let n = 0; n < inner; n++) {
      density[start + n] = Math.min(MOST_DENSITY, Math.max(LEAST_DENSITY, row * last[n]));
    }
    for (let axis = index.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return density;
}
