/** mPC, rPC and what attention keeps, from records whose figures are plain. */
import { describe, expect, it } from 'vitest';
import type { ApFrame } from '../../train/metrics/bootstrap.ts';
import { gateIou } from '../../train/metrics/corrupt-run.ts';
import type { FrameRecord } from '../../train/metrics/frame-record.ts';
import { mpcDifference, poolCorruption } from '../../train/metrics/pool-corruption.ts';
import { boxRecord } from './records.ts';

const choice = { kinds: ['fog', 'frost'], severities: [1, 5] } as const;
const box = { x: 10, y: 10, width: 20, height: 40 };
const truth = {
  ...{ width: 100, height: 100 },
  annotations: [{ label: 'person', box, shaft: box, ignore: false }],
};
/** One thing to find: AP 1 where it was hit, 0 where it was not. */
const ap = (hit: boolean): ApFrame => ({
  scores: Float64Array.of(0.9),
  hits: Uint8Array.of(hit ? 1 : 0),
  positives: 1,
});

/** Fog is harmless; frost at severity 5 hides the thing. Half of the pixels stay attended in frost. */
function record(hiddenByFrost = true): FrameRecord {
  const clean = boxRecord(truth, [{ label: 'person', score: 0.9, box }], { labels: ['person'] });
  const recall = { pixels: 20, attendedPixels: 10, instances: 1, attendedInstances: 1 };
  return {
    ...clean,
    labels: { person: { ...clean.labels.person, recall } },
    corrupted: choice.kinds.flatMap((kind) =>
      choice.severities.map((severity) => ({
        ...{ kind, severity },
        ap: { person: ap(!(hiddenByFrost && kind === 'frost' && severity === 5)) },
        attendedPixels: { person: kind === 'frost' ? 5 : 10 },
        maskIou: kind === 'frost' ? 0.4 : 0.8,
      })),
    ),
  };
}

describe('robustness to corruption', () => {
  const records = Array.from({ length: 12 }, () => record());

  it('is the mean over kinds and severities, and its share of the clean AP', () => {
    const scores = poolCorruption(records, choice);
    expect(scores.mPC).toEqual({ person: 0.75, pole: null });
    expect(scores.rPC).toEqual({ person: 0.75, pole: null });
    expect(scores.maskIoU).toBeCloseTo(0.6, 12);
    expect(scores.attentionRecallKept).toBeCloseTo(0.75, 12);
    expect(scores.recallKept).toEqual({ person: expect.closeTo(0.75, 9), pole: null });
    expect(scores.kinds.frost).toMatchObject({
      ...{ mPC: { person: 0.5 }, rPC: { person: 0.5 }, maskIoU: expect.closeTo(0.4, 9) },
      bySeverity: { person: [1, 0] },
    });
    expect(scores.intervals.mPC.person).toEqual([0.75, 0.75]);
  });

  it('tells the kinds of training from the others', () => {
    const { trained, testedOnly } = poolCorruption(records, choice);
    expect([trained?.mPC.person, testedOnly?.mPC.person]).toEqual([1, 0.5]);
    const fogOnly = records.map((one) => ({ ...one, corrupted: one.corrupted?.slice(0, 2) }));
    expect(poolCorruption(fogOnly, { kinds: ['fog'], severities: [1, 5] }).testedOnly).toBeNull();
  });

  it('compares two models on the same draws', () => {
    const robust = records.map(() => record(false));
    expect(mpcDifference(robust, records, choice, 'person')).toEqual({ value: 0.25, interval: [0.25, 0.25] });
    expect(mpcDifference(robust, records, choice, 'pole')).toEqual({ value: null, interval: null });
  });

  it('measures agreement of attended blocks', () => {
    expect(gateIou(Uint8Array.of(1, 2, 0, 0), Uint8Array.of(0, 1, 1, 0))).toBeCloseTo(1 / 3, 12);
    expect(gateIou(Uint8Array.of(0, 0), Uint8Array.of(0, 0))).toBe(1);
  });
});
