/** Networks with genes in files: the dictionary once, indices exact, gains of connected pairs alone, refusals. */
import { describe, expect, it } from 'vitest';
import { FLAG_NETWORK, readContainer } from '../../src/codec/container.ts';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { decodeTensors } from '../../src/codec/decode-tensors.ts';
import { encodeModel, modelTensors } from '../../src/codec/encode-model.ts';
import type { EncodeOptions } from '../../src/codec/encode-options.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import { packGenes } from '../../src/codec/gene-tensors.ts';
import { DEFAULT_LIMITS } from '../../src/codec/limits.ts';
import { writeModelJson } from '../../src/codec/model-json.ts';
import { sqnrDb } from '../../src/codec/step.ts';
import type { Tensor } from '../../src/codec/tensor.ts';
import { geneLayers } from '../../src/network/genes.ts';
import { type Model, weightShapes } from '../../src/network/spec.ts';
import { randomModel } from '../../train/random-model.ts';
import { GENE_NET } from '../conformance/nets.ts';

const model = randomModel(GENE_NET, 8);
const format = expect.objectContaining({ code: 'MODEL_FORMAT', name: 'SaccadeNetError' });

/** The file of a model whose tensors are changed after all checks. */
function forge(change: (tensors: Tensor[]) => Tensor[]): Uint8Array {
  const tensors = packGenes(geneLayers(GENE_NET), modelTensors(model));
  return encodeTensors(change(tensors), { sqnrDb: 40 }, { flags: FLAG_NETWORK, json: writeModelJson(model) });
}

function changed(name: string, data: (old: Float32Array) => Float32Array) {
  return (tensors: Tensor[]) =>
    tensors.map((tensor) => {
      if (tensor.name !== name) return tensor;
      const made = data(tensor.data);
      return { ...tensor, data: made, shape: name.endsWith('.gain') ? [1, made.length] : tensor.shape };
    });
}

describe('a file of genes', () => {
  it.each<[string, EncodeOptions]>([
    ['25 dB', { sqnrDb: 25 }],
    ['few bytes', { bytes: 2600 }],
    ['a price of bits', { rateLambda: 0.05 }],
    ['a trellis', { sqnrDb: 25, trellis: true }],
  ])('holds indices exactly at %s', async (_, options) => {
    const decoded = await decodeModel(encodeModel(model, options));
    expect(decoded.network).toEqual(GENE_NET);
    for (const { name, shape } of weightShapes(GENE_NET)) {
      const [before, after] = [model.weights.get(name)!, decoded.weights.get(name)!];
      expect(after.length, name).toBe(before.length);
      if (name.endsWith('.index')) expect(after, name).toEqual(before);
      else if (options.sqnrDb !== undefined && shape.length > 1) {
        expect(sqnrDb(before, after), name).toBeGreaterThanOrEqual(25);
      }
    }
  });

  it('stores each dictionary once, and gains of connected pairs alone', () => {
    const { tensors } = readContainer(encodeModel(model), DEFAULT_LIMITS);
    const names = tensors.map(({ name }) => name);
    for (const one of ['wide.local', 'wide.long', 'wide.density', 'near.local', 'far.long']) {
      expect(names.filter((name) => name === one)).toHaveLength(1);
    }
    const connected = model.weights.get('d3.index')!.filter((n) => n !== 0).length;
    expect(tensors.find(({ name }) => name === 'd3.gain')!.shape).toEqual([1, connected]);
    expect(connected).toBeLessThan(model.weights.get('d3.index')!.length);
  });

  it('of a layer without a connection comes back as such', async () => {
    const weights = new Map(model.weights);
    weights.set('d5.index', new Float32Array(81));
    weights.set('d5.gain', new Float32Array(81));
    const decoded = await decodeModel(encodeModel({ ...model, weights }));
    expect(decoded.weights.get('d5.index')).toEqual(new Float32Array(81));
    expect(decoded.weights.get('d5.gain')).toEqual(new Float32Array(81));
  });

  it('forged as the tests do is read, so that what they change is what is refused', async () => {
    const decoded = await decodeModel(forge((tensors) => tensors));
    expect(decoded.weights.get('d3.index')).toEqual(model.weights.get('d3.index'));
  });

  it.each<[string, (tensors: Tensor[]) => Tensor[]]>([
    ['an index of no pattern', changed('d3.index', (old) => old.map((z, i) => (i === 5 ? -4 : z)))],
    ['an index that is not whole', changed('d3.index', (old) => old.map((z, i) => (i === 5 ? 0.5 : z)))],
    ['a gain too few', changed('d3.gain', (old) => old.slice(1))],
    ['a gain too many', changed('d3.gain', (old) => Float32Array.of(...old, 1))],
    ['more gains than pairs', changed('d3.gain', () => new Float32Array(1000))],
    ['no dictionary', (tensors) => tensors.filter(({ name }) => name !== 'wide.long')],
    ['a density that is not finite', changed('wide.density', () => Float32Array.of(Number.NaN, 0))],
  ])('with %s is refused with MODEL_FORMAT', async (_, change) => {
    const forged = forge((tensors) => change(tensors).map(({ whole: _, ...tensor }) => tensor));
    await expect(decodeModel(forged)).rejects.toThrow(format);
  });

  it('is not written where an index names no pattern', () => {
    const weights = new Map(model.weights).set('a2.index', new Float32Array(30).fill(6));
    const wrong: Model = { ...model, weights };
    expect(() => encodeModel(wrong)).toThrow(format);
  });
});

describe('whole tensors', () => {
  const whole: Tensor = {
    name: 'n',
    shape: [20, 30],
    data: Float32Array.from({ length: 600 }, (_, i) => ((i * 7919) % 5000) - 2500),
    whole: true,
  };

  it('come back exactly, however wide', async () => {
    const { tensors } = await decodeTensors(encodeTensors([whole], { sqnrDb: 10, trellis: true }));
    expect(tensors[0].data).toEqual(whole.data);
  });

  it('of other numbers are refused', () => {
    const halves = { ...whole, data: whole.data.map((n) => n / 2) };
    expect(() => encodeTensors([halves])).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});
