/**
 * Quantisers that weigh error against bits: each minimises
 *
 *     sum of weight * (value / step - level)^2 + lambda * bits
 *
 * with prices from the contexts. One decides symbol by symbol; the other finds the best path through the trellis of
 * each lane (Viterbi). Lanes, pieces and the trellis are those of docs/format.md.
 */
import { MAX_SEGMENT_ELEMENTS } from '../container-parts.ts';
import { LANES } from '../segment-payload.ts';
import { MAX_LEVEL, SYMBOLS } from '../tables.ts';
import { NEXT_STATE, STATES, trellisLevel } from '../trellis.ts';
import { SUMS } from './class-contexts.ts';

export interface Problem {
  readonly data: Float32Array;
  readonly step: number;
  /** Sum of classes of each element. */
  readonly sums: Uint8Array;
  /** [2][SUMS][127] bits. */
  readonly prices: Float32Array;
  /** Squared steps that a bit is worth. */
  readonly lambda: number;
  /** What a squared error counts, by element; null for 1. */
  readonly importance: Float32Array | null;
}

export interface Quantised {
  /** -63 .. 63; what lies beyond is cut here and mended by the side list. */
  readonly symbols: Int8Array;
  /** Quantiser of each symbol; null without the trellis. */
  readonly quantisers: Uint8Array | null;
  /** Level in steps that each element ends with. */
  readonly levels: Int32Array;
  /** Weighted squared error in squared steps, where the quantiser fed errors back; else left out. */
  readonly distortion?: number;
}

/** Rounds to the nearest level. */
export function roundAll(data: Float32Array, step: number): Quantised {
  const levels = new Int32Array(data.length);
  const symbols = new Int8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    const level = Math.floor(Math.abs(value) / step + 0.5);
    levels[i] = value < 0 ? -level : level;
    symbols[i] = Math.max(-MAX_LEVEL, Math.min(MAX_LEVEL, levels[i]));
  }
  return { symbols, quantisers: null, levels };
}

/** The cheapest of the nearest level, the next one towards zero, and zero. */
export function quantiseScalar({ data, step, sums, prices, lambda, importance }: Problem): Quantised {
  const levels = new Int32Array(data.length);
  const symbols = new Int8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    const size = Math.abs(value) / step;
    const nearest = Math.floor(size + 0.5);
    if (nearest === 0) continue;
    const sign = value < 0 ? -1 : 1;
    if (nearest >= MAX_LEVEL) {
      levels[i] = sign * nearest;
      symbols[i] = sign * MAX_LEVEL;
      continue;
    }
    const at = sums[i] * SYMBOLS + MAX_LEVEL;
    const weight = importance === null ? 1 : importance[i];
    let best = nearest;
    let cost = weight * (size - nearest) ** 2 + lambda * prices[at + sign * nearest];
    const lower = weight * (size - nearest + 1) ** 2 + lambda * prices[at + sign * (nearest - 1)];
    if (lower < cost) {
      best = nearest - 1;
      cost = lower;
    }
    if (best > 1 && weight * size * size + lambda * prices[at] < cost) best = 0;
    levels[i] = sign * best;
    symbols[i] = sign * best;
  }
  return { symbols, quantisers: null, levels };
}

/**
 * The cheapest symbol of one parity of one quantiser for a value, and what it costs: the nearest one and the one below,
 * on the other side of zero where there is none. Writes the symbol to `choices[slot]`.
 */
function cheapest(
  size: number,
  sign: number,
  quantiser: number,
  parity: number,
  at: number,
  prices: Float32Array,
  weight: number,
  lambda: number,
  slot: number,
): number {
  let k = 2 * Math.floor(((size + quantiser) / 2 - parity) / 2 + 0.5) + parity;
  if (k < 0) k = parity;
  else if (k > MAX_LEVEL) k = MAX_LEVEL - (1 - parity);
  const error = size - (k === 0 ? 0 : 2 * k - quantiser);
  const first = weight * error * error + lambda * prices[at + sign * k];
  const below = k < 2 ? -parity : k - 2;
  const level = below === 0 ? 0 : below < 0 ? quantiser - 2 : 2 * below - quantiser;
  const other = weight * (size - level) * (size - level) + lambda * prices[at + sign * below];
  choices[slot] = sign * (other < first ? below : k);
  return other < first ? other : first;
}

let decisions = new Uint8Array(0);
/** By element of a lane: the symbol of each subset, 2 * quantiser + parity. */
let choices = new Int8Array(0);

/** PREVIOUS[2 s + j]: the two states that lead to s; SUBSET: the subset of the symbol on the way. */
export const PREVIOUS = new Uint8Array(2 * STATES);
export const SUBSET = new Uint8Array(2 * STATES);
for (let state = 0, seen = new Uint8Array(STATES); state < STATES; state++) {
  for (let parity = 0; parity < 2; parity++) {
    const next = NEXT_STATE[2 * state + parity];
    const slot = 2 * next + seen[next]++;
    PREVIOUS[slot] = state;
    SUBSET[slot] = 2 * (state & 1) + parity;
  }
}

/** Best paths through the trellis; every lane begins every piece of 2^18 elements in state 0. */
export function quantiseTrellis(problem: Problem): Quantised {
  const { data } = problem;
  const symbols = new Int8Array(data.length);
  const quantisers = new Uint8Array(data.length);
  const levels = new Int32Array(data.length);
  const longest = Math.ceil(Math.min(data.length, MAX_SEGMENT_ELEMENTS) / LANES);
  if (decisions.length < longest) {
    decisions = new Uint8Array(longest);
    choices = new Int8Array(4 * longest);
  }
  for (let from = 0; from < data.length; from += MAX_SEGMENT_ELEMENTS) {
    const to = Math.min(data.length, from + MAX_SEGMENT_ELEMENTS);
    for (let lane = 0; lane < LANES && from + lane < to; lane++) {
      let state = forward(problem, from + lane, to);
      for (let t = Math.ceil((to - from - lane) / LANES) - 1; t >= 0; t--) {
        const slot = 2 * state + ((decisions[t] >> state) & 1);
        const symbol = choices[4 * t + SUBSET[slot]];
        state = PREVIOUS[slot];
        const i = from + lane + LANES * t;
        symbols[i] = symbol;
        quantisers[i] = state & 1;
        levels[i] = mendedLevel(data[i] / problem.step, symbol, state);
      }
    }
  }
  return { symbols, quantisers, levels };
}

/** The level that a weight ends with: beyond the greatest symbol the side list mends what is missing. */
export function mendedLevel(value: number, symbol: number, state: number): number {
  if (Math.abs(value) > 2 * MAX_LEVEL - 2) return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
  return trellisLevel(symbol, state);
}

/** One lane forwards: fills decisions and choices, gives the best last state. Unrolled: NEXT_STATE by hand. */
function forward(
  { data, step, sums, prices, lambda, importance }: Problem,
  first: number,
  to: number,
): number {
  const row = SUMS * SYMBOLS;
  const far = Number.POSITIVE_INFINITY;
  let c0 = 0;
  let c1 = far;
  let c2 = far;
  let c3 = far;
  let c4 = far;
  let c5 = far;
  let c6 = far;
  let c7 = far;
  const scale = 1 / step;
  for (let i = first, t = 0; i < to; i += LANES, t++) {
    const value = data[i];
    const at = sums[i] * SYMBOLS + MAX_LEVEL;
    const weight = importance === null ? 1 : importance[i];
    const sign = value < 0 ? -1 : 1;
    const size = Math.abs(value) * scale;
    const s0 = cheapest(size, sign, 0, 0, at, prices, weight, lambda, 4 * t);
    const s1 = cheapest(size, sign, 0, 1, at, prices, weight, lambda, 4 * t + 1);
    const s2 = cheapest(size, sign, 1, 0, at + row, prices, weight, lambda, 4 * t + 2);
    const s3 = cheapest(size, sign, 1, 1, at + row, prices, weight, lambda, 4 * t + 3);
    // In the order of PREVIOUS: the lower state first.
    const a0 = c0 + s0;
    const b0 = c4 + s1;
    const a1 = c2 + s0;
    const b1 = c6 + s1;
    const a2 = c0 + s1;
    const b2 = c4 + s0;
    const a3 = c2 + s1;
    const b3 = c6 + s0;
    const a4 = c3 + s3;
    const b4 = c7 + s2;
    const a5 = c1 + s3;
    const b5 = c5 + s2;
    const a6 = c3 + s2;
    const b6 = c7 + s3;
    const a7 = c1 + s2;
    const b7 = c5 + s3;
    decisions[t] =
      (b0 < a0 ? 1 : 0) |
      (b1 < a1 ? 2 : 0) |
      (b2 < a2 ? 4 : 0) |
      (b3 < a3 ? 8 : 0) |
      (b4 < a4 ? 16 : 0) |
      (b5 < a5 ? 32 : 0) |
      (b6 < a6 ? 64 : 0) |
      (b7 < a7 ? 128 : 0);
    c0 = b0 < a0 ? b0 : a0;
    c1 = b1 < a1 ? b1 : a1;
    c2 = b2 < a2 ? b2 : a2;
    c3 = b3 < a3 ? b3 : a3;
    c4 = b4 < a4 ? b4 : a4;
    c5 = b5 < a5 ? b5 : a5;
    c6 = b6 < a6 ? b6 : a6;
    c7 = b7 < a7 ? b7 : a7;
  }
  const last = [c0, c1, c2, c3, c4, c5, c6, c7];
  return last.indexOf(Math.min(...last));
}
