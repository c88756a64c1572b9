/** Seeded tensors and small models for the codec's tests. */

import type { Tensor } from '../../src/codec/tensor.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { type Model, weightShapes } from '../../src/network/spec.ts';

/** mulberry32: uniform in [0, 1). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal by the sum of twelve: no transcendental, so the same on every engine. */
export function normalSource(seed: number): () => number {
  const random = randomSource(seed);
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
