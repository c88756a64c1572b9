import { describe, expect, it } from 'vitest';
import { boxIou } from '../../src/boxes.ts';
import { bestFirst } from '../../src/detection/candidates.ts';
import { encodeCellBox, readCellBox } from '../../src/detection/cell-box.ts';
import { decodeCells } from '../../src/detection/decode.ts';
import { DETECTION_SETTINGS, type DetectionSettings } from '../../src/detection/settings.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { seededRandom } from '../../train/random.ts';
import { makeThings, oracleCells, type Thing } from './oracle-cells.ts';

const spec = peopleVsPoles();
const frame = { width: 470, height: 355 };
const options = { scoreThreshold: () => 0.3, maxDetections: 100 };

function nearestError(thing: Thing, found: readonly Thing[]): number {
  const errors = found
    .filter(({ label }) => label === thing.label)
    .map(({ box }) =>
      Math.max(
        Math.abs(box.x - thing.box.x),
        Math.abs(box.y - thing.box.y),
        Math.abs(box.x + box.width - thing.box.x - thing.box.width),
        Math.abs(box.y + box.height - thing.box.y - thing.box.height),
      ),
    );
  return Math.min(...errors);
}

/** Without poles in a person's place: they yield (below). */
function apart(things: readonly Thing[]): Thing[] {
  const people = things.filter(({ label }) => label === 'person');
  return things.filter(
    ({ label, box }) => label === 'person' || people.every((person) => boxIou(person.box, box) < 0.3),
  );
}

describe('cell box', () => {
  it('reads six numbers by the formula of the spec', () => {
    const out = [0, 0, 0, 0];
    // centre 0.5: 4 px right; width ln 2: 16 px; top 0: 16 px up; bottom ln 3: 48 px down.
    readCellBox([0, 0, 0.5, Math.log(2), 0, Math.log(3)], 0, 100, 50, out, 0);
    expect(out.map((v) => Math.round(v * 1e6) / 1e6)).toEqual([96, 34, 112, 98]);
  });

  it('encodes what it reads', () => {
    const random = seededRandom(3);
    for (let n = 0; n < 50; n++) {
      const x0 = random() * 100;
      const y0 = random() * 100;
      const box = { x0, y0, x1: x0 + 1 + random() * 90, y1: y0 + 30 + random() * 90 };
      const [x, y] = [random() * 200, y0 + 1 + random() * 28];
      const { centre, width, top, bottom } = encodeCellBox(x, y, box);
      const out = [0, 0, 0, 0];
      readCellBox([0, 0, centre, width, top, bottom], 0, x, y, out, 0);
      [box.x0, box.y0, box.x1, box.y1].forEach((v, i) => {
        expect(out[i]).toBeCloseTo(v, 6);
      });
    }
  });

  it('clamps exponents, so that no weight makes an infinite box', () => {
    const out = [0, 0, 0, 0];
    readCellBox([0, 0, 0, 1e9, 1e9, -1e9], 0, 0, 0, out, 0);
    expect(out.every(Number.isFinite)).toBe(true);
    expect(out[2] - out[0]).toBeCloseTo(8 * Math.exp(6), 6);
  });
});

describe('bestFirst', () => {
  it('orders by value, ties to the lower index, and cuts after ordering', () => {
    const values = Float32Array.of(0.5, 0.9, 0.5, 0.1, 0.5, 0.9);
    expect([...bestFirst(values, 10)]).toEqual([1, 5, 0, 2, 4, 3]);
    expect([...bestFirst(values, 4)]).toEqual([1, 5, 0, 2]);
  });
});

describe('decodeCells', () => {
  it.each([1, 2, 3, 4, 5])('finds every thing once from perfect cells (seed %i)', (seed) => {
    const things = apart(makeThings(frame, seed));
    const found = decodeCells(spec, frame, oracleCells(spec, frame, things), options);
    expect(found).toHaveLength(things.length);
    for (const thing of things) expect(nearestError(thing, found)).toBeLessThan(0.05);
  });

  it.each([6, 7, 8])('finds every thing once from noisy cells, tall thin ones too (seed %i)', (seed) => {
    const things = apart(makeThings(frame, seed, 16));
    const inspection = oracleCells(spec, frame, things, { noise: 0.15, seed });
    const found = decodeCells(spec, frame, inspection, options);
    for (const label of ['person', 'pole']) {
      const count = (list: readonly Thing[]) => list.filter((t) => t.label === label).length;
      expect(count(found)).toBe(count(things));
    }
  });

  it('joins the pieces of one shaft that has a gap where blocks were skipped', () => {
    const pole: Thing = { label: 'pole', box: { x: 100, y: 20, width: 4, height: 300 } };
    const gates = new Uint8Array(30 * 23).fill(1);
    for (let column = 0; column < 30; column++) for (const row of [5, 6, 11]) gates[row * 30 + column] = 0;
    const inspection = oracleCells(spec, frame, [pole], { noise: 0.1, gates });
    const found = decodeCells(spec, frame, inspection, options);
    expect(found).toHaveLength(1);
    expect(nearestError(pole, found)).toBeLessThan(5);
  });

  it('keeps two thin poles that stand side by side', () => {
    const poles: Thing[] = [100, 112].map((x) => ({
      label: 'pole',
      box: { x, y: 50, width: 3, height: 120 },
    }));
    const found = decodeCells(spec, frame, oracleCells(spec, frame, poles), options);
    expect(found).toHaveLength(2);
  });

  describe('where a person and a pole are said in one place', () => {
    const box = { x: 100, y: 50, width: 12, height: 40 };
    const channels = spec.detail.head.outputs;
    const logit = (p: number) => Math.log(p / (1 - p));

    /** Cells of a pole in `box`, and of people of these scores in boxes of their own. */
    const cellsWith = (people: readonly { readonly score: number; readonly at: typeof box }[]) => {
      const inspection = oracleCells(spec, frame, [{ label: 'pole', box }]);
      for (const { score, at } of people) {
        const person = oracleCells(spec, frame, [{ label: 'person', box: at }]).cells;
        for (let cell = 0; cell < person.length; cell += channels) {
          if (person[cell] <= 0) continue;
          inspection.cells.set(person.subarray(cell, cell + channels / 2), cell);
          // Of score and quality, whose product it is, the one is all but sure.
          inspection.cells.set([logit(score), 20], cell);
        }
      }
      return inspection;
    };
    /** Score of the pole that is left, with a person of this score in `at`. */
    const poleScore = (score: number, at = box, scoreThreshold = (_label: string) => 0.01) => {
      const found = decodeCells(spec, frame, cellsWith([{ score, at }]), { ...options, scoreThreshold });
      return found.find(({ label }) => label === 'pole')?.score ?? 0;
    };
    const alone = decodeCells(spec, frame, oracleCells(spec, frame, [{ label: 'pole', box }]), options)[0]
      .score;

    it('the pole is the less sure the surer the person is', () => {
      expect(poleScore(0.5)).toBeCloseTo(Math.sqrt(0.5) * alone, 2);
      expect(poleScore(0.8)).toBeCloseTo(Math.sqrt(0.2) * alone, 2);
    });

    it('a person who is not among the few that are wanted speaks too', () => {
      const cells = cellsWith([
        { score: 0.8 * alone, at: { ...box, x: 300 } },
        { score: 0.7 * alone, at: box },
      ]);
      const wanted = { scoreThreshold: () => 0.01, maxDetections: 100 };
      const all = decodeCells(spec, frame, cells, wanted);
      expect(all[0]).toMatchObject({ label: 'person', box: { x: expect.closeTo(300, 0) } });
      expect(decodeCells(spec, frame, cells, { ...wanted, maxDetections: 1 })).toEqual(all.slice(0, 1));
    });

    it('a person below the score that speaks says nothing', () => {
      expect(poleScore(0.2)).toBeCloseTo(alone, 6);
    });

    it('a person that is not to be told speaks all the same', () => {
      const threshold = (label: string) => (label === 'person' ? 0.9 : 0.01);
      expect(poleScore(0.5, box, threshold)).toBeCloseTo(Math.sqrt(0.5) * alone, 2);
    });

    it('a person who stands before a tall pole leaves it as it is', () => {
      expect(poleScore(0.8, { x: 100, y: 80, width: 12, height: 10 })).toBeCloseTo(alone, 6);
    });
  });

  it('averages boxes by score', () => {
    const [a, b] = [3, 1]; // score logits
    const inspection = oracleCells(spec, frame, []);
    const channels = spec.detail.head.outputs;
    const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
    // Two cells of block 0, side by side at (2, 2) and (6, 2), with the same top and foot and centres 8 and 9.
    inspection.cells.set([a, 20, (8 - 2) / 8, Math.log(2), 0, 0], 0);
    inspection.cells.set([b, 20, (9 - 6) / 8, Math.log(2), 0, 0], channels);
    const [found, ...rest] = decodeCells(spec, { width: 470, height: 355 }, inspection, options);
    expect(rest).toEqual([]);
    // Its box of 16x32 px has 32 cells, of which two speak for it; half of them would be full support.
    const support = (sigmoid(a) + sigmoid(b)) / sigmoid(a) / 32;
    expect(found.score).toBeCloseTo(sigmoid(a) * Math.sqrt(support / 0.5), 5);
    const centre = (8 * sigmoid(a) + 9 * sigmoid(b)) / (sigmoid(a) + sigmoid(b));
    expect(found.box.x).toBeCloseTo(centre - 8, 4);
    expect(found.box.x + found.box.width).toBeCloseTo(centre + 8, 4);
  });

  it('ignores cells over the edge, which are zero', () => {
    const small = { width: 17, height: 17 };
    const inspection = {
      blocks: Uint32Array.of(3),
      cells: new Float32Array(16 * spec.detail.head.outputs),
      macs: 0,
    };
    // Block 3 is the one at (16, 16): one cell of it lies on the frame; its zero scores 0.25.
    const found = decodeCells(spec, small, inspection, { scoreThreshold: () => 0.05, maxDetections: 100 });
    expect(found.map(({ label }) => label)).toEqual(['person', 'pole']);
    // Alone in a box of 8x32 px, 16 cells of which half would be full support.
    expect(found[0].score).toBeCloseTo(0.25 * Math.sqrt(1 / 16 / 0.5), 6);
    expect(decodeCells(spec, small, inspection, { scoreThreshold: () => 0.26, maxDetections: 100 })).toEqual(
      [],
    );
  });

  it('lowers the score of a pole that few of its cells back', () => {
    const pole: Thing = { label: 'pole', box: { x: 100, y: 20, width: 4, height: 300 } };
    const gates = new Uint8Array(30 * 23);
    gates[10 * 30 + 6] = 1; // one block of the twenty that it crosses
    const [whole] = decodeCells(spec, frame, oracleCells(spec, frame, [pole]), options);
    const piece = (support: DetectionSettings['other']['support']) => {
      const labels = { pole: { ...DETECTION_SETTINGS.labels.pole, support } };
      const inspection = oracleCells(spec, frame, [pole], { gates });
      const settings = { ...DETECTION_SETTINGS, labels };
      return decodeCells(spec, frame, inspection, { ...options, scoreThreshold: () => 0.01, settings })[0]
        .score;
    };
    // 4 to 8 cells of 75; 0.5 is full support.
    const factor = piece({ fullShare: 0.5, exponent: 1 }) / piece(undefined);
    expect(factor).toBeGreaterThan(4 / 75);
    expect(factor).toBeLessThan((2.05 * 8) / 75);
    expect(piece(DETECTION_SETTINGS.labels.pole.support)).toBeLessThan(whole.score / 2);
  });

  it('clips to the frame, sorts by score and keeps at most maxDetections', () => {
    const things = makeThings(frame, 9);
    const inspection = oracleCells(spec, frame, things, { noise: 0.3 });
    const all = decodeCells(spec, frame, inspection, options);
    const few = decodeCells(spec, frame, inspection, { ...options, maxDetections: 3 });
    expect(few).toEqual(all.slice(0, 3));
    for (const [i, { box, score }] of all.entries()) {
      expect(box.x >= 0 && box.y >= 0).toBe(true);
      expect(box.x + box.width).toBeLessThanOrEqual(frame.width + 1e-9);
      expect(box.y + box.height).toBeLessThanOrEqual(frame.height + 1e-9);
      if (i > 0) expect(score).toBeLessThanOrEqual(all[i - 1].score);
    }
  });

  it('gives the same twice, and survives cells that are not numbers', () => {
    const random = seededRandom(11);
    const inspection = oracleCells(spec, frame, []);
    inspection.cells.forEach((_, i) => {
      inspection.cells[i] = i % 97 === 0 ? Number.NaN : 6 * random() - 3;
    });
    const first = decodeCells(spec, frame, inspection, { scoreThreshold: () => 0.01, maxDetections: 100 });
    const second = decodeCells(spec, frame, inspection, { scoreThreshold: () => 0.01, maxDetections: 100 });
    expect(first.length).toBeGreaterThan(10);
    expect(second).toEqual(first);
    for (const { box } of first) expect(Object.values(box).every(Number.isFinite)).toBe(true);
  });
});
