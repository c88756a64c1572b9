import { describe, expect, it } from 'vitest';
import { type Coded, type CompressionProblem, compressAs, compressOnce } from '../../train/compress/cycle.ts';
import { Recovery } from '../../train/compress/recovery.ts';
import { applyMask, gridOf, onGrid } from '../../train/compress/straight-through.ts';
import { normal, seededRandom } from '../../train/random.ts';

const ROWS = 40;
const COLUMNS = 16;
const SIZE = ROWS * COLUMNS;
const layers = [{ name: 'w', shape: [ROWS, COLUMNS], offset: 1, size: SIZE }];

/** A quadratic loss that feels the first half of the columns only; vector[0] belongs to no layer. */
function problem(more: Partial<CompressionProblem> = {}): CompressionProblem {
  const random = seededRandom(7);
  const vector = Float32Array.from({ length: SIZE + 1 }, () => normal(random));
  const curvature = Float32Array.from({ length: SIZE + 1 }, (_, i) =>
    (i - 1) % COLUMNS < COLUMNS / 2 ? 1 : 1e-6,
  );
  return {
    layers,
    vector,
    curvature,
    rateLambda: 1e-3,
    loss: (v) => 0.5 * v.reduce((sum, w, i) => sum + curvature[i] * (w - vector[i]) ** 2, 0),
    bytes: (v) => v.reduce((sum, w, i) => sum + (i > 0 && w !== 0 ? 1 : 0), 20),
    ...more,
  };
}

describe('compressOnce', () => {
  it('keeps the best of its candidates, by lambda times bits and loss', async () => {
    const seen: Coded[] = [];
    const best = await compressOnce(problem({ onCandidate: (coded) => seen.push(coded) }));
    expect(seen.length).toBeGreaterThan(6);
    expect(best.score).toBe(Math.min(...seen.map(({ score }) => score)));
    expect(best.score).toBeCloseTo(best.loss + 1e-3 * 8 * best.bytes, 6);
    expect(new Set(seen.map(({ choice }) => choice.saliency)).size).toBe(2);
  });

  it('gives whole multiples of the steps and leaves alone what no layer covers', async () => {
    const given = problem();
    const { decoded, levels, choice } = await compressOnce(given);
    expect(decoded[0]).toBe(given.vector[0]);
    expect([...decoded.subarray(1)]).toEqual(
      [...levels[0]].map((level) => Math.fround(level * choice.steps[0])),
    );
  });

  it('prunes by curvature what magnitude would keep', async () => {
    const { levels } = await compressOnce(problem());
    const live = (from: number, to: number) =>
      levels[0].reduce(
        (n, level, i) => n + Number(level !== 0 && i % COLUMNS >= from && i % COLUMNS < to),
        0,
      );
    expect(live(0, 8)).toBeGreaterThan(10 * live(8, 16));
  });

  it('takes about the bytes that it is told to', async () => {
    for (const targetBytes of [80, 200, 350]) {
      const { bytes } = await compressOnce(problem({ targetBytes }));
      expect(bytes).toBeLessThanOrEqual(1.01 * targetBytes);
      expect(bytes).toBeGreaterThan(0.8 * targetBytes);
    }
  });

  it('compresses more when training wins most of the loss back', async () => {
    const all = await compressOnce(problem());
    const some = await compressOnce(problem({ recovery: { lossBefore: 0, keptShare: 0.05 } }));
    expect(some.bytes).toBeLessThan(all.bytes);
  });

  it('weighs candidates of the caller too, as one that was rewound', async () => {
    const given = problem();
    const choice = { saliency: 'magnitude', greed: 1, steps: [0.5] } as const;
    const empty = new Float32Array(SIZE + 1);
    const free = { ...given, loss: () => 0, extra: [{ label: 'rewound', decoded: empty, choice }] };
    expect((await compressOnce(free)).bytes).toBe(20);
    expect(
      (await compressOnce({ ...given, extra: [{ label: 'rewound', decoded: empty, choice }] })).label,
    ).not.toBe('rewound');
  });

  it('never takes a loss that is no number', async () => {
    const given = problem();
    const first = await compressAs(given, { saliency: 'curvature', greed: 1, steps: [0.5] });
    const { loss } = given;
    const broken = {
      ...given,
      loss: (v: Float32Array) => (v.every((w, i) => w === first.decoded[i]) ? Number.NaN : loss(v)),
    };
    expect((await compressOnce({ ...broken, previous: first.choice })).score).toBeLessThan(
      Number.POSITIVE_INFINITY,
    );
  });
});

describe('the grid of training between cycles', () => {
  const levels = Int32Array.from({ length: SIZE }, (_, i) => (i % 4 === 0 ? 0 : 1));
  const grid = gridOf(layers, [0.25], [levels], SIZE + 1);

  it('rounds live weights, keeps pruned ones at zero, and copies the rest', () => {
    const fine = new Float32Array(SIZE + 1).fill(0.3);
    const out = new Float32Array(SIZE + 1);
    onGrid(fine, grid, out);
    expect(out[0]).toBe(fine[0]);
    expect([...out.subarray(1)]).toEqual(Array.from(levels, (level) => (level === 0 ? 0 : 0.25)));
    applyMask(fine, grid.live);
    expect([...fine.subarray(1)].filter((w) => w === 0).length).toBe(SIZE / 4);
  });
});

describe('Recovery', () => {
  it('learns the share of a loss that training does not win back', () => {
    const recovery = new Recovery(0.3);
    for (let i = 0; i < 12; i++) {
      recovery.compressed(1, 2);
      recovery.trained(1.1);
    }
    expect(recovery.keptShare).toBeCloseTo(0.1, 2);
    recovery.trained(5);
    expect(recovery.keptShare).toBeCloseTo(0.1, 2);
  });
});
