/** The header of version 1: tables of fixed width, a pool of records, JSON. Read, no longer written. */
import { ByteReader } from './bytes.ts';
import { COMMON_BYTES, checkCounts, type Head, type SegmentEntry } from './container-parts.ts';
import { formatError } from './format-error.ts';
import type { DecodeLimits } from './limits.ts';
import { readRecord, type TensorRecord } from './tensor-record.ts';

/** Magic to the header's CRC. */
export const HEADER_BYTES = 36;
export const TENSOR_ENTRY_BYTES = 16;
export const SEGMENT_ENTRY_BYTES = 20;
/** Where the header's CRC stands. */
export const CHECKSUM_AT = 32;

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

function readSegments(tables: ByteReader, count: number, headerBytes: number): SegmentEntry[] {
  const entries: SegmentEntry[] = [];
  let at = headerBytes;
  for (let i = 0; i < count; i++) {
    const offset = tables.u32();
    const [bytes, elements, checksum] = [tables.u32(), tables.u32(), tables.u32()];
    const kind = tables.u8() as SegmentEntry['kind'];
    if (tables.u8() + tables.u16() !== 0 || offset !== at) {
      throw formatError(`Segment ${i} does not fit the file`, { offset });
    }
    entries.push({ bytes, elements, checksum, kind });
    at += bytes;
  }
  return entries;
}

/** @throws SaccadeNetError MODEL_FORMAT */
export function readVersion1(
  header: Uint8Array,
  limits: DecodeLimits,
): Pick<Head, 'tensors' | 'entries' | 'json'> {
  const headerBytes = header.length;
  const reader = new ByteReader(header);
  reader.at = COMMON_BYTES;
  const tensorCount = reader.u32();
  const segmentCount = reader.u32();
  const poolBytes = reader.u32();
  const jsonBytes = reader.u32();
  reader.u32();
  const tableBytes = TENSOR_ENTRY_BYTES * tensorCount + SEGMENT_ENTRY_BYTES * segmentCount;
  if (headerBytes !== HEADER_BYTES + tableBytes + poolBytes + jsonBytes) {
    throw formatError('The parts of the header do not add up to its length', { headerBytes });
  }
  checkCounts(tensorCount, jsonBytes, limits);
  const poolAt = HEADER_BYTES + tableBytes;
  const tensors = readTensors(reader, header.subarray(poolAt, poolAt + poolBytes), tensorCount, limits);
  const entries = readSegments(reader, segmentCount, headerBytes);
  return { tensors, entries, json: header.subarray(poolAt + poolBytes) };
}
