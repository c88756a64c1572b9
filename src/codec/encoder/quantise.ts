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
import { type TrellisCode, trellisLevel } from '../trellis.ts';
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

/** By element of a lane and state: the parity of the symbol on the best way there. */
let decisions = new Uint8Array(0);
/** By element of a lane: the symbol of each subset, 2 * quantiser + parity. */
let choices = new Int8Array(0);

/** Best paths through the trellis; every lane begins every piece of 2^18 elements in state 0. */
export function quantiseTrellis(problem: Problem, code: TrellisCode): Quantised {
  const { data } = problem;
  const symbols = new Int8Array(data.length);
  const quantisers = new Uint8Array(data.length);
  const levels = new Int32Array(data.length);
  const longest = Math.ceil(Math.min(data.length, MAX_SEGMENT_ELEMENTS) / LANES);
  if (choices.length < 4 * longest) choices = new Int8Array(4 * longest);
  if (decisions.length < code.states * longest) decisions = new Uint8Array(code.states * longest);
  for (let from = 0; from < data.length; from += MAX_SEGMENT_ELEMENTS) {
    const to = Math.min(data.length, from + MAX_SEGMENT_ELEMENTS);
    for (let lane = 0; lane < LANES && from + lane < to; lane++) {
      let state = forward(problem, code, from + lane, to);
      for (let t = Math.ceil((to - from - lane) / LANES) - 1; t >= 0; t--) {
        const parity = decisions[code.states * t + state];
        state = stateBefore(code, state, parity);
        const symbol = choices[4 * t + 2 * (state & 1) + parity];
        const i = from + lane + LANES * t;
        symbols[i] = symbol;
        quantisers[i] = state & 1;
        levels[i] = mendedLevel(data[i] / problem.step, symbol, state);
      }
    }
  }
  return { symbols, quantisers, levels };
}

/** The state that leads to this one by a symbol of this parity: lower states come from even ones, upper ones from odd. */
export function stateBefore({ states, output, input }: TrellisCode, state: number, parity: number): number {
  const shifted = state ^ (parity * input);
  return state < states / 2 ? 2 * shifted : 2 * (shifted ^ output) + 1;
}

/** The level that a weight ends with: beyond the greatest symbol the side list mends what is missing. */
export function mendedLevel(value: number, symbol: number, state: number): number {
  if (Math.abs(value) > 2 * MAX_LEVEL - 2) return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
  return trellisLevel(symbol, state);
}

/** One lane forwards: fills decisions and choices, gives the best last state. */
function forward(
  { data, step, sums, prices, lambda, importance }: Problem,
  { states, output, input }: TrellisCode,
  first: number,
  to: number,
): number {
  const row = SUMS * SYMBOLS;
  const half = states >> 1;
  const scale = 1 / step;
  let costs = new Float64Array(states).fill(Number.POSITIVE_INFINITY);
  let next = new Float64Array(states);
  costs[0] = 0;
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
    const base = states * t;
    for (let m = 0; m < half; m++) {
      const other = m ^ input;
      const even = costs[2 * m] + s0;
      const odd = costs[2 * other] + s1;
      const low = odd < even;
      next[m] = low ? odd : even;
      decisions[base + m] = low ? 1 : 0;
      const evenAbove = costs[2 * m + 1] + s2;
      const oddAbove = costs[2 * other + 1] + s3;
      const high = oddAbove < evenAbove;
      next[m ^ output] = high ? oddAbove : evenAbove;
      decisions[base + (m ^ output)] = high ? 1 : 0;
    }
    [costs, next] = [next, costs];
  }
  return costs.indexOf(costs.reduce((a, b) => Math.min(a, b)));
}
