import { describe, expect, it } from 'vitest';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { initializeWeights } from '../../train/loop/initialize.ts';
import { optimize, startOptimizer } from '../../train/loop/optimizer.ts';
import { flatten, parametersOf, partOf } from '../../train/loop/parameters.ts';
import { isOrthogonalisable, orthogonalise } from '../../train/ops/orthogonal.ts';
import { normal, seededRandom } from '../../train/random.ts';

/** X^T X of a row-major matrix, and X^T Y. */
function gram(x: Float32Array, y: Float32Array, rows: number, columns: number): number[][] {
  const sum = (i: number, j: number) => {
    let total = 0;
    for (let k = 0; k < rows; k++) total += x[k * columns + i] * y[k * columns + j];
    return total;
  };
  return Array.from({ length: columns }, (_, i) => Array.from({ length: columns }, (_, j) => sum(i, j)));
}

describe('orthogonalise', () => {
  const random = seededRandom(3);

  it.each([
    [144, 16],
    [504, 48],
    [64, 24],
  ])('%i x %i: columns come out nearly orthonormal and keep their directions', (rows, columns) => {
    const x = Float32Array.from({ length: rows * columns }, () => normal(random) * 1e-3);
    const before = x.slice();
    orthogonalise(x, rows, columns);
    const own = gram(x, x, rows, columns);
    for (let i = 0; i < columns; i++) {
      expect(own[i][i]).toBeGreaterThan(0.4);
      expect(own[i][i]).toBeLessThan(1.6);
      for (let j = 0; j < i; j++) expect(Math.abs(own[i][j])).toBeLessThan(0.35);
    }
    // U V^T is the orthogonal matrix nearest to x: X^T U is symmetric and positive.
    const mixed = gram(before, x, rows, columns);
    const size = Math.max(...mixed.map((row, i) => row[i]));
    for (let i = 0; i < columns; i++) {
      expect(mixed[i][i]).toBeGreaterThan(0);
      for (let j = 0; j < i; j++) expect(Math.abs(mixed[i][j] - mixed[j][i])).toBeLessThan(1e-4 * size);
    }
  });

  it('leaves zeros zeros and does not depend on the scale', () => {
    const zeros = new Float32Array(16 * 8);
    orthogonalise(zeros, 16, 8);
    expect(zeros.every((value) => value === 0)).toBe(true);
    const x = Float32Array.from({ length: 16 * 8 }, () => normal(random));
    const scaled = x.map((value) => value * 1024);
    orthogonalise(x, 16, 8);
    orthogonalise(scaled, 16, 8);
    for (let i = 0; i < x.length; i++) expect(scaled[i]).toBeCloseTo(x[i], 4);
  });

  it('says which sizes it takes', () => {
    expect(isOrthogonalisable(144, 16)).toBe(true);
    for (const [rows, columns] of [
      [8, 16],
      [144, 12],
      [150, 16],
    ]) {
      expect(isOrthogonalisable(rows, columns)).toBe(false);
    }
  });
});

describe('optimize', () => {
  const spec = peopleVsPoles();
  const parameters = parametersOf(spec);
  const start = () => startOptimizer(flatten(parameters, initializeWeights(spec, 1)));
  const random = seededRandom(9);
  const gradient = Float32Array.from({ length: parameters.size }, () => normal(random) * 1e-3);

  it("gives Muon's parameters steps of AdamW's size, whatever their gradient's", () => {
    for (const scale of [1, 1e-3]) {
      const state = start();
      const before = state.weights.slice();
      optimize(
        state,
        parameters,
        gradient.map((g) => g * scale),
        1e-2,
      );
      for (const parameter of parameters.list.filter((p) => p.hidden && p.shape[3] % 8 === 0)) {
        const decay = 1 - 1e-2 * 1e-2;
        const old = partOf(before, parameter);
        const moved = partOf(state.weights, parameter).map((value, i) => value - old[i] * decay);
        const size = Math.sqrt(moved.reduce((sum, value) => sum + value * value, 0) / moved.length);
        expect(size).toBeGreaterThan(0.14e-2);
        expect(size).toBeLessThan(0.26e-2);
      }
    }
  });

  it('hidden are the convolutions between features: not the first layers, the answers or biases', () => {
    const names = parameters.list.filter(({ hidden }) => hidden).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['a2.w', 'features.w', 'd2.w', 'd4.w', 'd4.five.w']));
    for (const name of ['a1.w', 'd1.w', 'gate.w', 'head.w', 'd3.b']) expect(names).not.toContain(name);
  });

  it('leaves out a step whose gradient is no number', () => {
    const state = start();
    const before = state.weights.slice();
    const broken = gradient.slice();
    broken[5] = Number.NaN;
    expect(optimize(state, parameters, broken, 1e-2)).toBeNaN();
    expect(state.weights.every((value, i) => value === before[i])).toBe(true);
    expect(state.step).toBe(0);
  });
});
