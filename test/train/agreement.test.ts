/** The reward for robustness: corrupted twins, and their pull towards the clean view's answers. */
import { describe, expect, it } from 'vitest';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { AUGMENTS } from '../../train/data/augment-settings.ts';
import { openDataset } from '../../train/data/dataset.ts';
import { readPicture } from '../../train/data/instances.ts';
import { cellAgreement, gateAgreement } from '../../train/loop/agreement.ts';
import { makeBatch } from '../../train/loop/batch.ts';
import { mixPictures } from '../../train/loop/mix.ts';
import { normal, seededRandom } from '../../train/random.ts';

const TWINS = Int8Array.of(-1, 0);
const HEAD = 12;

function randomLogits(length: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => normal(random));
}

function slope(of: (logits: Float32Array) => number, logits: Float32Array, i: number): number {
  const [up, down] = [logits.slice(), logits.slice()];
  up[i] += 0.01;
  down[i] -= 0.01;
  return (of(up) - of(down)) / (up[i] - down[i]);
}

describe('gateAgreement', () => {
  const logits = randomLogits(2 * 6 * 2, 1);

  it('has the gradient of its loss by the twin, and none by the clean view or by five', () => {
    const { gradient } = gateAgreement(logits, TWINS);
    for (let i = 0; i < logits.length; i++) {
      const isLookOfTwin = i >= logits.length / 2 && i % 2 === 0;
      const wanted = isLookOfTwin ? slope((at) => gateAgreement(at, TWINS).total, logits, i) : 0;
      expect(gradient[i]).toBeCloseTo(wanted, 4);
    }
    expect(gradient.some((value) => Math.abs(value) > 0.01)).toBe(true);
  });

  it('is nothing between equal answers and without twins', () => {
    const half = logits.subarray(0, logits.length / 2);
    const equal = Float32Array.from([...half, ...half]);
    expect(gateAgreement(equal, TWINS).total).toBeCloseTo(0, 6);
    expect(gateAgreement(logits, Int8Array.of(-1, -1)).total).toBe(0);
  });
});

describe('cellAgreement', () => {
  // Views of 4 cells; the clean one attends 0, 1, 3, its twin 1, 2, 3: they share 1 and 3.
  const attended = Int32Array.of(0, 1, 3, 5, 6, 7);
  const cells = randomLogits(attended.length * HEAD, 2);

  it('moves the scores of cells that both attended, towards the clean ones', () => {
    const { gradient } = cellAgreement(cells, attended, TWINS, 4);
    const moved = [...gradient.keys()].filter((i) => gradient[i] !== 0);
    expect(moved).toEqual([3 * HEAD, 3 * HEAD + 6, 5 * HEAD, 5 * HEAD + 6]);
    for (const i of moved) {
      expect(gradient[i]).toBeCloseTo(
        slope((at) => cellAgreement(at, attended, TWINS, 4).total, cells, i),
        4,
      );
      const clean = cells[i - (i < 5 * HEAD ? 2 : 3) * HEAD];
      expect(Math.sign(gradient[i])).toBe(Math.sign(cells[i] - clean));
    }
  });
});

describe('makeBatch with twins', () => {
  const spec = peopleVsPoles();
  const set = openDataset(new URL('../fixtures/scenes', import.meta.url).pathname);
  const pictures = set.images.map((image) => readPicture(set, image, spec.labels));
  const source = mixPictures([{ name: 'fixtures', weight: 1, pictures }], {
    ...AUGMENTS.none,
    twinShare: 1,
  });
  const view = { width: 160, height: 128 };
  const item = (array: ArrayLike<number>, n: number, size: number) =>
    Array.from(array).slice((n * array.length) / size, ((n + 1) * array.length) / size);

  it('a twin has the targets and the place of its clean view, and other pixels', () => {
    const batch = makeBatch(spec, source, 4, view, 1, 1);
    expect([...batch.twins]).toEqual([-1, 0, -1, 2]);
    for (const clean of [0, 2]) {
      for (const array of [batch.targets.score, batch.targets.box, batch.coordinates]) {
        expect(item(array, clean + 1, 4)).toEqual(item(array, clean, 4));
      }
      const [plain, corrupted] = [item(batch.frames, clean, 4), item(batch.frames, clean + 1, 4)];
      expect(corrupted).not.toEqual(plain);
      const y = (frame: number[]) => frame.filter((_, i) => i % 4 === 3);
      expect(y(corrupted)).toEqual(y(plain));
    }
  });

  it('views are the same however the batch is cut into parts', () => {
    const whole = makeBatch(spec, source, 4, view, 1, 1);
    for (let n = 0; n < 4; n++) {
      const alone = makeBatch(spec, source, 1, view, 1, 1, n);
      expect([...alone.frames]).toEqual(item(whole.frames, n, 4));
      expect([...alone.targets.score]).toEqual(item(whole.targets.score, n, 4));
      expect([...alone.twins]).toEqual([-1]);
    }
  });
});
