import { describe, expect, it } from 'vitest';
import { type Affine, inverse, STILL } from '../../src/attention/affine.ts';
import { refineCamera } from '../../src/attention/camera-refinement.ts';
import { solveSymmetric } from '../../src/attention/cholesky.ts';
import { FINE_SCALE, type GreyPicture } from '../../src/attention/grey.ts';
import { seededRandom } from '../../train/random.ts';

const WIDTH = 240;
const HEIGHT = 180;
const DRIVE: Affine = { xx: 1.012, xy: 0.002, x: -4, yx: -0.003, yy: 1.012, y: 2 };
/** As far off as searched patches leave it. */
const GUESS: Affine = { ...DRIVE, xx: 1.01, x: -3.2, y: 1.4 };

/** Smooth random texture; coordinates in working px. */
function texture(seed: number) {
  const random = seededRandom(seed);
  const waves = Array.from({ length: 40 }, () => ({
    ...{ u: (random() - 0.5) * 0.5, v: (random() - 0.5) * 0.5 },
    ...{ phase: random() * 6.28, height: 12 * random() },
  }));
  return (x: number, y: number) =>
    waves.reduce((sum, { u, v, phase, height }) => sum + height * Math.sin(u * x + v * y + phase), 128);
}

function picture(at: (x: number, y: number) => number): GreyPicture {
  const data = new Float32Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) data[y * WIDTH + x] = at((x + 0.5) * FINE_SCALE, (y + 0.5) * FINE_SCALE);
  return { width: WIDTH, height: HEIGHT, data };
}

function moved(at: (x: number, y: number) => number, map: Affine) {
  const { xx, xy, x: dx, yx, yy, y: dy } = inverse(map);
  return (x: number, y: number) => at(xx * x + xy * y + dx, yx * x + yy * y + dy);
}

function worstCorner(a: Affine, b: Affine): number {
  const off = (x: number, y: number) =>
    Math.hypot(
      (a.xx - b.xx) * x + (a.xy - b.xy) * y + a.x - b.x,
      (a.yx - b.yx) * x + (a.yy - b.yy) * y + a.y - b.y,
    );
  return Math.max(off(0, 0), off(480, 0), off(0, 360), off(480, 360));
}

describe("the camera's map, refined", () => {
  const scene = texture(1);

  it('is right to a twentieth px at the corners, whatever the light does', () => {
    const now = picture((x, y) => moved(scene, DRIVE)(x, y) + 6);
    expect(worstCorner(GUESS, DRIVE)).toBeGreaterThan(0.8);
    expect(worstCorner(refineCamera(picture(scene), now, GUESS), DRIVE)).toBeLessThan(0.05);
  });

  it('a thing that moves by itself hardly pulls at it', () => {
    const other = texture(2);
    const inThing = (x: number, y: number) => x > 150 && x < 280 && y > 120 && y < 260;
    const last = picture((x, y) => (inThing(x, y) ? other(x, y) : scene(x, y)));
    const now = picture((x, y) => (inThing(x - 6, y) ? other(x - 6, y) : moved(scene, DRIVE)(x, y)));
    expect(worstCorner(refineCamera(last, now, GUESS), DRIVE)).toBeLessThan(0.3);
  });

  it('bare ground leaves the guess as it is, and so does what would go further than a search errs', () => {
    const bare = picture(() => 100);
    expect(refineCamera(bare, bare, GUESS)).toBe(GUESS);
    const far: Affine = { ...STILL, x: 7, y: 5 };
    const found = refineCamera(picture(scene), picture(moved(scene, far)), STILL);
    expect(found === STILL || worstCorner(found, STILL) < 6).toBe(true);
  });
});

describe('symmetric equations', () => {
  it('are solved, and without one answer not', () => {
    const x = solveSymmetric(Float64Array.of(4, 0, 0, 2, 5, 0, 1, 3, 6), Float64Array.of(11, 21, 25));
    // [4 2 1; 2 5 3; 1 3 6] of (1, 2, 3)
    expect([...(x ?? [])].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([1, 2, 3]);
    expect(solveSymmetric(Float64Array.of(1, 0, 1, 1), Float64Array.of(1, 2))).toBeNull();
  });
});
