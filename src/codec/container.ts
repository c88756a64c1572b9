/**
 * The container: header, then the segments; docs/format.md says every byte. Nothing is allocated for weights before
 * all of this is checked against the limits and checksums.
 */
import { ByteReader } from './bytes.ts';
import {
  COMMON_BYTES,
  CONTAINER_VERSION,
  type Container,
  checkEntries,
  checkStreams,
  checksumOf,
  FLAG_NETWORK,
  type Head,
  headerChecksum,
  MAGIC,
  type Segment,
  type SegmentEntry,
} from './container-parts.ts';
import { checksumError, formatError, requireBytes, versionError } from './format-error.ts';
import { readHeader } from './header.ts';
import type { DecodeLimits } from './limits.ts';
import { CHECKSUM_AT, readVersion1 } from './version-1.ts';

export { type Container, FLAG_NETWORK, rawBytes, SEGMENT_CODED, SEGMENT_RAW } from './container-parts.ts';

/**
 * Lengths of the header and of the file, from the first COMMON_BYTES bytes of it.
 * @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION
 */
export function readLengths(
  bytes: Uint8Array,
  limits: DecodeLimits,
): { headerBytes: number; fileBytes: number } {
  requireBytes(bytes);
  if (bytes.length < COMMON_BYTES) throw formatError(`${bytes.length} bytes are too few for a model`);
  const reader = new ByteReader(bytes);
  if (reader.u32() !== MAGIC) throw formatError('The bytes do not begin with "SACC"');
  const version = reader.u16();
  if (version < 1 || version > CONTAINER_VERSION) {
    throw versionError('model file', version, CONTAINER_VERSION);
  }
  reader.u16();
  const headerBytes = reader.u32();
  const fileBytes = reader.u32();
  if (fileBytes > limits.maxBytes) {
    throw formatError(`The file has ${fileBytes} bytes, more than limits.maxBytes ${limits.maxBytes}`);
  }
  const least = (version === 1 ? CHECKSUM_AT : COMMON_BYTES) + 4;
  if (headerBytes < least || headerBytes > fileBytes) {
    throw formatError(`The header says ${headerBytes} bytes`, { headerBytes });
  }
  return { headerBytes, fileBytes };
}

/**
 * Parses and checks everything before the segments; what follows need not be there yet.
 * @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION, MODEL_CHECKSUM
 */
export function readHead(bytes: Uint8Array, limits: DecodeLimits): Head {
  const { headerBytes, fileBytes } = readLengths(bytes, limits);
  if (bytes.length < headerBytes)
    throw formatError(`The header ends ${headerBytes - bytes.length} bytes too early`);
  const header = bytes.subarray(0, headerBytes);
  const view = new DataView(header.buffer, header.byteOffset);
  const [version, flags] = [view.getUint16(4, true), view.getUint16(6, true)];
  const checksumAt = version === 1 ? CHECKSUM_AT : COMMON_BYTES;
  if (headerChecksum(header, checksumAt) !== view.getUint32(checksumAt, true))
    throw checksumError('the header');
  if (flags > FLAG_NETWORK) throw formatError(`The header has unknown flags 0x${flags.toString(16)}`);
  const parts = version === 1 ? readVersion1(header, limits) : readHeader(header, version, limits);
  const head = { version, flags, headerBytes, fileBytes, ...parts };
  checkEntries(head);
  checkStreams(head);
  return head;
}

/** @throws SaccadeNetError MODEL_CHECKSUM */
export function checkSegment(
  payload: Uint8Array,
  { checksum }: SegmentEntry,
  number: number,
  version: number,
): void {
  if (checksumOf(version)(payload) !== checksum) throw checksumError(`segment ${number}`);
}

/**
 * A whole file, with everything checked but the payloads' contents. Views into `bytes`, no copies.
 * @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION, MODEL_CHECKSUM
 */
export function readContainer(bytes: Uint8Array, limits: DecodeLimits): Container {
  const { fileBytes } = readLengths(bytes, limits);
  if (fileBytes !== bytes.length) {
    throw formatError(`The file says ${fileBytes} bytes but has ${bytes.length}`, { fileBytes });
  }
  const { headerBytes, entries, ...head } = readHead(bytes, limits);
  let at = headerBytes;
  const segments = entries.map((entry, i): Segment => {
    const payload = bytes.subarray(at, at + entry.bytes);
    checkSegment(payload, entry, i, head.version);
    at += entry.bytes;
    return { kind: entry.kind, elements: entry.elements, payload };
  });
  return { ...head, segments };
}
