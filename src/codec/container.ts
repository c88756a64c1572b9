/**
 * The container: header, then the segments; docs/format.md says every byte. Nothing is allocated for weights before
 * all of this is checked against the limits and checksums.
 */
import { ByteReader } from './bytes.ts';
import {
  COMMON_BYTES,
  CONTAINER_VERSION,
  type Container,
  checkStreams,
  FLAG_NETWORK,
  headerChecksum,
  MAGIC,
} from './container-parts.ts';
import { checksumError, formatError, requireBytes, versionError } from './format-error.ts';
import { readHeader } from './header.ts';
import type { DecodeLimits } from './limits.ts';
import { CHECKSUM_AT, readVersion1 } from './version-1.ts';

export { type Container, FLAG_NETWORK, rawBytes, SEGMENT_CODED, SEGMENT_RAW } from './container-parts.ts';

/**
 * Parses and checks everything but the payloads' contents. Views into `bytes`, no copies.
 * @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION, MODEL_CHECKSUM
 */
export function readContainer(bytes: Uint8Array, limits: DecodeLimits): Container {
  requireBytes(bytes);
  if (bytes.length < COMMON_BYTES) throw formatError(`${bytes.length} bytes are too few for a model`);
  const reader = new ByteReader(bytes);
  if (reader.u32() !== MAGIC) throw formatError('The bytes do not begin with "SACC"');
  const version = reader.u16();
  if (version !== 1 && version !== CONTAINER_VERSION)
    throw versionError('model file', version, CONTAINER_VERSION);
  const flags = reader.u16();
  const headerBytes = reader.u32();
  const fileBytes = reader.u32();
  if (fileBytes !== bytes.length) {
    throw formatError(`The file says ${fileBytes} bytes but has ${bytes.length}`, { fileBytes });
  }
  if (fileBytes > limits.maxBytes) {
    throw formatError(`The file has ${fileBytes} bytes, more than limits.maxBytes ${limits.maxBytes}`);
  }
  const checksumAt = version === 1 ? CHECKSUM_AT : COMMON_BYTES;
  if (headerBytes < checksumAt + 4 || headerBytes > fileBytes) {
    throw formatError(`The header says ${headerBytes} bytes`, { headerBytes });
  }
  const header = bytes.subarray(0, headerBytes);
  const checksum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(checksumAt, true);
  if (headerChecksum(header, checksumAt) !== checksum) throw checksumError('the header');
  if (flags > FLAG_NETWORK) throw formatError(`The header has unknown flags 0x${flags.toString(16)}`);
  const { tensors, segments, json } =
    version === 1 ? readVersion1(reader, bytes, headerBytes, limits) : readHeader(bytes, headerBytes, limits);
  checkStreams(tensors, segments, fileBytes);
  return { version, flags, tensors, segments, json };
}
