/**
 * Intervals of 95% by drawing the frames again with replacement (Efron, 1979; percentiles). Neighbouring frames show
 * the same things, so the unit that is drawn is not a frame but a block of neighbours of one sequence (Künsch, 1989).
 * Differences are paired: both sides see the same draws.
 */
import { mixSeed, seededRandom } from '../random.ts';
import { RECALL_STEPS } from './average-precision.ts';
import type { BoxCounts } from './box-counts.ts';

/** Images of a block: at one image a second, about as long as a car sees the same person. */
export const BLOCK_IMAGES = 5;
export const RESAMPLES = 1000;
const SEED = 1;
const TAIL = 0.025;

/** What AP reads of a frame. Plain data. */
export interface ApFrame {
  /** Of the detections that count, in any order. */
  readonly scores: Float64Array;
  /** 1 where the detection is a hit, 0 where it is a false alarm. */
  readonly hits: Uint8Array;
  readonly positives: number;
}

export function apFrame({ matches, positives }: BoxCounts): ApFrame {
  const counted = matches.filter(({ verdict }) => verdict !== 'ignored');
  return {
    scores: Float64Array.from(counted, ({ score }) => score),
    hits: Uint8Array.from(counted, ({ verdict }) => (verdict === 'hit' ? 1 : 0)),
    positives,
  };
}

/** How often each frame counts; all 1 is the data as it is. */
export type FrameWeights = ArrayLike<number>;

/**
 * AP over weighted frames: sorted once, then read in one pass a draw.
 * @returns a function that gives null where the weighted frames hold nothing to find
 */
export function weightedAp(frames: readonly ApFrame[]): (weights: FrameWeights) => number | null {
  const total = frames.reduce((sum, { scores }) => sum + scores.length, 0);
  const scores = new Float64Array(total);
  const owner = new Int32Array(total);
  const hit = new Uint8Array(total);
  let at = 0;
  frames.forEach((frame, f) => {
    for (let i = 0; i < frame.scores.length; i++, at++) {
      scores[at] = frame.scores[i];
      owner[at] = f;
      hit[at] = frame.hits[i];
    }
  });
  const order = Int32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
  const frameOf = order.map((i) => owner[i]);
  const hitOf = order.map((i) => hit[i]);
  const hits = new Float64Array(total);
  const precision = new Float64Array(total);
  return (weights) => {
    let positives = 0;
    for (let f = 0; f < frames.length; f++) positives += weights[f] * frames[f].positives;
    if (positives === 0) return null;
    let found = 0;
    let counted = 0;
    for (let i = 0; i < total; i++) {
      const weight = weights[frameOf[i]];
      counted += weight;
      found += weight * hitOf[i];
      hits[i] = found;
      precision[i] = counted > 0 ? found / counted : 0;
    }
    for (let i = total - 2; i >= 0; i--) if (precision[i] < precision[i + 1]) precision[i] = precision[i + 1];
    let sum = 0;
    let read = 0;
    for (let step = 0; step <= RECALL_STEPS; step++) {
      while (read < total && hits[read] * RECALL_STEPS < step * positives) read++;
      if (read === total) break;
      sum += precision[read];
    }
    return sum / (RECALL_STEPS + 1);
  };
}

/** The block of each frame: BLOCK_IMAGES neighbours of one sequence. @param sequences of the frames, in order */
export function neighbourBlocks(sequences: readonly string[]): Int32Array {
  const blocks = new Int32Array(sequences.length);
  let block = -1;
  let length = 0;
  sequences.forEach((sequence, i) => {
    if (i === 0 || sequence !== sequences[i - 1] || length === BLOCK_IMAGES) {
      block++;
      length = 0;
    }
    length++;
    blocks[i] = block;
  });
  return blocks;
}

export type Interval = readonly [low: number, high: number];

/**
 * The 95% interval of a statistic; null where it has no value in most draws. The same blocks give the same draws,
 * whatever the statistic.
 */
export function bootstrapInterval(
  blocks: Int32Array,
  statistic: (weights: FrameWeights) => number | null,
  resamples = RESAMPLES,
): Interval | null {
  const count = blocks.length === 0 ? 0 : blocks[blocks.length - 1] + 1;
  if (count < 2) return null;
  const random = seededRandom(mixSeed(SEED, count));
  const drawn = new Float64Array(count);
  const weights = new Float64Array(blocks.length);
  const values: number[] = [];
  for (let n = 0; n < resamples; n++) {
    drawn.fill(0);
    for (let i = 0; i < count; i++) drawn[Math.floor(random() * count)]++;
    for (let f = 0; f < blocks.length; f++) weights[f] = drawn[blocks[f]];
    const value = statistic(weights);
    if (value !== null) values.push(value);
  }
  if (values.length < resamples / 2) return null;
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.min(values.length - 1, Math.floor(share * values.length))];
  return [at(TAIL), at(1 - TAIL)];
}
