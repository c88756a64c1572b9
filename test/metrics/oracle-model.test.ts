/** Perfect cells, decoded and scored, give AP 1: decode and metrics proven together. */
import { describe, expect, it } from 'vitest';
import { decodeCells } from '../../src/detection/decode.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { DetectionScore } from '../../train/metrics/detection-score.ts';
import { makeThings, oracleCells } from '../detection/oracle-cells.ts';

const spec = peopleVsPoles();
const frame = { width: 480, height: 360 };

function score(noise: number, forget = 0): DetectionScore {
  const scored = new DetectionScore(['person', 'pole'], () => 0.5);
  for (let seed = 20; seed < 26; seed++) {
    const things = makeThings(frame, seed, 14);
    const inspection = oracleCells(spec, frame, things.slice(forget), { noise, seed });
    const detections = decodeCells(spec, frame, inspection, {
      scoreThreshold: () => 0.01,
      maxDetections: 100,
    });
    const annotations = things.map(({ label, box }) => ({ label, box, shaft: box, ignore: false }));
    scored.add({ ...frame, annotations }, detections);
  }
  return scored;
}

describe('oracle cells', () => {
  it('score 1 in everything when they are perfect', () => {
    const scored = score(0);
    for (const label of ['person', 'pole']) {
      expect(scored.averagePrecision(label)).toBe(1);
      expect(scored.f1(label)).toBe(1);
      expect(scored.miscalled(label)).toBe(0);
      expect(scored.positives(label)).toBeGreaterThan(20);
    }
    expect(scored.edgeErrorPx('pole')).toBeLessThan(0.001);
  });

  it('still score nearly 1 with noisy geometry, because votes average it out', () => {
    const scored = score(0.2);
    expect(scored.averagePrecision('person')).toBeGreaterThan(0.98);
    expect(scored.averagePrecision('pole')).toBeGreaterThan(0.98);
    expect(scored.edgeErrorPx('pole')).toBeLessThan(1);
  });

  it('lose recall, and AP with it, for things that the cells do not show', () => {
    const whole = score(0).averagePrecision('person') ?? 0;
    expect(score(0, 2).averagePrecision('person')).toBeLessThan(whole - 0.1);
  });
});
