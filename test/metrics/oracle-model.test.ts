/** Perfect cells, decoded and scored, give AP 1: decode and metrics proven together. */
import { describe, expect, it } from 'vitest';
import { decodeCells } from '../../src/detection/decode.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { type ModelScores, poolScores } from '../../train/metrics/pool-scores.ts';
import { makeThings, oracleCells } from '../detection/oracle-cells.ts';
import { boxRecord } from './records.ts';

const spec = peopleVsPoles();
const frame = { width: 480, height: 360 };

function score(noise: number, forget = 0): ModelScores {
  const records = [];
  for (let seed = 20; seed < 26; seed++) {
    const things = makeThings(frame, seed, 14);
    const inspection = oracleCells(spec, frame, things.slice(forget), { noise, seed });
    const detections = decodeCells(spec, frame, inspection, {
      scoreThreshold: () => 0.01,
      maxDetections: 100,
    });
    const annotations = things.map(({ label, box }) => ({ label, box, shaft: box, ignore: false }));
    records.push(boxRecord({ ...frame, annotations }, detections));
  }
  return poolScores(records);
}

describe('oracle cells', () => {
  it('score 1 in everything when they are perfect', () => {
    const scored = score(0);
    expect(scored).toMatchObject({ personAP50: 1, poleAP30: 1, personF1: 1, poleF1: 1 });
    expect(scored).toMatchObject({ personCalledPole: 0, poleCalledPerson: 0 });
    expect(Math.min(scored.persons, scored.poles)).toBeGreaterThan(20);
    expect(scored.poleEdgePx).toBeLessThan(0.001);
  });

  it('still score nearly 1 with noisy geometry, because votes average it out', () => {
    const scored = score(0.2);
    expect(scored.personAP50).toBeGreaterThan(0.98);
    expect(scored.poleAP30).toBeGreaterThan(0.98);
    expect(scored.poleEdgePx).toBeLessThan(1);
  });

  it('lose recall, and AP with it, for things that the cells do not show', () => {
    expect(score(0, 2).personAP50).toBeLessThan((score(0).personAP50 ?? 0) - 0.1);
  });
});
