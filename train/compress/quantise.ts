/**
 * Rate-distortion quantisation: each weight takes the level that makes
 *
 *     1/2 h (w - level * step)^2 + lambda * bits(level)
 *
 * least. h is the curvature of the loss (Optimal Brain Damage, LeCun and others 1990, with squared gradients for the
 * second derivatives), lambda is nats of loss a bit. Pruning is the same decision: level 0. Prices depend on the
 * levels (rate-model.ts), so a few rounds are taken, each with the prices of the levels before.
 */
import { RateModel } from './rate-model.ts';

export interface QuantisedLayer {
  readonly levels: Int32Array;
  /** By the rate model. */
  readonly bits: number;
}

const ROUNDS = 3;
/** Weights below this part of a step are zero in the first round, before prices are known. */
const FIRST_DEAD_ZONE = 0.6;

/** Round half away from zero, as src/codec does. */
export function roundLevel(value: number, step: number): number {
  const level = Math.floor(Math.abs(value) / step + 0.5);
  return value < 0 ? -level : level;
}

/**
 * @param curvature second derivatives of the loss by weight, at least 0
 * @param lambda nats of loss that a bit is worth
 */
export function quantiseLayer(
  weights: Float32Array,
  curvature: ArrayLike<number>,
  shape: readonly number[],
  step: number,
  lambda: number,
): QuantisedLayer {
  let levels: Int32Array = Int32Array.from(weights, (w) =>
    Math.abs(w) < FIRST_DEAD_ZONE * step ? 0 : roundLevel(w, step),
  );
  for (let round = 0; round < ROUNDS; round++) {
    const model = new RateModel(levels, shape);
    levels = cheapestLevels(weights, curvature, step, lambda, model);
  }
  return { levels, bits: new RateModel(levels, shape).total(levels) };
}

function cheapestLevels(
  weights: Float32Array,
  curvature: ArrayLike<number>,
  step: number,
  lambda: number,
  model: RateModel,
): Int32Array {
  const levels = new Int32Array(weights.length);
  const magnitudes = Float64Array.from({ length: 64 }, (_, m) => model.magnitude(m));
  for (let i = 0; i < weights.length; i++) {
    const size = Math.abs(weights[i]) / step;
    if (size === 0) continue;
    // Errors in steps: half the curvature times step squared is the price of an error of one step.
    const price = 0.5 * curvature[i] * step * step;
    const low = Math.floor(size);
    let best = 0;
    let least = price * size * size + lambda * model.zeroBits[i];
    for (let level = Math.max(1, low); level <= low + 1; level++) {
      const bits = model.liveBits[i] + (level < 64 ? magnitudes[level] : model.magnitude(level));
      const cost = price * (size - level) ** 2 + lambda * bits;
      if (cost < least) {
        least = cost;
        best = level;
      }
    }
    levels[i] = weights[i] < 0 ? -best : best;
  }
  return levels;
}

/** What a decoder gives for the levels: float32 products. */
export function dequantise(levels: Int32Array, step: number, out: Float32Array): void {
  for (let i = 0; i < levels.length; i++) out[i] = levels[i] * step;
}
