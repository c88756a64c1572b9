/**
 * Safetensors files (https://huggingface.co/docs/safetensors): u64 header length, JSON header, data. Reads F32, F16
 * and BF16 as float32, writes F32.
 */
import { SaccadeNetError } from '../errors/errors.ts';
import { halfToFloat } from '../network/half.ts';
import { requireBytes } from './format-error.ts';
import type { Tensor } from './tensor.ts';
import { countElements } from './tensor-record.ts';

export interface Safetensors {
  readonly tensors: readonly Tensor[];
  /** The header's `__metadata__`: texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

const LENGTH_BYTES = 8;
/** The format's own bound. */
const MAX_HEADER_BYTES = 100_000_000;

function bad(message: string, cause?: unknown): SaccadeNetError {
  return new SaccadeNetError('MODEL_FORMAT', `${message}: this is no safetensors file that can be read.`, {
    cause,
  });
}

const READERS: Readonly<Record<string, { bytes: number; read: (view: DataView, at: number) => number }>> = {
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => halfToFloat(view.getUint16(at, true)) },
  BF16: {
    bytes: 2,
    read: (view, at) => {
      const word = new DataView(new ArrayBuffer(4));
      word.setUint32(0, view.getUint16(at, true) * 65536);
      return word.getFloat32(0);
    },
  },
};

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readTensor(name: string, entry: unknown, data: Uint8Array): Tensor {
  if (!isRecord(entry)) throw bad(`The entry of tensor "${name}" is no object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const reader = typeof dtype === 'string' && Object.hasOwn(READERS, dtype) ? READERS[dtype] : undefined;
  if (reader === undefined) {
    throw new SaccadeNetError(
      'MODEL_FORMAT',
      `Tensor "${name}" has the dtype ${JSON.stringify(dtype)}: convert it to F32, F16 or BF16, or leave it out.`,
      { details: { name, dtype } },
    );
  }
  const elements = Array.isArray(shape) ? countElements(shape) : Number.NaN;
  if (Number.isNaN(elements)) throw bad(`Tensor "${name}" has the shape ${JSON.stringify(shape)}`);
  const [start, end] = Array.isArray(offsets) && offsets.length === 2 ? offsets : [];
  if (!Number.isInteger(start) || start < 0 || end !== start + elements * reader.bytes || end > data.length) {
    throw bad(`Tensor "${name}" has the offsets ${JSON.stringify(offsets)}`);
  }
  const view = new DataView(data.buffer, data.byteOffset + start, end - start);
  const values = new Float32Array(elements);
  for (let i = 0; i < elements; i++) values[i] = reader.read(view, i * reader.bytes);
  return { name, shape: shape as number[], data: values };
}

/** Tensors in the order of their data. @throws SaccadeNetError MODEL_FORMAT */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  requireBytes(bytes);
  if (bytes.length < LENGTH_BYTES) throw bad(`The file has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || headerBytes > bytes.length - LENGTH_BYTES) {
    throw bad(`The header claims ${headerBytes} bytes`);
  }
  let header: unknown;
  try {
    const text = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes);
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (cause) {
    throw bad('The header is no JSON', cause);
  }
  if (!isRecord(header)) throw bad('The header is no object');
  const data = bytes.subarray(LENGTH_BYTES + headerBytes);
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isRecord(metadata)) throw bad('__metadata__ is no object');
  const startOf = (entry: unknown) => (entry as { data_offsets: number[] }).data_offsets[0];
  const tensors = Object.entries(entries)
    .map(([name, entry]) => ({ entry, tensor: readTensor(name, entry, data) }))
    .sort((a, b) => startOf(a.entry) - startOf(b.entry))
    .map(({ tensor }) => tensor);
  const texts = Object.entries(metadata).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  return { tensors, metadata: Object.fromEntries(texts) };
}

/** A file of F32 tensors in the order given; the header is padded with spaces so that data begins at 8 bytes. */
export function writeSafetensors(
  tensors: readonly Tensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  let at = 0;
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  for (const { name, shape, data } of tensors) {
    entries.push([name, { dtype: 'F32', shape, data_offsets: [at, at + 4 * data.length] }]);
    at += 4 * data.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const dataAt = LENGTH_BYTES + headerBytes;
  const bytes = new Uint8Array(dataAt + at).fill(0x20, LENGTH_BYTES, dataAt);
  bytes.set(json, LENGTH_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  at = dataAt;
  for (const { data } of tensors) {
    for (const value of data) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}
