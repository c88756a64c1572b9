/** One case of every cause, with boxes whose overlaps can be reckoned. */
import { describe, expect, it } from 'vitest';
import type { Box, Detection } from '../../src/result.ts';
import type { Annotation } from '../../train/data/dataset.ts';
import { averagePrecision } from '../../train/metrics/average-precision.ts';
import { diagnoseFrame } from '../../train/metrics/diagnose-frame.ts';
import { poolDiagnosis } from '../../train/metrics/pool-diagnosis.ts';
import type { FrameTruth } from '../../train/metrics/rules.ts';
import { SCENE_CLASS } from '../../train/scenes/scene-class.ts';

const size = { width: 200, height: 100 };
const box = (x: number, y: number, width: number, height: number): Box => ({ x, y, width, height });
const person = (at: Box): Annotation => ({ label: 'person', box: at, shaft: at, ignore: false });
const pole = (at: Box): Annotation => ({ label: 'pole', box: at, shaft: at, ignore: false });
const found = (label: string, score: number, at: Box): Detection => ({ label, score, box: at });
const everywhere = new Uint8Array(size.width * size.height).fill(1);
const threshold = () => 0.5;

function diagnose(
  annotations: Annotation[],
  detections: Detection[],
  more: { attended?: Uint8Array; scene?: Uint8Array; label?: string } = {},
) {
  const { attended = everywhere, scene, label = 'person' } = more;
  const truth: FrameTruth = { ...size, annotations };
  return diagnoseFrame({ truth, detections, attended, threshold, scene }, label);
}
const missCauses = (...of: Parameters<typeof diagnose>) => diagnose(...of).misses.map(({ cause }) => cause);

describe('why a thing was missed', () => {
  const own = box(10, 10, 20, 40);
  const half = box(10, 10, 20, 18); // IoU .45

  it('has one cause, in the order of the list', () => {
    expect(missCauses([person(own)], [found('person', 0.9, own)])).toEqual([]);
    expect(missCauses([person(own)], [], { attended: everywhere.map(() => 0) })).toEqual(['not attended']);
    expect(missCauses([person(own)], [found('pole', 0.9, own)])).toEqual(['called otherwise']);
    expect(missCauses([person(own)], [found('person', 0.9, half)])).toEqual(['badly placed']);
    expect(missCauses([person(own)], [found('person', 0.4, own)])).toEqual(['scored low']);
    expect(missCauses([person(own)], [found('person', 0.4, half)])).toEqual(['low and badly placed']);
    expect(missCauses([person(own)], [found('person', 0.9, box(150, 10, 20, 40))])).toEqual(['nothing said']);
  });

  it('is a merging where one box stands for two neighbours', () => {
    const neighbour = box(15, 10, 20, 40);
    expect(missCauses([person(own), person(neighbour)], [found('person', 0.9, own)])).toEqual([
      'merged with a neighbour',
    ]);
  });

  it('is told with the heights of all things', () => {
    const { truths } = diagnose([person(own), person(box(100, 0, 10, 20))], [found('person', 0.9, own)]);
    expect(truths).toEqual([
      { heightPx: 40, hit: true },
      { heightPx: 20, hit: false },
    ]);
  });
});

describe('what a false alarm is', () => {
  const own = box(10, 10, 20, 40);
  const alarms = (...of: Parameters<typeof diagnose>) =>
    diagnose(...of).falseAlarms.map(({ cause, scene }) => [cause, scene]);

  it('has one cause, and the scene under it', () => {
    const scene = new Uint8Array(size.width * size.height).fill(SCENE_CLASS.tree);
    const detections = [
      found('person', 0.9, own),
      found('person', 0.8, box(11, 10, 20, 40)),
      found('person', 0.7, box(10, 10, 20, 15)), // IoU .375
      found('person', 0.6, box(100, 10, 8, 60)), // the pole
      found('person', 0.55, box(150, 10, 20, 40)),
      found('person', 0.4, box(170, 10, 20, 40)), // not sure: not counted
    ];
    expect(alarms([person(own), pole(box(100, 10, 8, 60))], detections, { scene })).toEqual([
      ['duplicate', 'tree'],
      ['badly placed', 'tree'],
      ['called otherwise', 'tree'],
      ['background', 'tree'],
    ]);
    expect(alarms([], [found('person', 0.9, own)])).toEqual([['background', undefined]]);
  });
});

describe('AP with one kind of error gone', () => {
  const [a, b] = [box(10, 10, 20, 40), box(60, 10, 20, 40)];
  const badB = box(60, 10, 20, 18); // IoU .45
  const ap = (outcome: {
    matches: readonly { score: number; verdict: 'hit' | 'false alarm' | 'ignored' }[];
    positives: number;
  }) => averagePrecision(outcome.matches, outcome.positives);

  it('mends what it says and nothing else', () => {
    const detections = [
      found('person', 0.9, box(150, 10, 20, 40)), // background
      found('person', 0.8, a),
      found('person', 0.7, badB),
    ];
    const { mended, at } = diagnose([person(a), person(b)], detections);
    expect(at['0.5'].positives).toBe(2);
    expect(ap(at['0.5'])).toBeCloseTo((51 * 0.5) / 101, 12); // hit second: P 1/2 up to R 1/2
    expect(ap(at['0.3'])).toBeCloseTo(2 / 3, 12);
    expect(ap(mended['badly placed'])).toBeCloseTo(2 / 3, 12);
    expect(ap(mended.background)).toBeCloseTo(51 / 101, 12);
    expect(ap(mended['all false alarms'])).toBeCloseTo(51 / 101, 12);
    expect(ap(mended.duplicate)).toBe(ap(at['0.5']));
    // b has a box near it: neither attention nor silence.
    expect([mended['not attended'].positives, mended['other misses'].positives]).toEqual([2, 2]);
  });

  it('takes what was not attended, or nothing was said of, from what is to be found', () => {
    const attended = everywhere.map((_, i) => (i % size.width < 50 ? 1 : 0));
    const { mended } = diagnose([person(a), person(b)], [], { attended });
    expect([mended['not attended'].positives, mended['other misses'].positives]).toEqual([1, 1]);
  });
});

describe('pooled', () => {
  it('counts causes, sizes, scenes and edges over frames', () => {
    const own = box(10, 10, 20, 40);
    const scene = new Uint8Array(size.width * size.height).fill(SCENE_CLASS.building);
    const frames = [
      diagnose([person(own)], [found('person', 0.9, box(8, 10, 20, 44))], { scene }),
      diagnose([person(own)], [found('person', 0.9, box(150, 10, 20, 40))], { scene }),
    ];
    const pooled = poolDiagnosis(frames, 'person', 0.5);
    expect(pooled.misses).toMatchObject({ 'nothing said': 1, 'scored low': 0 });
    expect(pooled.falseAlarms).toMatchObject({ background: 1 });
    expect(pooled.scenes).toEqual({ building: 1 });
    expect(pooled.sizes['24 to 48']).toEqual({ truths: 2, hits: 1 });
    // 2 px to the left of 20, 4 px below of 40.
    expect(pooled.edges.left.median).toBeCloseTo(0.1, 12);
    expect(pooled.edges.right.median).toBeCloseTo(-0.1, 12);
    expect(pooled.edges.bottom.median).toBeCloseTo(0.1, 12);
    expect(pooled.at['0.1']).toEqual({ ap: expect.closeTo(51 / 101, 9), recall: 0.5 });
  });
});
