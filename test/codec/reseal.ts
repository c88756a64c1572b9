/** Makes a tampered file's checksums right again, so that what lies behind them is exercised. */
import { HEADER_BYTES, SEGMENT_ENTRY_BYTES, TENSOR_ENTRY_BYTES } from '../../src/codec/container.ts';
import { crc32c } from '../../src/codec/crc32c.ts';

/** A copy with the checksums of segments and header recomputed as far as the tables make sense. */
export function resealed(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  if (copy.length < HEADER_BYTES) return copy;
  const view = new DataView(copy.buffer);
  const headerBytes = view.getUint32(8, true);
  const tablesAt = HEADER_BYTES + TENSOR_ENTRY_BYTES * view.getUint32(16, true);
  for (let i = 0; i < view.getUint32(20, true); i++) {
    const at = tablesAt + SEGMENT_ENTRY_BYTES * i;
    if (at + SEGMENT_ENTRY_BYTES > copy.length) break;
    const offset = view.getUint32(at, true);
    view.setUint32(at + 12, crc32c(copy.subarray(offset, offset + view.getUint32(at + 4, true))), true);
  }
  view.setUint32(32, 0, true);
  view.setUint32(32, crc32c(copy.subarray(0, Math.min(headerBytes, copy.length))), true);
  return copy;
}
