import { describe, expect, it } from 'vitest';
import type { Box } from '../../src/result.ts';
import type { Annotation } from '../../train/data/dataset.ts';
import { AppearanceTally, appearanceImages, appearingTracks } from '../../train/metrics/appearance.ts';
import { compareFlicker, shownFrames } from '../../train/metrics/equal-recall.ts';
import { type DetectedFrame, flicker } from '../../train/metrics/flicker.ts';
import { withKnownMotion } from '../../train/metrics/known-motion.ts';
import { truthTracks } from '../../train/metrics/truth-tracks.ts';

const SIZE = { width: 480, height: 360 };

function walker(t: number): Box {
  return { x: 40 + 4 * t, y: 100, width: 20, height: 60 };
}

function person(box: Box, trackId?: number, ignore = false): Annotation {
  return { label: 'person', box, shaft: box, ignore, trackId };
}

/** A person who walks through `count` frames; detections as `found` has them. */
function clip(count: number, found: (t: number) => Box | null, trackId?: number): DetectedFrame[] {
  return Array.from({ length: count }, (_, t) => {
    const box = found(t);
    return {
      ...SIZE,
      sequence: 'S',
      annotations: [person(walker(t), trackId)],
      detections: box ? [{ label: 'person', score: 0.9, box }] : [],
    };
  });
}

function shifted({ x, y, width, height }: Box, by: { x?: number; y?: number; height?: number }): Box {
  return { x: x + (by.x ?? 0), y: y + (by.y ?? 0), width, height: height + (by.height ?? 0) };
}

describe('ground-truth tracks', () => {
  it('are linked by overlap, end after a gap of more than three frames, and are at least ten boxes long', () => {
    const frames = clip(40, () => null).map((frame, t) => ({
      ...frame,
      annotations: (t >= 12 && t < 15) || (t >= 27 && t < 32) ? [] : frame.annotations,
    }));
    // 0..11 and 15..26 are one (gap of 3, but the walker is 16 px on: no overlap of 0.3), 32..39 is too short.
    expect(truthTracks(frames, 'person').map(({ places }) => places.length)).toEqual([12, 12]);
    const named = frames.map(({ annotations, ...rest }) => ({
      ...rest,
      annotations: annotations.map((own) => ({ ...own, trackId: 5 })),
    }));
    expect(truthTracks(named, 'person').map(({ places }) => places.length)).toEqual([24]);
  });

  it('of two sequences are two, and what is ignored is in none', () => {
    const frames = clip(24, () => null, 3).map((frame, t) => ({
      ...frame,
      sequence: t < 12 ? 'A' : 'B',
      annotations: t === 5 ? [person(walker(t), 3, true)] : frame.annotations,
    }));
    expect(truthTracks(frames, 'person').map(({ places }) => places.length)).toEqual([11, 12]);
  });
});

describe('flicker', () => {
  it('of perfect boxes is none', () => {
    expect(flicker(clip(20, walker), 'person')).toMatchObject({
      ...{ tracks: 1, trackedShare: 1, fragmentsPerTrack: 0, fragmentsPer100Frames: 0 },
      ...{ centerJitterPx: 0, heightJitterPct: 0, lagFrames: 0, birthFrames: 0, falseAlarms: 0 },
    });
  });

  it('counts every change between found and missed', () => {
    const own = flicker(
      clip(20, (t) => (t < 4 || t === 10 ? null : walker(t))),
      'person',
    );
    expect(own).toMatchObject({ fragmentsPerTrack: 3, fragmentsPer100Frames: 15, birthFrames: 4 });
    expect(own.trackedShare).toBeCloseTo(0.75);
  });

  it('measures how far centre and height tremble, not how far they are off', () => {
    const off = flicker(
      clip(20, (t) => shifted(walker(t), { x: 3, height: 6 })),
      'person',
    );
    expect(off.centerJitterPx).toBeCloseTo(0);
    expect(off.heightJitterPct).toBeCloseTo(0);
    const trembling = flicker(
      clip(20, (t) => shifted(walker(t), { y: t % 2 ? 2 : -2 })),
      'person',
    );
    expect(trembling.centerJitterPx).toBeCloseTo(2);
    expect(trembling.centerShakePx).toBeCloseTo(Math.sqrt(8));
    const stretched = flicker(
      clip(20, (t) => shifted(walker(t), { height: t % 2 ? 6 : 0 })),
      'person',
    );
    expect(stretched.heightJitterPct).toBeCloseTo(5);
  });

  it('finds the lag of boxes that come late', () => {
    expect(
      flicker(
        clip(20, (t) => walker(t - 1)),
        'person',
      ).lagFrames,
    ).toBeCloseTo(1);
    expect(
      flicker(
        clip(20, (t) => walker(t + 0.5)),
        'person',
      ).lagFrames,
    ).toBeCloseTo(-0.5);
  });
});

describe('boxes whose motion is known', () => {
  const { places } = truthTracks(clip(40, walker), 'person')[0];
  const tremble = (t: number) => shifted(walker(t), { x: [3, -1, -2][t % 3] });
  const deviation = (boxes: readonly (Box | undefined)[]) => {
    const off = boxes.flatMap((box, t) => (box ? [box.x - walker(t).x] : [])).slice(20);
    const mean = off.reduce((sum, value) => sum + value, 0) / off.length;
    return Math.sqrt(off.reduce((sum, value) => sum + (value - mean) ** 2, 0) / off.length);
  };

  it('go with it and average what trembles; a gain of 1 leaves them as they were', () => {
    const found = places.map(({ frame }) => (frame % 5 === 2 ? undefined : tremble(frame)));
    const steady = withKnownMotion(places, found, 0.1);
    expect(steady.map((box) => box === undefined)).toEqual(found.map((box) => box === undefined));
    expect(deviation(steady)).toBeLessThan(0.2 * deviation(found));
    const same = withKnownMotion(places, found, 1);
    same.forEach((box, t) => {
      if (box) expect(box.x).toBeCloseTo(found[t]?.x ?? Number.NaN, 9);
    });
  });

  it('know a line only: a truth that trembles itself is not followed', () => {
    const limping = clip(40, walker).map((frame, t) => ({ ...frame, annotations: [person(tremble(t), 7)] }));
    const truth = truthTracks(limping, 'person')[0].places;
    const steady = withKnownMotion(
      truth,
      truth.map(({ box }) => box),
      0.1,
    );
    expect(deviation(steady)).toBeLessThan(0.3 * deviation(truth.map(({ box }) => box)));
  });

  it('bound the jitter of single frames, which a clip is compared by', () => {
    const frames = clip(40, tremble).map(({ detections, ...frame }) => ({
      ...frame,
      single: detections,
      tracked: detections.map((detection) => ({ ...detection, trackId: 1 })),
      hindsight: [],
    }));
    const { single, knownMotion } = compareFlicker(frames, 'person', 0.5);
    expect(single.centerJitterPx).toBeGreaterThan(1.5);
    expect(knownMotion.centerJitterPx).toBeLessThan(0.5 * (single.centerJitterPx ?? 0));
    expect(knownMotion.heightJitterPct).toBeCloseTo(0);
  });
});

describe('at equal recall', () => {
  const frames = Array.from({ length: 40 }, (_, t) => ({
    ...SIZE,
    sequence: 'S',
    annotations: [person(walker(t))],
    // Alone: over and under the threshold by turns. As a track: the score sinks to where half are found.
    single: [{ label: 'person', score: t % 2 ? 0.6 : 0.4, box: walker(t) }],
    tracked: [{ label: 'person', score: 0.9 - 0.03 * t, box: walker(t), trackId: 1 }],
    // As the next frame shows it: found all along, and sure of it in the latter half.
    hindsight: [{ label: 'person', score: 0.1 + 0.02 * t, box: walker(t), trackId: 1 }],
  }));

  it('moves the threshold of the tracks until as many boxes are found', () => {
    const { single, tracked, thresholdShare } = compareFlicker(frames, 'person', 0.5);
    expect(single).toMatchObject({ trackedShare: 0.5, fragmentsPerTrack: 39 });
    expect(Math.abs((tracked.trackedShare ?? 0) - 0.5)).toBeLessThanOrEqual(0.026);
    expect(tracked.fragmentsPerTrack).toBe(1);
    expect(thresholdShare).toBeCloseTo(1.25, 0);
  });

  it('compares what the next frame shows at a threshold of its own', () => {
    const { hindsight } = compareFlicker(frames, 'person', 0.5);
    expect(Math.abs((hindsight.trackedShare ?? 0) - 0.5)).toBeLessThanOrEqual(0.026);
    expect(hindsight.fragmentsPerTrack).toBe(1);
    expect(hindsight.birthFrames).toBeGreaterThan(18);
  });

  it('hysteresis begins anew with a sequence', () => {
    const two = frames.slice(0, 2).map((frame, i) => ({
      ...frame,
      sequence: String(i),
      tracked: [{ ...frame.tracked[0], score: i ? 0.3 : 0.6 }],
    }));
    expect(shownFrames(two, 'person', 0.5).map(({ detections }) => detections.length)).toEqual([1, 0]);
  });
});

describe('sudden appearance', () => {
  const gates = (block: number) => Uint8Array.from({ length: 4 }, (_, i) => (i === block ? 1 : 0));
  const truth = (pixels: number) => {
    const data = new Uint8Array(32 * 32);
    for (let i = 0; i < pixels; i++) data[Math.floor(i / 8) * 32 + (i % 8)] = 1;
    const box = { x: 0, y: 0, width: 8, height: Math.max(1, Math.ceil(pixels / 8)) };
    return { width: 32, height: 32, annotations: [person(box, 9)], mask: { width: 32, height: 32, data } };
  };

  it('counts from the first frame with 60 px, and three frames of it', () => {
    const tally = new AppearanceTally();
    const look = (sequence: string, blocks: readonly number[]) => {
      tally.add(sequence, truth(20), gates(0), 2, 16, 9); // too little to count
      for (const block of blocks) tally.add(sequence, truth(80), gates(block), 2, 16, 9);
    };
    look('at once', [0, 3, 3]);
    look('in the last', [3, 3, 0]);
    look('too late', [3, 3, 3, 0]);
    look('cut off', [3]);
    expect(tally.figures()).toEqual({ clips: 3, attended: 2, share: 2 / 3, meanFrames: 1 });
  });

  it('knows who appears; nobody does where the last number is a pole or was there from the start', () => {
    const box = { x: 0, y: 0, width: 8, height: 8 };
    const shown = (label: string, trackId: number): Annotation => ({ ...person(box, trackId), label });
    const clips: Record<string, Annotation[][]> = {
      steps: [[shown('pole', 3)], [shown('pole', 3), shown('person', 4)], [shown('person', 4)]],
      hidden: [[shown('person', 2)], [shown('person', 2), shown('pole', 3)]],
      walker: [[shown('person', 4)], [shown('person', 4), shown('pole', 3)]],
    };
    const images = Object.entries(clips).flatMap(([sequence, frames]) =>
      frames.map((annotations) => ({ sequence, annotations })),
    );
    expect([...appearingTracks(images)]).toEqual([['steps', 4]]);
  });

  it('reads no frame beyond the last that tells', () => {
    const box = { x: 0, y: 0, width: 8, height: 8 };
    const areas = [null, 20, 59, 60, 200, null, 300, 400];
    const images = ['S', 'T'].flatMap((sequence) =>
      areas.map((area, frame) => ({
        ...{ id: frame, file: '', ...SIZE, sequence, frame },
        annotations: area === null ? [] : [{ ...person(box, 4), area }],
      })),
    );
    const kept = appearanceImages(images, new Map([['S', 4]]));
    expect(kept.map(({ sequence, frame }) => [sequence, frame])).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((frame) => ['S', frame]),
    );
  });
});
