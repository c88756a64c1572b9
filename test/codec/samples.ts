/** Seeded tensors and small models for the codec's tests. */

import type { Tensor } from '../../src/codec/tensor.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { type Model, weightShapes } from '../../src/network/spec.ts';
import { seededRandom } from '../../train/random.ts';

/** Standard normal by the sum of twelve: no transcendental, so the same on every engine. */
function normalSource(seed: number): () => number {
  const random = seededRandom(seed);
  return () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random();
    return sum;
  };
}

export function normalTensor(name: string, shape: readonly number[], seed: number, scale = 0.1): Tensor {
  const normal = normalSource(seed);
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  return { name, shape, data: Float32Array.from({ length: elements }, () => normal() * scale) };
}

/** A tiny network of the shipped kind with seeded weights. */
export function tinyModel(seed = 1, width = 4): Model {
  const network = peopleVsPoles({
    attention: [width, width, width],
    attentionDepth: 1,
    stem: [width, width],
    features: width,
    trunk: width,
    trunkDepth: 1,
  });
  const weights = new Map(
    weightShapes(network).map(({ name, shape }, i) => [
      name,
      normalTensor(name, shape, seed * 1000 + i).data,
    ]),
  );
  return {
    network,
    weights,
    scoreThresholds: { person: 0.4, pole: 0.35 },
    gateThreshold: 0.25,
    card: { name: 'tiny', note: 'random weights' },
  };
}

/**
 * Tensors that together use every coding: classes on several axes, a transmitted table, low bits, the side list,
 * half and single precision. With the options of `everyCodingSteps`.
 */
export function everyCoding(): Tensor[] {
  const rows = normalTensor('rows', [3, 3, 5, 24], 21, 1);
  for (let i = 0; i < rows.data.length; i++)
    rows.data[i] *= 2 ** -((i % 24) % 6) * 2 ** -(Math.floor(i / 24) % 5);
  const outliers = normalTensor('outliers', [40, 10], 22, 1);
  outliers.data[7] = 300;
  outliers.data[190] = -1e5;
  const random = seededRandom(23);
  const skewed = Float32Array.from({ length: 300 }, () => (random() < 0.7 ? 3 : random() < 0.5 ? 0 : -1));
  return [
    rows,
    outliers,
    { name: 'skewed', shape: [30, 10], data: skewed },
    normalTensor('fine', [8, 9], 24, 1),
    normalTensor('half', [13], 25),
    { name: 'single', shape: [2], data: Float32Array.of(1e10, -1e-10) },
  ];
}

export const everyCodingSteps = { rows: 0.1, outliers: 0.25, skewed: 1, fine: 0.001 };
