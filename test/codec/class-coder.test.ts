/** Classes of contexts in version 5: their laws, and both halves of their coder. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClassLaw, ClassReader, classFrequencies } from '../../src/codec/class-coder.ts';
import { decodeTensorsWith } from '../../src/codec/decode-tensors.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import { ClassWriter, cheapestLaw } from '../../src/codec/encoder/class-writer.ts';
import { DEFAULT_LIMITS } from '../../src/codec/limits.ts';
import { ReferenceDecoder } from '../../src/codec/reference-decoder.ts';
import { createWasmDecoder } from '../../src/codec/wasm-decoder.ts';
import { readWasmHead } from '../../src/codec/wasm-head.ts';
import { normalTensor } from './samples.ts';

const laws: ClassLaw[] = Array.from({ length: 512 }, (_, i) => ({ centre: i % 16, spread: i >> 4 }));

describe('a law', () => {
  it('gives every class something, 4096 in all, most at its centre and less away from it', () => {
    for (const law of laws) {
      const frequencies = classFrequencies(law);
      expect(frequencies.reduce((sum, frequency) => sum + frequency, 0)).toBe(4096);
      expect(Math.min(...frequencies)).toBeGreaterThanOrEqual(1);
      for (let value = 1; value < 16; value++) {
        const away = value > law.centre;
        const [near, far] = away ? [value - 1, value] : [value, value - 1];
        expect(frequencies[near]).toBeGreaterThanOrEqual(frequencies[far]);
      }
    }
  });

  it('is the cheapest for what it is the law of', () => {
    const { law, bits } = cheapestLaw(Uint8Array.from([5, 5, 5, 5, 5, 5, 4, 6]));
    expect(law.centre).toBe(5);
    expect(bits).toBeLessThan(14);
    expect(cheapestLaw(new Uint8Array(40).fill(9)).bits).toBeLessThan(1);
  });
});

const axes = fc.array(
  fc.record({
    law: fc.constantFrom(...laws),
    classes: fc.uint8Array({ max: 15, maxLength: 40 }),
  }),
  { maxLength: 8 },
);

describe('the coder of classes', () => {
  it('gives back what was written, and is then at its end', () => {
    fc.assert(
      fc.property(axes, (given) => {
        const writer = new ClassWriter();
        for (const { law, classes } of given) writer.code(law, classes);
        const reader = new ClassReader(writer.finish());
        for (const { law, classes } of given) {
          if (classes.length === 0) continue;
          const found = new Uint8Array(classes.length);
          reader.code(law, found);
          expect(found).toEqual(classes);
        }
        expect(reader.ended).toBe(true);
      }),
      { seed: 17, numRuns: 300 },
    );
  });

  it('refuses sections that are cut, begin too low or are not there', () => {
    const writer = new ClassWriter();
    const law = { centre: 7, spread: 12 };
    const classes = Uint8Array.from({ length: 100 }, (_, i) => (i * 7) % 16);
    writer.code(law, classes);
    const bytes = writer.finish();
    const format = expect.objectContaining({ code: 'MODEL_FORMAT' });
    const read = (section: Uint8Array) => new ClassReader(section).code(law, new Uint8Array(100));
    expect(() => read(bytes.subarray(0, bytes.length - 2))).toThrow(format);
    expect(() => read(bytes.subarray(0, 10))).toThrow(format);
    expect(() => read(new Uint8Array(16))).toThrow(format);
    expect(() => read(new Uint8Array(0))).toThrow(format);
    const longer = new ClassReader(Uint8Array.from([...bytes, 0, 0]));
    longer.code(law, new Uint8Array(100));
    expect(longer.ended).toBe(false);
  });
});

it('names that share their beginning come back, in both decoders', async () => {
  const names = ['block/conv/kernel', 'block/conv/bias', 'block', 'blocks', 'ä/ö', 'ä/é', 'z'];
  const tensors = names.map((name, i) => normalTensor(name, [20, 30 + i], 90 + i, 1 + i));
  const bytes = encodeTensors(tensors, { sqnrDb: 15 });
  const wasm = await createWasmDecoder();
  expect(readWasmHead(wasm, bytes, DEFAULT_LIMITS)?.tensors.map(({ name }) => name)).toEqual(names);
  const readable = decodeTensorsWith(bytes, new ReferenceDecoder()).tensors;
  expect(readable.map(({ name }) => name)).toEqual(names);
  const fast = decodeTensorsWith(bytes, wasm).tensors;
  expect(fast.map(({ data }) => data)).toEqual(readable.map(({ data }) => data));
});
