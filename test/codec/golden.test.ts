/**
 * Files that versions 1 to 5 wrote, from the samples of this folder; from 2 on they hold the same weights. They stay as they are: every later release must
 * decode them to the same bits.
 */
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/codec/crc32c.ts';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { decodeTensors } from '../../src/codec/decode-tensors.ts';
import { recode } from '../../src/codec/encoder/recode.ts';
import genes2File from './golden/genes-v2.sacc';
import genes3File from './golden/genes-v3.sacc';
import genes4File from './golden/genes-v4.sacc';
import genes5File from './golden/genes-v5.sacc';
import modelFile from './golden/model-v1.sacc';
import model2File from './golden/model-v2.sacc';
import model3File from './golden/model-v3.sacc';
import model4File from './golden/model-v4.sacc';
import model5File from './golden/model-v5.sacc';
import statesFile from './golden/states-v4.sacc';
import states5File from './golden/states-v5.sacc';
import tensorsFile from './golden/tensors-v1.sacc';
import tensors2File from './golden/tensors-v2.sacc';
import tensors3File from './golden/tensors-v3.sacc';
import tensors4File from './golden/tensors-v4.sacc';
import tensors5File from './golden/tensors-v5.sacc';
import trellis2File from './golden/trellis-v2.sacc';
import trellis3File from './golden/trellis-v3.sacc';
import trellis4File from './golden/trellis-v4.sacc';
import trellis5File from './golden/trellis-v5.sacc';

/** CRC-32C of each tensor's little-endian float32 bytes. */
const TENSORS = {
  rows: 2442920181,
  outliers: 2517198060,
  skewed: 359484717,
  fine: 2886970140,
  half: 3340287623,
  single: 495024822,
};
const MODEL_TENSORS = {
  'a1.w': 2145518146,
  'gate.b': 3078239575,
  'd4.five.w': 3245998255,
  'head.w': 2898580779,
};

function checksum(data: Float32Array): number {
  return crc32c(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

describe.each(['wasm', 'reference'] as const)('the %s decoder reads version 1', (decoder) => {
  it('of plain tensors', async () => {
    const { tensors } = await decodeTensors(tensorsFile, { decoder });
    expect(Object.fromEntries(tensors.map(({ name, data }) => [name, checksum(data)]))).toEqual(TENSORS);
    expect(tensors[0].shape).toEqual([3, 3, 5, 24]);
  });

  it('of a model', async () => {
    const model = await decodeModel(modelFile, { decoder });
    for (const [name, crc] of Object.entries(MODEL_TENSORS)) {
      expect(checksum(model.weights.get(name)!), name).toBe(crc);
    }
    expect(model.network.name).toBe('people-vs-poles');
    expect(model.network.detail.trunk.map(({ name }) => name)).toEqual(['d3', 'd4']);
    expect(model.scoreThresholds).toEqual({ person: 0.4, pole: 0.35 });
    expect(model.gateThreshold).toBe(0.25);
  });
});

/** Kernels as DCT coefficients, a transmitted table, the side list: all with the trellis; half precision. */
const TRELLIS = { smooth: 3988196791, pruned: 348901175, outliers: 1825313122, bias: 2437006798 };
/** A tensor with each code, by its states. */
const STATES = {
  s8: 1087423361,
  s16: 314924080,
  s32: 1028755626,
  s64: 3701057695,
  s128: 1467923120,
  s256: 3483321729,
};

const MODEL_2_TENSORS = {
  'a1.w': 4115863516,
  'gate.b': 1644312986,
  'd4.five.w': 974696411,
  'head.w': 3424690384,
};

const GENES = {
  'wide.local': 1279740162,
  'far.long': 659660941,
  'wide.density': 1504944657,
  'd3.index': 1679572628,
  'd3.gain': 841928869,
  'd4.w': 3711148863,
};

const DECODERS = ['wasm', 'reference'] as const;
const VERSIONS = [
  { version: 2, tensors: tensors2File, trellis: trellis2File, model: model2File, genes: genes2File },
  { version: 3, tensors: tensors3File, trellis: trellis3File, model: model3File, genes: genes3File },
  { version: 4, tensors: tensors4File, trellis: trellis4File, model: model4File, genes: genes4File },
  { version: 5, tensors: tensors5File, trellis: trellis5File, model: model5File, genes: genes5File },
];

describe.each(VERSIONS.flatMap((files) => DECODERS.map((decoder) => ({ ...files, decoder }))))(
  'the $decoder decoder reads version $version',
  ({ decoder, ...files }) => {
    it.each([
      ['every coding', files.tensors, TENSORS],
      ['the trellis', files.trellis, TRELLIS],
    ])('of %s', async (_, file, wanted) => {
      const { container, tensors } = await decodeTensors(file, { decoder });
      expect(container.version).toBe(files.version);
      expect(Object.fromEntries(tensors.map(({ name, data }) => [name, checksum(data)]))).toEqual(wanted);
    });

    it('in a Buffer of Node, which it leaves as it is', async () => {
      const buffer = Buffer.from(files.tensors);
      const { tensors } = await decodeTensors(buffer, { decoder });
      expect(Object.fromEntries(tensors.map(({ name, data }) => [name, checksum(data)]))).toEqual(TENSORS);
      expect(Uint8Array.from(buffer)).toEqual(Uint8Array.from(files.tensors));
    });

    it('of a model', async () => {
      const model = await decodeModel(files.model, { decoder });
      for (const [name, crc] of Object.entries(MODEL_2_TENSORS)) {
        expect(checksum(model.weights.get(name)!), name).toBe(crc);
      }
      expect(model.scoreThresholds).toEqual({ person: 0.4, pole: 0.35 });
    });

    it('of a network with genes, spec version 3', async () => {
      const model = await decodeModel(files.genes, { decoder });
      for (const [name, crc] of Object.entries(GENES)) {
        expect(checksum(model.weights.get(name)!), name).toBe(crc);
      }
      expect(model.network.dictionaries?.map(({ name }) => name)).toEqual(['wide', 'near', 'far']);
    });
  },
);

it('a file of an older version is coded anew with the same weights', async () => {
  for (const file of [tensors2File, tensors3File, tensors4File]) expect(recode(file)).toEqual(tensors5File);
  for (const file of [trellis2File, trellis3File, trellis4File]) expect(recode(file)).toEqual(trellis5File);
  const { tensors } = await decodeTensors(recode(tensorsFile), { decoder: 'wasm' });
  expect(Object.fromEntries(tensors.map(({ name, data }) => [name, checksum(data)]))).toEqual(TENSORS);
});

it('a model coded anew with another response to light has that, and the same weights', async () => {
  const before = await decodeModel(model5File);
  const response = { version: 4, halfSaturation: 48, linearShare: 0.5 };
  const other = recode(model5File, {
    json: (json) => {
      const { network, ...rest } = JSON.parse(json);
      return JSON.stringify({ ...rest, network: { ...network, ...response } });
    },
  });
  const after = await decodeModel(other);
  expect(after.network).toEqual({ ...before.network, ...response });
  expect(after.weights).toEqual(before.weights);
});

it('biases can be exchanged: all that is coded stays as it is', async () => {
  const before = await decodeModel(model5File);
  const [name, bias] = [...before.weights].find(([own]) => own.endsWith('.b'))!;
  const other = bias.map((value, i) => value + i + 0.5);
  const after = await decodeModel(recode(model5File, { uncoded: new Map([[name, other]]) }));
  const [kept, changed] = [[...after.weights], after.weights.get(name)!];
  expect(changed.every((value, i) => Math.abs(value - other[i]) <= 2e-3 * Math.abs(other[i]))).toBe(true);
  expect(kept.filter(([own]) => own !== name)).toEqual([...before.weights].filter(([own]) => own !== name));
  expect(() => recode(model5File, { uncoded: new Map([[name, new Float32Array(1)]]) })).toThrow(/values for/);
  const coded = name.replace(/b$/, 'w');
  expect(() => recode(model5File, { uncoded: new Map([[coded, bias]]) })).toThrow(/cannot be exchanged/);
});

it.each(DECODERS)('the %s decoder reads every code of the trellis', async (decoder) => {
  for (const file of [statesFile, states5File]) {
    const { tensors } = await decodeTensors(file, { decoder });
    expect(Object.fromEntries(tensors.map(({ name, data }) => [name, checksum(data)]))).toEqual(STATES);
    expect(recode(file)).toEqual(states5File);
  }
});
