/** Cases small enough to be computed by hand; the arithmetic is beside each. */
import { describe, expect, it } from 'vitest';
import { boxIou, shareInside } from '../../src/boxes.ts';
import type { Box, Detection } from '../../src/result.ts';
import type { Annotation } from '../../train/data/dataset.ts';
import { averagePrecision, bestF1, f1Score, median } from '../../train/metrics/average-precision.ts';
import { widened } from '../../train/metrics/boxes.ts';
import { type Match, matchFrame } from '../../train/metrics/matching.ts';
import { poolScores } from '../../train/metrics/pool-scores.ts';
import type { FrameTruth } from '../../train/metrics/rules.ts';
import { boxRecord } from './records.ts';

const box = (x: number, y: number, width: number, height: number): Box => ({ x, y, width, height });
const person = (at: Box, ignore = false): Annotation => ({ label: 'person', box: at, shaft: at, ignore });
const pole = (at: Box, shaft = at, ignore = false): Annotation => ({ label: 'pole', box: at, shaft, ignore });
const found = (label: string, score: number, at: Box): Detection => ({ label, score, box: at });
const scene = (annotations: Annotation[], more: Partial<FrameTruth> = {}): FrameTruth => ({
  width: 100,
  height: 100,
  annotations,
  ...more,
});
const outcome = (score: number, verdict: Match['verdict']): Match => ({
  score,
  verdict,
  box: box(0, 0, 1, 1),
});
const verdicts = (truth: FrameTruth, detections: Detection[], label = 'person') =>
  matchFrame(truth, detections, label).matches.map(({ verdict }) => verdict);

describe('boxes', () => {
  it('computes IoU and the share inside', () => {
    expect(boxIou(box(0, 0, 10, 10), box(5, 0, 10, 10))).toBeCloseTo(50 / 150, 12);
    expect(boxIou(box(0, 0, 10, 10), box(10, 0, 10, 10))).toBe(0);
    expect(shareInside(box(5, 0, 10, 10), box(0, 0, 10, 20))).toBe(0.5);
  });

  it('widens about the centre line, and only what is narrower', () => {
    expect(widened(box(10, 0, 2, 50), 8)).toEqual(box(7, 0, 8, 50));
    expect(widened(box(10, 0, 9, 50), 8)).toEqual(box(10, 0, 9, 50));
  });
});

describe('average precision', () => {
  it('reads the falling precision at 101 recalls', () => {
    // 3 to find. Hit (P 1, R 1/3), false alarm (P 1/2), hit (P 2/3, R 2/3). Recalls 0 to .33: 34 times 1;
    // .34 to .66: 33 times 2/3; the rest 0.
    const matches = [outcome(0.9, 'hit'), outcome(0.8, 'false alarm'), outcome(0.7, 'hit')];
    expect(averagePrecision(matches, 3)).toBeCloseTo((34 + 33 * (2 / 3)) / 101, 12);
  });

  it('lets a later, better precision hold for lower recalls', () => {
    // 2 to find. False alarm (0), hit (P 1/2, R 1/2), hit (P 2/3, R 1): 2/3 everywhere.
    const matches = [outcome(0.9, 'false alarm'), outcome(0.8, 'hit'), outcome(0.7, 'hit')];
    expect(averagePrecision(matches, 2)).toBeCloseTo(2 / 3, 12);
  });

  it('does not see ignored detections, whatever order they come in', () => {
    const matches = [outcome(0.7, 'hit'), outcome(0.9, 'hit'), outcome(0.95, 'ignored')];
    expect(averagePrecision(matches, 2)).toBe(1);
  });

  it('is null without anything to find and 0 when nothing is found', () => {
    expect(averagePrecision([outcome(0.9, 'false alarm')], 0)).toBeNull();
    expect(averagePrecision([], 4)).toBe(0);
  });
});

describe('F1', () => {
  const matches = [
    outcome(0.9, 'hit'),
    outcome(0.8, 'false alarm'),
    outcome(0.5, 'hit'),
    outcome(0.5, 'false alarm'),
    outcome(0.4, 'ignored'),
  ];

  it('counts from the threshold on', () => {
    expect(f1Score(matches, 3, 0.6)).toBeCloseTo((2 * 1) / (2 + 3), 12); // 1 hit, 1 false alarm, 2 missed
    expect(f1Score(matches, 3, 0.5)).toBeCloseTo((2 * 2) / (4 + 3), 12);
    expect(f1Score([], 0, 0.5)).toBeNull();
  });

  it('finds the best threshold, and does not part equal scores', () => {
    // 0.9: 2/4; 0.8: 2/5; 0.5 (both): 4/7.
    expect(bestF1(matches, 3)).toEqual({ threshold: 0.5, f1: 4 / 7 });
  });

  it('takes the median of even and odd counts', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNull();
  });
});

describe('matching', () => {
  it('gives a truth to the best score and calls the second a false alarm', () => {
    const truth = scene([person(box(10, 10, 10, 30))]);
    const hits = [found('person', 0.5, box(10, 10, 10, 30)), found('person', 0.8, box(11, 10, 10, 30))];
    expect(matchFrame(truth, hits, 'person').matches.map(({ score, verdict }) => [score, verdict])).toEqual([
      [0.8, 'hit'],
      [0.5, 'false alarm'],
    ]);
  });

  it('wants IoU 0.5 of a person, exactly 0.5 included', () => {
    const truth = scene([person(box(0, 0, 10, 20))]);
    expect(verdicts(truth, [found('person', 0.9, box(0, 0, 10, 10))])).toEqual(['hit']);
    expect(verdicts(truth, [found('person', 0.9, box(0, 0, 10, 9.9))])).toEqual(['false alarm']);
  });

  it('takes the truth with the highest IoU, not the first', () => {
    const truth = scene([person(box(0, 0, 10, 20)), person(box(2, 0, 10, 20))]);
    const [match] = matchFrame(truth, [found('person', 0.9, box(2, 0, 10, 20))], 'person').matches;
    expect(match.truth).toEqual(box(2, 0, 10, 20));
  });

  it('scores a pole on its shaft, both widened to 8 px, at IoU 0.3', () => {
    const truth = scene([pole(box(40, 0, 40, 90), box(50, 10, 2, 80))]);
    // 4 px off: widened boxes share 4 of 12 px: IoU 1/3. Not widened they would not touch.
    expect(verdicts(truth, [found('pole', 0.9, box(54, 10, 2, 80))], 'pole')).toEqual(['hit']);
    // 5 px off: 3 of 13.
    expect(verdicts(truth, [found('pole', 0.9, box(55, 10, 2, 80))], 'pole')).toEqual(['false alarm']);
    expect(verdicts(truth, [found('pole', 0.9, box(40, 0, 40, 90))], 'pole')).toEqual(['false alarm']);
  });

  it('does not count what lies half in an ignored box, nor the ignored box', () => {
    const truth = scene([person(box(0, 0, 20, 20), true)]);
    expect(matchFrame(truth, [], 'person').positives).toBe(0);
    expect(verdicts(truth, [found('person', 0.9, box(15, 0, 10, 10))])).toEqual(['ignored']);
    expect(verdicts(truth, [found('person', 0.9, box(16, 0, 10, 10))])).toEqual(['false alarm']);
    // An ignored person excuses no pole.
    expect(verdicts(truth, [found('pole', 0.9, box(5, 0, 10, 10))], 'pole')).toEqual(['false alarm']);
  });

  it('prefers a valid truth to an ignored box', () => {
    const truth = scene([person(box(0, 0, 40, 40), true), person(box(10, 10, 10, 20))]);
    expect(verdicts(truth, [found('person', 0.9, box(10, 10, 10, 20))])).toEqual(['hit']);
  });

  it('does not count what lies half on mask value 3', () => {
    const data = new Uint8Array(100 * 100);
    for (let y = 0; y < 100; y++) data.fill(3, y * 100, y * 100 + 50);
    const truth = scene([], { mask: { width: 100, height: 100, data } });
    expect(verdicts(truth, [found('person', 0.9, box(45, 0, 10, 10))])).toEqual(['ignored']);
    expect(verdicts(truth, [found('person', 0.9, box(46, 0, 10, 10))])).toEqual(['false alarm']);
    expect(verdicts(truth, [found('person', 0.9, box(45, 0, 10, 10))], 'pole')).toEqual([]);
  });

  it('blames nothing outside the boxes of a partly labelled set', () => {
    const truth = scene([person(box(10, 10, 20, 40))], { partial: true });
    const detections = [
      found('person', 0.9, box(10, 10, 20, 40)),
      found('person', 0.8, box(12, 12, 10, 10)),
      found('person', 0.7, box(60, 10, 20, 40)),
    ];
    expect(verdicts(truth, detections)).toEqual(['hit', 'false alarm', 'ignored']);
  });
});

describe('pooled boxes', () => {
  const thresholds = { person: 0.5, pole: 0.4 };

  it('does not score what a set does not label', () => {
    const detections = [found('person', 0.9, box(0, 0, 10, 20)), found('pole', 0.9, box(50, 0, 4, 50))];
    const record = boxRecord(scene([person(box(0, 0, 10, 20))]), detections, { labels: ['person'] });
    expect(poolScores([record])).toMatchObject({
      ...{ personAP50: 1, poleAP30: null, personF1: 1, poleF1: null, poleEdgePx: null },
      ...{ bestF1: { person: { threshold: 0.9, f1: 1 }, pole: null }, sparseLoss: null },
    });
  });

  it('leaves out detections under 0.01 and orders scores over all frames', () => {
    const records = [
      boxRecord(scene([person(box(0, 0, 10, 20))]), [found('person', 0.009, box(0, 0, 10, 20))]),
      boxRecord(scene([person(box(0, 0, 10, 20))]), [
        found('person', 0.6, box(0, 0, 10, 20)),
        found('person', 0.7, box(60, 0, 10, 20)),
      ]),
    ];
    // 2 to find; false alarm .7, hit .6 (P 1/2, R 1/2): 51 recalls of 101 at 1/2.
    expect(poolScores(records).personAP50).toBeCloseTo((51 * 0.5) / 101, 12);
  });

  it('takes the threshold of the model that made each frame', () => {
    const truth = scene([person(box(0, 0, 10, 20))]);
    const detections = [found('person', 0.6, box(0, 0, 10, 20)), found('person', 0.55, box(60, 0, 10, 20))];
    const low = boxRecord(truth, detections, { thresholds: { person: 0.5 } }); // 1 hit, 1 false alarm
    const high = boxRecord(truth, detections, { thresholds: { person: 0.7 } }); // 1 missed
    expect(poolScores([low, high]).personF1).toBeCloseTo((2 * 1) / (2 + 2), 12);
  });

  it('measures the edges of matched shafts', () => {
    const record = boxRecord(scene([pole(box(50, 0, 4, 80)), pole(box(20, 0, 4, 80))]), [
      found('pole', 0.9, box(51, 0, 4, 80)), // |1|, |1|
      found('pole', 0.8, box(20, 0, 7, 80)), // 0, 3
      found('pole', 0.7, box(80, 0, 7, 80)),
    ]);
    expect(poolScores([record]).poleEdgePx).toBe(1);
  });

  it('counts whom the best detection calls by another name', () => {
    const [a, b, c] = [box(0, 0, 10, 40), box(30, 0, 10, 40), box(60, 0, 10, 40)];
    const truth = scene([person(a), person(b), person(c), pole(box(90, 0, 4, 60))]);
    const detections = [
      found('pole', 0.9, a), // a: pole beats person
      found('person', 0.8, a),
      found('pole', 0.45, b), // b: person beats pole
      found('person', 0.6, b),
      found('person', 0.45, c), // c: under the person's threshold: not hit
      found('person', 0.7, box(88, 0, 8, 60)),
    ];
    const scores = poolScores([boxRecord(truth, detections, { thresholds })]);
    expect([scores.personCalledPole, scores.poleCalledPerson]).toEqual([1 / 2, 1]);
  });

  it('takes the AP as scored from the dense AP', () => {
    const truth = scene([person(box(0, 0, 10, 20)), person(box(50, 0, 10, 20))]);
    const first = found('person', 0.9, box(0, 0, 10, 20));
    const record = boxRecord(truth, [first], { dense: [first, found('person', 0.8, box(50, 0, 10, 20))] });
    expect(poolScores([record]).sparseLoss?.personAP50).toBeCloseTo(1 - 51 / 101, 12);
  });
});
