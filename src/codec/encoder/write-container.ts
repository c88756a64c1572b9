/** A container to the bytes of a .sacc file, version 2. The writing half of container.ts and header.ts. */
import { HeaderCoder } from '../adaptive.ts';
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
  for (const tensor of tensors) codeRecord(coder, tensor);
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

/** Bytes of a tensor's record by itself, about: inside a header the ones before it have taught the models. */
export function recordBytes(record: Container['tensors'][number]): number {
  const stream = new BitWriter();
  codeRecord(new HeaderCoder(stream), record);
  return stream.finish().length;
}
