/** What stands around the wasm decoder's loop, each part against its readable twin. */
import { beforeAll, describe, expect, it } from 'vitest';
import { crc32c } from '../../src/codec/crc32c.ts';
import { decodeTensorsWith } from '../../src/codec/decode-tensors.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import { restoreKernels, type Transform } from '../../src/codec/kernel-transform.ts';
import { ReferenceDecoder } from '../../src/codec/reference-decoder.ts';
import type { SymbolDecoder } from '../../src/codec/symbol-decoder.ts';
import { TableSlots } from '../../src/codec/table-slots.ts';
import { type Frequencies, NULL_TABLE } from '../../src/codec/tables.ts';
import { type ContextModel, parametricTables } from '../../src/codec/tensor-record.ts';
import { createWasmDecoder } from '../../src/codec/wasm-decoder.ts';
import { seededRandom } from '../../train/random.ts';
import { normalTensor } from './samples.ts';

let wasm: SymbolDecoder;
beforeAll(async () => {
  wasm = await createWasmDecoder();
});

it('the checksum of any length', () => {
  const random = seededRandom(61);
  const bytes = Uint8Array.from({ length: 5000 }, () => Math.floor(256 * random()));
  for (const length of [...Array(70).keys(), 5000]) {
    const part = bytes.subarray(3, 3 + length);
    expect(wasm.checksum(part)).toBe(crc32c(part));
  }
});

describe('the kernel transform', () => {
  it.each<[number[], Transform]>([
    [[3, 3, 7, 5], 1],
    [[3, 3, 2], 1],
    [[5, 5, 4, 1], 1],
    [[3, 3, 100, 50], 1],
    [[6, 3, 3], 2],
    [[2, 5, 5], 2],
    [[4000, 3, 3], 2],
  ])('of %j, %d', (shape, transform) => {
    const { data } = normalTensor('k', shape, 62);
    const wanted = data.slice();
    restoreKernels(wanted, shape, transform);
    wasm.restore(data, shape, transform);
    expect(new Uint32Array(data.buffer)).toEqual(new Uint32Array(wanted.buffer));
  });
});

function model(shape: number, zero: number, trellis: boolean): ContextModel {
  return {
    shape,
    zero,
    lowBits: 0,
    base: 0,
    classes: [],
    units: [],
    tables: parametricTables(shape, zero, 0),
    between: trellis ? parametricTables(shape, zero, 1) : null,
  };
}

describe('table numbers', () => {
  it('are a family’s own, whatever was wanted of it before', () => {
    const seen: Frequencies[] = [];
    const slots = new TableSlots((number, table) => {
      seen[number] = table;
    });
    const [a, b] = [model(1, 0, false), model(2, 3, true)];
    const first = slots.place(a, 9, 11);
    const second = slots.place(b, 4, 5);
    expect(slots.place(a, 7, 8)).toBe(first);
    for (const c of [7, 8, 9, 10, 11]) expect(seen[first + c]).toBe(a.tables[c]);
    for (const c of [4, 5]) {
      expect([seen[second + 2 * c], seen[second + 2 * c + 1]]).toEqual([b.tables[c], b.between![c]]);
    }
    expect(seen[first + 6]).toBeUndefined();
  });

  it('stay below 256 and are given anew where they run out', () => {
    const seen: Frequencies[] = [];
    const slots = new TableSlots((number, table) => {
      seen[number] = table;
    });
    for (let zero = 0; zero < 11; zero++) {
      const own = model(zero % 9, zero, true);
      slots.makeRoom([own]);
      const first = slots.place(own, 0, 27);
      expect(first + 55).toBeLessThan(256);
      for (let c = 0; c < 28; c++) expect(seen[first + 2 * c]).toBe(own.tables[c]);
      // What is there already needs no room.
      slots.makeRoom([own]);
      expect(slots.place(own, 3, 4)).toBe(first);
    }
    expect([seen[0], seen[1]]).toEqual([NULL_TABLE, NULL_TABLE]);
  });
});

describe('contexts', () => {
  const reference = new ReferenceDecoder();
  const bits = (bytes: Uint8Array, decoder: SymbolDecoder) =>
    decodeTensorsWith(bytes, decoder).tensors.map(({ data }) => new Uint32Array(data.buffer));

  /** Rows and columns of very different scales, so that both axes have classes. */
  function graded(name: string, shape: readonly number[], seed: number) {
    const tensor = normalTensor(name, shape, seed, 1);
    const columns = shape[shape.length - 1];
    for (let i = 0; i < tensor.data.length; i++) {
      const [row, column] = [Math.floor(i / columns), i % columns];
      tensor.data[i] *= 2 ** ((row % 5) / 2 + (column % 3));
    }
    return tensor;
  }

  it.each([
    ['a last axis longer than a row', [3, 5000]],
    ['rows of two', [3000, 2]],
    ['one axis', [9000]],
    ['four axes, the outer two not in a row', [3, 5, 70, 60]],
  ])('of %s', (_, shape) => {
    const bytes = encodeTensors([graded('t', shape, 63)], { steps: { t: 0.6 } });
    const decoded = bits(bytes, wasm);
    expect(decoded).toEqual(bits(bytes, reference));
    expect(decoded[0].some((value) => value !== 0)).toBe(true);
  });

  it('of one family, higher tables first, then lower ones, then the higher ones again', () => {
    const high = encodeTensors([normalTensor('h', [40, 50], 64, 1)], { steps: { h: 0.12 } });
    const low = encodeTensors([normalTensor('l', [40, 50], 64, 1)], { steps: { l: 0.16 } });
    for (const bytes of [high, low, high]) expect(bits(bytes, wasm)).toEqual(bits(bytes, reference));
  });
});
