/** Makes a tampered file's checksums right again, so that what lies behind them is exercised. */
import { COMMON_BYTES, headerChecksum } from '../../src/codec/container-parts.ts';
import { crc32c } from '../../src/codec/crc32c.ts';
import {
  CHECKSUM_AT,
  HEADER_BYTES,
  SEGMENT_ENTRY_BYTES,
  TENSOR_ENTRY_BYTES,
} from '../../src/codec/version-1.ts';

/** A copy with the checksums of header and, in version 1, segments recomputed as far as the tables make sense. */
export function resealed(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  if (copy.length < HEADER_BYTES) return copy;
  const view = new DataView(copy.buffer);
  const version = view.getUint16(4, true);
  const headerBytes = Math.min(view.getUint32(8, true), copy.length);
  if (version === 1) {
    const tablesAt = HEADER_BYTES + TENSOR_ENTRY_BYTES * view.getUint32(16, true);
    for (let i = 0; i < view.getUint32(20, true); i++) {
      const at = tablesAt + SEGMENT_ENTRY_BYTES * i;
      if (at + SEGMENT_ENTRY_BYTES > copy.length) break;
      const offset = view.getUint32(at, true);
      view.setUint32(at + 12, crc32c(copy.subarray(offset, offset + view.getUint32(at + 4, true))), true);
    }
  }
  const at = version === 1 ? CHECKSUM_AT : COMMON_BYTES;
  view.setUint32(at, headerChecksum(copy.subarray(0, headerBytes), at), true);
  return copy;
}
