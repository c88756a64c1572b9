/** A container to the bytes of a .sacc file, of the newest version. The writing half of container.ts and header.ts. */
import { type BitCoder, HeaderCoder } from '../adaptive.ts';
import { ByteWriter } from '../bytes.ts';
import type { ClassCoder, ClassLaw } from '../class-coder.ts';
import {
  COMMON_BYTES,
  CONTAINER_VERSION,
  type Container,
  checksumOf,
  headerChecksum,
  MAGIC,
} from '../container-parts.ts';
import { CHECKED_AT, codeSegment, RecordCoder } from '../header.ts';
import { BitWriter } from './bit-writer.ts';
import { ClassWriter, cheapestLaw } from './class-writer.ts';

export function writeContainer({ flags, tensors, segments, json }: Omit<Container, 'version'>): Uint8Array {
  const stream = new BitWriter();
  const classWriter = new ClassWriter();
  const coder = new HeaderCoder(stream, CONTAINER_VERSION, classWriter);
  coder.number('tensors', tensors.length);
  coder.number('segments', segments.length);
  coder.number('json', json.length);
  const records = new RecordCoder(coder, CONTAINER_VERSION);
  for (const tensor of tensors) records.next(tensor);
  const checksum = checksumOf(CONTAINER_VERSION);
  for (const { kind, elements, payload } of segments) {
    codeSegment(coder, { kind, elements, bytes: payload.length, checksum: checksum(payload) });
  }
  coder.text(json.length, json.slice());
  const classes = classWriter.finish();
  const header = new ByteWriter().varint(classes.length).bytes(stream.finish()).bytes(classes).finish();
  const headerBytes = CHECKED_AT + header.length;
  const fileBytes = segments.reduce((sum, { payload }) => sum + payload.length, headerBytes);
  const writer = new ByteWriter();
  writer.u32(MAGIC).u16(CONTAINER_VERSION).u16(flags).u32(headerBytes).u32(fileBytes).u32(0).bytes(header);
  for (const { payload } of segments) writer.bytes(payload);
  const bytes = writer.finish();
  const own = headerChecksum(bytes.subarray(0, headerBytes), COMMON_BYTES);
  new DataView(bytes.buffer).setUint32(COMMON_BYTES, own, true);
  return bytes;
}

/** Tells what decisions and classes cost in place of coding them. */
class BitPrices implements BitCoder, ClassCoder {
  total = 0;

  bit(p: number, bit: number): number {
    this.total -= Math.log2((bit === 0 ? p : 65536 - p) / 65536);
    return bit;
  }

  bits(width: number, value: number): number {
    this.total += width;
    return value;
  }

  lawOf(values: Uint8Array): ClassLaw {
    const { law, bits } = cheapestLaw(values);
    this.total += bits;
    return law;
  }

  code(): void {}
}

/** Bits of every tensor's record where it stands in the header, after what the ones before it have taught the models. */
export function recordBits(records: Container['tensors']): number[] {
  const prices = new BitPrices();
  const coder = new RecordCoder(new HeaderCoder(prices, CONTAINER_VERSION, prices), CONTAINER_VERSION);
  return records.map((record) => {
    const before = prices.total;
    coder.next(record);
    return prices.total - before;
  });
}
