/** Weighted AP against the plain one, and intervals against what is known of them. */
import { describe, expect, it } from 'vitest';
import type { Detection } from '../../src/result.ts';
import { averagePrecision } from '../../train/metrics/average-precision.ts';
import {
  type ApFrame,
  bootstrapInterval,
  neighbourBlocks,
  weightedAp,
} from '../../train/metrics/bootstrap.ts';
import { compareRecords, scoreIntervals } from '../../train/metrics/score-intervals.ts';
import { normal, seededRandom } from '../../train/random.ts';
import { boxRecord } from './records.ts';

/** Frames with random scores, three in five of them hits. */
function randomFrames(seed: number, count: number): ApFrame[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const length = Math.floor(random() * 6);
    const hits = Uint8Array.from({ length }, () => (random() < 0.6 ? 1 : 0));
    const found = hits.reduce((sum, hit) => sum + hit, 0);
    return {
      scores: Float64Array.from({ length }, () => random()),
      hits,
      positives: found + Math.floor(random() * 3),
    };
  });
}

/** Every frame repeated as often as it counts, scored without weights. */
function repeatedAp(frames: readonly ApFrame[], weights: readonly number[]): number | null {
  const repeated = frames.flatMap((frame, f) => Array<ApFrame>(weights[f]).fill(frame));
  const matches = repeated.flatMap(({ scores, hits }) =>
    [...scores].map((score, i) => ({
      score,
      verdict: hits[i] ? ('hit' as const) : ('false alarm' as const),
    })),
  );
  return averagePrecision(
    matches,
    repeated.reduce((sum, { positives }) => sum + positives, 0),
  );
}

describe('AP of weighted frames', () => {
  it.each([1, 2, 3, 4, 5])('is the AP of frames repeated as often (%i)', (seed) => {
    const frames = randomFrames(seed, 12);
    const random = seededRandom(100 + seed);
    const weights = frames.map(() => Math.floor(random() * 4));
    const ap = weightedAp(frames);
    expect(ap(weights)).toBeCloseTo(repeatedAp(frames, weights) ?? -1, 12);
    expect(ap(frames.map(() => 1))).toBeCloseTo(
      repeatedAp(
        frames,
        frames.map(() => 1),
      ) ?? -1,
      12,
    );
  });

  it('is null where nothing that counts is to be found', () => {
    const frames = [{ scores: Float64Array.of(0.5), hits: Uint8Array.of(0), positives: 0 }];
    expect(weightedAp(frames)([1])).toBeNull();
    expect(weightedAp(randomFrames(1, 3))([0, 0, 0])).toBeNull();
  });
});

describe('blocks of neighbours', () => {
  it('are five images of one sequence', () => {
    const sequences = ['A', 'A', 'A', 'A', 'A', 'A', 'A', 'B', 'B', 'A'];
    expect([...neighbourBlocks(sequences)]).toEqual([0, 0, 0, 0, 0, 1, 1, 2, 2, 3]);
  });
});

describe('the interval', () => {
  const singles = (count: number) => Int32Array.from({ length: count }, (_, i) => i);

  it('of a mean is 1.96 standard errors on both sides', () => {
    const random = seededRandom(4);
    const values = Array.from({ length: 400 }, () => normal(random));
    const mean = (weights: ArrayLike<number>) =>
      values.reduce((sum, value, i) => sum + weights[i] * value, 0) / 400;
    const [low, high] = bootstrapInterval(singles(400), mean) ?? [0, 0];
    expect((high - low) / 2).toBeCloseTo(1.96 / 20, 1.5);
    expect((high + low) / 2).toBeCloseTo(mean(values.map(() => 1)), 1.5);
    expect(bootstrapInterval(singles(400), mean)).toEqual([low, high]);
  });

  it('is wider where neighbours are alike and drawn together', () => {
    const random = seededRandom(5);
    const scenes = Array.from({ length: 40 }, () => normal(random));
    const values = scenes.flatMap((scene) => Array<number>(5).fill(scene));
    const mean = (weights: ArrayLike<number>) =>
      values.reduce((sum, value, i) => sum + weights[i] * value, 0) / 200;
    const width = (blocks: Int32Array) => {
      const [low, high] = bootstrapInterval(blocks, mean) ?? [0, 0];
      return high - low;
    };
    const together = neighbourBlocks(values.map(() => 'S'));
    expect(width(together) / width(singles(200))).toBeGreaterThan(1.8); // sqrt(5) in the limit
  });

  it('is null for one block, and where most draws have no value', () => {
    expect(bootstrapInterval(singles(1), () => 1)).toBeNull();
    let n = 0;
    expect(bootstrapInterval(singles(9), () => (n++ % 3 === 0 ? 1 : null))).toBeNull();
  });
});

describe('differences', () => {
  const at = (x: number) => ({ x, y: 0, width: 10, height: 30 });
  const truth = {
    ...{ width: 100, height: 100 },
    annotations: [at(0), at(40)].map((box) => ({ label: 'person', box, shaft: box, ignore: false })),
  };
  const found = (...scores: number[]): Detection[] =>
    scores.map((score, i) => ({ label: 'person', score, box: at(40 * i) }));
  const records = Array.from({ length: 20 }, (_, i) =>
    boxRecord(truth, i % 3 ? found(0.9, 0.8) : found(0.9), { dense: found(0.9, 0.8) }),
  );

  it('between the same records are exactly 0', () => {
    expect(compareRecords(records, records).personAP50).toEqual({ value: 0, interval: [0, 0] });
    expect(compareRecords(records, records).poleAP30).toEqual({ value: null, interval: null });
  });

  it('that hold in every frame have an interval above 0', () => {
    const worse = records.map(() => boxRecord(truth, found(0.9)));
    const { value, interval } = compareRecords(records, worse).personAP50;
    expect(value).toBeGreaterThan(0.3);
    expect(interval?.[0]).toBeGreaterThan(0.1);
    const { sparseLoss, personAP50, blocks } = scoreIntervals(records);
    expect(blocks).toBe(4);
    expect(sparseLoss?.personAP50?.[0]).toBeGreaterThan(0);
    expect(personAP50?.[1]).toBeLessThan(1);
    expect(scoreIntervals(worse).sparseLoss).toBeNull();
  });

  it('want the same images', () => {
    expect(() => compareRecords(records, records.slice(1))).toThrow(/20 and 19/);
    const other = [{ ...records[0], file: 'other.png' }, ...records.slice(1)];
    expect(() => compareRecords(records, other)).toThrow(/frame.png is not other.png/);
  });
});
