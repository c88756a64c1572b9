import { describe, expect, it } from 'vitest';
import { readContainer } from '../../src/codec/container.ts';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { decodeTensors } from '../../src/codec/decode-tensors.ts';
import { encodeModel } from '../../src/codec/encode-model.ts';
import type { EncodeOptions } from '../../src/codec/encode-options.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import { DEFAULT_LIMITS } from '../../src/codec/limits.ts';
import { sqnrDb } from '../../src/codec/step.ts';
import type { Tensor } from '../../src/codec/tensor.ts';
import { normalTensor, tinyModel } from './samples.ts';

async function roundTrip(tensors: readonly Tensor[], options: EncodeOptions = {}) {
  const bytes = encodeTensors(tensors, options);
  return { bytes, decoded: (await decodeTensors(bytes)).tensors };
}

describe('models', () => {
  it('come back with their spec, thresholds, card and weights at the SQNR asked for', async () => {
    const model = tinyModel();
    const decoded = await decodeModel(encodeModel(model, { sqnrDb: 28 }));
    expect(decoded.network).toEqual(model.network);
    expect(decoded.scoreThresholds).toEqual(model.scoreThresholds);
    expect(decoded.gateThreshold).toBe(model.gateThreshold);
    expect(decoded.card).toEqual(model.card);
    expect([...decoded.weights.keys()]).toEqual([...model.weights.keys()]);
    for (const [name, data] of model.weights) {
      const reached = sqnrDb(data, decoded.weights.get(name)!);
      expect(reached, name).toBeGreaterThanOrEqual(28);
    }
  });

  it('encode to the same bytes every time', () => {
    expect(encodeModel(tinyModel())).toEqual(encodeModel(tinyModel()));
  });

  it('come back exactly once they are multiples of their steps', async () => {
    const bytes = encodeModel(tinyModel(), { sqnrDb: 25 });
    const decoded = await decodeModel(bytes);
    const { tensors } = readContainer(bytes, DEFAULT_LIMITS);
    const coded = tensors.filter(({ step }) => step > 0);
    expect(coded.length).toBeGreaterThan(10);
    const steps = Object.fromEntries(coded.map(({ name, step }) => [name, step]));
    const again = encodeModel(decoded, { steps });
    expect((await decodeModel(again)).weights).toEqual(decoded.weights);
    expect(again.length).toBeLessThan(1.02 * bytes.length);
  });
});

describe('tensors', () => {
  it.each([[[48]], [[7, 5]], [[31, 33]], [[3, 3, 16, 40]], [[64, 8, 3, 3]], [[1, 1, 1, 1, 300, 2]]])(
    'of shape %j come back at 30 dB',
    async (shape) => {
      const tensor = normalTensor('t', shape, 3);
      const { decoded } = await roundTrip([tensor]);
      expect(decoded[0].shape).toEqual(shape);
      expect(sqnrDb(tensor.data, decoded[0].data)).toBeGreaterThanOrEqual(30);
    },
  );

  it.each([5, 15, 25, 40, 55, 70, 80, 100])('reach %d dB', async (db) => {
    const tensor = normalTensor('t', [64, 100], 4);
    const { decoded } = await roundTrip([tensor], { sqnrDb: db });
    const reached = sqnrDb(tensor.data, decoded[0].data);
    expect(reached).toBeGreaterThanOrEqual(db);
    if (db <= 80) expect(reached).toBeLessThan(db + 0.5);
  });

  it('span several segments', async () => {
    const tensors = [normalTensor('a', [600, 500], 5), normalTensor('b', [300, 300, 2], 6)];
    const { decoded } = await roundTrip(tensors, { sqnrDb: 20 });
    for (const [i, { data }] of tensors.entries()) {
      expect(sqnrDb(data, decoded[i].data)).toBeGreaterThanOrEqual(20);
    }
  });

  it('store zeros, constants, outliers and values that are not finite', async () => {
    const outlier = normalTensor('outlier', [50, 50], 7);
    outlier.data[77] = 1000;
    outlier.data[78] = -3;
    const odd = normalTensor('odd', [10, 10], 8);
    odd.data.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]);
    const tensors = [
      { name: 'zeros', shape: [600, 500], data: new Float32Array(3e5) },
      { name: 'ones', shape: [30, 30], data: new Float32Array(900).fill(1) },
      outlier,
      odd,
      { name: 'tiny values', shape: [8, 8], data: new Float32Array(64).fill(1e-42) },
      { name: 'scalar', shape: [], data: Float32Array.of(0.1) },
    ];
    const { bytes, decoded } = await roundTrip(tensors, { steps: { outlier: 0.01 } });
    expect(decoded[0].data.every((value) => value === 0)).toBe(true);
    expect(sqnrDb(tensors[1].data, decoded[1].data)).toBeGreaterThanOrEqual(30);
    const worst = decoded[2].data.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - outlier.data[i])),
      0,
    );
    expect(worst).toBeLessThanOrEqual(0.005001);
    expect(decoded[3].data).toEqual(odd.data);
    expect(decoded[4].data).toEqual(tensors[4].data);
    expect(decoded[5].data[0]).toBeCloseTo(0.1, 3);
    expect(bytes.length).toBeLessThan(6000);
  });

  it('code close to the entropy of their levels', async () => {
    const tensor = normalTensor('t', [200, 500], 9, 1);
    const step = 0.2;
    const bytes = encodeTensors([tensor], { steps: { t: step } });
    const counts = new Map<number, number>();
    for (const value of tensor.data) {
      const level = Math.round(value / step);
      counts.set(level, (counts.get(level) ?? 0) + 1);
    }
    let entropy = 0;
    for (const count of counts.values()) entropy -= count * Math.log2(count / tensor.data.length);
    expect((bytes.length * 8) / entropy).toBeLessThan(1.02);
  });

  it('use scale classes where rows differ', () => {
    const even = normalTensor('t', [128, 128], 10);
    const uneven = normalTensor('t', [128, 128], 10);
    for (let i = 0; i < uneven.data.length; i++) uneven.data[i] *= 2 ** -(Math.floor(i / 128) % 5);
    const size = (tensor: Tensor) => encodeTensors([tensor], { steps: { t: 0.02 } }).length;
    // Two octaves less on average: about two bits of 16384 weights, less what is quantised to zero.
    expect(size(even) - size(uneven)).toBeGreaterThan((1.5 * 16384) / 8);
  });

  it('fit the bytes asked for, closely', () => {
    const tensors = [normalTensor('a', [100, 100], 11), normalTensor('b', [60, 50], 12, 3)];
    for (const bytes of [4000, 9000]) {
      const length = encodeTensors(tensors, { bytes }).length;
      expect(length).toBeLessThanOrEqual(bytes);
      expect(length).toBeGreaterThan(0.98 * bytes);
    }
  });
});
