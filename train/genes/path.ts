/**
 * A form of the digits' net from random weights through ever smaller files: plain training, then at each stop one
 * compression (train/compress) to its bytes and training on from what that decodes to. The same for every form.
 */
import { compressAs, firstSteps } from '../compress/cycle.ts';
import { layerOf } from '../compress/layers.ts';
import { ratePull } from '../compress/rate-pull.ts';
import { type Grid, gridOf, onGrid } from '../compress/straight-through.ts';
import { mixSeed, seededRandom, shuffle } from '../random.ts';
import type { Form } from './form.ts';
import { BATCH, type SmallDigits, type SmallPasses } from './small-digits.ts';

export interface PathPlan {
  readonly seed: number;
  /** Steps of 200 digits before the first stop, and after each. */
  readonly denseSteps: number;
  readonly stops: readonly { readonly bytes: number; readonly steps: number }[];
}

const PEAK_RATE = 4e-3;
const LAST_SHARE = 0.02;
const WARMUP = 30;
const BETA1 = 0.9;
const BETA2 = 0.99;
const EPSILON = 1e-8;
const CURVATURE_WEIGHT = 1 / 100;
/** What the whole file is worth in training, nats (train/lenet/run.ts). */
const WORTH = 0.05;
/** Between the steps that weights ask for and those that curvature does. */
const STEP_SHARE = 0.5;
const FIRST_GREED = 0.05;
/** A gain that is kept pays for its index too, about half as much again: its curvature counts that much less. */
const GAIN_SHARE = 0.67;
/** Training on makes files a little larger: they are compressed to this share of what is asked for. */
const HEADROOM = 0.95;

/** What training knows of a form. */
interface State {
  readonly form: Form;
  readonly fine: Float32Array;
  /** Running second derivatives by stored values: mean squared gradients a sample. */
  readonly curvature: Float32Array;
}

/** Trains in place; returns the mean loss of the last half. */
function trainOn(
  { form, fine, curvature }: State,
  passes: SmallPasses,
  digits: SmallDigits,
  steps: number,
  seed: number,
  grid?: Grid,
  pull?: Float32Array,
): number {
  const size = fine.length;
  const [first, second] = [new Float32Array(size), new Float32Array(size)];
  const gradient = new Float32Array(size);
  const made = { fine: new Float32Array(size), stored: new Float32Array(form.stored.size) };
  const perEpoch = Math.floor(digits.count / BATCH);
  const random = seededRandom(mixSeed(seed, 17));
  const order = Int32Array.from({ length: digits.count }, (_, i) => i);
  const decoded = new Float32Array(form.stored.size);
  let lossSum = 0;
  for (let step = 0; step < steps; step++) {
    if (step % perEpoch === 0) shuffle(order, random);
    const stored = form.store(fine, grid);
    if (grid) onGrid(stored, grid, decoded);
    passes.setWeights(form.expand(grid ? decoded : stored));
    const loss = passes.step(digits, order, (step % perEpoch) * BATCH, gradient);
    if (2 * step >= steps) lossSum += loss;
    form.backward(fine, gradient, pull, made);
    for (let i = 0; i < curvature.length; i++) {
      curvature[i] += CURVATURE_WEIGHT * (BATCH * made.stored[i] * made.stored[i] - curvature[i]);
    }
    const cosine = 0.5 * (1 + Math.cos((Math.PI * step) / steps));
    const rate = PEAK_RATE * (LAST_SHARE + (1 - LAST_SHARE) * cosine) * Math.min(1, (step + 1) / WARMUP);
    const correct1 = 1 - BETA1 ** (step + 1);
    const correct2 = 1 - BETA2 ** (step + 1);
    for (let i = 0; i < size; i++) {
      const g = made.fine[i];
      first[i] += (1 - BETA1) * (g - first[i]);
      second[i] += (1 - BETA2) * (g * g - second[i]);
      fine[i] -= (rate * first[i]) / correct1 / (Math.sqrt(second[i] / correct2) + EPSILON);
    }
    form.settle(fine, grid?.live);
  }
  return lossSum / (steps - Math.ceil(steps / 2));
}

export interface PathPoint {
  /** Asked for; undefined before the first stop. */
  readonly target?: number;
  /** The file; undefined before the first stop. */
  readonly file?: Uint8Array;
  /** Plain weights, as the file decodes. */
  readonly vector: Float32Array;
  /** Stored numbers that are not zero. */
  readonly live: number;
  readonly loss: number;
}

/** The whole path, point by point. */
export async function* walkPath(
  form: Form,
  passes: SmallPasses,
  digits: SmallDigits,
  plan: PathPlan,
): AsyncGenerator<PathPoint> {
  const state: State = {
    form,
    fine: form.initial(plan.seed),
    curvature: new Float32Array(form.stored.size),
  };
  const { fine, curvature } = state;
  const count = (stored: Float32Array) => stored.reduce((sum, w) => sum + Number(w !== 0), 0);
  const loss = trainOn(state, passes, digits, plan.denseSteps, plan.seed);
  const dense = form.store(fine);
  yield { vector: form.expand(dense), live: count(dense), loss };
  const layers = form.coded;
  let grid: Grid | undefined;
  let greed = FIRST_GREED;
  for (const [i, { bytes: target, steps: after }] of plan.stops.entries()) {
    const vector = form.store(fine, grid);
    const counted = curvature.slice();
    for (const one of layers) {
      if (!one.name.endsWith('.gain')) continue;
      const own = layerOf(counted, one);
      for (let k = 0; k < own.length; k++) own[k] *= GAIN_SHARE;
    }
    const problem = {
      layers,
      vector,
      curvature: counted,
      rateLambda: 1e-6,
      targetBytes: HEADROOM * target,
      loss: () => 0,
      bytes: (decoded: Float32Array, steps: readonly number[]) => form.encode(decoded, steps).length,
    };
    const steps = firstSteps(problem, STEP_SHARE);
    const coded = await compressAs(problem, { saliency: 'curvature', greed, steps });
    greed = coded.choice.greed;
    grid = gridOf(layers, steps, coded.levels, vector.length);
    form.settle(fine, grid.live);
    const pull = ratePull(layers, coded.levels, steps, WORTH / (8 * target), vector.length);
    const trained = trainOn(state, passes, digits, after, mixSeed(plan.seed, i + 1), grid, pull);
    const stored = new Float32Array(vector.length);
    onGrid(form.store(fine, grid), grid, stored);
    const file = form.encode(stored, steps);
    yield { target, file, vector: await form.decode(file), live: count(stored), loss: trained };
  }
}
