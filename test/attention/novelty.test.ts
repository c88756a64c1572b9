import { describe, expect, it } from 'vitest';
import { STILL } from '../../src/attention/affine.ts';
import { GREY_SCALE, type GreyPicture, type GreyPictures, greyPictures } from '../../src/attention/grey.ts';
import { motionEnergy } from '../../src/attention/motion-energy.ts';
import { novelty } from '../../src/attention/novelty.ts';
import { seededRandom } from '../../train/random.ts';

const WIDTH = 41;
const HEIGHT = 30;
/** The last column and row of blocks are cut off by the picture. */
const GRID = { columns: 11, rows: 8 };

/** Noise over twice the picture, smoothed over 3 x 3, and a view of it from (left, top). */
function scene(seed: number, width = WIDTH, height = HEIGHT) {
  const random = seededRandom(seed);
  const side = 4 * Math.max(width, height);
  const noise = Float32Array.from({ length: side * side }, () => 255 * random());
  return (left: number, top: number): GreyPicture => {
    const data = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let j = 0; j < 3; j++)
          for (let i = 0; i < 3; i++) sum += noise[(y + top + j) * side + x + left + i];
        data[y * width + x] = sum / 9;
      }
    }
    return { width, height, data };
  };
}

/** A rectangle, in px, painted with another picture. */
function withPart(
  picture: GreyPicture,
  other: GreyPicture,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
): GreyPicture {
  const data = picture.data.slice();
  for (let j = y; j < y + height; j++)
    for (let i = x; i < x + width; i++) data[j * picture.width + i] = other.data[j * picture.width + i];
  return { ...picture, data };
}

const map = (last: GreyPictures, now: GreyPictures, camera = STILL) => novelty(last, now, camera, GRID, 16);
const inside = (values: Float32Array) =>
  [...values].filter((_, i) => {
    const [column, row] = [i % GRID.columns, Math.floor(i / GRID.columns)];
    return column > 0 && row > 0 && column < GRID.columns - 2 && row < GRID.rows - 2;
  });

describe('novelty', () => {
  const view = scene(11);

  it('is nothing where a thing only went its own way, though that is motion', () => {
    const [last, now] = [view(40, 40), view(42, 39)];
    expect(Math.max(...inside(map({ grey: last }, { grey: now })))).toBe(0);
    expect(Math.min(...inside(motionEnergy(last, now, STILL, GRID, 16)))).toBeGreaterThan(0.1);
  });

  it('goes with the camera where that moved further than the search reaches', () => {
    const [last, now] = [{ grey: view(40, 40) }, { grey: view(48, 40) }];
    expect(Math.max(...inside(map(last, now)))).toBeGreaterThan(0.5);
    const moved = map(last, now, { ...STILL, x: -8 * GREY_SCALE });
    expect(moved.filter((_, i) => i % GRID.columns < 7 && i < 7 * GRID.columns).every((v) => v === 0)).toBe(
      true,
    );
    // What the camera's turn brought in has no past.
    expect(moved[GRID.columns - 1]).toBe(0);
  });

  it('is where something came into view, and nowhere else', () => {
    const now = withPart(view(40, 40), scene(12)(40, 40), { x: 16, y: 12, width: 4, height: 4 });
    const values = map({ grey: view(40, 40) }, { grey: now });
    const at = 3 * GRID.columns + 4;
    expect(values[at]).toBeGreaterThan(0.4);
    expect(values.filter((value, i) => i !== at && value > 0)).toHaveLength(0);
  });

  it('sees a sliver better on the finer picture, and nothing there where all only moved', () => {
    const fineView = scene(13, 2 * WIDTH, 2 * HEIGHT);
    const sliver = { x: 34, y: 24, width: 2, height: 8 };
    const last = greyPictures(fineView(40, 40));
    const now = greyPictures(withPart(fineView(42, 41), scene(14, 2 * WIDTH, 2 * HEIGHT)(40, 40), sliver));
    const at = 3 * GRID.columns + 4;
    const [fine, coarse] = [map(last, now), map({ grey: last.grey }, { grey: now.grey })];
    const rest = (values: Float32Array) => Math.max(...inside(values.map((v, i) => (i === at ? 0 : v))));
    // Half a grey px is a difference everywhere, in which the sliver is lost.
    expect(coarse[at]).toBeLessThan(rest(coarse));
    expect(fine[at]).toBeGreaterThan(0.2);
    expect(rest(fine)).toBe(0);
  });

  it('counts a difference less among strong contrast', () => {
    const flat = (value: number, stripes: number): GreyPictures => ({
      grey: {
        width: WIDTH,
        height: HEIGHT,
        data: Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => value + stripes * (i % 2)),
      },
    });
    const plain = map(flat(100, 0), flat(110, 0))[40];
    const striped = map(flat(100, 60), flat(110, 60))[40];
    expect(plain).toBeCloseTo(2, 5);
    expect(striped).toBeLessThan(plain / 2);
    expect(striped).toBeGreaterThan(0);
  });
});
