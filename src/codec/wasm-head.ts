/** The header of a file of version 5, read by the wasm decoder: assembly/codec/header.ts. */
import { SaccadeNetError } from '../errors/errors.ts';
import {
  COMMON_BYTES,
  CONTAINER_VERSION,
  checkEntries,
  checkStreams,
  FLAG_NETWORK,
  type SegmentEntry,
} from './container-parts.ts';
import { CHECKED_AT, partsOf } from './header.ts';
import type { Transform } from './kernel-transform.ts';
import type { DecodeLimits } from './limits.ts';
import type { Coding, TensorHead } from './tensor-record.ts';
import type { WasmDecoder } from './wasm-decoder.ts';

const MAX_U32 = 2 ** 32 - 1;
/** What readHeader leaves, in words. */
const FOUND = 4352 / 4;
/** Words of a tensor's record: what they are stands in assembly/codec/header.ts. */
export const RECORD_WORDS = 32;

/** A header as the wasm decoder read it; the rest of the records stays in its memory. */
export interface WasmHead {
  readonly version: number;
  readonly flags: number;
  readonly headerBytes: number;
  readonly fileBytes: number;
  readonly tensors: readonly TensorHead[];
  readonly entries: readonly SegmentEntry[];
  readonly json: Uint8Array;
}

/** Address of the first tensor's record. */
export function recordsAt({ words }: WasmDecoder): number {
  return words[FOUND + 2];
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readTensors(decoder: WasmDecoder): TensorHead[] | null {
  const { words, bytes } = decoder;
  const floats = new Float32Array(words.buffer);
  const tensors: TensorHead[] = [];
  const names = new Set<string>();
  const ascii = words[FOUND + 6] < 128;
  for (let i = 0, at = words[FOUND + 2] / 4; i < words[FOUND]; i++, at += RECORD_WORDS) {
    const own = bytes.subarray(words[at], words[at] + words[at + 1]);
    let name: string;
    try {
      name = ascii ? String.fromCharCode.apply(null, own as unknown as number[]) : UTF8.decode(own);
    } catch {
      return null;
    }
    const shape: number[] = [];
    for (let axis = 0; axis < words[at + 2]; axis++) shape.push(words[at + 12 + axis]);
    tensors.push({
      name,
      shape,
      elements: words[at + 3],
      coding: words[at + 4] as Coding,
      step: floats[at + 5],
      transform: words[at + 6] as Transform,
    });
    names.add(name);
  }
  return names.size === tensors.length ? tensors : null;
}

function readEntries({ words }: WasmDecoder): SegmentEntry[] {
  const entries: SegmentEntry[] = [];
  for (let i = 0, at = words[FOUND + 3] / 4; i < words[FOUND + 1]; i++, at += 4) {
    const kind = words[at] as SegmentEntry['kind'];
    entries.push({ kind, elements: words[at + 1], bytes: words[at + 2], checksum: words[at + 3] });
  }
  return entries;
}

/**
 * Puts a file's header into the decoder's memory and reads it.
 * @param bytes the file, or its header at least
 * @returns null where it is none that this decoder reads
 * @throws SaccadeNetError OUT_OF_MEMORY
 */
export function readWasmHead(decoder: WasmDecoder, bytes: Uint8Array, limits: DecodeLimits): WasmHead | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [version, flags] = [view.getUint16(4, true), view.getUint16(6, true)];
  const [headerBytes, fileBytes] = [view.getUint32(8, true), view.getUint32(12, true)];
  if (version !== CONTAINER_VERSION || flags > FLAG_NETWORK) return null;
  const header = bytes.subarray(0, headerBytes);
  const place = decoder.begin(headerBytes);
  decoder.bytes.set(header, place);
  decoder.bytes.fill(0, place + COMMON_BYTES, place + CHECKED_AT);
  const { checksum, readHeader } = decoder.exports;
  if (checksum(place, headerBytes) >>> 0 !== view.getUint32(COMMON_BYTES, true)) return null;
  const { maxTensors, maxJsonBytes, maxParameters } = limits;
  const [most, mostJson, mostWeights] = [maxTensors, maxJsonBytes, maxParameters].map((n) =>
    Math.min(n, MAX_U32),
  );
  const { stream } = partsOf(header, version);
  const from = place + stream.byteOffset - header.byteOffset;
  const [to, end] = [from + stream.length, place + headerBytes];
  if (!readHeader(from, to, end, most, mostJson, mostWeights)) return null;
  const tensors = readTensors(decoder);
  if (tensors === null) return null;
  const { words } = decoder;
  const json = decoder.bytes.slice(words[FOUND + 4], words[FOUND + 4] + words[FOUND + 5]);
  const head = { version, flags, headerBytes, fileBytes, tensors, entries: readEntries(decoder), json };
  try {
    checkEntries(head);
    checkStreams(head);
  } catch (error) {
    if (error instanceof SaccadeNetError) return null;
    throw error;
  }
  return head;
}
