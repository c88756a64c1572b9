/** A model without training: for tests, and for timings, which do not depend on what the weights are. */
import { type Model, type NetworkSpec, weightShapes } from '../src/network/spec.ts';
import { seededRandom } from './random.ts';

/** Weights that keep the scale of the maps from layer to layer (He), and biases that are not zero. */
export function randomModel(network: NetworkSpec, seed: number): Model {
  const random = seededRandom(seed);
  const weights = new Map<string, Float32Array>();
  for (const { name, shape } of weightShapes(network)) {
    const bias = shape.length === 1;
    const fanIn = bias ? 1 : shape[0] * shape[1] * shape[2];
    const scale = bias ? 0.2 : Math.sqrt(6 / fanIn);
    const length = shape.reduce((product, side) => product * side, 1);
    weights.set(
      name,
      Float32Array.from({ length }, () => scale * (2 * random() - 1)),
    );
  }
  return {
    network,
    weights,
    scoreThresholds: Object.fromEntries(network.labels.map((label) => [label, 0.5])),
    gateThreshold: 0.5,
    card: { name: 'seeded random weights' },
  };
}
