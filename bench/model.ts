/** The shipped network with seeded random weights: speed does not depend on what they are. */
import { peopleVsPoles } from '../src/network/people-vs-poles.ts';
import { type Model, weightShapes } from '../src/network/spec.ts';
import { seededUniform } from './frames.ts';

const SEED = 20260101;

export function benchModel(): Model {
  const network = peopleVsPoles();
  const uniform = seededUniform(SEED);
  const weights = new Map<string, Float32Array>();
  for (const { name, shape } of weightShapes(network)) {
    const length = shape.reduce((product, side) => product * side, 1);
    const fanIn = length / shape.at(-1)!;
    const scale = shape.length === 1 ? 0 : Math.sqrt(6 / fanIn);
    weights.set(
      name,
      Float32Array.from({ length }, () => scale * (2 * uniform() - 1)),
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
