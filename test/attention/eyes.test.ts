import { describe, expect, test } from 'vitest';
import { EyesPrior, faceRegions, LEAST_FACE_PX } from '../../src/attention/eyes/eyes-prior.ts';
import {
  emptyCascade,
  faceScore,
  HEAD_BYTES,
  LET_GO,
  offsetsOf,
  readCascade,
  TREE_BYTES,
  UNIT,
  VERSION,
  WINDOW_SIDES,
} from '../../src/attention/eyes/face-cascade.ts';
import { FaceScan } from '../../src/attention/eyes/face-scan.ts';
import { EYES_WEIGHTS } from '../../src/attention/eyes/weights.ts';
import type { GreyPicture } from '../../src/attention/grey.ts';
import { sumOf } from '../../train/eyes/boost.ts';
import { type FaceKind, paintFace } from '../../train/eyes/paint-face.ts';
import { points } from '../../train/eyes/samples.ts';
import { seededRandom } from '../../train/random.ts';

const WIDTH = 120;
const HEIGHT = 90;
const shipped = readCascade(Uint8Array.from(Buffer.from(EYES_WEIGHTS, 'base64')));

/** A painted head of `side` px whose window begins at 40, 20, on a plain ground. */
function picture(kind: FaceKind, seed: number, side = 36): GreyPicture {
  const margin = 0.25;
  const px = Math.round(side * (1 + 2 * margin));
  const painted = paintFace(seededRandom(seed), kind, px, margin, new Float32Array(px * px).fill(0.2));
  const data = new Float32Array(WIDTH * HEIGHT).fill(120);
  const off = Math.round(side * margin);
  for (let y = 0; y < px; y++) {
    for (let x = 0; x < px; x++) {
      const at = (y + 20 - off) * WIDTH + x + 40 - off;
      if (y + 20 - off >= 0) data[at] = 255 * Math.min(1, painted[y * px + x]) ** (1 / 2.2);
    }
  }
  return { width: WIDTH, height: HEIGHT, data };
}

const strongest = (image: GreyPicture) => new EyesPrior().find(image)[0]?.strength ?? 0;
const SEEDS = Array.from({ length: 30 }, (_, i) => 7000 + i);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const strengthOf = (kind: FaceKind) => mean(SEEDS.map((seed) => strongest(picture(kind, seed))));

describe('the detector of eyes', () => {
  test('a painted face raises, and where it is', () => {
    const found = SEEDS.filter((seed) => {
      const [first] = new EyesPrior().find(picture('looks', seed));
      if (!first || first.strength < 0.3) return false;
      const { x, y, width } = first.box;
      return Math.hypot(x + width / 2 - 2 * 58, y + width / 2 - 2 * 38) < 24 && width > 48 && width < 110;
    });
    expect(found.length).toBeGreaterThanOrEqual(17);
  });

  test('without eyes, from behind, and with dark and light turned round it raises less', () => {
    const looks = strengthOf('looks');
    expect(strengthOf('eyeless')).toBeLessThan(0.9 * looks);
    expect(strengthOf('back')).toBeLessThan(0.6 * looks);
    const turned = mean(
      SEEDS.map((seed) => {
        const { data, ...size } = picture('looks', seed);
        return strongest({ ...size, data: data.map((value) => 255 - value) });
      }),
    );
    expect(turned).toBeLessThan(0.6 * looks);
  });

  test('brightness and contrast do not count', () => {
    const { data, ...size } = picture('looks', 7001);
    const other = { ...size, data: data.map((value) => 40 + 0.5 * value) };
    const [a, b] = [new EyesPrior().find({ ...size, data }), new EyesPrior().find(other)];
    expect(a[0].strength).toBeCloseTo(b[0].strength, 1);
  });

  test('abstains below its least face, and on pictures without room for one', () => {
    const prior = new EyesPrior();
    const boxes = SEEDS.flatMap((seed) => prior.find(picture('looks', seed))).map(({ box }) => box.width);
    expect(Math.min(...boxes)).toBeGreaterThanOrEqual(LEAST_FACE_PX);
    expect(prior.find({ width: 19, height: 200, data: new Float32Array(19 * 200) })).toEqual([]);
    expect(prior.find({ width: 1, height: 1, data: new Float32Array(1) })).toEqual([]);
    expect(prior.find({ width: 60, height: 60, data: new Float32Array(3600).fill(90) })).toEqual([]);
  });

  test('the same picture gives the same, whatever came before', () => {
    const prior = new EyesPrior();
    const first = prior.find(picture('looks', 7002));
    prior.find(picture('back', 7003));
    prior.find({ width: 50, height: 70, data: new Float32Array(3500) });
    expect(prior.find(picture('looks', 7002))).toEqual(first);
  });

  test('regions are in working px, twice those of the picture, and draw more for a surer face', () => {
    const box = { x: 4, y: 8, width: 40, height: 40 };
    const [weak, strong] = faceRegions([
      { box, strength: 0.2 },
      { box, strength: 0.9 },
    ]);
    expect(weak.box).toEqual(box);
    expect(strong.strength).toBeGreaterThan(weak.strength);
    expect(weak.strength).toBeGreaterThan(0);
  });
});

describe('the cascade', () => {
  test('what trains it and what ships give the same sums', () => {
    const never = { ...shipped, least: new Int16Array(shipped.trees).fill(LET_GO) };
    const random = seededRandom(3);
    for (const side of WINDOW_SIDES) {
      const [a, b] = [offsetsOf(shipped.a, side, side), offsetsOf(shipped.b, side, side)];
      for (let i = 0; i < 20; i++) {
        const window = Float32Array.from({ length: side * side }, () => 255 * random());
        const average = mean([...window]);
        const deviation = Math.sqrt(mean([...window].map((value) => (value - average) ** 2)));
        const trained = sumOf(shipped, points(window, side)!, shipped.trees);
        expect(faceScore(never, window, 0, a, b, deviation)).toBe(trained);
      }
    }
  });

  test('a window is let go at the first tree below its least', () => {
    const cascade = emptyCascade(2);
    cascade.leaves.fill(UNIT);
    const offsets = offsetsOf(cascade.a, 20, 20);
    const data = new Float32Array(400);
    expect(faceScore(cascade, data, 0, offsets, offsets, 1)).toBe(2 * UNIT);
    cascade.least[1] = 2 * UNIT + 1;
    expect(faceScore(cascade, data, 0, offsets, offsets, 1)).toBe(LET_GO);
  });

  test('points of the questions lie in the window, corner to corner', () => {
    const corners = Uint8Array.from([0, 15, 240, 255]);
    expect([...offsetsOf(corners, 20, 100)]).toEqual([0, 19, 1900, 1919]);
  });

  test('bytes that are no cascade are refused, and what to do is said', () => {
    const whole = new Uint8Array(HEAD_BYTES + TREE_BYTES);
    whole.set([VERSION, 1]);
    expect(readCascade(whole).trees).toBe(1);
    for (const bytes of [whole.subarray(1), whole.subarray(0, 9), new Uint8Array(0), whole.map(() => 9)]) {
      expect(() => readCascade(bytes)).toThrow(expect.objectContaining({ code: 'MODEL_FORMAT' }));
    }
    expect(() => readCascade(new Uint8Array(0))).toThrow(/train\/eyes\/run\.ts/);
  });

  test('the scan finds a window by its own corner and side', () => {
    const cascade = emptyCascade(1);
    cascade.leaves.fill(-UNIT);
    // Bright at the upper left corner, dark at the lower right: one window of the picture has that.
    cascade.b.fill(255);
    cascade.thresholds.fill(127);
    cascade.leaves[7] = UNIT;
    const data = new Float32Array(40 * 40);
    for (let i = 0; i < data.length; i++) data[i] = (i * 7919) % 50;
    data[4 * 40 + 6] = 255;
    const hits: number[][] = [];
    new FaceScan(cascade).scan(
      { width: 40, height: 40, data },
      0.5,
      (x, y, side) => hits.push([x, y, side]) > 0,
    );
    expect(hits.length).toBeGreaterThan(0);
    for (const [x, y] of hits) expect([x, y]).toEqual([6, 4]);
  });
});
