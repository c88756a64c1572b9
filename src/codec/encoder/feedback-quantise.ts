/**
 * Quantisation with error feedback: every decision moves the weights that come after it in the same output, so that
 * the output, not the weight, stays near (moments.ts). The price of bits is weighed in as everywhere. With the trellis
 * each of the eight survivors of a lane carries its own recent errors; what lies further back than the window is
 * decided. Lanes that share outputs are done one after the other, and columns are fed back in that order.
 */
import { MAX_SEGMENT_ELEMENTS } from '../container-parts.ts';
import { LANES } from '../segment-payload.ts';
import { MAX_LEVEL, SYMBOLS } from '../tables.ts';
import { SMALLEST_TRELLIS, TRELLIS_CODES } from '../trellis.ts';
import { SUMS } from './class-contexts.ts';
import { type Feedback, feedbackOf } from './moments.ts';
import { mendedLevel, type Problem, type Quantised, stateBefore } from './quantise.ts';

/** Every survivor carries its errors along, which more states would make too slow. */
const CODE = TRELLIS_CODES[SMALLEST_TRELLIS]!;
const STATES = CODE.states;

/** How a tensor's elements are columns (inputs) and outputs. */
export interface Matrix {
  readonly columns: number;
  readonly outputs: number;
  /** Whether the outputs are the first axis; else they are the last. */
  readonly outputsFirst: boolean;
}

export interface FeedbackProblem extends Problem {
  readonly matrix: Matrix;
  /** Factors by order of columns; `orderOf` asks for them. */
  readonly feedback: FeedbackCache;
  /** What a squared error of each output counts; null for 1. */
  readonly outputWeights: Float32Array | null;
}

/** More orders than this are not worth their factors: callers fall back to no trellis. */
const MAX_ORDERS = 4;
/** Decisions this far back in a lane are final. */
const WINDOW = 24;

/** Factors of one layer's moments, by the order of the columns. */
export class FeedbackCache {
  readonly #moments: ArrayLike<number>;
  readonly #columns: number;
  readonly #known = new Map<string, Feedback | null>();

  constructor(moments: ArrayLike<number>, columns: number) {
    this.#moments = moments;
    this.#columns = columns;
  }

  of(order: Int32Array): Feedback | null {
    const key = order.join();
    let found = this.#known.get(key);
    if (found === undefined) {
      found = feedbackOf(this.#moments, this.#columns, order);
      this.#known.set(key, found);
    }
    return found;
  }

  natural(): Feedback | null {
    return this.of(Int32Array.from({ length: this.#columns }, (_, i) => i));
  }
}

const caches = new WeakMap<ArrayLike<number>, FeedbackCache>();

/** The factors of moments: kept as long as these, for a search encodes them again and again. */
export function feedbackCache(moments: ArrayLike<number>, columns: number): FeedbackCache {
  let found = caches.get(moments);
  if (found === undefined) caches.set(moments, (found = new FeedbackCache(moments, columns)));
  return found;
}

/** Whether the trellis can run with feedback: outputs last, and few orders of columns. */
export function feedsTrellis({ outputs, outputsFirst }: Matrix): boolean {
  return !outputsFirst && LANES / commonDivisor(outputs, LANES) <= MAX_ORDERS;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** One output after the other, columns in their order. */
export function quantiseWithFeedback(problem: FeedbackProblem): Quantised {
  const { data, step, sums, prices, lambda, matrix, outputWeights } = problem;
  const { columns, outputs, outputsFirst } = matrix;
  const factor = problem.feedback.natural()!.factor;
  const levels = new Int32Array(data.length);
  const symbols = new Int8Array(data.length);
  const row = new Float64Array(columns);
  let distortion = 0;
  const [columnStride, outputStride] = outputsFirst ? [1, columns] : [outputs, 1];
  for (let output = 0; output < outputs; output++) {
    const start = output * outputStride;
    const weight = outputWeights === null ? 1 : outputWeights[output];
    for (let p = 0; p < columns; p++) row[p] = data[start + p * columnStride] / step;
    for (let p = 0; p < columns; p++) {
      const i = start + p * columnStride;
      const value = row[p];
      const pivot = factor[p * columns + p];
      const counts = weight / (pivot * pivot);
      const size = Math.abs(value);
      const sign = value < 0 ? -1 : 1;
      const nearest = Math.floor(size + 0.5);
      let best = nearest;
      if (nearest > 0 && nearest < MAX_LEVEL) {
        const at = sums[i] * SYMBOLS + MAX_LEVEL;
        let cost = counts * (size - nearest) ** 2 + lambda * prices[at + sign * nearest];
        for (let level = nearest - 1; level >= Math.max(0, nearest - 2); level--) {
          const other = counts * (size - level) ** 2 + lambda * prices[at + sign * level];
          if (other < cost) {
            cost = other;
            best = level;
          }
        }
        if (best > 0 && counts * size * size + lambda * prices[at] < cost) best = 0;
      }
      const level = sign * best;
      levels[i] = level;
      symbols[i] = Math.max(-MAX_LEVEL, Math.min(MAX_LEVEL, level));
      const error = (value - level) / pivot;
      if (error === 0) continue;
      distortion += weight * error * error;
      for (let j = p + 1, at = p * columns + j; j < columns; j++, at++) row[j] -= error * factor[at];
    }
  }
  return { symbols, quantisers: null, levels, distortion };
}

/** Elements of a lane of a piece, and the position of each one's column in its output's order. */
interface Lane {
  readonly elements: Int32Array;
  readonly positions: Int32Array;
}

/** Work arrays of the survivors: a ring of the last WINDOW decisions each. */
const errors = new Float64Array(STATES * WINDOW);
const taken = new Int8Array(STATES * WINDOW);
const parents = new Uint8Array(STATES * WINDOW);
const nextErrors = new Float64Array(STATES * WINDOW);
const nextTaken = new Int8Array(STATES * WINDOW);
const nextParents = new Uint8Array(STATES * WINDOW);
const costs = new Float64Array(STATES);
const nextCosts = new Float64Array(STATES);
const branchCost = new Float64Array(2 * STATES);
const branchSymbol = new Int8Array(2 * STATES);
const branchError = new Float64Array(2 * STATES);

/** As quantiseWithFeedback, with the trellis. Only where feedsTrellis. */
export function quantiseTrellisWithFeedback(problem: FeedbackProblem): Quantised {
  const { data, step, matrix } = problem;
  const { columns, outputs } = matrix;
  const shared = commonDivisor(outputs, LANES);
  const result = {
    symbols: new Int8Array(data.length),
    quantisers: new Uint8Array(data.length),
    levels: new Int32Array(data.length),
    distortion: 0,
  };
  // Weights in steps, less what decided errors feed back.
  const moved = Float64Array.from(data, (value) => value / step);
  const pieces = Math.ceil(data.length / MAX_SEGMENT_ELEMENTS);
  for (let group = 0; group < shared; group++) {
    const lanes: Int32Array[] = [];
    for (let piece = 0; piece < pieces; piece++) {
      const from = piece * MAX_SEGMENT_ELEMENTS;
      const to = Math.min(data.length, from + MAX_SEGMENT_ELEMENTS);
      for (let lane = group; lane < LANES; lane += shared) {
        const count = Math.max(0, Math.ceil((to - from - lane) / LANES));
        if (count > 0) lanes.push(Int32Array.from({ length: count }, (_, t) => from + lane + LANES * t));
      }
    }
    const orders = new Map<number, number[]>();
    for (const elements of lanes) {
      for (const i of elements) {
        const output = i % outputs;
        const order = orders.get(output) ?? [];
        orders.set(output, order);
        order.push((i - output) / outputs);
      }
    }
    const feedbackOfOutput = new Map<number, { feedback: Feedback; positions: Int32Array }>();
    for (const [output, order] of orders) {
      const positions = new Int32Array(columns);
      for (const [position, column] of order.entries()) positions[column] = position;
      feedbackOfOutput.set(output, { feedback: problem.feedback.of(Int32Array.from(order))!, positions });
    }
    for (const elements of lanes) {
      const positions = elements.map(
        (i) => feedbackOfOutput.get(i % outputs)!.positions[Math.floor(i / outputs)],
      );
      runLane(
        problem,
        { elements, positions },
        moved,
        (output) => feedbackOfOutput.get(output)!.feedback,
        result,
      );
    }
  }
  return result;
}

function runLane(
  problem: FeedbackProblem,
  { elements, positions }: Lane,
  moved: Float64Array,
  feedbackOfOutput: (output: number) => Feedback,
  result: { symbols: Int8Array; quantisers: Uint8Array; levels: Int32Array; distortion: number },
): void {
  const { sums, prices, lambda, matrix, outputWeights } = problem;
  const { columns, outputs } = matrix;
  const row = SUMS * SYMBOLS;
  costs.fill(Number.POSITIVE_INFINITY);
  costs[0] = 0;
  const total = elements.length;
  const rows = outputs / commonDivisor(outputs, LANES);

  const commit = (t: number, state: number) => {
    const slot = state * WINDOW + (t % WINDOW);
    const i = elements[t];
    const quantiser = parents[slot] & 1;
    result.symbols[i] = taken[slot];
    result.quantisers[i] = quantiser;
    result.levels[i] = mendedLevel(moved[i], taken[slot], quantiser);
    const { factor, order } = feedbackOfOutput(i % outputs);
    const error = errors[slot];
    const output = i % outputs;
    result.distortion += (outputWeights === null ? 1 : outputWeights[output]) * error * error;
    const base = positions[t] * columns;
    for (let p = positions[t] + 1; p < columns; p++)
      moved[order[p] * outputs + output] -= error * factor[base + p];
  };

  for (let t = 0; t < total; t++) {
    if (t >= WINDOW) {
      // Survivors that disagree with the best one about the oldest decision end here.
      let best = 0;
      for (let s = 1; s < STATES; s++) if (costs[s] < costs[best]) best = s;
      const at = t % WINDOW;
      const wanted = taken[best * WINDOW + at];
      const parent = parents[best * WINDOW + at];
      for (let s = 0; s < STATES; s++) {
        if (taken[s * WINDOW + at] !== wanted || parents[s * WINDOW + at] !== parent)
          costs[s] = Number.POSITIVE_INFINITY;
      }
      commit(t - WINDOW, best);
    }
    const i = elements[t];
    const output = i % outputs;
    const { factor } = feedbackOfOutput(output);
    const position = positions[t];
    const pivot = factor[position * columns + position];
    const counts = (outputWeights === null ? 1 : outputWeights[output]) / (pivot * pivot);
    const priceAt = sums[i] * SYMBOLS + MAX_LEVEL;
    const since = Math.max(0, t - WINDOW + 1);
    for (let state = 0; state < STATES; state++) {
      const before = costs[state];
      if (before === Number.POSITIVE_INFINITY) {
        branchCost[2 * state] = before;
        branchCost[2 * state + 1] = before;
        continue;
      }
      let value = moved[i];
      // Of the same output every `rows`-th element of the lane.
      for (let u = t - rows; u >= since; u -= rows) {
        value -= errors[state * WINDOW + (u % WINDOW)] * factor[positions[u] * columns + position];
      }
      const quantiser = state & 1;
      const at = priceAt + quantiser * row;
      const sign = value < 0 ? -1 : 1;
      const size = Math.abs(value);
      for (let parity = 0; parity < 2; parity++) {
        let k = 2 * Math.floor(((size + quantiser) / 2 - parity) / 2 + 0.5) + parity;
        if (k < 0) k = parity;
        else if (k > MAX_LEVEL) k = MAX_LEVEL - (1 - parity);
        let symbol = sign * k;
        let error = size - (k === 0 ? 0 : 2 * k - quantiser);
        let cost = counts * error * error + lambda * prices[at + symbol];
        const below = k < 2 ? -parity : k - 2;
        const level = below === 0 ? 0 : below < 0 ? quantiser - 2 : 2 * below - quantiser;
        const other = counts * (size - level) * (size - level) + lambda * prices[at + sign * below];
        if (other < cost) {
          cost = other;
          symbol = sign * below;
          error = size - level;
        }
        if (parity === 0 && k > 2) {
          const zero = counts * size * size + lambda * prices[at];
          if (zero < cost) {
            cost = zero;
            symbol = 0;
            error = size;
          }
        }
        // What the side list mends is exact to half a step.
        if (size > 2 * MAX_LEVEL - 2) error = size - Math.floor(size + 0.5);
        branchCost[2 * state + parity] = before + cost;
        branchSymbol[2 * state + parity] = symbol;
        branchError[2 * state + parity] = (sign * error) / pivot;
      }
    }
    for (let next = 0; next < STATES; next++) {
      const even = 2 * stateBefore(CODE, next, 0);
      const odd = 2 * stateBefore(CODE, next, 1) + 1;
      const branch = branchCost[odd] < branchCost[even] ? odd : even;
      const previous = branch >> 1;
      nextCosts[next] = branchCost[branch];
      const to = next * WINDOW;
      const from = previous * WINDOW;
      for (let w = 0; w < WINDOW; w++) {
        nextErrors[to + w] = errors[from + w];
        nextTaken[to + w] = taken[from + w];
        nextParents[to + w] = parents[from + w];
      }
      const now = to + (t % WINDOW);
      nextErrors[now] = branchError[branch];
      nextTaken[now] = branchSymbol[branch];
      nextParents[now] = previous;
    }
    errors.set(nextErrors);
    taken.set(nextTaken);
    parents.set(nextParents);
    costs.set(nextCosts);
  }
  let best = 0;
  for (let s = 1; s < STATES; s++) if (costs[s] < costs[best]) best = s;
  for (let t = Math.max(0, total - WINDOW); t < total; t++) commit(t, best);
}
