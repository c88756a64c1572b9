import { describe, expect, it } from 'vitest';
import { type Affine, inverse, STILL, stillness } from '../../src/attention/affine.ts';
import { boxMotion } from '../../src/attention/box-motion.ts';
import { cameraMotion } from '../../src/attention/camera-motion.ts';
import {
  FINE_SCALE,
  GREY_SCALE,
  type GreyPicture,
  greyPicture,
  greyPictures,
} from '../../src/attention/grey.ts';
import { motionEnergy } from '../../src/attention/motion-energy.ts';
import { seededRandom } from '../../train/random.ts';

const WIDTH = 120;
const HEIGHT = 90;
const GRID = { columns: 30, rows: 23 };

/** Smooth random texture, and the same seen by a camera that moved. Coordinates in working px. */
function texture(seed: number) {
  const random = seededRandom(seed);
  const waves = Array.from({ length: 40 }, () => ({
    u: (random() - 0.5) * 0.25,
    v: (random() - 0.5) * 0.25,
    phase: random() * 6.28,
    height: 12 * random(),
  }));
  return (x: number, y: number) =>
    waves.reduce((sum, { u, v, phase, height }) => sum + height * Math.sin(u * x + v * y + phase), 128);
}

function picture(at: (x: number, y: number) => number, scale = GREY_SCALE): GreyPicture {
  const [width, height] = [(WIDTH * GREY_SCALE) / scale, (HEIGHT * GREY_SCALE) / scale];
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data[y * width + x] = at((x + 0.5) * scale, (y + 0.5) * scale);
  return { width, height, data };
}

/** What a camera sees after the map: a thing of the last picture at p is at map(p). */
function moved(at: (x: number, y: number) => number, map: Affine) {
  const { xx, xy, x: dx, yx, yy, y: dy } = inverse(map);
  return (x: number, y: number) => at(xx * x + xy * y + dx, yx * x + yy * y + dy);
}

const DRIVE: Affine = { xx: 1.02, xy: 0.002, x: -9, yx: -0.003, yy: 1.02, y: 3 };
const CORNERS = [
  [0, 0],
  [480, 0],
  [0, 360],
  [480, 360],
] as const;

function worstCorner(a: Affine, b: Affine): number {
  return Math.max(
    ...CORNERS.map(([x, y]) =>
      Math.hypot(
        (a.xx - b.xx) * x + (a.xy - b.xy) * y + a.x - b.x,
        (a.yx - b.yx) * x + (a.yy - b.yy) * y + a.y - b.y,
      ),
    ),
  );
}

describe('camera motion', () => {
  const scene = texture(1);

  it('a forward drive with a turn is found to a px at the corners', () => {
    const found = cameraMotion(picture(scene), picture(moved(scene, DRIVE)), STILL);
    expect(worstCorner(found, DRIVE)).toBeLessThan(1);
    expect(worstCorner(STILL, DRIVE)).toBeGreaterThan(8);
  });

  it('a thing that moves by itself does not pull at it', () => {
    const other = texture(2);
    const inThing = (x: number, y: number) => x > 150 && x < 280 && y > 120 && y < 260;
    const last = picture((x, y) => (inThing(x, y) ? other(x, y) : scene(x, y)));
    const now = picture((x, y) => (inThing(x - 12, y) ? other(x - 12, y) : scene(x, y)));
    expect(worstCorner(cameraMotion(last, now, STILL), STILL)).toBeLessThan(1);
  });

  it('nothing to be seen is no motion', () => {
    const grey = picture(() => 90);
    expect(cameraMotion(grey, grey, STILL)).toEqual(STILL);
    expect(stillness(STILL, { width: 480, height: 360 })).toBe(1);
    expect(stillness(DRIVE, { width: 480, height: 360 })).toBeLessThan(0.01);
  });

  it('motion energy is of what moves by itself, not of what the camera moves', () => {
    const other = texture(3);
    const inThing = (x: number, y: number) => x > 200 && x < 264 && y > 160 && y < 224;
    const last = picture(scene);
    const seen = moved(scene, DRIVE);
    const now = picture((x, y) => (inThing(x, y) ? other(x, y) : seen(x, y)));
    const energy = motionEnergy(last, now, DRIVE, GRID, 16);
    const [column, row] = [Math.floor(232 / 16), Math.floor(192 / 16)];
    const there = energy[row * GRID.columns + column];
    const elsewhere = energy.filter((_, i) => Math.abs((i % GRID.columns) - column) > 4);
    expect(there).toBeGreaterThan(0.3);
    expect(Math.max(...elsewhere)).toBeLessThan(there / 4);
  });

  it('a box goes its own way', () => {
    const other = texture(4);
    const inThing = (x: number, y: number) => x > 200 && x < 232 && y > 100 && y < 180;
    const last = picture((x, y) => (inThing(x, y) ? other(x, y) : scene(x, y)));
    const now = picture((x, y) => (inThing(x - 6, y + 3) ? other(x - 6, y + 3) : scene(x, y)));
    const coarse = { scale: 1, closely: false };
    const box = { x: 200, y: 100, width: 32, height: 80 };
    const found = boxMotion({ grey: last }, { grey: now }, box, { x: 2, y: 0, ...coarse });
    expect(Math.abs((found?.x ?? 0) - 6)).toBeLessThan(2);
    expect(Math.abs((found?.y ?? 0) + 3)).toBeLessThan(2);
    const outside = { x: -90, y: 0, width: 40, height: 80 };
    expect(boxMotion({ grey: last }, { grey: now }, outside, { x: 0, y: 0, ...coarse })).toBeNull();
  });

  it('the finer picture tells a box’s way to a fraction of a px, roughly too in another light and behind something', () => {
    const other = texture(4);
    const thing = { x: 200, y: 100, width: 32, height: 80 };
    const inThing = (x: number, y: number) => x > 190 && x < 242 && y > 90 && y < 190;
    const inFront = (x: number, y: number) => x > 196 && x < 216 && y > 160 && y < 176;
    const pictures = (at: (x: number, y: number) => number) => greyPictures(picture(at, FINE_SCALE));
    const at = (x: number, y: number) => (inThing(x, y) ? other(x, y) : scene(x, y));
    const after = (x: number, y: number) =>
      inThing(x - 5.3, y + 2.6) ? other(x - 5.3, y + 2.6) : scene(x, y);
    const guess = { x: 4, y: -1, scale: 1, closely: true };
    const off = (now: (x: number, y: number) => number) => {
      const found = boxMotion(pictures(at), pictures(now), thing, guess);
      return Math.hypot((found?.x ?? 0) - 5.3, (found?.y ?? 0) + 2.6);
    };
    expect(off(after)).toBeLessThan(0.3);
    expect(off((x, y) => (inFront(x, y) ? 250 : 12 + after(x, y)))).toBeLessThan(1);
  });

  it('the coarser of two grey pictures is the average of the finer one’s px', () => {
    const { grey, fine } = greyPictures(picture(scene, FINE_SCALE));
    expect([grey.width, grey.height]).toEqual([WIDTH, HEIGHT]);
    const at = 2 * 7 * fine.width + 2 * 5;
    const four = [at, at + 1, at + fine.width, at + fine.width + 1].map((i) => fine.data[i]);
    expect(grey.data[7 * WIDTH + 5]).toBeCloseTo(four.reduce((sum, value) => sum + value, 0) / 4, 3);
  });

  it('a grey picture averages the channels and the px', () => {
    const data = new Uint8ClampedArray(8 * 4 * 4).fill(200);
    const grey = greyPicture({ width: 8, height: 4, data });
    expect([grey.width, grey.height, ...grey.data]).toEqual([2, 1, 200, 200]);
  });
});
