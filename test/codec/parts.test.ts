import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/codec/bytes.ts';
import { checksum } from '../../src/codec/checksum.ts';
import { crc32c } from '../../src/codec/crc32c.ts';
import { joinLevel, readBits, splitLevel, writeBits } from '../../src/codec/low-bits.ts';
import {
  parametricTable,
  SCALES,
  SHAPES,
  SHAPES_V1,
  SYMBOLS,
  symbolTable,
  ZERO_FACTORS,
} from '../../src/codec/tables.ts';
import { floatToHalf, halfToFloat } from '../../src/network/half.ts';
import { seededRandom } from '../../train/random.ts';

describe('crc32c', () => {
  // RFC 3720, appendix B.4.
  it.each([
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(255), 0x62a8ab43],
    [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    [new TextEncoder().encode('123456789'), 0xe3069283],
  ])('of a published vector', (bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
    expect(crc32c(bytes.subarray(5), crc32c(bytes.subarray(0, 5)))).toBe(expected);
  });
});

describe('the checksum of version 5', () => {
  const bytes = Uint8Array.from({ length: 200 }, (_, i) => (7 * i) % 251);

  // From docs/format.md.
  it.each([
    [new Uint8Array(0), CHECKSUMS[0]],
    [new TextEncoder().encode('123456789'), CHECKSUMS[1]],
    [Uint8Array.from({ length: 100 }, (_, i) => i), CHECKSUMS[2]],
  ])('of a vector of the format', (text, expected) => {
    expect(checksum(text)).toBe(expected);
  });

  it('tells every changed bit, zeros at the end and words that changed places', () => {
    const seen = new Set([checksum(bytes), checksum(bytes.subarray(0, 199))]);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const other = bytes.slice();
      other[bit >> 3] ^= 1 << (bit & 7);
      seen.add(checksum(other));
    }
    for (let zeros = 1; zeros < 70; zeros++)
      seen.add(checksum(Uint8Array.from([...bytes, ...Array(zeros).fill(0)])));
    for (const distance of [4, 64]) {
      const moved = bytes.slice();
      moved.set(bytes.subarray(8, 12), 8 + distance);
      moved.set(bytes.subarray(8 + distance, 12 + distance), 8);
      seen.add(checksum(moved));
    }
    expect(seen.size).toBe(2 + 1600 + 69 + 2);
  });
});

describe('halves', () => {
  it('come back for all 65536 values', () => {
    const halves = Array.from({ length: 65536 }, (_, half) => half);
    const wrong = halves.filter((half) => {
      const value = halfToFloat(half);
      return !Number.isNaN(value) && floatToHalf(value) !== half;
    });
    expect(wrong).toEqual([]);
  });

  it('round to the nearest, ties to even', () => {
    expect(floatToHalf(1 + 2 ** -11)).toBe(0x3c00);
    expect(floatToHalf(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(floatToHalf(65519)).toBe(0x7bff);
    expect(floatToHalf(65520)).toBe(0x7c00);
    expect(floatToHalf(2 ** -25)).toBe(0);
    expect(floatToHalf(1.5 * 2 ** -24)).toBe(2);
    expect(floatToHalf(-(2 ** -24))).toBe(0x8001);
    expect(Number.isNaN(halfToFloat(floatToHalf(Number.NaN)))).toBe(true);
  });
});

describe('parametric tables', () => {
  it('sum to 4096, are symmetric, fall outwards and widen with the scale', () => {
    for (let shape = 0; shape < SHAPES_V1; shape++) {
      let width = 0;
      for (let scale = 0; scale < SCALES; scale++) {
        const table = parametricTable(shape, scale);
        expect(table.reduce((sum, frequency) => sum + frequency, 0)).toBe(4096);
        expect(table.slice(64)).toEqual(table.slice(0, 63).reverse());
        expect(table.slice(64)).toEqual(table.slice(64).sort().reverse());
        // Level 0 takes what rounding leaves.
        expect(table[63]).toBeGreaterThan(0.8 * table[64]);
        const wide = table.filter((frequency) => frequency > 0).length;
        expect(wide).toBeGreaterThanOrEqual(width);
        width = wide;
      }
      expect(width).toBe(SYMBOLS);
    }
  });

  it('keep the values of the format', () => {
    // From docs/format.md: a decoder in another language checks itself against these.
    const tables = Array.from({ length: SHAPES_V1 * SCALES }, (_, i) =>
      parametricTable(Math.floor(i / SCALES), i % SCALES),
    );
    expect(Array.from(tables[8].subarray(63, 68))).toEqual(GAUSS_8);
    expect(Array.from(tables[2 * SCALES + 8].subarray(63, 68))).toEqual(LAPLACE_8);
    const bytes = new ByteWriter();
    for (const table of tables) for (const frequency of table) bytes.u16(frequency);
    expect(crc32c(bytes.finish())).toBe(ALL_TABLES);
  });

  it('keep those of version 2', () => {
    const bytes = new ByteWriter();
    for (let zero = 0; zero < ZERO_FACTORS.length; zero++) {
      for (const quantiser of [0, 1] as const) {
        for (let i = 0; i < SHAPES * SCALES; i++) {
          const table = symbolTable(Math.floor(i / SCALES), zero, i % SCALES, quantiser);
          for (const frequency of table) bytes.u16(frequency);
        }
      }
    }
    expect(crc32c(bytes.finish())).toBe(ALL_TABLES_2);
  });
});

const CHECKSUMS = [0x1313739c, 0xf044bcb3, 0xb42711fd];
const GAUSS_8 = [1634, 991, 221, 18, 1];
const LAPLACE_8 = [2074, 764, 186, 45, 11];
const ALL_TABLES = 3901257286;
const ALL_TABLES_2 = 480083323;

describe('low bits', () => {
  it('split and join every level, symmetric about zero', () => {
    for (let bits = 0; bits <= 8; bits++) {
      const levels = Array.from({ length: 4001 }, (_, i) => i - 2000);
      const splits = levels.map((level) => splitLevel(level, bits));
      expect(splits.map(({ high, low }) => joinLevel(high, low, bits))).toEqual(levels);
      expect(splits.every(({ low }) => low >= 0 && low < 2 ** bits)).toBe(true);
      expect(splitLevel(0, bits).high).toBe(0);
    }
  });

  it('pack and unpack at any offset', () => {
    const random = seededRandom(1);
    for (let bits = 1; bits <= 8; bits++) {
      const values = Array.from({ length: 50 }, () => Math.floor(random() * 2 ** bits));
      const bytes = new Uint8Array(Math.ceil((50 * bits) / 8));
      for (const [i, value] of values.entries()) writeBits(bytes, i * bits, bits, value);
      expect(values.map((_, i) => readBits(bytes, i * bits, bits))).toEqual(values);
    }
  });
});

describe('bytes', () => {
  it('write and read every kind', () => {
    const writer = new ByteWriter().u8(200).u16(65535).u32(0xdeadbeef).f32(0.1);
    writer
      .varint(0)
      .varint(127)
      .varint(128)
      .varint(2 ** 32 - 1);
    writer.signedVarint(-1).signedVarint(300);
    const reader = new ByteReader(writer.finish());
    expect([reader.u8(), reader.u16(), reader.u32(), reader.f32()]).toEqual([
      200,
      65535,
      0xdeadbeef,
      Math.fround(0.1),
    ]);
    expect([reader.varint(), reader.varint(), reader.varint(), reader.varint()]).toEqual([
      0,
      127,
      128,
      2 ** 32 - 1,
    ]);
    expect([reader.signedVarint(), reader.signedVarint(), reader.left]).toEqual([-1, 300, 0]);
  });

  it.each([[[255, 255, 255, 255, 255]], [[128]], [[255, 255, 255, 255, 127]]])(
    'refuse the varint %j',
    (bytes) => {
      expect(() => new ByteReader(Uint8Array.from(bytes)).varint()).toThrow(
        expect.objectContaining({ code: 'MODEL_FORMAT' }),
      );
    },
  );
});
