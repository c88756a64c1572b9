import { describe, expect, it } from 'vitest';
import { STILL } from '../../src/attention/affine.ts';
import { GREY_SCALE, type GreyPicture } from '../../src/attention/grey.ts';
import { motionEnergy } from '../../src/attention/motion-energy.ts';
import { novelty } from '../../src/attention/novelty.ts';
import { seededRandom } from '../../train/random.ts';

const WIDTH = 41;
const HEIGHT = 30;
/** The last column and row of blocks are cut off by the picture. */
const GRID = { columns: 11, rows: 8 };

/** Noise over twice the picture, smoothed over 3 x 3, and a view of it from (left, top). */
function scene(seed: number) {
  const random = seededRandom(seed);
  const side = 120;
  const noise = Float32Array.from({ length: side * side }, () => 255 * random());
  return (left: number, top: number): GreyPicture => {
    const data = new Float32Array(WIDTH * HEIGHT);
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        let sum = 0;
        for (let j = 0; j < 3; j++)
          for (let i = 0; i < 3; i++) sum += noise[(y + top + j) * side + x + left + i];
        data[y * WIDTH + x] = sum / 9;
      }
    }
    return { width: WIDTH, height: HEIGHT, data };
  };
}

/** Grey px of one block painted with another scene. */
function withPatch(picture: GreyPicture, other: GreyPicture, column: number, row: number): GreyPicture {
  const data = picture.data.slice();
  for (let y = 4 * row; y < 4 * row + 4; y++)
    for (let x = 4 * column; x < 4 * column + 4; x++) data[y * WIDTH + x] = other.data[y * WIDTH + x];
  return { ...picture, data };
}

const inside = (map: Float32Array) =>
  [...map].filter((_, i) => {
    const [column, row] = [i % GRID.columns, Math.floor(i / GRID.columns)];
    return column > 0 && row > 0 && column < GRID.columns - 2 && row < GRID.rows - 2;
  });

describe('novelty', () => {
  const view = scene(11);

  it('is nothing where a thing only went its own way, though that is motion', () => {
    const [last, now] = [view(40, 40), view(42, 39)];
    expect(Math.max(...inside(novelty(last, now, STILL, GRID, 16)))).toBe(0);
    expect(Math.min(...inside(motionEnergy(last, now, STILL, GRID, 16)))).toBeGreaterThan(0.1);
  });

  it('goes with the camera where that moved further than the search reaches', () => {
    const [last, now] = [view(40, 40), view(48, 40)];
    const camera = { ...STILL, x: -8 * GREY_SCALE };
    expect(Math.max(...inside(novelty(last, now, STILL, GRID, 16)))).toBeGreaterThan(0.5);
    const map = novelty(last, now, camera, GRID, 16);
    expect(map.filter((_, i) => i % GRID.columns < 7 && i < 7 * GRID.columns).every((v) => v === 0)).toBe(
      true,
    );
    // What the camera's turn brought in has no past.
    expect(map[GRID.columns - 1]).toBe(0);
  });

  it('is where something came into view, and nowhere else', () => {
    const now = withPatch(view(40, 40), scene(12)(40, 40), 4, 3);
    const map = novelty(view(40, 40), now, STILL, GRID, 16);
    const at = 3 * GRID.columns + 4;
    expect(map[at]).toBeGreaterThan(0.4);
    expect(map.filter((value, i) => i !== at && value > 0)).toHaveLength(0);
  });

  it('counts a difference less among strong contrast', () => {
    const flat = (value: number, stripes: number): GreyPicture => ({
      width: WIDTH,
      height: HEIGHT,
      data: Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => value + stripes * (i % 2)),
    });
    const plain = novelty(flat(100, 0), flat(110, 0), STILL, GRID, 16)[40];
    const striped = novelty(flat(100, 60), flat(110, 60), STILL, GRID, 16)[40];
    expect(plain).toBeCloseTo(2, 5);
    expect(striped).toBeLessThan(plain / 2);
    expect(striped).toBeGreaterThan(0);
  });
});
