/** Seeded randomness of the tests: frames and gates that are the same on every machine. */
import type { PixelFrame } from '../../src/backends/backend.ts';
import type { Size } from '../../src/network/geometry.ts';
import { seededRandom } from '../../train/random.ts';

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

/** One gate a block, drawn from `choices`. */
export function randomGates(blocks: number, choices: readonly number[], seed: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: blocks }, () => choices[Math.floor(random() * choices.length)]);
}

/** One number a block, in [-4, 4). */
export function randomPriors(blocks: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: blocks }, () => 8 * random() - 4);
}
