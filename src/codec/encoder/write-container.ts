/** A container to the bytes of a .sacc file, of the newest version. The writing half of container.ts and header.ts. */
import { type BitCoder, HeaderCoder } from '../adaptive.ts';
import { ByteWriter } from '../bytes.ts';
import {
  COMMON_BYTES,
  CONTAINER_VERSION,
  type Container,
  headerChecksum,
  MAGIC,
} from '../container-parts.ts';
import { crc32c } from '../crc32c.ts';
import { codeRecord, codeSegment, STREAM_AT } from '../header.ts';
import { BitWriter } from './bit-writer.ts';

export function writeContainer({ flags, tensors, segments, json }: Omit<Container, 'version'>): Uint8Array {
  const stream = new BitWriter();
  const coder = new HeaderCoder(stream);
  coder.number('tensors', tensors.length);
  coder.number('segments', segments.length);
  coder.number('json', json.length);
  for (const tensor of tensors) codeRecord(coder, CONTAINER_VERSION, tensor);
  for (const { kind, elements, payload } of segments) {
    codeSegment(coder, { kind, elements, bytes: payload.length, checksum: crc32c(payload) });
  }
  coder.text(json.length, json.slice());
  const header = stream.finish();
  const headerBytes = STREAM_AT + header.length;
  const fileBytes = segments.reduce((sum, { payload }) => sum + payload.length, headerBytes);
  const writer = new ByteWriter();
  writer.u32(MAGIC).u16(CONTAINER_VERSION).u16(flags).u32(headerBytes).u32(fileBytes).u32(0).bytes(header);
  for (const { payload } of segments) writer.bytes(payload);
  const bytes = writer.finish();
  const checksum = headerChecksum(bytes.subarray(0, headerBytes), COMMON_BYTES);
  new DataView(bytes.buffer).setUint32(COMMON_BYTES, checksum, true);
  return bytes;
}

/** Tells what decisions cost in place of coding them. */
class BitPrices implements BitCoder {
  bits = 0;

  bit(p: number, bit: number): number {
    this.bits -= Math.log2((bit === 0 ? p : 65536 - p) / 65536);
    return bit;
  }
}

/** Bits of every tensor's record where it stands in the header, after what the ones before it have taught the models. */
export function recordBits(records: Container['tensors']): number[] {
  const prices = new BitPrices();
  const coder = new HeaderCoder(prices);
  return records.map((record) => {
    const before = prices.bits;
    codeRecord(coder, CONTAINER_VERSION, record);
    return prices.bits - before;
  });
}
