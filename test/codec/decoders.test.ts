import { beforeAll, describe, expect, it } from 'vitest';
import wasmBytes from '../../build/codec.wasm';
import { readContainer } from '../../src/codec/container.ts';
import { Decoder, decodeTensorsWith } from '../../src/codec/decode-tensors.ts';
import { encodeModel } from '../../src/codec/encode-model.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import { DEFAULT_LIMITS } from '../../src/codec/limits.ts';
import { ReferenceDecoder } from '../../src/codec/reference-decoder.ts';
import { CODING_F16, CODING_F32, CODING_RANS, TRANSMITTED } from '../../src/codec/tensor-record.ts';
import { createWasmDecoder, type WasmDecoder } from '../../src/codec/wasm-decoder.ts';
import { WasmDecoding } from '../../src/codec/wasm-decoding.ts';
import { everyCoding, everyCodingSteps, normalTensor, tinyModel } from './samples.ts';

let wasm: WasmDecoder;
const referenceDecoder = new ReferenceDecoder();
beforeAll(async () => {
  wasm = await createWasmDecoder();
});

/** That the wasm decoder does it itself and does not leave it to the readable one. */
function expectOpened(bytes: Uint8Array): void {
  expect(WasmDecoding.open(wasm, bytes, { limits: DEFAULT_LIMITS })).not.toBeNull();
}

function bits(bytes: Uint8Array, decoder: WasmDecoder | ReferenceDecoder): Uint32Array[] {
  return decodeTensorsWith(bytes, decoder).tensors.map(({ data }) => new Uint32Array(data.buffer));
}

describe('the wasm decoder gives the reference decoder’s bits', () => {
  it('for every coding', () => {
    const bytes = encodeTensors(everyCoding(), { steps: everyCodingSteps });
    const { tensors } = readContainer(bytes, DEFAULT_LIMITS);
    const byName = Object.fromEntries(tensors.map((tensor) => [tensor.name, tensor]));
    expect(byName.rows.context!.classes.filter((classes) => classes !== null).length).toBeGreaterThan(1);
    expect(byName.skewed.context!.shape).toBe(TRANSMITTED);
    expect(byName.fine.context!.lowBits).toBeGreaterThan(3);
    expect(byName.outliers.coding).toBe(CODING_RANS);
    expect(byName.half.coding).toBe(CODING_F16);
    expect(byName.single.coding).toBe(CODING_F32);
    expectOpened(bytes);
    expect(bits(bytes, wasm)).toEqual(bits(bytes, referenceDecoder));
  });

  it.each([12, 25, 45])('for a model at %d dB', (sqnrDb) => {
    const bytes = encodeModel(tinyModel(2, 7), { sqnrDb });
    expectOpened(bytes);
    expect(bits(bytes, wasm)).toEqual(bits(bytes, referenceDecoder));
  });

  it('for several segments, and again with the memory it has grown', () => {
    const large = encodeTensors([normalTensor('a', [520, 600], 31), normalTensor('b', [33, 7], 32)], {
      steps: { a: 0.05, b: 0.05 },
    });
    const small = encodeTensors([normalTensor('c', [40, 41], 33)], { sqnrDb: 18, trellis: true });
    expectOpened(large);
    for (const bytes of [small, large, small])
      expect(bits(bytes, wasm)).toEqual(bits(bytes, referenceDecoder));
  });
});

it('names of any characters, and files that are decoded in place', () => {
  const tensors = [
    normalTensor('größe/ß', [40, 41], 34),
    normalTensor('b', [9], 35),
    normalTensor('c', [7, 33], 36),
  ];
  const bytes = encodeTensors(tensors, { sqnrDb: 20 });
  expectOpened(bytes);
  const copies = new Decoder(wasm).decode(bytes).tensors;
  const views = new Decoder(wasm).decodeInPlace(bytes).tensors;
  expect(views.map(({ name }) => name)).toEqual(tensors.map(({ name }) => name));
  for (const [i, { data }] of views.entries()) {
    expect(data.buffer).toBe(wasm.bytes.buffer);
    expect(data).toEqual(copies[i].data);
  }
});

it('the wasm module has at most 12 kB', () => {
  expect(wasmBytes.length).toBeLessThanOrEqual(12_000);
});

it('outliers come back through the side list', () => {
  const [, outliers] = everyCoding();
  const { tensors } = decodeTensorsWith(encodeTensors(everyCoding(), { steps: everyCodingSteps }), wasm);
  expect(tensors[1].data[7]).toBe(300);
  expect(tensors[1].data[190]).toBe(-1e5);
  for (const [i, value] of outliers.data.entries()) {
    expect(Math.abs(value - tensors[1].data[i])).toBeLessThanOrEqual(0.125);
  }
});
