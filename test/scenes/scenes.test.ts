import { describe, expect, it } from 'vitest';
import { MASK_IGNORE, MASK_PERSON, MASK_POLE } from '../../train/data/dataset.ts';
import { RULES, renderClip, renderScene, SCENE_CLASS, type SceneFrame } from '../../train/scenes/index.ts';

const SMALL = { width: 240, height: 180 };

function fingerprint({ frame, mask, objects }: SceneFrame): string {
  let hash = 0;
  for (const value of frame.data) hash = (Math.imul(hash, 31) + value) | 0;
  for (const value of mask) hash = (Math.imul(hash, 31) + value) | 0;
  return `${hash} ${JSON.stringify(objects)}`;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

describe('renderScene', () => {
  it('gives the same picture, mask and boxes for the same seed, others for another', () => {
    const first = fingerprint(renderScene(11, SMALL));
    const other = fingerprint(renderScene(12, SMALL));
    expect(fingerprint(renderScene(11, SMALL))).toBe(first);
    expect(other).not.toBe(first);
  });

  it('has the size that was asked for and refuses one it cannot render', () => {
    const { frame, mask } = renderScene(1, { width: 96, height: 64 });
    expect([frame.width, frame.height, frame.data.length]).toEqual([96, 64, 96 * 64 * 4]);
    expect(mask.length).toBe(96 * 64);
    expect(() => renderScene(1, { width: 0 })).toThrow(/width of a scene is 0; give/);
  });

  it('draws something: bright and dark, not one colour', () => {
    for (let seed = 0; seed < 4; seed++) {
      const { data } = renderScene(seed, SMALL).frame;
      const used = new Set<number>();
      for (let i = 1; i < data.length; i += 4) used.add(data[i]);
      expect(used.size).toBeGreaterThan(60);
    }
  });
});

describe('masks and boxes', () => {
  const scenes = Array.from({ length: 12 }, (_, i) => renderScene(500 + i, { ...SMALL, canyon: i >= 8 }));

  it('every masked pixel lies in a box of its class, every box side touches its mask', () => {
    for (const { mask, objects } of scenes) {
      const { width, height } = SMALL;
      const valid = objects.filter(({ ignore }) => !ignore);
      const inside = (value: number, x: number, y: number) =>
        valid.some(
          ({ label, box }) =>
            (label === 'person') === (value === MASK_PERSON) &&
            x >= box.x &&
            y >= box.y &&
            x < box.x + box.width &&
            y < box.y + box.height,
        );
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const value = mask[y * width + x];
          if (value === MASK_PERSON || value === MASK_POLE) expect(inside(value, x, y)).toBe(true);
        }
      for (const { label, box, area } of valid) {
        const value = label === 'person' ? MASK_PERSON : MASK_POLE;
        const at = (x: number, y: number) => mask[y * width + x] === value;
        const columns = Array.from({ length: box.height }, (_, i) => box.y + i);
        const rows = Array.from({ length: box.width }, (_, i) => box.x + i);
        expect(columns.some((y) => at(box.x, y))).toBe(true);
        expect(columns.some((y) => at(box.x + box.width - 1, y))).toBe(true);
        expect(rows.some((x) => at(x, box.y))).toBe(true);
        expect(rows.some((x) => at(x, box.y + box.height - 1))).toBe(true);
        let count = 0;
        for (const y of columns) for (const x of rows) if (at(x, y)) count++;
        expect(count).toBeGreaterThanOrEqual(area);
      }
    }
  });

  it('classes of pixels agree with the mask', () => {
    for (const [i, { mask, classes }] of scenes.entries()) {
      const { pedestrian, bicyclist, pole } = SCENE_CLASS;
      let wrong = 0;
      mask.forEach((value, p) => {
        if (value === MASK_PERSON && classes[p] !== pedestrian && classes[p] !== bicyclist) wrong++;
        if (value === MASK_POLE && classes[p] !== pole) wrong++;
      });
      expect(wrong).toBe(0);
      const seen = new Set(classes);
      // Between high fronts there may be no sky.
      for (const name of [...(i < 8 ? (['sky'] as const) : []), 'building', 'road', 'pavement'] as const)
        expect(seen).toContain(SCENE_CLASS[name]);
    }
  });

  it('counts exactly the pixels of the valid objects', () => {
    for (const { mask, objects } of scenes)
      for (const [label, value] of [
        ['person', MASK_PERSON],
        ['pole', MASK_POLE],
      ] as const) {
        const masked = mask.filter((v) => v === value).length;
        const areas = objects.filter((o) => o.label === label && !o.ignore).reduce((n, o) => n + o.area, 0);
        expect(masked).toBe(areas);
      }
  });

  it('boxes lie inside the frame, shafts inside their boxes, and the ignore rules hold', () => {
    let ignored = 0;
    for (const { mask, objects } of scenes) {
      for (const { label, box, shaft, area, fullArea, ignore } of objects) {
        expect(box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0).toBe(true);
        expect(box.x + box.width <= SMALL.width && box.y + box.height <= SMALL.height).toBe(true);
        expect(area).toBeLessThanOrEqual(fullArea);
        if (label === 'person') expect(shaft).toBeUndefined();
        if (shaft) {
          expect(shaft.x >= box.x && shaft.y >= box.y).toBe(true);
          expect(shaft.x + shaft.width <= box.x + box.width).toBe(true);
          expect(shaft.y + shaft.height <= box.y + box.height).toBe(true);
        }
        if (ignore) {
          ignored++;
          continue;
        }
        expect(area / fullArea).toBeGreaterThanOrEqual(RULES.visible);
        if (label === 'person') {
          expect(box.height).toBeGreaterThanOrEqual(RULES.personHeight);
          expect(area).toBeGreaterThanOrEqual(RULES.personArea);
        } else {
          expect(shaft?.height).toBeGreaterThanOrEqual(RULES.poleHeight);
          expect((shaft?.height ?? 0) / (shaft?.width ?? 1)).toBeGreaterThanOrEqual(RULES.shaftAspect);
        }
      }
      expect(mask.every((value) => value <= MASK_IGNORE)).toBe(true);
    }
    expect(ignored).toBeGreaterThan(0);
  });
});

describe('statistics at 480 x 360', () => {
  it('sizes and counts lie near those of a dash camera in a town', () => {
    const frames = 24;
    const persons: number[] = [];
    const poles: number[] = [];
    const shafts: number[] = [];
    for (let i = 0; i < frames; i++)
      for (const { label, box, shaft, ignore } of renderScene(9000 + i).objects) {
        if (ignore) continue;
        if (label === 'person') persons.push(box.height);
        else {
          poles.push(box.height);
          shafts.push(shaft?.width ?? 0);
        }
      }
    expect(persons.length / frames).toBeGreaterThan(2);
    expect(persons.length / frames).toBeLessThan(10);
    expect(poles.length / frames).toBeGreaterThan(4);
    expect(poles.length / frames).toBeLessThan(13);
    expect(median(persons)).toBeGreaterThan(25);
    expect(median(persons)).toBeLessThan(48);
    expect(median(poles)).toBeGreaterThan(40);
    expect(median(poles)).toBeLessThan(95);
    expect(median(shafts)).toBeGreaterThanOrEqual(3);
    expect(median(shafts)).toBeLessThanOrEqual(6);
  });
});

describe('a canyon', () => {
  /** Of the pixels beside posts, 4 px to either side, the share that is sky; and how far the post's grey is from theirs. */
  function surroundings(canyon: boolean): { sky: number; contrast: number } {
    let [beside, sky, contrast] = [0, 0, 0];
    for (let seed = 0; seed < 16; seed++) {
      const { frame, classes } = renderScene(7100 + seed, { canyon });
      const { width, data } = frame;
      classes.forEach((value, p) => {
        if (value !== SCENE_CLASS.pole) return;
        for (const other of [p - 4, p + 4]) {
          if (Math.floor(other / width) !== Math.floor(p / width) || classes[other] === value) continue;
          beside++;
          if (classes[other] === SCENE_CLASS.sky) sky++;
          contrast += Math.abs(data[4 * p + 1] - data[4 * other + 1]);
        }
      });
    }
    return { sky: sky / beside, contrast: contrast / beside };
  }

  it('has its posts before walls, of their colour, where other streets have them before the sky', () => {
    const open = surroundings(false);
    const canyon = surroundings(true);
    expect(open.sky).toBeGreaterThan(0.25);
    expect(canyon.sky).toBeLessThan(0.6 * open.sky);
    expect(canyon.contrast).toBeLessThan(0.9 * open.contrast);
  });

  it('is another street than the open one of that seed, and repeats itself', () => {
    const first = fingerprint(renderScene(11, { ...SMALL, canyon: true }));
    expect(fingerprint(renderScene(11, { ...SMALL, canyon: true }))).toBe(first);
    expect(fingerprint(renderScene(11, SMALL))).not.toBe(first);
    const [still] = renderClip(11, 1, { ...SMALL, canyon: true });
    expect(still.objects.length).toBeGreaterThan(0);
  });
});

describe('renderClip', () => {
  const FRAMES = 12;
  const clip = [...renderClip(36, FRAMES, { width: 320, height: 240 })];

  it('repeats itself, frame by frame', () => {
    const again = renderClip(36, FRAMES, { width: 320, height: 240 });
    for (const frame of clip) expect(fingerprint(again.next().value as SceneFrame)).toBe(fingerprint(frame));
    expect(again.next().done).toBe(true);
  });

  it('a track keeps its label and moves little from frame to frame', () => {
    const labels = new Map<number, string>();
    let linked = 0;
    for (let i = 0; i < FRAMES; i++) {
      const seen = new Set<number>();
      for (const { track, label, box, ignore, edge, area, fullArea } of clip[i].objects) {
        expect(seen.has(track)).toBe(false);
        seen.add(track);
        expect(labels.get(track) ?? label).toBe(label);
        labels.set(track, label);
        const before = i > 0 ? clip[i - 1].objects.find((o) => o.track === track) : undefined;
        if (!before || ignore || before.ignore || edge || before.edge) continue;
        if (area < 0.9 * fullArea || before.area < 0.9 * before.fullArea) continue;
        linked++;
        const size = Math.max(box.height, 20);
        expect(Math.abs(box.height - before.box.height) / size).toBeLessThan(0.3);
        const centre = (b: typeof box) => [b.x + b.width / 2, b.y + b.height / 2];
        const [x0, y0] = centre(before.box);
        const [x1, y1] = centre(box);
        expect(Math.hypot(x1 - x0, y1 - y0)).toBeLessThan(0.5 * size + 6);
      }
    }
    expect(linked).toBeGreaterThan(20);
  });

  it('the world moves', () => {
    expect(fingerprint(clip[1])).not.toBe(fingerprint(clip[0]));
  });

  it('refuses a count and a rate that make no clip', () => {
    expect(() => renderClip(1, 0).next()).toThrow(/clip of 0 frames/);
    expect(() => renderClip(1, 2, { rate: 0 }).next()).toThrow(/rate of a clip is 0/);
  });
});

describe('sudden appearance', () => {
  it('a person is not there before the frame named and steps out from behind a pole after it', () => {
    const frames = [...renderClip(7001, 11, { width: 240, height: 180, appearsAt: 4 })];
    const plain = [...renderClip(7001, 1, { width: 240, height: 180 })];
    const last = Math.max(...frames.flatMap(({ objects }) => objects.map(({ track }) => track)));
    const areas = frames.map(({ objects }) => objects.find(({ track }) => track === last)?.area ?? 0);
    expect(frames[10].objects.find(({ track }) => track === last)?.label).toBe('person');
    expect(areas.slice(0, 4)).toEqual([0, 0, 0, 0]);
    expect(areas[4]).toBeLessThan(areas[10] / 4); // a foot may show
    expect(areas[10]).toBeGreaterThan(60);
    expect(plain[0].objects.every(({ track }) => track < last)).toBe(true);
  });
});
