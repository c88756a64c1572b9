/** What the encoder's calibration does, and the ways to take a file in: arrays of the caller's, streams. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/codec/crc32c.ts';
import { createDecoder, decodeStream } from '../../src/codec/decode-tensors.ts';
import { encodeTensors, encodeTensorsDetailed } from '../../src/codec/encode-tensors.ts';
import { sqnrDb } from '../../src/codec/step.ts';
import type { Tensor } from '../../src/codec/tensor.ts';
import { floatToHalf } from '../../src/network/half.ts';
import { seededRandom } from '../../train/random.ts';
import { everyCoding, everyCodingSteps, normalTensor } from './samples.ts';

/** Second moments of inputs that go up and down together, and the error that an output has with them. */
function correlated(columns: number) {
  const random = seededRandom(5);
  const moments = new Float64Array(columns * columns);
  for (let sample = 0; sample < 400; sample++) {
    let level = 0;
    const x = Float64Array.from({ length: columns }, () => {
      level = 0.9 * level + random() - 0.5;
      return level;
    });
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < columns; j++) moments[i * columns + j] += (x[i] * x[j]) / 400;
  }
  const outputError = (a: Float32Array, b: Float32Array, outputs: number) => {
    let sum = 0;
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < columns; i++) {
        for (let j = 0; j < columns; j++) {
          const [x, y] = [a[i * outputs + o] - b[i * outputs + o], a[j * outputs + o] - b[j * outputs + o]];
          sum += x * moments[i * columns + j] * y;
        }
      }
    }
    return sum;
  };
  return { moments, outputError };
}

describe('calibration', () => {
  it.each([
    [32, false],
    [32, true],
    [24, true],
  ])('with moments the output error falls at equal bytes: %d outputs, trellis %s', (outputs, trellis) => {
    const columns = 48;
    const { moments, outputError } = correlated(columns);
    const tensor = normalTensor('t', [columns, outputs], 51, 0.1);
    const bytes = 600;
    const plain = encodeTensorsDetailed([tensor], { bytes, trellis });
    const fed = encodeTensorsDetailed([tensor], { bytes, trellis, calibration: { t: { moments } } });
    expect(fed.bytes.length).toBeLessThanOrEqual(bytes);
    const error = (data: Float32Array) => outputError(data, tensor.data, outputs);
    expect(error(fed.decoded[0].data)).toBeLessThan(0.6 * error(plain.decoded[0].data));
  });

  it('with importance the weights that matter keep more', () => {
    const tensor = normalTensor('t', [40, 40], 52, 1);
    const importance = Float32Array.from(tensor.data, (_, i) => (i % 2 === 0 ? 1 : 0.001));
    const { decoded } = encodeTensorsDetailed([tensor], {
      rateLambda: 0.01,
      calibration: { t: { importance } },
    });
    const errors = [0, 0];
    for (const [i, value] of tensor.data.entries()) errors[i % 2] += (value - decoded[0].data[i]) ** 2;
    expect(errors[1]).toBeGreaterThan(10 * errors[0]);
  });

  it('keeps pruned weights zero and makes them cheap', async () => {
    const tensor = normalTensor('t', [100, 100], 53, 1);
    for (let i = 0; i < 10_000; i++) if (i % 10 > 0) tensor.data[i] = 0;
    const { bytes, decoded } = encodeTensorsDetailed([tensor], { sqnrDb: 20 });
    expect(tensor.data.every((value, i) => value !== 0 || decoded[0].data[i] === 0)).toBe(true);
    // A tenth at about 3.6 bits, and half a bit each to say which.
    expect(bytes.length).toBeLessThan((10_000 * 0.95) / 8 + 150);
  });
});

describe('a kept decoder', () => {
  const bytes = encodeTensors([normalTensor('a', [60, 50], 54), normalTensor('b', [9], 55)], {
    sqnrDb: 20,
    trellis: true,
  });

  it.each(['wasm', 'reference'] as const)('gives float32, half precision and levels: %s', async (name) => {
    const decoder = await createDecoder(name);
    const { tensors, container } = decoder.decode(bytes);
    const halves = new Uint16Array(3000);
    decoder.decodeInto(bytes, new Map([['a', halves]]));
    expect(halves).toEqual(Uint16Array.from(tensors[0].data, floatToHalf));
    const levels = new Int8Array(3000);
    decoder.decodeInto(bytes, new Map([['a', levels]]));
    expect(Float32Array.from(levels, (level) => level * container.tensors[0].step)).toEqual(tensors[0].data);
    const code = expect.objectContaining({ code: 'INVALID_OPTION' });
    expect(() => decoder.decodeInto(bytes, new Map([['a', new Float32Array(7)]]))).toThrow(code);
    expect(() => decoder.decodeInto(bytes, new Map([['b', new Int8Array(9)]]))).toThrow(code);
  });
});

const sums = (tensors: readonly Tensor[]) => tensors.map(({ data }) => crc32c(new Uint8Array(data.buffer)));

describe('a stream', () => {
  const bytes = encodeTensors([...everyCoding(), normalTensor('large', [700, 400], 56)], {
    steps: { ...everyCodingSteps, large: 0.05 },
  });
  const streamOf = (parts: Uint8Array[]) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    });

  it('gives what the whole file gives, cut anywhere', async () => {
    const whole = (await createDecoder()).decode(bytes).tensors;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 6 }),
        async (cuts) => {
          const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
          const parts = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
          const names: string[] = [];
          const { tensors } = await decodeStream(streamOf(parts), {
            onTensor: ({ name }) => names.push(name),
          });
          expect(sums(tensors)).toEqual(sums(whole));
          expect(names.sort()).toEqual(whole.map(({ name }) => name).sort());
        },
      ),
      { numRuns: 4, seed: 44 },
    );
  });

  it('gives tensors before the rest is there', async () => {
    const seen: string[] = [];
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes.subarray(0, bytes.length - 10)),
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        expect(seen).toContain('half');
        expect(seen).not.toContain('large');
        controller.enqueue(bytes.subarray(bytes.length - 10));
        controller.close();
      },
    });
    await decodeStream(stream, { onTensor: ({ name }) => seen.push(name) });
    expect(seen).toContain('large');
  });

  it('that ends early, is too long or damaged is refused', async () => {
    const code = (name: string) => expect.objectContaining({ code: name });
    await expect(decodeStream(streamOf([bytes.subarray(0, 900)]))).rejects.toThrow(code('MODEL_FORMAT'));
    await expect(decodeStream(streamOf([bytes, bytes]))).rejects.toThrow(code('MODEL_FORMAT'));
    const copy = bytes.slice();
    copy[copy.length - 50] ^= 1;
    await expect(decodeStream(streamOf([copy]))).rejects.toThrow(code('MODEL_CHECKSUM'));
  });
});

it('more states of the trellis need fewer bits for the same error', () => {
  const tensor = normalTensor('t', [200, 150], 90);
  const bits = [8, 32, 128].map((states) => {
    const { bytes, decoded } = encodeTensorsDetailed([tensor], { sqnrDb: 20, trellis: states });
    expect(sqnrDb(tensor.data, decoded[0].data)).toBeGreaterThanOrEqual(20);
    return (8 * bytes.length) / tensor.data.length;
  });
  expect(bits[1]).toBeLessThan(bits[0] - 0.01);
  expect(bits[2]).toBeLessThan(bits[1] - 0.01);
  expect(() => encodeTensors([tensor], { trellis: 12 })).toThrow(
    /give one of 8, 16, 32, 64, 128, 256 states/,
  );
});
