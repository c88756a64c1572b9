import { describe, expect, test } from 'vitest';
import { centreGates, randomGates } from '../../train/metrics/blind-gates.ts';

const count = (gates: Uint8Array) => gates.filter((gate) => gate > 0).length;

describe('gates that know nothing of the frame', () => {
  const grid = { columns: 7, rows: 5 };

  test('random attends the budget, the same for the same seed and other blocks for another', () => {
    const gates = randomGates(grid, { budget: 0.4, seed: 1 });
    expect(count(gates)).toBe(14);
    expect(randomGates(grid, { budget: 0.4, seed: 1 })).toEqual(gates);
    expect(randomGates(grid, { budget: 0.4, seed: 2 })).not.toEqual(gates);
  });

  test('random is uniform over blocks', () => {
    const hits = new Array(35).fill(0);
    for (let seed = 0; seed < 2000; seed++) {
      randomGates(grid, { budget: 0.2, seed }).forEach((gate, i) => {
        hits[i] += gate;
      });
    }
    for (const hit of hits) expect(Math.abs(hit / 2000 - 0.2)).toBeLessThan(0.05);
  });

  test('centre attends the middle of the grid', () => {
    const gates = centreGates({ columns: 5, rows: 3 }, { budget: 0.34 });
    expect([...gates]).toEqual([0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0]);
  });
});
