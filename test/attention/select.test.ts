import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nthGreatest } from '../../src/attention/nth-greatest.ts';
import {
  attendedShare,
  budgetBlocks,
  type Policy,
  prioritised,
  SURE_LOOK,
  selectGates,
} from '../../src/attention/select.ts';
import { sigmoid } from '../../src/network/logistic.ts';

const glance = (columns: number, rows: number, look: number[], five: number[] = look.map(() => -1)) => ({
  columns,
  rows,
  look: Float32Array.from(look),
  five: Float32Array.from(five),
});
const options = (budget: number, threshold = 0.5, policy: Policy = 'static') => ({
  budget,
  threshold,
  policy,
});
const count = (gates: Uint8Array) => gates.filter((gate) => gate > 0).length;

describe('selectGates', () => {
  test('attends the blocks at or above the threshold while the budget lasts', () => {
    const gates = selectGates(glance(3, 2, [-1, 0, 2, -0.1, 3, -5]), options(1));
    expect([...gates]).toEqual([0, 1, 1, 0, 1, 0]);
  });

  test('keeps the highest looks when the budget is short, and takes 5x5 where it is asked for', () => {
    const gates = selectGates(glance(3, 2, [1, 4, 2, 3, 0.5, 5], [9, -1, 9, 1, 9, 0]), options(0.5));
    expect([...gates]).toEqual([0, 1, 0, 2, 0, 1]);
  });

  test('gives ties to the lower index', () => {
    const gates = selectGates(glance(4, 1, [2, 2, 2, 2]), options(0.5));
    expect([...gates]).toEqual([1, 1, 0, 0]);
  });

  test('dense attends everything with 3x3 kernels, whatever budget and logits', () => {
    const gates = selectGates(glance(2, 2, [-9, -9, 9, 9], [9, 9, 9, 9]), options(0, 0.9, 'dense'));
    expect([...gates]).toEqual([1, 1, 1, 1]);
  });

  test('a logit that is not a number is not attended', () => {
    expect([...selectGates(glance(2, 1, [Number.NaN, 1]), options(1))]).toEqual([0, 1]);
  });

  test('the budget is a hard cap and no skipped block looks better than an attended one', () => {
    const looks = fc.array(fc.float({ noNaN: true, min: -8, max: 8 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(looks, fc.double({ min: 0, max: 1, noNaN: true }), (look, budget) => {
        const input = glance(look.length, 1, look);
        const gates = selectGates(input, options(budget, 0.3));
        const candidates = input.look.filter((logit) => sigmoid(logit) >= 0.3).length;
        expect(count(gates)).toBe(Math.min(budgetBlocks(budget, look.length), candidates));
        const worst = Math.min(...input.look.filter((_, i) => gates[i] > 0));
        const rejected = input.look.filter((logit, i) => gates[i] === 0 && sigmoid(logit) >= 0.3);
        for (const logit of rejected) expect(logit).toBeLessThanOrEqual(worst);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});

test('attendedShare counts 3x3 and 5x5 alike', () => {
  expect(attendedShare(Uint8Array.of(0, 1, 2, 0))).toBe(0.5);
});

test('nthGreatest is what sorting gives, ties and all', () => {
  const values = fc.array(fc.float({ noNaN: true, min: -3, max: 3 }).map(Math.round), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 0.999, noNaN: true }), (list, share) => {
      const n = 1 + Math.floor(share * list.length);
      const sorted = list.slice().sort((a, b) => b - a);
      expect(nthGreatest(Float32Array.from(list), n) === sorted[n - 1]).toBe(true);
    }),
    { seed: 8, numRuns: 300 },
  );
});

describe('prioritised', () => {
  const look = Float32Array.of(-2, SURE_LOOK, 4, 9);

  test('adds priors to the looks as they are for a single frame', () => {
    expect(prioritised(look, undefined, false)).toBe(look);
    expect([...prioritised(look, Float32Array.of(1, 0, -1, 0), false)]).toEqual([-1, SURE_LOOK, 3, 9]);
  });

  test('beside the priors of a stream surer than sure counts little, and keeps its order', () => {
    const softened = prioritised(look, new Float32Array(4), true);
    expect([...softened.subarray(0, 2)]).toEqual([-2, SURE_LOOK]);
    expect(softened[3]).toBeGreaterThan(softened[2]);
    expect(softened[3]).toBeLessThan(SURE_LOOK + 2);
    expect(prioritised(look, Float32Array.of(0, 0, 3, 0), true)[2]).toBeGreaterThan(softened[3]);
  });
});
