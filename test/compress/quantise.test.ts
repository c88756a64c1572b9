import { describe, expect, it } from 'vitest';
import { quantiseLayer, roundLevel } from '../../train/compress/quantise.ts';
import { RateModel } from '../../train/compress/rate-model.ts';
import { ratePull } from '../../train/compress/rate-pull.ts';
import { normal, seededRandom } from '../../train/random.ts';

const SHAPE = [3, 3, 8, 16];
const SIZE = 3 * 3 * 8 * 16;

function randomWeights(seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: SIZE }, () => normal(random));
}

describe('quantiseLayer', () => {
  it('is plain rounding where bits are free', () => {
    const weights = randomWeights(1);
    const { levels } = quantiseLayer(weights, new Float32Array(SIZE).fill(1), SHAPE, 0.3, 0);
    expect(Array.from(levels, (level) => level + 0)).toEqual(
      Array.from(weights, (w) => roundLevel(w, 0.3) + 0),
    );
  });

  it('takes fewer bits and more error the more a bit is worth', () => {
    const weights = randomWeights(2);
    const curvature = new Float32Array(SIZE).fill(1);
    const made = [0, 0.01, 0.1, 10].map((lambda) => {
      const { levels, bits } = quantiseLayer(weights, curvature, SHAPE, 0.3, lambda);
      const error = weights.reduce((sum, w, i) => sum + (w - levels[i] * 0.3) ** 2, 0);
      return { bits, error };
    });
    for (let i = 1; i < made.length; i++) {
      expect(made[i].bits).toBeLessThan(made[i - 1].bits);
      expect(made[i].error).toBeGreaterThan(made[i - 1].error);
    }
  });

  it('prunes what the loss does not feel first', () => {
    const curvature = Float32Array.from({ length: SIZE }, (_, i) => (i % 16 < 8 ? 1 : 1e-4));
    const { levels } = quantiseLayer(randomWeights(6), curvature, SHAPE, 0.5, 1e-2);
    const live = (wanted: (column: number) => boolean) =>
      levels.reduce((sum, level, i) => sum + Number(level !== 0 && wanted(i % 16)), 0);
    expect(live((column) => column < 8)).toBeGreaterThan(10 * live((column) => column >= 8));
  });

  it('never revives a weight that is zero', () => {
    const weights = randomWeights(3).map((w, i) => (i % 3 === 0 ? 0 : w));
    const { levels } = quantiseLayer(weights, new Float32Array(SIZE).fill(1), SHAPE, 0.2, 1e-3);
    expect(levels.every((level, i) => i % 3 !== 0 || level === 0)).toBe(true);
  });
});

describe('RateModel', () => {
  it('asks more for a weight that stands alone than for one in a busy row', () => {
    const levels = new Int32Array(SIZE);
    for (let i = 0; i < SIZE; i++) if (i % 16 === 3) levels[i] = 1;
    levels[SIZE - 1] = 1;
    const model = new RateModel(levels, SHAPE);
    expect(model.bits(SIZE - 1, 1)).toBeGreaterThan(model.bits(3, 1) + 2);
    expect(model.bits(3, 0)).toBeGreaterThan(model.bits(4, 0));
  });

  it('comes near to the entropy of independent levels', () => {
    const random = seededRandom(4);
    const levels = Int32Array.from({ length: SIZE }, () => (random() < 0.2 ? (random() < 0.5 ? 1 : -1) : 0));
    const p = levels.reduce((n, level) => n + Math.abs(level), 0) / SIZE;
    const entropy = SIZE * (-p * Math.log2(p) - (1 - p) * Math.log2(1 - p) + p);
    expect(new RateModel(levels, SHAPE).total(levels)).toBeGreaterThan(0.9 * entropy);
    expect(new RateModel(levels, SHAPE).total(levels)).toBeLessThan(1.05 * entropy);
  });
});

describe('ratePull', () => {
  it('draws every weight towards zero, lone ones hardest, and nothing where bits are free', () => {
    const levels = new Int32Array(SIZE);
    for (let i = 0; i < SIZE; i++) if (i % 16 === 3) levels[i] = 1;
    levels[SIZE - 1] = 1;
    const layer = { name: 'w', shape: SHAPE, offset: 2, size: SIZE };
    const pull = ratePull([layer], [levels], [0.5], 1e-3, SIZE + 2);
    expect(pull.slice(0, 2)).toEqual(new Float32Array(2));
    expect(pull[2 + SIZE - 1]).toBeGreaterThan(pull[2 + 3]);
    expect(Math.min(...pull)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...ratePull([layer], [levels], [0.5], 0, SIZE + 2))).toBe(0);
  });
});
