/** A model without training: for tests, and for timings, which do not depend on what the weights are. */
import { geneLayers } from '../src/network/genes.ts';
import { type Model, type NetworkSpec, weightShapes } from '../src/network/spec.ts';
import { type Random, seededRandom } from './random.ts';

/** Weights that keep the scale of the maps from layer to layer (He), and biases that are not zero. */
export function randomModel(network: NetworkSpec, seed: number): Model {
  const random = seededRandom(seed);
  const weights = new Map<string, Float32Array>();
  for (const { name, shape } of weightShapes(network)) {
    const bias = shape.length === 1;
    const fanIn = bias ? 1 : shape.slice(0, -1).reduce((product, side) => product * side, 1);
    const scale = bias ? 0.2 : Math.sqrt(6 / fanIn);
    const length = shape.reduce((product, side) => product * side, 1);
    weights.set(
      name,
      Float32Array.from({ length }, () => scale * (2 * random() - 1)),
    );
  }
  drawIndices(network, weights, random);
  return {
    network,
    weights,
    scoreThresholds: Object.fromEntries(network.labels.map((label) => [label, 0.5])),
    gateThreshold: 0.5,
    card: { name: 'seeded random weights' },
  };
}

/** Each pair of channels takes any pattern, or none, which then has no gain. */
function drawIndices(network: NetworkSpec, weights: Map<string, Float32Array>, random: Random): void {
  for (const { layer, dictionary } of geneLayers(network)) {
    const [index, gain] = ['index', 'gain'].map((part) => weights.get(`${layer.name}.${part}`)!);
    for (let pair = 0; pair < index.length; pair++) {
      index[pair] = Math.floor(random() * (dictionary.local + dictionary.long + 1));
      if (index[pair] === 0) gain[pair] = 0;
    }
  }
}
