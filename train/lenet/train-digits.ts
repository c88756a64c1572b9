/**
 * Training of a LeNet: Adam with a cosine from the peak rate to zero. With a grid the net computes with quantised
 * weights (train/compress/straight-through.ts) and pays for its bits (the gradient of the rate model); without one it
 * is plain training.
 */
import { applyMask, type Grid, onGrid } from '../compress/straight-through.ts';
import { mixSeed, seededRandom, shuffle } from '../random.ts';
import { Adam } from './adam.ts';
import type { Digits } from './digits.ts';
import { BATCH, type Passes } from './passes.ts';

export interface TrainPlan {
  readonly epochs: number;
  readonly peakRate: number;
  readonly seed: number;
  /** Pixels that pictures are moved by at most. Default 0. */
  readonly shift?: number;
  /** Levels that the weights are held to; left out: plain float training. */
  readonly grid?: Grid;
  /** Gradient of the rate by the size of each weight (train/compress/rate-pull.ts). */
  readonly pull?: Float32Array;
  /** Rate at the end, of the peak. */
  readonly lastShare?: number;
}

const WARMUP = 50;

/**
 * Trains `fine` in place. @param curvature running second derivatives (mean squared gradients a sample), in place
 * @returns mean training loss of the last epoch
 */
export function trainDigits(
  passes: Passes,
  digits: Digits,
  fine: Float32Array,
  curvature: Float32Array,
  plan: TrainPlan,
): number {
  const { epochs, peakRate, grid, seed, lastShare = 0 } = plan;
  const size = fine.length;
  const pull = plan.pull ?? new Float32Array(size);
  const gradient = new Float32Array(size);
  const adam = new Adam(size, BATCH);
  const computed = grid ? new Float32Array(size) : fine;
  const perEpoch = Math.floor(digits.count / BATCH);
  const steps = Math.max(1, Math.round(epochs * perEpoch));
  const random = seededRandom(mixSeed(seed, 17));
  const order = Int32Array.from({ length: digits.count }, (_, i) => i);
  const moves = plan.shift ? { shift: plan.shift, random } : undefined;
  let lossSum = 0;
  let lossCount = 0;
  for (let step = 0; step < steps; step++) {
    const at = step % perEpoch;
    if (at === 0) {
      shuffle(order, random);
      lossSum = lossCount = 0;
    }
    if (grid) onGrid(fine, grid, computed);
    passes.setWeights(computed);
    lossSum += passes.step(digits, order, at * BATCH, gradient, moves);
    lossCount++;
    const cosine = 0.5 * (1 + Math.cos((Math.PI * step) / steps));
    const rate =
      peakRate *
      (lastShare + (1 - lastShare) * cosine) *
      Math.min(1, (step + 1) / Math.min(WARMUP, steps / 10));
    adam.update(fine, gradient, curvature, pull, rate);
    if (grid) applyMask(fine, grid.live);
  }
  return lossSum / lossCount;
}
