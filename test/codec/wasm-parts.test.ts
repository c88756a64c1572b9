/** What stands around the wasm decoder's loop, each part against its readable twin. */
import { beforeAll, describe, expect, it } from 'vitest';
import { checksum } from '../../src/codec/checksum.ts';
import { decodeTensorsWith } from '../../src/codec/decode-tensors.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import { fitSlots } from '../../src/codec/encoder/transmit.ts';
import { restoreKernels, type Transform } from '../../src/codec/kernel-transform.ts';
import { DEFAULT_LIMITS } from '../../src/codec/limits.ts';
import { ReferenceDecoder } from '../../src/codec/reference-decoder.ts';
import { slotOf, slotsByEights, WIDE_SLOTS } from '../../src/codec/slots.ts';
import { TableSlots } from '../../src/codec/table-slots.ts';
import { type Frequencies, NULL_TABLE, symbolTable } from '../../src/codec/tables.ts';
import { type ContextModel, parametricTables } from '../../src/codec/tensor-record.ts';
import { createWasmDecoder, type WasmDecoder } from '../../src/codec/wasm-decoder.ts';
import { restoreInMemory } from '../../src/codec/wasm-decoding.ts';
import { readWasmHead } from '../../src/codec/wasm-head.ts';
import { floatToHalf, halfToFloat } from '../../src/network/half.ts';
import { seededRandom } from '../../train/random.ts';
import { normalTensor } from './samples.ts';

let wasm: WasmDecoder;
beforeAll(async () => {
  wasm = await createWasmDecoder();
});

/** Bytes in the decoder's memory. */
function put(values: Uint8Array | Uint16Array | Float32Array): number {
  const at = wasm.begin(values.byteLength);
  wasm.bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
  return at;
}

it('the checksum of any length', () => {
  const random = seededRandom(61);
  const bytes = Uint8Array.from({ length: 5000 }, () => Math.floor(256 * random()));
  for (const length of [...Array(130).keys(), 5000]) {
    const part = bytes.subarray(3, 3 + length);
    expect(wasm.exports.checksum(put(part), part.length) >>> 0).toBe(checksum(part));
  }
});

it('every half to float, and floats of every size to half', () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const from = put(halves);
  const floats = wasm.take(4 * 65536);
  wasm.exports.fromHalves(from, floats, 65536);
  const wanted = Float32Array.from(halves, halfToFloat);
  expect(new Float32Array(wasm.bytes.buffer, floats, 65536)).toEqual(wanted);
  const random = seededRandom(66);
  const near = wanted.map((value, i) =>
    i % 2 ? value * (1 + random() / 1024) : value + random() * 2 ** -25,
  );
  const at = put(near);
  wasm.exports.toHalves(at, at, near.length);
  expect(new Uint16Array(wasm.bytes.buffer, at, near.length)).toEqual(Uint16Array.from(near, floatToHalf));
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
    const at = put(data);
    restoreInMemory(wasm, at, { shape, elements: data.length, transform });
    const found = new Uint32Array(wasm.bytes.buffer, at, data.length);
    expect(found).toEqual(new Uint32Array(wanted.buffer));
  });
});

describe('slots', () => {
  it.each([
    ['of a parametric table', symbolTable(0, 0, 20, 0), 1, 0],
    ['of padding', NULL_TABLE, 1, 0],
    ['of a table whose rests do not fit', fitSlots(uneven()), 1, 0],
    ["of the trellis' quantiser 0", symbolTable(2, 0, 20, 0), 2, 0],
    ["of the trellis' quantiser 1", symbolTable(2, 0, 20, 1), 2, 1],
  ])('%s: each one once, as the wasm table has them', (_, frequencies, scale, lift) => {
    const slots = slotsByEights(frequencies);
    const at = put(frequencies);
    const table = wasm.take(4352);
    wasm.exports.makeTable(at, table, scale, lift);
    const entries = new Uint32Array(wasm.bytes.buffer, table, 1086);
    const seen = new Uint8Array(4096);
    for (const [symbol, frequency] of frequencies.entries()) {
      for (let rank = 0; rank < frequency; rank++) {
        const slot = slotOf(slots, symbol, rank);
        seen[slot]++;
        const entry = entries[slot < WIDE_SLOTS ? slot >> 3 : slot - WIDE_SLOTS + WIDE_SLOTS / 8];
        const level = scale * (symbol - 63) - Math.sign(symbol - 63) * lift;
        expect([(entry << 12) >> 24, 4096 - (entry >>> 20), slot - (entry & 4095)]).toEqual([
          level + 0,
          frequency,
          rank,
        ]);
      }
    }
    expect(seen.every((count) => count === 1)).toBe(true);
  });
});

/** 126 symbols of 31, the middle one what is left of 4096. */
function uneven(): Uint16Array {
  const table = new Uint16Array(127).fill(31);
  table[63] = 4096 - 126 * 31;
  return table;
}

function model(shape: number, zero: number, trellis: boolean): ContextModel {
  return {
    shape,
    zero,
    lowBits: 0,
    base: 0,
    classes: [],
    units: [],
    tables: parametricTables(shape, zero, 0),
    trellis: Number(trellis),
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
  const bits = (bytes: Uint8Array, decoder: WasmDecoder | ReferenceDecoder) =>
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
    ['a long axis and one of one index', [9000, 1]],
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

it.each([1.3e-38, 1e-30, 0.9e30, 1.1e30, 2e36])('a step of %d, levels in and beyond the tables', (step) => {
  const { data } = normalTensor('t', [70, 61], 91, 1);
  for (let i = 0; i < data.length; i++) data[i] = Math.round(5 * data[i]) * step;
  for (const i of [3, 1000, 4100, 4269]) data[i] = (i % 2 ? 150 : -150) * step;
  const bytes = encodeTensors([{ name: 't', shape: [70, 61], data }], { steps: { t: step } });
  const [found] = decodeTensorsWith(bytes, wasm).tensors;
  const [wanted] = decodeTensorsWith(bytes, new ReferenceDecoder()).tensors;
  expect(new Uint32Array(found.data.buffer)).toEqual(new Uint32Array(wanted.data.buffer));
  expect(wanted.data[4100] < -140 * step).toBe(true);
  const head = readWasmHead(wasm, bytes, DEFAULT_LIMITS)!;
  expect(head.tensors[0].step).toBe(Math.fround(step));
});
