import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { toModel } from '../../src/codec/decode-model.ts';
import { decodeTensorsWith } from '../../src/codec/decode-tensors.ts';
import { encodeModel } from '../../src/codec/encode-model.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import { ReferenceDecoder } from '../../src/codec/reference-decoder.ts';
import { createWasmDecoder, type WasmDecoder } from '../../src/codec/wasm-decoder.ts';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { resealed } from './reseal.ts';
import { everyCoding, everyCodingSteps, tinyModel } from './samples.ts';

const CODES = ['MODEL_FORMAT', 'MODEL_VERSION', 'MODEL_CHECKSUM'];

let wasm: WasmDecoder;
const referenceDecoder = new ReferenceDecoder();
beforeAll(async () => {
  wasm = await createWasmDecoder();
});

/** The weights' bits, or the error's code; anything else thrown fails the test. */
function outcome(bytes: Uint8Array, decoder: WasmDecoder | ReferenceDecoder, model = false): string {
  try {
    const decoded = decodeTensorsWith(bytes, decoder);
    if (model) toModel(decoded);
    return decoded.tensors
      .map(({ name, data }) => `${name}:${new Uint32Array(data.buffer).join()}`)
      .join(';');
  } catch (error) {
    if (!(error instanceof SaccadeNetError) || !CODES.includes(error.code)) throw error;
    return error.code;
  }
}

const plain = encodeTensors(everyCoding(), { steps: everyCodingSteps });
const model = encodeModel(tinyModel(3, 2), { sqnrDb: 15 });

describe.each([
  ['plain tensors', plain],
  ['a model', model],
])('%s', (_, bytes) => {
  it('cut at any length is refused', () => {
    for (let length = 0; length < bytes.length; length++) {
      if (!CODES.includes(outcome(bytes.subarray(0, length), wasm)))
        expect.fail(`length ${length} was taken`);
    }
  });

  it('with a bit flipped anywhere is refused', () => {
    const copy = bytes.slice();
    // Every byte; of its bits another one each time.
    for (let byte = 0; byte < bytes.length; byte++) {
      const bit = 8 * byte + ((3 * byte) & 7);
      copy[bit >> 3] ^= 1 << (bit & 7);
      if (!CODES.includes(outcome(copy, wasm))) expect.fail(`bit ${bit} was not noticed`);
      copy[bit >> 3] ^= 1 << (bit & 7);
    }
  });

  it('with a byte too many is refused', () => {
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(outcome(longer, wasm)).toBe('MODEL_FORMAT');
  });

  it('tampered with behind right checksums: both decoders agree, on an error or on bits', () => {
    const edit = fc.record({
      at: fc.integer({ min: 0, max: bytes.length - 1 }),
      value: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 1, 127, 128, 255)),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const copy = bytes.slice();
        for (const { at, value } of edits) copy[at] = value;
        const sealed = resealed(copy);
        expect(outcome(sealed, wasm, true)).toBe(outcome(sealed, referenceDecoder, true));
      }),
      { numRuns: 400, seed: 42 },
    );
  });

  it('with any one byte of the header and tables changed behind right checksums never crashes', () => {
    const headerBytes = new DataView(bytes.buffer).getUint32(8, true);
    for (let at = 0; at < headerBytes; at++) {
      for (const value of [0, 255, bytes[at] ^ 1, bytes[at] ^ 128]) {
        const copy = bytes.slice();
        copy[at] = value;
        outcome(resealed(copy), wasm, true);
      }
    }
  });
});

it('random bytes behind a right magic and version are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 400 }), (tail) => {
      const bytes = new Uint8Array(6 + tail.length);
      bytes.set([0x53, 0x41, 0x43, 0x43, 1 + (tail.length % 3), 0]);
      bytes.set(tail, 6);
      expect(CODES).toContain(outcome(bytes, wasm));
      expect(CODES).toContain(outcome(resealed(bytes), wasm));
    }),
    { numRuns: 1000, seed: 43 },
  );
});
