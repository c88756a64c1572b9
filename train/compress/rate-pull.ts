/**
 * The rate as a part of the training loss. A level is whole, so its bits have no gradient; what has one is the price
 * between two levels, spread over the step between them. It draws small weights to zero, those that stand alone first,
 * and large ones a little inwards.
 */
import { type CodedLayer, layerOf } from './layers.ts';
import { RateModel } from './rate-model.ts';

/** Gradient of the rate by the size of each weight, nats: to be added with the weight's sign. @param lambda nats a bit */
export function ratePull(
  layers: readonly CodedLayer[],
  levels: readonly Int32Array[],
  steps: readonly number[],
  lambda: number,
  length: number,
): Float32Array {
  const pull = new Float32Array(length);
  for (const [i, layer] of layers.entries()) {
    const model = new RateModel(levels[i], layer.shape);
    const out = layerOf(pull, layer);
    for (let k = 0; k < out.length; k++) {
      const level = Math.abs(levels[i][k]);
      const bits =
        level <= 1
          ? model.liveBits[k] + model.magnitude(1) - model.zeroBits[k]
          : model.magnitude(level) - model.magnitude(level - 1);
      out[k] = (lambda * Math.max(0, bits)) / steps[i];
    }
  }
  return pull;
}

export function addPull(gradient: Float32Array, weights: Float32Array, pull: Float32Array): void {
  for (let i = 0; i < gradient.length; i++) {
    if (weights[i] !== 0) gradient[i] += weights[i] > 0 ? pull[i] : -pull[i];
  }
}
