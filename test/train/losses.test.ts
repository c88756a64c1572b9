/** Losses: their gradients against finite differences, and what they must prefer. */
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTrainingBackend } from '../../train/loop/backend.ts';
import { chooseGates, expectedCost } from '../../train/loop/gates.ts';
import { cellLoss, type RowTruth } from '../../train/loop/losses.ts';
import { seededRandom } from '../../train/random.ts';

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
  return tf.tidy(() => cellLoss(tf.tensor2d(cells, [CELLS, CHANNELS]), truth).total.dataSync()[0]);
}

describe('cellLoss', () => {
  beforeAll(() => startTrainingBackend());

  it('has the gradient that finite differences give, where the loss is smooth and quality is a target apart', () => {
    const { cells, truth } = problem(3);
    const gradient = tf.tidy(() =>
      tf
        .grad((x) => cellLoss(x as tf.Tensor2D, truth).total)(tf.tensor2d(cells, [CELLS, CHANNELS]))
        .dataSync(),
    );
    const step = 2e-3;
    let checked = 0;
    for (let i = 0; i < cells.length; i++) {
      // The quality's target is the predicted overlap, held constant: boxes differ there by design.
      const channel = i % 6;
      if (channel > 1) continue;
      const at = (delta: number) =>
        lossOf(
          cells.map((v, j) => (j === i ? v + delta : v)),
          truth,
        );
      expect(gradient[i]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 2);
      checked++;
    }
    expect(checked).toBe(CELLS * LABELS.length * 2);
  });

  it('falls when boxes are moved along its negative gradient', () => {
    const { cells, truth } = problem(4);
    const gradient = tf.tidy(() =>
      tf
        .grad((x) => cellLoss(x as tf.Tensor2D, truth).total)(tf.tensor2d(cells, [CELLS, CHANNELS]))
        .dataSync(),
    );
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
    const gradient = tf.tidy(() =>
      tf
        .grad((x) => cellLoss(x as tf.Tensor2D, { ...truth, weight }).total)(
          tf.tensor2d(cells, [CELLS, CHANNELS]),
        )
        .dataSync(),
    );
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
    const look = Float32Array.from({ length: 2 * blocks }, (_, i) => -(i % blocks));
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
      loss: Float32Array.of(0.5, 2.5),
      gates: Uint8Array.of(2, 1),
    };
    const { five } = expectedCost(facts, 0.3, 0.3);
    expect(five[0]).toBeLessThan(0);
    expect(five[1]).toBeLessThan(0);
  });
});
