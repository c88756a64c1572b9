/**
 * AdamW with a moving average of the weights, on plain typed arrays: a third of a million numbers need no graph,
 * and arrays are what checkpoints and workers exchange. Loshchilov and Hutter 2019.
 */

export type Arrays = Map<string, Float32Array>;

export interface OptimizerState {
  step: number;
  readonly weights: Arrays;
  readonly average: Arrays;
  readonly first: Arrays;
  readonly second: Arrays;
}

export interface OptimizerOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
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
  weightDecay: 1e-2,
  clipNorm: 5,
  average: 0.998,
};

export function startOptimizer(weights: Arrays): OptimizerState {
  const zeros = () => new Map([...weights].map(([name, data]) => [name, new Float32Array(data.length)]));
  const average = new Map([...weights].map(([name, data]) => [name, data.slice()]));
  return { step: 0, weights, average, first: zeros(), second: zeros() };
}

/** Linear warm-up, then a cosine down to 2% of the peak. @param progress 0..1 */
export function learningRate(peak: number, step: number, progress: number, warmupSteps: number): number {
  const cosine = 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
  return peak * Math.min(1, (step + 1) / warmupSteps) * (0.98 * cosine + 0.02);
}

/** One step in place; returns the gradients' norm before clipping. Steps with a norm that is no number are left out. */
export function optimize(
  state: OptimizerState,
  gradients: Arrays,
  rate: number,
  options = OPTIMIZER,
): number {
  let squares = 0;
  for (const gradient of gradients.values()) for (const g of gradient) squares += g * g;
  const norm = Math.sqrt(squares);
  if (!Number.isFinite(norm)) return norm;
  state.step++;
  const scale = Math.min(1, options.clipNorm / (norm + 1e-12));
  const correct1 = 1 - options.beta1 ** state.step;
  const correct2 = 1 - options.beta2 ** state.step;
  const keep = Math.min(options.average, state.step / (state.step + 10));
  for (const [name, gradient] of gradients) {
    const w = state.weights.get(name)!;
    const m = state.first.get(name)!;
    const v = state.second.get(name)!;
    const a = state.average.get(name)!;
    const decay = name.endsWith('.w') ? rate * options.weightDecay : 0;
    for (let i = 0; i < w.length; i++) {
      const g = gradient[i] * scale;
      m[i] += (1 - options.beta1) * (g - m[i]);
      v[i] += (1 - options.beta2) * (g * g - v[i]);
      w[i] -= (rate * (m[i] / correct1)) / (Math.sqrt(v[i] / correct2) + options.epsilon) + decay * w[i];
      a[i] += (1 - keep) * (w[i] - a[i]);
    }
  }
  return norm;
}
