/** How the encoder finds classes and families, and what inspect says that records cost. */
import { describe, expect, it } from 'vitest';
import { readContainer } from '../../src/codec/container.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import {
  classBits,
  classSums,
  countSymbols,
  MAX_SUM,
  pricesOf,
  searchFamily,
} from '../../src/codec/encoder/class-contexts.ts';
import { encodeTensor } from '../../src/codec/encoder/encode-tensor.ts';
import { refineAxis } from '../../src/codec/encoder/refine-classes.ts';
import { shareFamilies } from '../../src/codec/encoder/share-families.ts';
import { recordBits } from '../../src/codec/encoder/write-container.ts';
import { CHECKED_AT } from '../../src/codec/header.ts';
import { DEFAULT_LIMITS } from '../../src/codec/limits.ts';
import { parametricTables } from '../../src/codec/tensor-record.ts';
import { normalTensor } from './samples.ts';

describe('classes by bits', () => {
  it('save bits against equal ones, within what sums may be', () => {
    const shape = [60, 40];
    const { data } = normalTensor('t', shape, 71, 1);
    const symbols = Int8Array.from(data, (value, i) => Math.round(value * (Math.floor(i / 40) % 4) ** 2));
    const before = { classes: new Uint8Array(60).fill(6), unit: 2 };
    const sums = classSums(shape, symbols.length, [before, null]);
    const family = searchFamily(countSymbols(symbols, sums, null));
    const given = { shape, symbols, quantisers: null, prices: pricesOf(family) };
    const after = refineAxis(given, 0, before, sums, 0);
    const sumsAfter = classSums(shape, symbols.length, [after, null]);
    const better = searchFamily(countSymbols(symbols, sumsAfter, null));
    expect(better.bits + classBits([after, null])).toBeLessThan(
      0.85 * (family.bits + classBits([before, null])),
    );
    const tight = refineAxis(given, 0, before, sums, MAX_SUM - 4);
    expect(Math.max(...tight.classes) * tight.unit).toBeLessThanOrEqual(4);
  });
});

describe('families', () => {
  const tensors = [0.9, 1, 1.1, 1.2, 1.3].map((scale, i) => normalTensor(`t${i}`, [50, 60], 72 + i, scale));
  const coded = tensors.map((tensor) => encodeTensor(tensor, { kind: 'sqnr', db: 14 }, { trellis: 0 })!);

  it('are shared where that costs next to nothing', () => {
    const shared = shareFamilies(coded);
    const count = (of: typeof coded) =>
      new Set(of.map(({ record }) => `${record.context.shape} ${record.context.zero}`)).size;
    expect(count(shared)).toBeLessThanOrEqual(count(coded));
    for (const [i, { record, symbols }] of shared.entries()) {
      const { shape, zero, base, classes, tables } = record.context;
      expect(tables).toBe(parametricTables(shape, zero, 0));
      expect(symbols).toBe(coded[i].symbols);
      const sums = new Uint8Array(symbols.length);
      if (classes.some((own) => own !== null)) continue;
      const price = pricesOf({ shape, zero, base, bits: 0 });
      const bits = symbols.reduce((sum, symbol) => sum + price[symbol + 63], 0);
      expect(bits).toBeLessThanOrEqual(searchFamily(countSymbols(symbols, sums, null)).bits * 1.001 + 65);
    }
  });

  it('the cheapest of all is never dearer than any one', () => {
    const [{ symbols }] = coded;
    const counts = countSymbols(symbols, new Uint8Array(symbols.length), null);
    const best = searchFamily(counts);
    for (let shape = 0; shape < 9; shape++) {
      const price = pricesOf({ shape, zero: 0, base: best.base, bits: 0 });
      const bits = symbols.reduce((sum, symbol) => sum + price[symbol + 63], 0);
      expect(best.bits).toBeLessThanOrEqual(bits + 0.01);
    }
  });
});

it('records cost what the header grows by', () => {
  const long = (i: number) => `model/functional/layer_${i}/depthwise_kernel`;
  const tensors = Array.from({ length: 12 }, (_, i) => normalTensor(long(i), [8, 9], 80 + i));
  const bytes = encodeTensors(tensors, { sqnrDb: 20 });
  const { tensors: records } = readContainer(bytes, DEFAULT_LIMITS);
  const bits = recordBits(records);
  const headerBytes = new DataView(bytes.buffer).getUint32(8, true);
  const sum = bits.reduce((a, b) => a + b, 0) / 8;
  // Besides the records the header holds three counts and one segment's entry.
  expect(sum).toBeLessThan(headerBytes - CHECKED_AT);
  expect(sum).toBeGreaterThan(headerBytes - CHECKED_AT - 20);
  expect(bits[11]).toBeLessThan(0.5 * bits[0]);
});
