/** Seeded random numbers for the scenes: the same seed gives the same street on every machine. */
import { seededRandom } from '../random.ts';

/**
 * Mixes integers to one 32-bit seed, so that parts of a scene draw from streams of their own. Not train/random.ts's
 * mix: the committed scenes are of this one.
 */
export function mixSeed(...parts: number[]): number {
  let h = 0x9e3779b9;
  for (const part of parts) {
    h = Math.imul(h ^ (part | 0), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}

export class Random {
  /** [0, 1) */
  readonly next: () => number;

  constructor(...seed: number[]) {
    this.next = seededRandom(mixSeed(...seed));
  }

  range(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** low..high, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)];
  }

  /** Mean 0, deviation 1 (sum of three uniforms: no tails beyond 3). */
  normal(): number {
    return (this.next() + this.next() + this.next() - 1.5) * 2;
  }

  seed(): number {
    return (this.next() * 2 ** 32) >>> 0;
  }
}
