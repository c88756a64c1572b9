import { describe, expect, it } from 'vitest';
import { STILL } from '../../src/attention/affine.ts';
import { Hysteresis } from '../../src/tracking/hysteresis.ts';
import { LineFilter } from '../../src/tracking/line-filter.ts';
import type { Observation } from '../../src/tracking/track.ts';
import { Tracker } from '../../src/tracking/tracker.ts';
import { Tremble } from '../../src/tracking/tremble.ts';
import { seededRandom } from '../../train/random.ts';

function makeTracker(): Tracker {
  let id = 0;
  return new Tracker({ maxTracks: 50, nextId: () => ++id });
}

const ALL = () => 1;
const NONE = () => 0;

function person(x: number, y: number, score = 0.8, label = 'person'): Observation {
  return { label, score, box: { x, y, width: 16, height: 44 } };
}

function step(tracker: Tracker, observations: readonly Observation[], looked = ALL, camera = STILL): void {
  tracker.predict(camera, 1);
  tracker.update(observations, looked);
}

/** About normal, seeded. */
function noise(random: () => number): number {
  return (random() + random() + random() - 1.5) * 2;
}

describe('a filtered line', () => {
  it('settles on a steady speed without lag, and trembles less than what is measured', () => {
    const random = seededRandom(3);
    const filter = new LineFilter(0, 2, 3);
    const errors: number[] = [];
    const measured: number[] = [];
    for (let t = 1; t <= 200; t++) {
      filter.predict(1, 0.05);
      const off = 2 * noise(random);
      filter.correct(3 * t + off, 2);
      if (t <= 30) continue;
      errors.push(filter.place - 3 * t);
      measured.push(off);
    }
    const rms = (values: number[]) => Math.sqrt(values.reduce((s, v) => s + v * v, 0) / values.length);
    expect(rms(errors)).toBeLessThan(0.6 * rms(measured));
    expect(Math.abs(errors.reduce((s, v) => s + v, 0) / errors.length)).toBeLessThan(0.5); // lag x speed
  });

  it('one wild measurement moves it less than in proportion', () => {
    const settle = () => {
      const filter = new LineFilter(0, 2, 1);
      for (let t = 0; t < 10; t++) {
        filter.predict(1, 0.2);
        filter.correct(0, 2);
      }
      filter.predict(1, 0.2);
      return filter;
    };
    const [mild, wild] = [settle(), settle()];
    mild.correct(2, 2);
    wild.correct(40, 2);
    expect(wild.place).toBeLessThan(mild.place * 4);
  });
});

describe('hindsight', () => {
  it('is nearer to where a trembling line was than what was known then', () => {
    const random = seededRandom(11);
    const filter = new LineFilter(0, 2, 1);
    let place = 0;
    let speed = 1;
    const [then, since]: [number[], number[]] = [[], []];
    for (let t = 1; t <= 400; t++) {
      const [known, was] = [filter.place, place];
      speed += 0.3 * noise(random);
      place += speed;
      filter.predict(1, 0.3);
      filter.correct(place + 2 * noise(random), 2, 10);
      if (t <= 20) continue;
      then.push(known - was);
      since.push(known + filter.hindsight - was);
    }
    const rms = (values: number[]) => Math.sqrt(values.reduce((s, v) => s + v * v, 0) / values.length);
    expect(rms(since)).toBeLessThan(0.9 * rms(then));
  });

  it('of a line is that of a smoother which keeps both states', () => {
    // Joint normal distribution of the place before, the place now and what is measured, worked out by hand:
    // deviation 2, speed 0 +- 1, drift 0, measured 6 +- 1 after one step.
    const filter = new LineFilter(0, 2, 1);
    filter.predict(1, 0);
    expect(filter.hindsight).toBe(0);
    filter.correct(6, 1, 10);
    // cov(before, now) = 4, var(now) = 5, so what is measured moves the place before by 4 / (5 + 1) of the surprise.
    expect(filter.hindsight).toBeCloseTo(4);
    expect(filter.place).toBeCloseTo(5);
  });

  it('has things where they were a frame ago, with the number, score and name of now', () => {
    const tracker = makeTracker();
    const pan = { ...STILL, x: 10 };
    for (let t = 0; t < 6; t++) step(tracker, [person(100 + 10 * t, 90)], ALL, pan);
    const [now] = tracker.tracks;
    const [before] = tracker.hindsight(ALL);
    expect(before).toMatchObject({ id: now.id, label: 'person', score: now.score, ageFrames: 4 });
    expect(before.box.x).toBeCloseTo(140, 0);
    expect(before.box.y).toBeCloseTo(90, 0);
    expect(now.box.x).toBeCloseTo(150, 0);
  });

  it('corrects what the camera said of the frame before, scale and all', () => {
    // Everything grows by a tenth a frame about the origin; the box is seen 2 px to the right of where it was expected.
    const tracker = makeTracker();
    const zoom = { xx: 1.1, xy: 0, x: 0, yx: 0, yy: 1.1, y: 0 };
    step(tracker, [person(100, 90)]);
    tracker.predict(zoom, 1);
    const expected = tracker.tracks[0].box;
    tracker.update([{ label: 'person', score: 0.8, box: { ...expected, x: expected.x + 2 } }], ALL);
    const { box } = tracker.hindsight(ALL)[0];
    expect(box.x).toBeGreaterThan(100.05);
    expect(box.x).toBeLessThan(100 + 2 / 1.1);
    expect(box.width).toBeCloseTo(16);
  });

  it('has what is born now too, where the camera has it from, and less surely where nobody saw it', () => {
    const tracker = makeTracker();
    const turn = { xx: 1.25, xy: 0, x: 20, yx: 0, yy: 1.25, y: 0 };
    step(tracker, [person(145, 100)], ALL, turn);
    const [unseen] = tracker.hindsight(NONE);
    expect(unseen).toMatchObject({ ageFrames: 0, score: tracker.tracks[0].score });
    const { box } = unseen;
    // Its middle, 153 and 122, was at (153 - 20) / 1.25 and 122 / 1.25; it was 1.25 times as small.
    expect(box.x + box.width / 2).toBeCloseTo(106.4);
    expect(box.y + box.height / 2).toBeCloseTo(97.6);
    expect(1.25 * box.width).toBeCloseTo(16);
    expect(1.25 * box.height).toBeCloseTo(44);
    expect(tracker.hindsight(ALL)[0].score).toBeLessThan(0.8 * unseen.score);
  });

  it('has nothing of what has ended', () => {
    const tracker = makeTracker();
    step(tracker, [person(100, 90)]);
    for (let t = 0; t < 30; t++) step(tracker, []);
    expect(tracker.hindsight(ALL)).toEqual([]);
  });
});

describe('tracks', () => {
  it('keep their identity through noise, crossing neighbours and a gap', () => {
    const random = seededRandom(5);
    const tracker = makeTracker();
    const ids = new Set<number>();
    for (let t = 0; t < 40; t++) {
      const gap = t > 15 && t < 20;
      const a = person(50 + 4 * t + noise(random), 100 + noise(random));
      const b = person(400 - 1 * t, 100, 0.7);
      step(tracker, gap ? [b] : [a, b], gap ? NONE : ALL);
      const near = tracker.tracks.find(({ box }) => Math.abs(box.x - (50 + 4 * t)) < 6);
      expect(near, `frame ${t}`).toBeDefined();
      ids.add(near?.id ?? -1);
      expect(tracker.tracks).toHaveLength(2);
    }
    expect(ids.size).toBe(1);
    expect(tracker.tracks.find(({ id }) => ids.has(id))?.ageFrames).toBe(39);
  });

  it('what was looked at and not found fades; what was not looked at lasts', () => {
    const [seen, unseen] = [makeTracker(), makeTracker()];
    for (const tracker of [seen, unseen]) for (let t = 0; t < 5; t++) step(tracker, [person(100, 100)]);
    for (let t = 0; t < 4; t++) {
      step(seen, [], ALL);
      step(unseen, [], NONE);
    }
    expect(seen.tracks[0].score).toBeLessThan(0.25);
    expect(unseen.tracks[0].score).toBeGreaterThan(0.6);
    for (let t = 0; t < 12; t++) step(unseen, [], NONE);
    expect(unseen.tracks).toHaveLength(0);
  });

  it('go with the camera while nobody looks', () => {
    const tracker = makeTracker();
    for (let t = 0; t < 4; t++) step(tracker, [person(100, 100)]);
    const camera = { ...STILL, xx: 1.1, yy: 1.1, x: -20 };
    step(tracker, [], NONE, camera);
    const { box } = tracker.tracks[0];
    expect(box.x + box.width / 2).toBeCloseTo(1.1 * 108 - 20, 0);
    expect(box.y + box.height).toBeCloseTo(1.1 * 144, 0);
    expect(box.height).toBeCloseTo(1.1 * 44, 0);
  });

  it('part of a thing that was looked at in part is no other thing', () => {
    const tracker = makeTracker();
    for (let t = 0; t < 5; t++) step(tracker, [person(100, 100)]);
    const half = { ...person(102, 100), box: { x: 102, y: 100, width: 10, height: 12 } };
    step(tracker, [half], () => 0.4);
    expect(tracker.tracks).toHaveLength(1);
    step(tracker, [person(100, 100), half], ALL);
    expect(tracker.tracks).toHaveLength(2);
  });

  it('a name changes on evidence only, which is recorded', () => {
    const tracker = makeTracker();
    for (let t = 0; t < 6; t++) step(tracker, [person(100, 100)]);
    const [{ id }] = tracker.tracks;
    step(tracker, [person(100, 100, 0.9, 'pole')]);
    expect(tracker.tracks.map((track) => [track.id, track.label])).toEqual([[id, 'person']]);
    for (let t = 0; t < 12; t++) step(tracker, [person(100, 100, 0.9, 'pole')]);
    expect(tracker.tracks.map((track) => [track.id, track.label])).toEqual([[id, 'pole']]);
    const [change] = tracker.tracks[0].labelChanges;
    expect(change).toMatchObject({ from: 'person', to: 'pole' });
    expect(change.evidence.pole).toBeGreaterThan(1.4 * change.evidence.person);
  });

  it('a pole is found again by its axis where its height is seen otherwise', () => {
    const tracker = makeTracker();
    const pole = (x: number, y: number, height: number) => ({
      label: 'pole',
      score: 0.7,
      box: { x, y, width: 3, height },
    });
    for (let t = 0; t < 5; t++) step(tracker, [pole(100, 40, 120)]);
    step(tracker, [pole(104, 90, 70)]);
    expect(tracker.tracks).toHaveLength(1);
    expect(tracker.tracks[0].hits).toBe(6);
  });
});

describe('ends that jump', () => {
  const pole = (height: number) => ({ label: 'pole', score: 0.7, box: { x: 100, y: 40, width: 5, height } });
  const heightsAfter = (heights: readonly number[], looked = ALL) => {
    const tracker = makeTracker();
    for (let t = 0; t < 8; t++) step(tracker, [pole(100)]);
    return heights.map((height) => {
      step(tracker, [pole(height)], looked);
      expect(tracker.tracks).toHaveLength(1);
      return tracker.tracks[0].box.height;
    });
  };

  it('a foot that something stops to hide is followed when it was seen twice', () => {
    const [first, second, third] = heightsAfter([160, 160, 160]);
    expect(first).toBeLessThan(125);
    expect(second).toBeGreaterThan(150);
    expect(third).toBeGreaterThan(150);
  });

  it('one wild foot is not, nor is what ends where the look did', () => {
    for (const height of heightsAfter([160, 100, 160, 100])) expect(height).toBeLessThan(125);
    for (const height of heightsAfter([60, 60], () => 0.6)) expect(height).toBeGreaterThan(85);
  });

  it('a top that is far off twice is not believed so soon: of poles it is often lost before a tree', () => {
    const high = (t: number) => ({
      ...pole(0),
      box: { x: 100, y: t < 8 ? 40 : 0, width: 5, height: t < 8 ? 100 : 140 },
    });
    const tracker = makeTracker();
    for (let t = 0; t < 10; t++) step(tracker, [high(t)]);
    expect(tracker.tracks[0].box.y).toBeGreaterThan(25);
  });
});

describe('a weak repeat beside a thing', () => {
  it('is not taken for it, though it lies closer to where the thing is expected', () => {
    const tracker = makeTracker();
    for (let t = 0; t < 6; t++) step(tracker, [person(100, 100)]);
    step(tracker, [person(104, 102), person(101, 100, 0.1)]);
    const [sure] = tracker.tracks;
    expect(sure.score).toBeGreaterThan(0.7);
    expect(sure.hits).toBe(7);
    expect(sure.box.x).toBeGreaterThan(101);
  });
});

describe('trembling ends', () => {
  const LEAST = { tremblePrior: 1, trembleLeast: 0.1 };
  const shareOf = (surprises: (t: number) => number) => {
    const tremble = new Tremble();
    for (let t = 0; t < 40; t++) {
      tremble.look([surprises(t), 0], 4);
      tremble.keep([surprises(t), 0]);
    }
    return tremble.share(LEAST);
  };

  it('are told from ends that are seen the same in every frame, or change slowly', () => {
    const random = seededRandom(9);
    const usual = shareOf(() => 4 * noise(random));
    expect(usual).toBeGreaterThan(0.5);
    expect(usual).toBeLessThan(1.2);
    expect(shareOf(() => 3)).toBeLessThan(0.4);
    expect(shareOf((t) => 0.3 * t)).toBeLessThan(0.4);
  });

  it('of which nothing is known yet are as usual', () => {
    expect(new Tremble().share(LEAST)).toBe(1);
  });
});

describe('the ends of a pole', () => {
  const pole = (top: number, foot: number): Observation => ({
    label: 'pole',
    score: 0.7,
    box: { x: 100, y: top, width: 4, height: foot - top },
  });
  const bottom = ({ y, height }: { y: number; height: number }) => y + height;

  it('one wild foot moves neither foot nor top far', () => {
    const tracker = makeTracker();
    for (let t = 0; t < 10; t++) step(tracker, [pole(60, 180)]);
    step(tracker, [pole(60, 120)]);
    const { box } = tracker.tracks[0];
    expect(Math.abs(bottom(box) - 180)).toBeLessThan(3);
    expect(Math.abs(box.y - 60)).toBeLessThan(3);
  });

  it('an approach is followed: top and foot of what comes nearer', () => {
    const tracker = makeTracker();
    // Distance falls from 30 by 0.5 a frame, the horizon is at 170.
    let [top, foot] = [0, 0];
    for (let t = 0; t < 30; t++) {
      [top, foot] = [170 - 1600 / (30 - 0.5 * t), 170 + 500 / (30 - 0.5 * t)];
      step(tracker, [pole(top, foot)]);
    }
    const { box } = tracker.tracks[0];
    const height = foot - top;
    expect(Math.abs(bottom(box) - foot)).toBeLessThan(0.08 * height);
    expect(Math.abs(box.y - top)).toBeLessThan(0.08 * height);
  });
});

describe('hysteresis', () => {
  it('comes up at the threshold and stays down to half of it', () => {
    const show = new Hysteresis();
    const shown = [0.3, 0.5, 0.3, 0.24, 0.3].map(
      (score) => show.show([{ id: 1, label: 'person', score }], () => 0.5).length,
    );
    expect(shown).toEqual([0, 1, 1, 0, 0]);
  });
});
