import { beforeAll, describe, expect, it } from 'vitest';
import wasmBytes from '../../build/codec.wasm';
import { readContainer } from '../../src/codec/container.ts';
import { decodeTensorsWith } from '../../src/codec/decode-tensors.ts';
import { encodeModel } from '../../src/codec/encode-model.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import { DEFAULT_LIMITS } from '../../src/codec/limits.ts';
import { ReferenceDecoder } from '../../src/codec/reference-decoder.ts';
import type { SymbolDecoder } from '../../src/codec/symbol-decoder.ts';
import { CODING_F16, CODING_F32, CODING_RANS, TRANSMITTED } from '../../src/codec/tensor-record.ts';
import { createWasmDecoder } from '../../src/codec/wasm-decoder.ts';
import { everyCoding, everyCodingSteps, normalTensor, tinyModel } from './samples.ts';

let wasm: SymbolDecoder;
const referenceDecoder = new ReferenceDecoder();
beforeAll(async () => {
  wasm = await createWasmDecoder();
});

function bits(bytes: Uint8Array, decoder: SymbolDecoder): Uint32Array[] {
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
    expect(bits(bytes, wasm)).toEqual(bits(bytes, referenceDecoder));
  });

  it.each([12, 25, 45])('for a model at %d dB', (sqnrDb) => {
    const bytes = encodeModel(tinyModel(2, 7), { sqnrDb });
    expect(bits(bytes, wasm)).toEqual(bits(bytes, referenceDecoder));
  });

  it('for several segments, and again with the memory it has grown', () => {
    const large = encodeTensors([normalTensor('a', [520, 600], 31), normalTensor('b', [33, 7], 32)], {
      steps: { a: 0.05, b: 0.05 },
    });
    const small = encodeTensors([normalTensor('c', [40, 41], 33)], { sqnrDb: 18 });
    for (const bytes of [small, large, small])
      expect(bits(bytes, wasm)).toEqual(bits(bytes, referenceDecoder));
  });
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
