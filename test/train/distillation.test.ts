/** Learning from a teacher: the gradient of the divergence, and which teachers are taken. */
import { describe, expect, it } from 'vitest';
import { peopleVsPoles, SHIPPED_WIDTHS } from '../../src/network/people-vs-poles.ts';
import type { Model } from '../../src/network/spec.ts';
import { distillation, fromEverywhere, type Taught } from '../../train/loop/distillation.ts';
import { initializeWeights } from '../../train/loop/initialize.ts';
import { teacherFor } from '../../train/loop/teacher.ts';
import { normal, seededRandom } from '../../train/random.ts';
import { TINY_SPEC } from '../helpers/tiny-step.ts';

const BLOCKS = 5;
const CELLS = 4;
const HEAD = 12;

function randomAnswers(seed: number): Taught {
  const random = seededRandom(seed);
  const values = (length: number) => Float32Array.from({ length }, () => normal(random));
  return { gate: values(2 * BLOCKS), cells: values(CELLS * HEAD) };
}

describe('distillation', () => {
  const own = randomAnswers(1);
  const taught = randomAnswers(2);

  it('has the gradient of its loss, and none by the five logits', () => {
    const { gradient } = distillation(own, taught);
    for (const output of ['gate', 'cells'] as const) {
      own[output].forEach((value, i) => {
        const at = (moved: number) => {
          const values = own[output].slice();
          values[i] = moved;
          return distillation({ ...own, [output]: values }, taught).total;
        };
        const [up, down] = [Math.fround(value + 0.01), Math.fround(value - 0.01)];
        const slope = (at(up) - at(down)) / (up - down);
        expect(gradient[output][i], `${output} ${i}`).toBeCloseTo(slope, 3);
      });
    }
    expect(gradient.gate.filter((_, i) => i % 2 === 1).every((g) => g === 0)).toBe(true);
    expect(gradient.cells.every((g) => g !== 0)).toBe(true);
  });

  it('is nothing where both answer the same', () => {
    const { total, gradient } = distillation(own, own);
    expect(total).toBeCloseTo(0, 6);
    expect([...gradient.gate, ...gradient.cells].every((g) => Math.abs(g) < 1e-6)).toBe(true);
  });

  it('asks for boxes only where the teacher sees a thing', () => {
    const sees = (score: number) => ({
      ...taught,
      cells: taught.cells.map((v, i) => (i % 6 === 0 ? score : v)),
    });
    const byBoxes = ({ gradient }: { gradient: Taught }) =>
      gradient.cells.reduce((sum, g, i) => sum + (i % 6 === 0 ? 0 : Math.abs(g)), 0);
    expect(byBoxes(distillation(own, sees(-9)))).toBeLessThan(0.01 * byBoxes(distillation(own, sees(2))));
  });
});

describe('a teacher that attends to every block', () => {
  // Two blocks of two cells each, four cells in a row; heads of two labels.
  const cells = new Float32Array(4 * HEAD).map((_, i) => i / 100);
  const scores = [-4, -2, -6, 3, -5, -1, 0, -9];
  scores.forEach((score, i) => {
    cells[6 * i] = score;
  });
  const answers = { gate: Float32Array.of(-1, 7, 2, 8), cells, blockOf: Int32Array.of(0, 1, 0, 1) };
  const { gate, cells: own } = fromEverywhere(answers, Int32Array.of(1, 3));

  it('teaches look logits halfway to the surest score in the block, of either label', () => {
    expect([...gate]).toEqual([(-1 + -1) / 2, 7, (2 + 3) / 2, 8]);
  });

  it('teaches the cells that the network attends to', () => {
    expect([...own]).toEqual([...cells.subarray(HEAD, 2 * HEAD), ...cells.subarray(3 * HEAD)]);
  });
});

describe('teacherFor', () => {
  const model = (network = TINY_SPEC): Model => ({
    network,
    weights: initializeWeights(network, 1),
    scoreThresholds: {},
    gateThreshold: 0,
    card: {},
  });

  it('takes a teacher of other layers', () => {
    expect(teacherFor(peopleVsPoles(SHIPPED_WIDTHS), model()).spec).toEqual(TINY_SPEC);
  });

  it('says what differs in one that answers for other things', () => {
    const other = { ...TINY_SPEC, labels: ['person', 'tram'] };
    expect(() => teacherFor(TINY_SPEC, model(other))).toThrow(/labels person, tram.*labels person, pole/s);
  });

  it('says so of one that sees light otherwise: both look at the same views', () => {
    const flatter = { ...TINY_SPEC, halfSaturation: 96 };
    expect(() => teacherFor(TINY_SPEC, model(flatter))).toThrow(/half saturation 96.*half saturation 16/s);
  });
});
