/** What the headers of all versions share: the bounds of the format, segments, and their checks. */
import { checksum } from './checksum.ts';
import { crc32c } from './crc32c.ts';
import { formatError } from './format-error.ts';
import type { DecodeLimits } from './limits.ts';
import { CODING_F16, CODING_RANS, type TensorHead, type TensorRecord } from './tensor-record.ts';

/** The newest version; what is written. */
export const CONTAINER_VERSION = 5;
/** "SACC", little-endian. */
export const MAGIC = 0x43434153;
/** Magic, version, flags, length of the header and of the file: the same in every version. */
export const COMMON_BYTES = 16;

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
/** No file within 2^32 weights has more; read before the weights are known. */
export const MAX_SEGMENTS = 2 ** 20;

export interface Segment {
  readonly kind: typeof SEGMENT_RAW | typeof SEGMENT_CODED;
  /** Weights of a coded segment; bytes of a raw one. */
  readonly elements: number;
  readonly payload: Uint8Array;
}

/** All that stands before the segments: enough to decode each of them as it comes. */
export interface Head {
  readonly version: number;
  readonly flags: number;
  readonly headerBytes: number;
  readonly fileBytes: number;
  readonly tensors: readonly TensorRecord[];
  readonly entries: readonly SegmentEntry[];
  /** UTF-8, maybe empty, maybe with trailing spaces. */
  readonly json: Uint8Array;
}

export interface Container {
  readonly version: number;
  readonly flags: number;
  readonly tensors: readonly TensorRecord[];
  readonly segments: readonly Segment[];
  /** UTF-8, maybe empty, maybe with trailing spaces. */
  readonly json: Uint8Array;
}

/** Bytes that a tensor takes in the raw stream; 0 where it is entropy-coded. */
export function rawBytes(tensor: TensorHead): number {
  if (tensor.coding === CODING_RANS) return 0;
  return tensor.elements * (tensor.coding === CODING_F16 ? 2 : 4);
}

/** The checksum that a version has. */
export function checksumOf(version: number): (bytes: Uint8Array) => number {
  return version > 4 ? checksum : (bytes) => crc32c(bytes);
}

/** Checksum of a header, which says its version, with the four bytes at `at`, where it stands, taken as 0. */
export function headerChecksum(header: Uint8Array, at: number): number {
  // Not slice: of a Buffer of Node that is a view.
  const blank = Uint8Array.from(header);
  blank.fill(0, at, at + 4);
  return checksumOf(header[4] + 256 * header[5])(blank);
}

/** What a segment table says of a segment. */
export interface SegmentEntry {
  readonly bytes: number;
  readonly elements: number;
  readonly checksum: number;
  readonly kind: typeof SEGMENT_RAW | typeof SEGMENT_CODED;
}

/** Segments follow one another from the header to the end of the file. */
export function checkEntries({
  entries,
  headerBytes,
  fileBytes,
}: Pick<Head, 'entries' | 'headerBytes' | 'fileBytes'>): void {
  let at = headerBytes;
  for (const [i, { bytes, elements, kind }] of entries.entries()) {
    if (bytes > fileBytes - at) throw formatError(`Segment ${i} does not fit the file`, { bytes });
    if (kind !== SEGMENT_RAW && kind !== SEGMENT_CODED) throw formatError(`Segment ${i} has kind ${kind}`);
    const raw = kind === SEGMENT_RAW;
    const most = raw ? MAX_RAW_SEGMENT_BYTES : MAX_SEGMENT_ELEMENTS;
    if (elements < 1 || elements > most || (raw && elements !== bytes)) {
      throw formatError(`Segment ${i} has ${elements} elements`, { bytes, most });
    }
    at += bytes;
  }
  if (at !== fileBytes) throw formatError(`The file has ${fileBytes - at} bytes that no segment owns`);
}

/** Raw and coded segments must hold exactly what the tensors need. */
export function checkStreams({
  tensors,
  entries,
  fileBytes: bytes,
}: Pick<Head, 'entries' | 'fileBytes'> & { readonly tensors: readonly TensorHead[] }): void {
  let coded = 0;
  let raw = 0;
  for (const tensor of tensors) {
    raw += rawBytes(tensor);
    if (tensor.coding === CODING_RANS) coded += tensor.elements;
  }
  if (coded > FREE_WEIGHTS + MAX_WEIGHTS_PER_BYTE * bytes) {
    throw formatError(`A file of ${bytes} bytes claims ${coded} weights`, { coded });
  }
  if (entries.length > FREE_SEGMENTS + (coded + raw) / MIN_MEAN_SEGMENT) {
    throw formatError(`The file has ${entries.length} segments for ${coded} weights and ${raw} raw bytes`);
  }
  for (const { kind, elements } of entries) {
    if (kind === SEGMENT_RAW) raw -= elements;
    else coded -= elements;
  }
  if (raw !== 0 || coded !== 0)
    throw formatError('The segments do not hold what the tensors need', { raw, coded });
}

/** Refuses counts beyond the caller's limits. */
export function checkCounts(tensors: number, jsonBytes: number, limits: DecodeLimits): void {
  if (tensors > limits.maxTensors) {
    throw formatError(`The file has ${tensors} tensors, more than limits.maxTensors ${limits.maxTensors}`);
  }
  if (jsonBytes > limits.maxJsonBytes) {
    throw formatError(`The file has ${jsonBytes} bytes of JSON, more than limits.maxJsonBytes`);
  }
}
