/**
 * Grows the trees of a cascade one by one, each a regression on what the ones before got wrong.
 * Source: Friedman, Hastie and Tibshirani, "Additive logistic regression", 2000 (gentle boosting).
 */
import { type FaceCascade, LEAVES, QUESTIONS, UNIT } from '../../src/attention/eyes/face-cascade.ts';
import type { Random } from '../random.ts';
import { POINTS } from './samples.ts';

export interface Sample {
  /** [POINTS] of samples.ts. */
  readonly points: Float32Array;
  readonly face: boolean;
  readonly weight: number;
}

/** Questions tried a level of a tree. */
const TRIED = 260;
/** A threshold's steps: 2 * HALF_BINS + 1 of them, BIN_UNITS apart. */
const HALF_BINS = 14;
const BINS = 2 * HALF_BINS + 2;
const BIN_UNITS = 4;
const LEVELS = 3;
/** Keeps leaves of few samples small. */
const SHRINK = 0.003;
const MOST_LEAF = 2;
/** Samples of less than this share of the mean weight are not asked: they are told apart already. */
const LIGHT = 0.1;
/** Leaves count so much: many small steps go further than few great ones. */
const RATE = 0.6;

/** Samples side by side: [POINTS, count], and the sum of every one so far. */
export class Booster {
  readonly #columns: Float32Array[];
  readonly #samples: readonly Sample[];
  readonly #cascade: FaceCascade;
  readonly #random: Random;
  /** 1 for a face. */
  readonly #faces: Uint8Array;
  readonly sums: Float64Array;

  /** @param from trees that stand already */
  constructor(samples: readonly Sample[], cascade: FaceCascade, from: number, random: Random) {
    this.#samples = samples;
    this.#cascade = cascade;
    this.#random = random;
    this.#faces = Uint8Array.from(samples, ({ face }) => (face ? 1 : 0));
    this.#columns = Array.from({ length: POINTS }, (_, point) =>
      Float32Array.from(samples, (sample) => sample.points[point]),
    );
    this.sums = Float64Array.from(samples, ({ points }) => sumOf(cascade, points, from));
  }

  grow(tree: number): void {
    const { length: count } = this.#samples;
    const weights = new Float64Array(count);
    let total = 0;
    this.#samples.forEach(({ face, weight }, i) => {
      weights[i] = weight * Math.exp((face ? -1 : 1) * (this.sums[i] / UNIT) * 0.5);
      total += weights[i];
    });
    for (let i = 0; i < count; i++) weights[i] /= total;
    const heavy = Int32Array.from(this.#samples.keys()).filter((i) => weights[i] * count > LIGHT);
    const nodes = new Uint8Array(count);
    for (let level = 0; level < LEVELS; level++) this.#ask(tree, level, nodes, weights, heavy);
    this.#answer(tree, nodes, weights);
  }

  #ask(tree: number, level: number, nodes: Uint8Array, weights: Float64Array, heavy: Int32Array): void {
    const first = 2 ** level - 1;
    const width = 2 ** level;
    const faceWeights = weights.map((weight, i) => weight * this.#faces[i]);
    const { a, b, thresholds } = this.#cascade;
    const best = new Float64Array(width).fill(-1);
    const all = new Float64Array(width * BINS);
    const right = new Float64Array(width * BINS);
    for (let tried = 0; tried < TRIED; tried++) {
      const p = Math.floor(this.#random() * POINTS);
      const q = Math.floor(this.#random() * POINTS);
      if (p === q) continue;
      all.fill(0);
      right.fill(0);
      const [columnP, columnQ] = [this.#columns[p], this.#columns[q]];
      for (const i of heavy) {
        const bin = Math.ceil((columnP[i] - columnQ[i]) * (UNIT / BIN_UNITS)) + HALF_BINS;
        const at = (nodes[i] - first) * BINS + (bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin);
        all[at] += weights[i];
        right[at] += faceWeights[i];
      }
      for (let node = 0; node < width; node++) {
        let [wAll, fAll] = [0, 0];
        for (let bin = 0; bin < BINS; bin++) {
          wAll += all[node * BINS + bin];
          fAll += right[node * BINS + bin];
        }
        let [w, f] = [0, 0];
        for (let bin = 0; bin < BINS - 1; bin++) {
          w += all[node * BINS + bin];
          f += right[node * BINS + bin];
          const gain = purity(f, w) + purity(fAll - f, wAll - w);
          if (gain <= best[node]) continue;
          best[node] = gain;
          const k = tree * QUESTIONS + first + node;
          [a[k], b[k], thresholds[k]] = [p, q, (bin - HALF_BINS) * BIN_UNITS];
        }
      }
    }
    for (let i = 0; i < nodes.length; i++) {
      const k = tree * QUESTIONS + nodes[i];
      const yes = this.#columns[a[k]][i] - this.#columns[b[k]][i] > thresholds[k] / UNIT;
      nodes[i] = 2 * nodes[i] + (yes ? 2 : 1);
    }
  }

  #answer(tree: number, nodes: Uint8Array, weights: Float64Array): void {
    const all = new Float64Array(LEAVES);
    const faces = new Float64Array(LEAVES);
    for (let i = 0; i < nodes.length; i++) {
      all[nodes[i] - QUESTIONS] += weights[i];
      faces[nodes[i] - QUESTIONS] += weights[i] * this.#faces[i];
    }
    const { leaves } = this.#cascade;
    for (let leaf = 0; leaf < LEAVES; leaf++) {
      const value = (2 * faces[leaf] - all[leaf]) / (all[leaf] + SHRINK);
      leaves[tree * LEAVES + leaf] = Math.round(UNIT * RATE * MOST_LEAF * Math.max(-1, Math.min(1, value)));
    }
    for (let i = 0; i < nodes.length; i++) this.sums[i] += leaves[tree * LEAVES + nodes[i] - QUESTIONS];
  }
}

/** Weight times the square of what it would answer. */
function purity(faces: number, all: number): number {
  return all > 1e-9 ? (2 * faces - all) ** 2 / (all + SHRINK) : 0;
}

/** What the trees before `until` answer, 1/UNIT: the forward pass of training, without letting anything go. */
export function sumOf(
  { a, b, thresholds, leaves }: FaceCascade,
  points: Float32Array,
  until: number,
): number {
  let sum = 0;
  for (let tree = 0; tree < until; tree++)
    sum += leaves[tree * LEAVES + leafOf({ a, b, thresholds }, points, tree)];
  return sum;
}

export function leafOf(
  { a, b, thresholds }: Pick<FaceCascade, 'a' | 'b' | 'thresholds'>,
  points: Float32Array,
  tree: number,
): number {
  let node = 0;
  while (node < QUESTIONS) {
    const k = tree * QUESTIONS + node;
    node = 2 * node + (points[a[k]] - points[b[k]] > thresholds[k] / UNIT ? 2 : 1);
  }
  return node - QUESTIONS;
}

/**
 * Sets `least` of the first `until` trees so that of `faces` that end above all but a `lost` share none is let go.
 * @param faces [POINTS] each
 */
export function letGo(
  cascade: FaceCascade,
  faces: readonly Float32Array[],
  until: number,
  lost: number,
  slack: number,
): void {
  const paths = faces.map((points) => {
    const path = new Int32Array(until);
    let sum = 0;
    for (let tree = 0; tree < until; tree++) {
      sum += cascade.leaves[tree * LEAVES + leafOf(cascade, points, tree)];
      path[tree] = sum;
    }
    return path;
  });
  paths.sort((p, q) => p[until - 1] - q[until - 1]);
  const kept = paths.slice(Math.floor(lost * paths.length));
  for (let tree = 0; tree < until; tree++) {
    let least = Number.POSITIVE_INFINITY;
    for (const path of kept) least = Math.min(least, path[tree]);
    cascade.least[tree] = Math.max(-32000, least - slack);
  }
}
