import { describe, expect, it } from 'vitest';
import { type CodeProblem, codeAt, codeToBytes } from '../../train/compress/code-to-bytes.ts';
import { levelOnGrid, onOpenGrid } from '../../train/compress/straight-through.ts';
import { normal, seededRandom } from '../../train/random.ts';

const [ROWS, COLUMNS] = [60, 32];
const SIZE = ROWS * COLUMNS;
const layers = ['coarse', 'fine'].map((name, i) => ({
  name,
  shape: [ROWS, COLUMNS],
  offset: 1 + i * SIZE,
  size: SIZE,
}));
const pricing = { price: 0, width: 2, levelling: 0.5 };

/** Two layers of equal weights, of which the second one's errors cost a hundred times as much; a byte a bit of level. */
function problem(more: Partial<CodeProblem> = {}): CodeProblem {
  const random = seededRandom(11);
  const half = Float32Array.from({ length: SIZE }, () => 0.1 * normal(random));
  const vector = Float32Array.from([0.3, ...half, ...half]);
  const curvature = Float32Array.from(vector, (_, i) => (i <= SIZE ? 1 : 100));
  const bytes = (decoded: Float32Array, steps: readonly number[]) =>
    layers.reduce(
      (sum, { offset, size }, i) =>
        decoded
          .subarray(offset, offset + size)
          .reduce((n, w) => n + Math.log2(1 + Math.abs(w / steps[i])) / 4, sum),
      50,
    );
  return { layers, vector, curvature, bytes, ...more };
}

describe('codeToBytes', () => {
  it('comes within a hundredth below the bytes that it is told', () => {
    for (const bytes of [200, 500, 1000]) {
      const code = codeToBytes(problem(), pricing, bytes);
      expect(code.bytes).toBeLessThanOrEqual(bytes);
      expect(code.bytes).toBeGreaterThan(0.97 * bytes);
    }
  });

  it('gives layers steps by what their errors cost, and whole multiples of them', () => {
    const { steps, levels, decoded } = codeToBytes(problem(), pricing, 600);
    expect(steps[0] / steps[1]).toBeCloseTo(10, 4);
    expect(decoded[0]).toBe(Math.fround(0.3));
    layers.forEach(({ offset, size }, i) => {
      expect([...decoded.subarray(offset, offset + size)]).toEqual(
        [...levels[i]].map((level) => Math.fround(level * steps[i])),
      );
    });
  });

  it('keeps the steps that it is given and prunes more instead', () => {
    const { steps } = codeToBytes(problem(), pricing, 900);
    const fewer = codeToBytes(problem(), pricing, 600, steps);
    expect(fewer.steps).toEqual(steps);
    expect(fewer.bytes).toBeLessThanOrEqual(600);
  });

  it('judges by single curvatures only as far as levelling leaves them', () => {
    const given = problem();
    const curvature = given.curvature.map((h, i) => (i % 2 === 0 ? h : 0.01 * h));
    const zeros = (levelling: number) => {
      const { levels } = codeAt({ ...given, curvature }, { ...pricing, price: 1e-4, levelling });
      const of = (odd: number) => levels[0].reduce((n, l, i) => n + Number(l === 0 && i % 2 === odd), 0);
      return [of(0), of(1)];
    };
    const [flat, steep] = zeros(0);
    expect(flat).toBeGreaterThan(1.5 * steep);
    const [a, b] = zeros(1);
    expect(Math.abs(a - b)).toBeLessThan(0.1 * (a + b));
  });
});

describe('an open grid', () => {
  it('holds small weights at zero until they pass the dead zone, then rounds', () => {
    expect(levelOnGrid(0.59, 1)).toBe(0);
    expect(levelOnGrid(-0.61, 1)).toBe(-1);
    expect(levelOnGrid(1.4, 1)).toBe(1);
    const fine = Float32Array.of(9, ...new Array(SIZE).fill(0.55), ...new Array(SIZE).fill(-1.6));
    const out = new Float32Array(fine.length);
    onOpenGrid(fine, layers, [1, 0.5], out);
    expect([out[0], out[1], out[SIZE + 1]]).toEqual([9, 0, -1.5]);
  });
});
