/** Seeded randomness of the tests: frames, weights and gates that are the same on every machine. */
import type { PixelFrame } from '../../src/backends/backend.ts';
import type { Size } from '../../src/network/geometry.ts';
import { type Model, type NetworkSpec, weightShapes } from '../../src/network/spec.ts';

/** mulberry32: uniform in [0, 1). Source: Tommy Ettinger, public domain. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Noise over a gradient, so that neither place nor neighbourhood is like another. Alpha is noise too. */
export function randomFrame(size: Size, seed: number): PixelFrame {
  const random = seededRandom(seed);
  const data = new Uint8ClampedArray(size.width * size.height * 4);
  for (let at = 0; at < data.length; at++) {
    const x = (at >> 2) % size.width;
    data[at] = 200 * random() + (55 * x) / size.width;
  }
  return { ...size, data };
}

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

/** One gate a block, drawn from `choices`. */
export function randomGates(blocks: number, choices: readonly number[], seed: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: blocks }, () => choices[Math.floor(random() * choices.length)]);
}
