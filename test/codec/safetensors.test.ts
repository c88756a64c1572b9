import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/codec/safetensors.ts';
import { normalTensor } from './samples.ts';

/** A file with this header and data. */
function file(header: unknown, data: readonly number[] = []): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const refused = expect.objectContaining({ code: 'MODEL_FORMAT' });

describe('safetensors', () => {
  it('come back whole, with metadata, data aligned to 8 bytes', () => {
    const tensors = [normalTensor('b', [3, 4], 1), normalTensor('a', [5], 2), normalTensor('s', [], 3)];
    const bytes = writeSafetensors(tensors, { format: 'pt' });
    expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
    expect(readSafetensors(bytes)).toEqual({ tensors, metadata: { format: 'pt' } });
    const moved = new Uint8Array(bytes.length + 3);
    moved.set(bytes, 3);
    expect(readSafetensors(moved.subarray(3)).tensors).toEqual(tensors);
  });

  it('of half precision are read as float32', () => {
    const bytes = file(
      {
        half: { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
        brain: { dtype: 'BF16', shape: [1, 2], data_offsets: [4, 8] },
      },
      [0x00, 0x3c, 0x00, 0xc1, 0x80, 0x3f, 0x20, 0xc0],
    );
    const { tensors } = readSafetensors(bytes);
    expect(tensors.map(({ name, data }) => [name, ...data])).toEqual([
      ['half', 1, -2.5],
      ['brain', 1, -2.5],
    ]);
  });

  it('in the order of their data', () => {
    const entry = (start: number) => ({ dtype: 'F32', shape: [1], data_offsets: [start, start + 4] });
    const bytes = file({ last: entry(4), first: entry(0) }, [0, 0, 0, 0, 0, 0, 0, 0]);
    expect(readSafetensors(bytes).tensors.map(({ name }) => name)).toEqual(['first', 'last']);
  });

  const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['a header beyond the end', file({}).subarray(0, 9)],
    ['a header of 2^60 bytes', new Uint8Array([0, 0, 0, 0, 0, 0, 0, 16, 123, 125])],
    ['no JSON', file('{"a": ')],
    ['a list', file('[]')],
    ['an entry that is a text', file({ a: 'F32' })],
    ['integers', file({ a: { ...entry, dtype: 'I64' } }, [0, 0, 0, 0])],
    ['a dtype of the prototype', file({ a: { ...entry, dtype: 'constructor' } }, [0, 0, 0, 0])],
    ['a negative dimension', file({ a: { ...entry, shape: [-1] } }, [0, 0, 0, 0])],
    ['too large a shape', file({ a: { ...entry, shape: [2 ** 31, 2 ** 31] } }, [0, 0, 0, 0])],
    ['data beyond the end', file({ a: entry }, [0, 0, 0])],
    ['offsets of another size', file({ a: { ...entry, data_offsets: [0, 3] } }, [0, 0, 0, 0])],
    ['no offsets', file({ a: { dtype: 'F32', shape: [1] } }, [0, 0, 0, 0])],
  ])('with %s are refused', (_, bytes) => {
    expect(() => readSafetensors(bytes)).toThrow(refused);
  });
});
