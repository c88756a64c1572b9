/** Losses: their gradients against finite differences, and what they must prefer. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { describe, expect, it } from 'vitest';
import { cellLoss, LOSS_WEIGHTS, type LossWeights, type RowTruth } from '../../train/loop/cell-loss.ts';
import { chooseGates, expectedCost, gateLoss } from '../../train/loop/gates.ts';
import { SCENE_CLASSES, sceneLoss } from '../../train/loop/scene-heads.ts';
import { seededRandom } from '../../train/random.ts';
import { cellLossGraph } from '../helpers/cell-loss-graph.ts';

const LABELS = ['person', 'pole'];
const CELLS = 12;
const CHANNELS = 6 * LABELS.length;

function problem(seed: number): { cells: Float32Array; truth: RowTruth } {
  const random = seededRandom(seed);
  const rows = CELLS * LABELS.length;
  return {
    cells: Float32Array.from({ length: CELLS * CHANNELS }, () => random() * 1.6 - 0.8),
    truth: {
      score: Float32Array.from({ length: rows }, () => Number(random() < 0.5)),
      weight: Float32Array.from({ length: rows }, () => Number(random() < 0.9)),
      share: Float32Array.from({ length: rows }, () => 0.2 + random()),
      box: Float32Array.from({ length: rows * 4 }, () => random() * 1.6 - 0.8),
      labels: LABELS,
    },
  };
}

function lossOf(cells: Float32Array, truth: RowTruth): number {
  return cellLoss(cells, truth).total;
}

describe('cellLoss', () => {
  it('equals the same losses as a tfjs graph, value and gradient, on the cpu backend', async () => {
    await tf.setBackend('cpu');
    for (const seed of [3, 4, 5]) {
      const { cells, truth } = problem(seed);
      const shape: [number, number] = [CELLS, CHANNELS];
      const expected = tf.tidy(() => {
        const x = tf.tensor2d(cells, shape);
        const { total, rowScore, parts } = cellLossGraph(x, truth);
        const gradient = tf.grad((y) => cellLossGraph(y as tf.Tensor2D, truth).total)(x);
        return {
          total: total.dataSync()[0],
          rowScore: [...rowScore.dataSync()],
          parts: Object.entries(parts).map(([name, part]) => [name, part.dataSync()[0]] as const),
          gradient: [...gradient.dataSync()],
        };
      });
      const actual = cellLoss(cells, truth);
      expect(actual.total).toBeCloseTo(expected.total, 4);
      for (const [name, value] of expected.parts) {
        expect(actual.parts[name as keyof LossWeights]).toBeCloseTo(value, 4);
      }
      expected.rowScore.forEach((value, i) => {
        expect(actual.rowScore[i]).toBeCloseTo(value, 5);
      });
      expected.gradient.forEach((value, i) => {
        expect(actual.gradient[i]).toBeCloseTo(value, 5);
      });
    }
  });

  it('has the gradient that finite differences give, the overlap that the quality is to tell held constant', () => {
    const { cells, truth } = problem(3);
    const { gradient } = cellLoss(cells, truth);
    const step = 1e-3;
    const differences = (i: number, weights: LossWeights) => {
      const at = (delta: number) => {
        const moved = cells.slice();
        moved[i] += delta;
        return cellLoss(moved, truth, weights).total / (2 * step);
      };
      return at(step) - at(-step);
    };
    const withoutQuality = cellLoss(cells, truth, { ...LOSS_WEIGHTS, quality: 0 }).gradient;
    let moved = 0;
    for (let i = 0; i < cells.length; i++) {
      expect(withoutQuality[i]).toBeCloseTo(differences(i, { ...LOSS_WEIGHTS, quality: 0 }), 2);
      if (i % 6 <= 1) expect(gradient[i]).toBeCloseTo(differences(i, LOSS_WEIGHTS), 2);
      else expect(gradient[i]).toBe(withoutQuality[i]);
      if (gradient[i] !== 0) moved++;
    }
    expect(moved).toBeGreaterThan(cells.length / 3);
  });

  it('falls when boxes are moved along its negative gradient', () => {
    const { cells, truth } = problem(4);
    const { gradient } = cellLoss(cells, truth);
    const moved = cells.map((v, i) => (i % 6 > 1 ? v - 0.05 * gradient[i] : v));
    expect(lossOf(moved, truth)).toBeLessThan(lossOf(cells, truth));
  });

  it('is least, but for the floors, where score and boxes are the truth', () => {
    const { truth } = problem(5);
    const perfect = new Float32Array(CELLS * CHANNELS);
    truth.score.forEach((target, row) => {
      perfect.set([target ? 8 : -8, 8, ...truth.box.subarray(row * 4, row * 4 + 4)], row * 6);
    });
    const best = lossOf(perfect, truth);
    const random = seededRandom(6);
    for (let trial = 0; trial < 5; trial++) {
      const other = perfect.map((v, i) => (i % 6 > 1 ? v + (random() - 0.5) * 0.5 : v));
      expect(lossOf(other, truth)).toBeGreaterThan(best);
    }
  });

  it('gives rows of weight 0 no gradient', () => {
    const { cells, truth } = problem(7);
    const weight = truth.weight.map((_, row) => Number(row % 3 !== 0));
    const { gradient } = cellLoss(cells, { ...truth, weight });
    weight.forEach((value, row) => {
      const part = [...gradient.subarray(row * 6, row * 6 + 6)];
      if (value === 0) expect(part.every((g) => g === 0)).toBe(true);
      else expect(part.some((g) => g !== 0)).toBe(true);
    });
  });
});

describe('gates in training', () => {
  it('attend the highest logits of each view, about as many as the budget says', () => {
    const blocks = 40;
    const look = Float32Array.from({ length: 4 * blocks }, (_, i) => (i % 2 ? 0 : -((i / 2) % blocks)));
    const choice = { budget: 0.25, explore: 0, teach: false, five: 0 };
    const gates = chooseGates(look, new Float32Array(2 * blocks), 2, choice, seededRandom(1));
    const first = [...gates.subarray(0, blocks)];
    const count = first.filter(Boolean).length;
    expect(count).toBeGreaterThanOrEqual(7);
    expect(count).toBeLessThanOrEqual(13);
    expect(first.lastIndexOf(1)).toBe(count - 1);
    expect([...gates.subarray(blocks)]).toEqual(first);
  });

  it('the expected cost pulls unlooked blocks with objects in, and empty ones out', () => {
    const gates = Uint8Array.of(1, 1, 0, 0);
    const facts = {
      positives: Float32Array.of(6, 0, 6, 0),
      known: Float32Array.of(1, 1, 1, 1),
      importance: Float32Array.of(1, 1, 1, 1),
      loss: Float32Array.of(1.5, 0.2, 0, 0),
      gates,
    };
    const { look, five } = expectedCost(facts, 0.3, 0.3);
    expect(look[0]).toBeLessThan(0);
    expect(look[1]).toBeGreaterThan(0);
    expect(look[2]).toBeCloseTo(look[0], 5);
    expect(look[3]).toBeGreaterThan(0);
    expect([five[2], five[3]]).toEqual([0, 0]);
  });

  it('the 5x5 branch is pulled in where it lost less than expected', () => {
    const facts = {
      positives: Float32Array.of(6, 6),
      known: Float32Array.of(1, 1),
      importance: Float32Array.of(1, 1),
      loss: Float32Array.of(0.5, 2.5),
      gates: Uint8Array.of(2, 1),
    };
    const { five } = expectedCost(facts, 0.3, 0.3);
    expect(five[0]).toBeLessThan(0);
    expect(five[1]).toBeLessThan(0);
  });

  it('the loss of the gates has the gradient that finite differences give, the measured losses held constant', () => {
    const random = seededRandom(9);
    const blocks = 10;
    const facts = {
      positives: Float32Array.from({ length: blocks }, () => Math.floor(random() * 3)),
      known: Float32Array.from({ length: blocks }, () => Number(random() < 0.8)),
      importance: Float32Array.from({ length: blocks }, () => 0.5 + random()),
      loss: Float32Array.from({ length: blocks }, () => random() * 4),
      gates: Uint8Array.from({ length: blocks }, () => Math.floor(random() * 3)),
    };
    const options = { lambda: 0.3, fiveShare: 0.3, teachWeight: 1, costWeight: 0.5 };
    const logits = Float32Array.from({ length: 2 * blocks }, () => random() * 4 - 2);
    const { gradient } = gateLoss(logits, facts, options);
    expectDifferences(logits, gradient, (x) => gateLoss(x, facts, options).total);
    expect(gradient.some((g, i) => i % 2 === 1 && g !== 0)).toBe(true);
  });

  it('the loss of the scene heads has the gradient that finite differences give', () => {
    const random = seededRandom(10);
    const rows = 4;
    const values = (length: number) => Float32Array.from({ length }, () => random());
    const truth = { targets: values(rows * SCENE_CLASSES), known: Float32Array.of(1, 0, 1, 1) };
    const logits = values(rows * SCENE_CLASSES);
    expectDifferences(logits, sceneLoss(logits, truth).gradient, (x) => sceneLoss(x, truth).total);
  });
});

function expectDifferences(
  at: Float32Array,
  gradient: Float32Array,
  loss: (x: Float32Array) => number,
): void {
  const step = 1e-2;
  for (let i = 0; i < at.length; i++) {
    const moved = (delta: number) => loss(at.map((value, j) => (j === i ? value + delta : value)));
    expect(gradient[i]).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 4);
  }
}
