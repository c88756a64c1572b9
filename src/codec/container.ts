/**
 * The container: 36-byte header, tensor table, segment table, pool, JSON, then the segments. docs/format.md says
 * every byte. Nothing is allocated for weights before all of this is checked against the limits and checksums.
 */
import { ByteReader, ByteWriter } from './bytes.ts';
import { crc32c } from './crc32c.ts';
import { checksumError, formatError, requireBytes, versionError } from './format-error.ts';
import type { DecodeLimits } from './limits.ts';
import { CODING_F16, CODING_RANS, readRecord, type TensorRecord, writeRecord } from './tensor-record.ts';

const CONTAINER_VERSION = 1;
/** "SACC", little-endian. */
const MAGIC = 0x43434153;
export const HEADER_BYTES = 36;
export const TENSOR_ENTRY_BYTES = 16;
export const SEGMENT_ENTRY_BYTES = 20;
const CHECKSUM_AT = 32;

/** The file holds a network of ours: its JSON has a spec and the tensors are that spec's weights. */
export const FLAG_NETWORK = 1;

export const SEGMENT_RAW = 0;
export const SEGMENT_CODED = 1;
/** Weights of a coded segment, bytes of a raw one. */
export const MAX_SEGMENT_ELEMENTS = 1 << 18;
export const MAX_RAW_SEGMENT_BYTES = 1 << 20;

/**
 * A file of n bytes decodes to at most 65536 + 4096 n values: a table of probability one costs no bits, so without
 * a bound a few bytes could ask for gigabytes. Encoders pad the JSON with spaces where they must.
 */
export const FREE_WEIGHTS = 65536;
export const MAX_WEIGHTS_PER_BYTE = 4096;

/** A file has at most 64 segments and one for every 4096 weights or raw bytes: each costs a decoder its tables. */
const FREE_SEGMENTS = 64;
const MIN_MEAN_SEGMENT = 4096;

export interface Segment {
  readonly kind: typeof SEGMENT_RAW | typeof SEGMENT_CODED;
  /** Weights of a coded segment; bytes of a raw one. */
  readonly elements: number;
  readonly payload: Uint8Array;
}

export interface Container {
  readonly flags: number;
  readonly tensors: readonly TensorRecord[];
  readonly segments: readonly Segment[];
  /** UTF-8, maybe empty, maybe with trailing spaces. */
  readonly json: Uint8Array;
}

/** Bytes that a tensor takes in the raw stream; 0 where it is entropy-coded. */
export function rawBytes(tensor: TensorRecord): number {
  if (tensor.coding === CODING_RANS) return 0;
  return tensor.elements * (tensor.coding === CODING_F16 ? 2 : 4);
}

export function writeContainer(container: Container): Uint8Array {
  const records = container.tensors.map(writeRecord);
  const poolBytes = records.reduce((sum, record) => sum + record.length, 0);
  const headerBytes =
    HEADER_BYTES +
    TENSOR_ENTRY_BYTES * records.length +
    SEGMENT_ENTRY_BYTES * container.segments.length +
    poolBytes +
    container.json.length;
  const fileBytes = container.segments.reduce((sum, { payload }) => sum + payload.length, headerBytes);
  const writer = new ByteWriter();
  writer.u32(MAGIC).u16(CONTAINER_VERSION).u16(container.flags).u32(headerBytes).u32(fileBytes);
  writer.u32(records.length).u32(container.segments.length).u32(poolBytes).u32(container.json.length).u32(0);
  let at = 0;
  for (const [i, record] of records.entries()) {
    const { step, coding, shape } = container.tensors[i];
    writer.u32(at).u32(record.length).f32(step).u8(coding).u8(shape.length).u16(0);
    at += record.length;
  }
  at = headerBytes;
  for (const { kind, elements, payload } of container.segments) {
    writer.u32(at).u32(payload.length).u32(elements).u32(crc32c(payload)).u8(kind).u8(0).u16(0);
    at += payload.length;
  }
  for (const record of records) writer.bytes(record);
  writer.bytes(container.json);
  for (const { payload } of container.segments) writer.bytes(payload);
  const bytes = writer.finish();
  const view = new DataView(bytes.buffer);
  view.setUint32(CHECKSUM_AT, crc32c(bytes.subarray(0, headerBytes)), true);
  return bytes;
}

function headerChecksum(header: Uint8Array): number {
  const before = crc32c(header.subarray(0, CHECKSUM_AT));
  return crc32c(header.subarray(CHECKSUM_AT + 4), crc32c(new Uint8Array(4), before));
}

function readTensors(
  tables: ByteReader,
  pool: Uint8Array,
  count: number,
  limits: DecodeLimits,
): TensorRecord[] {
  const tensors: TensorRecord[] = [];
  const names = new Set<string>();
  let at = 0;
  let parameters = 0;
  for (let i = 0; i < count; i++) {
    const offset = tables.u32();
    const bytes = tables.u32();
    const step = tables.f32();
    const coding = tables.u8();
    const rank = tables.u8();
    if (tables.u16() !== 0 || offset !== at || bytes > pool.length - at) {
      throw formatError(`Entry ${i} of the tensor table does not fit the pool`, { offset, bytes });
    }
    const tensor = readRecord(pool.subarray(at, at + bytes), coding, rank, step);
    if (names.has(tensor.name)) throw formatError(`Two tensors are named "${tensor.name}"`);
    names.add(tensor.name);
    parameters += tensor.elements;
    if (parameters > limits.maxParameters) {
      throw formatError(`The file holds more than ${limits.maxParameters} weights (limits.maxParameters)`);
    }
    tensors.push(tensor);
    at += bytes;
  }
  if (at !== pool.length) throw formatError(`The pool has ${pool.length - at} bytes that no tensor owns`);
  return tensors;
}

function readSegments(tables: ByteReader, bytes: Uint8Array, count: number, headerBytes: number): Segment[] {
  const segments: Segment[] = [];
  const checksums: number[] = [];
  let at = headerBytes;
  for (let i = 0; i < count; i++) {
    const offset = tables.u32();
    const length = tables.u32();
    const elements = tables.u32();
    checksums.push(tables.u32());
    const kind = tables.u8();
    const reserved = tables.u8() + tables.u16();
    if (reserved !== 0 || offset !== at || length > bytes.length - at) {
      throw formatError(`Segment ${i} does not fit the file`, { offset, length });
    }
    if (kind !== SEGMENT_RAW && kind !== SEGMENT_CODED) throw formatError(`Segment ${i} has kind ${kind}`);
    const raw = kind === SEGMENT_RAW;
    const most = raw ? MAX_RAW_SEGMENT_BYTES : MAX_SEGMENT_ELEMENTS;
    if (elements < 1 || elements > most || (raw && elements !== length)) {
      throw formatError(`Segment ${i} has ${elements} elements`, { length, most });
    }
    segments.push({ kind, elements, payload: bytes.subarray(at, at + length) });
    at += length;
  }
  if (at !== bytes.length) throw formatError(`The file has ${bytes.length - at} bytes that no segment owns`);
  for (const [i, { payload }] of segments.entries()) {
    if (crc32c(payload) !== checksums[i]) throw checksumError(`segment ${i}`);
  }
  return segments;
}

/** Raw and coded segments must hold exactly what the tensors need. */
function checkStreams(tensors: readonly TensorRecord[], segments: readonly Segment[], bytes: number): void {
  let coded = 0;
  let raw = 0;
  for (const tensor of tensors) {
    raw += rawBytes(tensor);
    if (tensor.coding === CODING_RANS) coded += tensor.elements;
  }
  if (coded > FREE_WEIGHTS + MAX_WEIGHTS_PER_BYTE * bytes) {
    throw formatError(`A file of ${bytes} bytes claims ${coded} weights`, { coded });
  }
  if (segments.length > FREE_SEGMENTS + (coded + raw) / MIN_MEAN_SEGMENT) {
    throw formatError(`The file has ${segments.length} segments for ${coded} weights and ${raw} raw bytes`);
  }
  for (const { kind, elements } of segments) {
    if (kind === SEGMENT_RAW) raw -= elements;
    else coded -= elements;
  }
  if (raw !== 0 || coded !== 0)
    throw formatError('The segments do not hold what the tensors need', { raw, coded });
}

/**
 * Parses and checks everything but the payloads' contents. Views into `bytes`, no copies.
 * @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION, MODEL_CHECKSUM
 */
export function readContainer(bytes: Uint8Array, limits: DecodeLimits): Container {
  requireBytes(bytes);
  if (bytes.length < HEADER_BYTES) throw formatError(`${bytes.length} bytes are too few for a model`);
  const reader = new ByteReader(bytes);
  if (reader.u32() !== MAGIC) throw formatError('The bytes do not begin with "SACC"');
  const version = reader.u16();
  if (version !== CONTAINER_VERSION) throw versionError('model file', version, CONTAINER_VERSION);
  const flags = reader.u16();
  const headerBytes = reader.u32();
  const fileBytes = reader.u32();
  if (fileBytes !== bytes.length) {
    throw formatError(`The file says ${fileBytes} bytes but has ${bytes.length}`, { fileBytes });
  }
  if (fileBytes > limits.maxBytes) {
    throw formatError(`The file has ${fileBytes} bytes, more than limits.maxBytes ${limits.maxBytes}`);
  }
  if (headerBytes < HEADER_BYTES || headerBytes > fileBytes) {
    throw formatError(`The header says ${headerBytes} bytes`, { headerBytes });
  }
  const tensorCount = reader.u32();
  const segmentCount = reader.u32();
  const poolBytes = reader.u32();
  const jsonBytes = reader.u32();
  const checksum = reader.u32();
  if (headerChecksum(bytes.subarray(0, headerBytes)) !== checksum) throw checksumError('the header');
  const tableBytes = TENSOR_ENTRY_BYTES * tensorCount + SEGMENT_ENTRY_BYTES * segmentCount;
  if (headerBytes !== HEADER_BYTES + tableBytes + poolBytes + jsonBytes) {
    throw formatError('The parts of the header do not add up to its length', { headerBytes });
  }
  if (flags > FLAG_NETWORK) throw formatError(`The header has unknown flags 0x${flags.toString(16)}`);
  if (tensorCount > limits.maxTensors) {
    throw formatError(
      `The file has ${tensorCount} tensors, more than limits.maxTensors ${limits.maxTensors}`,
    );
  }
  if (jsonBytes > limits.maxJsonBytes) {
    throw formatError(`The file has ${jsonBytes} bytes of JSON, more than limits.maxJsonBytes`);
  }
  const poolAt = HEADER_BYTES + tableBytes;
  const tensors = readTensors(reader, bytes.subarray(poolAt, poolAt + poolBytes), tensorCount, limits);
  const segments = readSegments(reader, bytes, segmentCount, headerBytes);
  checkStreams(tensors, segments, fileBytes);
  return { flags, tensors, segments, json: bytes.subarray(poolAt + poolBytes, headerBytes) };
}
