/**
 * Muon for hidden layers, AdamW for the rest, and a moving average of the weights, on flat vectors: a third of a
 * million numbers need no graph, and vectors are what checkpoints and workers exchange. Muon: Jordan and others 2024,
 * steps scaled to AdamW's size as in Liu and others 2025 (Moonlight), so that both share a learning rate and a decay;
 * AdamW: Loshchilov and Hutter 2019. At equal steps Muon came twice as far (docs/experiments/seeing.md).
 */
import { isOrthogonalisable, orthogonalise } from '../ops/orthogonal.ts';
import { type Parameter, type Parameters, partOf } from './parameters.ts';

/** Vectors of all parameters, in the order of `Parameters`. */
export interface OptimizerState {
  step: number;
  readonly weights: Float32Array;
  readonly average: Float32Array;
  /** Moving average of the gradient; of its squares (AdamW's parameters only). */
  readonly first: Float32Array;
  readonly second: Float32Array;
}

export interface OptimizerOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decay of Muon's momentum; 0: AdamW for every parameter. */
  readonly momentum: number;
  /** On weights of two or more dimensions only. */
  readonly weightDecay: number;
  /** Greatest norm of all gradients together. */
  readonly clipNorm: number;
  /** Decay of the moving average; it starts shorter. */
  readonly average: number;
}

const OPTIMIZER: OptimizerOptions = {
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  momentum: 0.95,
  weightDecay: 1e-2,
  clipNorm: 5,
  average: 0.998,
};

export function startOptimizer(weights: Float32Array): OptimizerState {
  const { length } = weights;
  return {
    step: 0,
    weights,
    average: weights.slice(),
    first: new Float32Array(length),
    second: new Float32Array(length),
  };
}

/** Linear warm-up, then a cosine down to 2% of the peak. @param progress 0..1 */
export function learningRate(peak: number, step: number, progress: number, warmupSteps: number): number {
  const cosine = 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
  return peak * Math.min(1, (step + 1) / warmupSteps) * (0.98 * cosine + 0.02);
}

/** One step in place; returns the gradient's norm before clipping. A step with a norm that is no number is left out. */
export function optimize(
  state: OptimizerState,
  parameters: Parameters,
  gradient: Float32Array,
  rate: number,
  options = OPTIMIZER,
): number {
  let squares = 0;
  for (let i = 0; i < gradient.length; i++) squares += gradient[i] * gradient[i];
  const norm = Math.sqrt(squares);
  if (!Number.isFinite(norm)) return norm;
  state.step++;
  const scale = Math.min(1, options.clipNorm / (norm + 1e-12));
  const { weights: w, average: a, first: m, second: v } = state;
  const correct1 = 1 - options.beta1 ** state.step;
  const correct2 = 1 - options.beta2 ** state.step;
  for (const parameter of parameters.list) {
    const { shape, offset, size } = parameter;
    const decay = shape.length > 1 ? rate * options.weightDecay : 0;
    if (options.momentum > 0 && isMatrix(parameter)) {
      const stride = rate * STEP_RMS * Math.sqrt(rowsOf(parameter));
      const step = muonStep(state, parameter, gradient, scale, options.momentum);
      for (let i = 0; i < size; i++) w[offset + i] -= stride * step[i] + decay * w[offset + i];
      continue;
    }
    for (let i = offset; i < offset + size; i++) {
      const g = gradient[i] * scale;
      m[i] += (1 - options.beta1) * (g - m[i]);
      v[i] += (1 - options.beta2) * (g * g - v[i]);
      w[i] -= (rate * (m[i] / correct1)) / (Math.sqrt(v[i] / correct2) + options.epsilon) + decay * w[i];
    }
  }
  const keep = Math.min(options.average, state.step / (state.step + 10));
  for (let i = 0; i < w.length; i++) a[i] += (1 - keep) * (w[i] - a[i]);
  return norm;
}

/** Root mean square of AdamW's steps at a learning rate of 1, which Muon's are scaled to. */
export const STEP_RMS = 0.2;

/** Inputs of one output: rows of the weight as a matrix [k * k * C, N]. */
function rowsOf({ shape, size }: Parameter): number {
  return size / shape[shape.length - 1];
}

function isMatrix(parameter: Parameter): boolean {
  const columns = parameter.shape[parameter.shape.length - 1];
  return parameter.hidden && isOrthogonalisable(rowsOf(parameter), columns);
}

/** The orthogonal factor of Nesterov's momentum; moves the momentum on. */
function muonStep(
  { first }: OptimizerState,
  parameter: Parameter,
  gradient: Float32Array,
  scale: number,
  momentum: number,
): Float32Array {
  const held = partOf(first, parameter);
  const fresh = partOf(gradient, parameter);
  const step = new Float32Array(parameter.size);
  for (let i = 0; i < step.length; i++) {
    const g = fresh[i] * scale;
    held[i] += (1 - momentum) * (g - held[i]);
    step[i] = g + momentum * (held[i] - g);
  }
  orthogonalise(step, rowsOf(parameter), parameter.shape[parameter.shape.length - 1]);
  return step;
}
