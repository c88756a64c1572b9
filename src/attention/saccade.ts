/**
 * The priority of blocks over time. The attention network's look logit says how likely a block is to be worth a look;
 * `saccadePriors` is what is added to it, so that the gates under the budget (select.ts) go where a look tells most:
 *
 *   freshness * ln(staleness) + motion * energy + track * score of a track predicted there
 *
 * Staleness, 0..1, is 1 - exp(-(time since the last look / `staleSteps` + motion since / `staleMotion`)): what was just
 * looked at and has not changed is inhibited (inhibition of return; Itti, Koch and Niebur, 1998), and rises again with
 * time. Pure. The weights were fitted on procedural clips (docs/experiments/saccades.md).
 */
import type { Box } from '../result.ts';
import type { BlockMemory } from './block-memory.ts';

export interface SaccadeWeights {
  readonly freshness: number;
  readonly staleSteps: number;
  readonly staleMotion: number;
  readonly motion: number;
  readonly track: number;
  readonly trackSteps: number;
}

export const SACCADE_WEIGHTS: SaccadeWeights = {
  freshness: 1,
  staleSteps: 3,
  staleMotion: 1,
  motion: 0.5,
  track: 2,
  trackSteps: 2,
};

/** Keeps the logarithm finite. */
const LEAST_STALENESS = 0.01;
/** Energies above this are the same. */
const MOST_ENERGY = 3;

/** A track as the eye expects it. */
export interface Expected {
  /** Working px, with what it may be off. */
  readonly box: Box;
  readonly score: number;
  /** Steps since it was looked at whole. */
  readonly staleSteps: number;
}

/** A place and how much is expected of it, in logits where it is whole. */
export interface Region {
  /** Working px. */
  readonly box: Box;
  readonly strength: number;
}

/** [rows, columns], to be added to the look logits. @param regions the greatest strength over a block counts */
export function saccadePriors(
  memory: BlockMemory,
  energy: Float32Array,
  tracks: readonly Expected[],
  blockPx: number,
  weights: SaccadeWeights = SACCADE_WEIGHTS,
): Float32Array {
  const { freshness, staleSteps, staleMotion, motion, track, trackSteps } = weights;
  const { age, change, columns, rows } = memory;
  // A thing is looked at whole or not at all: its blocks rise and fall together.
  const regions = tracks.map(({ box, score, staleSteps: steps }) => ({
    box,
    strength: score ** 0.5 * (1 - 2 * Math.exp(-steps / trackSteps)),
  }));
  const predicted = regionMap(regions, { columns, rows }, blockPx);
  return age.map((steps, i) => {
    const staleness = 1 - Math.exp(-(steps / staleSteps + change[i] / staleMotion));
    return (
      freshness * Math.log(staleness + LEAST_STALENESS) +
      motion * Math.min(MOST_ENERGY, energy[i]) +
      track * predicted[i]
    );
  });
}

/** The greatest strength of the regions over every block, 0 where there is none. */
export function regionMap(
  regions: readonly Region[],
  { columns, rows }: { readonly columns: number; readonly rows: number },
  blockPx: number,
): Float32Array {
  const map = new Float32Array(columns * rows);
  for (const { box, strength } of regions) {
    const right = Math.min(columns, Math.ceil((box.x + box.width) / blockPx));
    const foot = Math.min(rows, Math.ceil((box.y + box.height) / blockPx));
    for (let row = Math.max(0, Math.floor(box.y / blockPx)); row < foot; row++) {
      for (let column = Math.max(0, Math.floor(box.x / blockPx)); column < right; column++) {
        const i = row * columns + column;
        if (Math.abs(strength) > Math.abs(map[i])) map[i] = strength;
      }
    }
  }
  return map;
}
