/**
 * The priority of blocks over time. The attention network's look logit says how likely a block is to be worth a look;
 * it counts in full up to `SURE_LOOK` (select.ts), an eighth beyond. `saccadePriors` is what is added to it, so that the gates under the budget (select.ts) go where a look tells most:
 *
 *   freshness * ln(staleness) - inhibition * exp(-age / inhibitionSteps)
 *     + motion * energy + novelty * new / usual
 *     + track * (sqrt(score) - need * rest * sqrt(score) * exp(-coasted / trackSteps))
 *
 * Staleness, 0..1, is 1 - exp(-(age / `staleSteps` + motion since the last look / `staleMotion`)); age is the time since
 * then. What was just looked at is inhibited (inhibition of return; Itti, Koch and Niebur, 1998), so that in a few frames
 * the eye goes through more of the likely blocks than a small budget holds. What is new (novelty.ts) draws it in any case:
 * by how much more than what is `usual` in the frame, its upper quartile.
 * A track's place pulls at the eye, all its blocks alike: a thing is looked at whole or not at all. What moves by itself is
 * followed (`rest` below 1); what stands (poles, `rest` 3) is left alone for a frame and pulls more as it coasts. Where
 * tracks of one name overlap, the surest pulls and the one just seen rests: half of them are repeats. Rest makes room for
 * others: while the camera moves it counts (`need`, 0..1) as far as all tracks together want more blocks than may be looked at.
 * While the camera stands still evidence stays true for longer and needs moving only where something moves: staleness takes
 * `stillTimes` longer, and weighs `stillForce` more.
 * Pure. The weights were chosen on procedural clips (docs/experiments/saccades.md).
 */
import type { Box } from '../result.ts';
import type { BlockMemory } from './block-memory.ts';
import { upperQuartile } from './nth-greatest.ts';

export interface SaccadeWeights {
  /** Logits. */
  readonly freshness: number;
  readonly inhibition: number;
  readonly motion: number;
  readonly novelty: number;
  readonly track: number;
  /** Steps, and energy. */
  readonly staleSteps: number;
  readonly staleMotion: number;
  readonly inhibitionSteps: number;
  readonly trackSteps: number;
  /** Factors, where the camera stands. */
  readonly stillTimes: number;
  readonly stillForce: number;
  /** Logits, in the place of `motion` where the camera stands: whatever moves is looked at, whatever it is. */
  readonly stillMotion: number;
}

export const SACCADE_WEIGHTS: SaccadeWeights = {
  freshness: 0.5,
  inhibition: 4,
  motion: 0.3,
  novelty: 2.4,
  track: 7,
  staleSteps: 3,
  staleMotion: 0.5,
  inhibitionSteps: 1,
  trackSteps: 1,
  stillTimes: 10,
  stillForce: 4,
  stillMotion: 80,
};

/** Keeps the logarithm finite. */
const LEAST_STALENESS = 0.01;
/** Energies above this are the same, and novelties of so many times what is usual. */
const MOST_ENERGY = 3;
const MOST_NOVELTY = 6.5;
/** Novelty less than this is never unusual. */
const LEAST_USUAL = 0.15;

/** Blocks that tracks want, over those that may be looked at: up to the first no track rests, from the second on all do. */
const SCARCITY = [0.9, 1.4] as const;

/** A track as the eye expects it. */
export interface Expected {
  /** Working px, with what it may be off. */
  readonly box: Box;
  readonly score: number;
  readonly label: string;
  /** Steps since it was seen. */
  readonly coasted: number;
  /** How much less it is worth a look just after one: 0 as much as ever, 3 it is left alone for a step. */
  readonly rest: number;
}

/** What happens in a frame beyond the camera's own motion, [rows, columns]. */
export interface Stir {
  /** motion-energy.ts */
  readonly energy: Float32Array;
  /** novelty.ts */
  readonly novelty: Float32Array;
}

/** A place and how much is expected of it, in logits where it is whole. */
export interface Region {
  /** Working px. */
  readonly box: Box;
  readonly strength: number;
}

/** What a frame's priorities depend on besides what is remembered and seen. */
export interface Circumstances {
  readonly blockPx: number;
  /** 1 where the camera stands, 0 where it moves. */
  readonly still: number;
  /** Share of the blocks that may be looked at, 0..1. */
  readonly budget: number;
}

/** [rows, columns], to be added to the look logits. */
export function saccadePriors(
  memory: BlockMemory,
  { energy, novelty: unknown }: Stir,
  tracks: readonly Expected[],
  circumstances: Circumstances,
  weights: SaccadeWeights = SACCADE_WEIGHTS,
): Float32Array {
  const { freshness, inhibition, staleSteps, staleMotion, motion, novelty, track } = weights;
  const { still } = circumstances;
  const { age, change, columns, rows } = memory;
  const times = 1 + still * (weights.stillTimes - 1);
  const pull = motion + still * (weights.stillMotion - motion);
  // Where the camera stands energy tells more: noise is new too.
  const surprise = novelty * (1 - still);
  const usual = Math.max(LEAST_USUAL, upperQuartile(unknown));
  const force = freshness * (1 + still * (weights.stillForce - 1));
  const predicted = expectation(tracks, { columns, rows }, circumstances, weights.trackSteps);
  return age.map((steps, i) => {
    const staleness = 1 - Math.exp(-(steps / (staleSteps * times) + change[i] / staleMotion));
    return (
      force * Math.log(staleness + LEAST_STALENESS) -
      inhibition * Math.exp(-steps / weights.inhibitionSteps) +
      pull * Math.min(MOST_ENERGY, energy[i]) +
      surprise * Math.min(MOST_NOVELTY, unknown[i] / usual) +
      track * predicted[i]
    );
  });
}

/** What the tracks' places are worth, [rows, columns]. */
function expectation(
  tracks: readonly Expected[],
  grid: { readonly columns: number; readonly rows: number },
  { blockPx, still, budget }: Circumstances,
  trackSteps: number,
): Float32Array {
  const byName = [...new Set(tracks.map(({ label }) => label))].map((name) => {
    const own = tracks.filter(({ label }) => label === name);
    const map = (strength: (track: Expected) => number) =>
      regionMap(
        own.map((track) => ({ box: track.box, strength: strength(track) })),
        grid,
        blockPx,
      );
    return {
      pull: map(({ score }) => Math.sqrt(score)),
      rest: map(({ score, coasted, rest }) => Math.sqrt(score) * rest * Math.exp(-coasted / trackSteps)),
    };
  });
  const sum = new Float32Array(grid.columns * grid.rows);
  const wanted = sum.reduce((all, _, i) => all + Math.max(0, ...byName.map(({ pull }) => pull[i])), 0);
  const need = Math.max(still, needOfRest(wanted / Math.max(1, budget * sum.length)));
  for (const { pull, rest } of byName) {
    for (let i = 0; i < sum.length; i++) sum[i] += pull[i] - need * rest[i];
  }
  return sum;
}

/** 0..1, by how scarce blocks are. */
function needOfRest(scarcity: number): number {
  const [none, all] = SCARCITY;
  return Math.min(1, Math.max(0, (scarcity - none) / (all - none)));
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
