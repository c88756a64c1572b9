import { describe, expect, it } from 'vitest';
import { FLAG_NETWORK, readContainer } from '../../src/codec/container.ts';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { decodeTensors } from '../../src/codec/decode-tensors.ts';
import { encodeModel, modelTensors } from '../../src/codec/encode-model.ts';
import type { EncodeOptions } from '../../src/codec/encode-options.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import { writeContainer } from '../../src/codec/encoder/write-container.ts';
import { inspectModel } from '../../src/codec/inspect-model.ts';
import { DEFAULT_LIMITS } from '../../src/codec/limits.ts';
import { writeModelJson } from '../../src/codec/model-json.ts';
import { readSafetensors } from '../../src/codec/safetensors.ts';
import type { Tensor } from '../../src/codec/tensor.ts';
import type { Model } from '../../src/network/spec.ts';
import { resealed } from './reseal.ts';
import { normalTensor, tinyModel } from './samples.ts';

const code = (name: string) => expect.objectContaining({ name: 'SaccadeNetError', code: name });
const bytes = encodeModel(tinyModel());

describe('a decoder refuses', () => {
  it('another container version, even with right checksums', async () => {
    const copy = bytes.slice();
    copy[4] = 6;
    await expect(decodeModel(resealed(copy))).rejects.toThrow(code('MODEL_VERSION'));
    await expect(decodeModel(resealed(copy))).rejects.toThrow(/version 6, this release reads version 5/);
  });

  it('another network spec version', async () => {
    const model = tinyModel();
    const json = writeModelJson(model).replace(/"version":\d+/, '"version":9');
    const file = encodeTensors(modelTensors(model), {}, { flags: FLAG_NETWORK, json });
    await expect(decodeModel(file)).rejects.toThrow(code('MODEL_VERSION'));
    await expect(inspectModel(file)).rejects.toThrow(code('MODEL_VERSION'));
    await expect(decodeTensors(file)).resolves.toBeDefined();
  });

  it('a flipped bit in the weights by its checksum', async () => {
    const copy = bytes.slice();
    copy[copy.length - 200] ^= 4;
    await expect(decodeModel(copy)).rejects.toThrow(code('MODEL_CHECKSUM'));
  });

  it('what is no Uint8Array', async () => {
    for (const wrong of [undefined, new ArrayBuffer(9), 'SACC', {}]) {
      const given = wrong as Uint8Array;
      await expect(decodeModel(given)).rejects.toThrow(code('INVALID_OPTION'));
      await expect(decodeTensors(given)).rejects.toThrow(/pass its bytes as a Uint8Array/);
      await expect(inspectModel(given)).rejects.toThrow(code('INVALID_OPTION'));
      expect(() => readSafetensors(given)).toThrow(code('INVALID_OPTION'));
    }
  });

  it('an empty file, a text and a file of plain tensors as a model', async () => {
    for (const wrong of [
      new Uint8Array(0),
      new TextEncoder().encode('<!doctype html><title>404</title> not found, sorry'),
      encodeTensors([normalTensor('t', [9, 9], 1)]),
    ]) {
      await expect(decodeModel(wrong)).rejects.toThrow(code('MODEL_FORMAT'));
    }
  });

  it('models whose tensors are not the network’s', async () => {
    const model = tinyModel();
    const tensors = modelTensors(model);
    const json = writeModelJson(model);
    const head = tensors[tensors.length - 2];
    const variants = [
      tensors.slice(1),
      [...tensors.slice(1), { ...tensors[0], name: 'other' }],
      [
        ...tensors.slice(0, -2),
        { ...head, shape: [1, 1, head.shape[3], head.shape[2]] },
        tensors[tensors.length - 1],
      ],
      [
        { ...tensors[0], data: tensors[0].data.map((v, i) => (i === 5 ? Number.NaN : v)) },
        ...tensors.slice(1),
      ],
    ];
    for (const variant of variants) {
      const file = encodeTensors(variant, {}, { flags: FLAG_NETWORK, json });
      await expect(decodeModel(file)).rejects.toThrow(code('MODEL_FORMAT'));
    }
  });

  it.each([
    ['"gateThreshold":0.25', '"gateThreshold":1.5'],
    ['"gateThreshold":0.25', '"gateThreshold":null'],
    ['"person":0.4', '"someone":0.4'],
    ['"card":{', '"card":['],
    ['{"network"', '["network"'],
    ['{"network"', '{"constructor"'],
  ])('JSON with %s replaced by %s', async (before, after) => {
    const model = tinyModel();
    const json = writeModelJson(model).replace(before, after);
    const file = encodeTensors(modelTensors(model), {}, { flags: FLAG_NETWORK, json });
    await expect(decodeModel(file)).rejects.toThrow(code('MODEL_FORMAT'));
  });

  it('what exceeds the caller’s limits', async () => {
    for (const limits of [
      { maxBytes: 100 },
      { maxParameters: 100 },
      { maxTensors: 3 },
      { maxJsonBytes: 10 },
    ]) {
      await expect(decodeModel(bytes, { limits })).rejects.toThrow(code('MODEL_FORMAT'));
    }
    await expect(decodeModel(bytes, { limits: { maxBytes: 0 } })).rejects.toThrow(code('INVALID_OPTION'));
  });

  it('a few bytes that claim millions of weights', async () => {
    const zeros = encodeTensors([{ name: 'z', shape: [600, 500], data: new Float32Array(3e5) }]);
    expect(zeros.length).toBeLessThan(500);
    const { tensors, segments, flags, json } = readContainer(zeros, DEFAULT_LIMITS);
    const claim = (shape: number[]) => {
      const elements = shape[0] * shape[1];
      return writeContainer({ flags, segments, json, tensors: [{ ...tensors[0], shape, elements }] });
    };
    await expect(decodeTensors(claim([600, 500]))).resolves.toBeDefined();
    await expect(decodeTensors(claim([6000, 5000]))).rejects.toThrow(/claims 30000000 weights/);
    await expect(decodeTensors(claim([16383, 16383]))).rejects.toThrow(/more than 67108864/);
  });
});

describe('an encoder refuses', () => {
  const tensor = normalTensor('t', [10, 10], 1);
  it.each<[string, EncodeOptions]>([
    ['two rates', { sqnrDb: 20, bytes: 1000 }],
    ['a rate of zero', { sqnrDb: 0 }],
    ['no number', { sqnrDb: Number.NaN }],
    ['a negative lambda', { rateLambda: -1 }],
    ['too few bytes', { bytes: 10 }],
    ['a step of an unknown tensor', { steps: { other: 1 } }],
    ['a negative step', { steps: { t: -1 } }],
    ['an SQNR of an unknown tensor', { sqnrDb: { other: 30 } }],
  ])('%s', (_, options) => {
    expect(() => encodeTensors([tensor], options)).toThrow(code('INVALID_OPTION'));
  });

  it('tensors that cannot be stored', () => {
    const wrong = [
      [tensor, tensor],
      [{ ...tensor, name: '' }],
      [{ ...tensor, name: 'x'.repeat(600) }],
      [{ ...tensor, shape: [10, 11] }],
      [{ ...tensor, shape: [0], data: new Float32Array(0) }],
      [{ ...tensor, shape: [1, 1, 1, 1, 1, 10, 10] }],
    ];
    for (const tensors of wrong) expect(() => encodeTensors(tensors)).toThrow(code('INVALID_OPTION'));
  });

  it('what is no tensor and no model', () => {
    const { data, ...withoutData } = tensor;
    for (const wrong of [undefined, {}, [undefined], [withoutData], [{ data }]]) {
      expect(() => encodeTensors(wrong as Tensor[])).toThrow(code('INVALID_OPTION'));
    }
    expect(() => encodeModel(undefined as unknown as Model)).toThrow(code('INVALID_OPTION'));
  });

  it('models that a decoder would refuse', () => {
    const model = tinyModel();
    const weights = new Map(model.weights);
    weights.set('a1.w', new Float32Array(3));
    expect(() => encodeModel({ ...model, weights })).toThrow(/"a1.w"/);
    weights.set(
      'a1.w',
      model.weights.get('a1.w')!.map(() => Number.NaN),
    );
    expect(() => encodeModel({ ...model, weights })).toThrow(code('INVALID_OPTION'));
    expect(() => encodeModel({ ...model, gateThreshold: Number.NaN })).toThrow(code('INVALID_OPTION'));
    expect(() => encodeModel({ ...model, scoreThresholds: {} })).toThrow(/scoreThresholds/);
  });
});
