/**
 * Damaged .sacc files for the fuzz run: bit flips, cuts, splices and absurd numbers, on bytes or on the parts of a file
 * that is then written anew with right checksums, so that what lies behind the checksums is reached as well.
 */
import { type Container, readContainer } from '../../src/codec/container.ts';
import { COMMON_BYTES, headerChecksum } from '../../src/codec/container-parts.ts';
import { writeContainer } from '../../src/codec/encoder/write-container.ts';
import { DEFAULT_LIMITS } from '../../src/codec/limits.ts';
import type { ContextModel, TensorRecord } from '../../src/codec/tensor-record.ts';

export type Random = () => number;

const ABSURD = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, 0x80000000, 65537, 4097];

function below(random: Random, count: number): number {
  return Math.floor(random() * count);
}

function editBytes(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  switch (below(random, 5)) {
    case 0:
      for (let i = 1 + below(random, 4); i > 0; i--)
        copy[below(random, copy.length)] ^= 1 << below(random, 8);
      return copy;
    case 1:
      return copy.subarray(0, below(random, copy.length));
    case 2: {
      const length = Math.min(1 + below(random, 64), other.length, copy.length);
      const from = below(random, other.length - length + 1);
      copy.set(other.subarray(from, from + length), below(random, copy.length - length + 1));
      return copy;
    }
    case 3:
      if (copy.length >= 4) {
        const at = below(random, copy.length - 3);
        new DataView(copy.buffer).setUint32(at, ABSURD[below(random, ABSURD.length)], true);
      }
      return copy;
    default:
      copy[below(random, copy.length)] = below(random, 256);
      return copy;
  }
}

function editContext(context: ContextModel, random: Random): ContextModel {
  switch (below(random, 4)) {
    case 0:
      return { ...context, base: below(random, 128) - 64 };
    case 1:
      return context.shape === 16 ? context : { ...context, shape: below(random, 9) };
    case 2:
      return { ...context, lowBits: below(random, 9) };
    default:
      return {
        ...context,
        classes: context.classes.map((own) => own?.map((v) => v ^ (below(random, 4) === 0 ? 3 : 0)) ?? null),
      };
  }
}

function editRecord(record: TensorRecord, random: Random): TensorRecord {
  switch (below(random, 5)) {
    case 0:
      return {
        ...record,
        shape: record.shape.map((d) => (below(random, 2) === 0 ? ABSURD[below(random, ABSURD.length)] : d)),
      };
    case 1:
      return {
        ...record,
        step: [Number.NaN, 0, -1, 1e38, 1e-45, Number.POSITIVE_INFINITY][below(random, 6)],
      };
    case 2:
      return { ...record, transform: below(random, 4) as TensorRecord['transform'] };
    case 3:
      return { ...record, shape: [...record.shape].reverse() };
    default:
      return record.context === null ? record : { ...record, context: editContext(record.context, random) };
  }
}

function editParts(container: Container, random: Random, other: Uint8Array): Container {
  const at = below(random, container.segments.length);
  const segments = [...container.segments];
  const tensors = [...container.tensors];
  switch (below(random, 4)) {
    case 0:
      if (segments.length > 0)
        segments[at] = { ...segments[at], payload: editBytes(segments[at].payload, random, other) };
      break;
    case 1:
      if (segments.length > 0)
        segments[at] = { ...segments[at], elements: ABSURD[below(random, ABSURD.length)] };
      break;
    case 2:
      segments.splice(
        at,
        1,
        ...(below(random, 2) === 0 ? [] : [segments[below(random, segments.length)], ...segments]),
      );
      break;
    default: {
      const i = below(random, tensors.length);
      tensors[i] = editRecord(tensors[i], random);
    }
  }
  return { ...container, tensors, segments };
}

/** One damaged file. May be a whole one by chance. */
export function mutated(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  const seed = seeds[below(random, seeds.length)];
  const other = seeds[below(random, seeds.length)];
  if (seed[4] > 1 && random() < 0.5) {
    try {
      return writeContainer(editParts(readContainer(seed, DEFAULT_LIMITS), random, other));
    } catch {
      // The writer refuses some nonsense itself: then the bytes are edited.
    }
  }
  const edited = editBytes(seed, random, other);
  if (edited.length < 40 || random() < 0.4) return edited;
  const sealed = edited.slice();
  const view = new DataView(sealed.buffer);
  const at = view.getUint16(4, true) === 1 ? 32 : COMMON_BYTES;
  const headerBytes = Math.min(view.getUint32(8, true), sealed.length);
  if (headerBytes > at + 4) view.setUint32(at, headerChecksum(sealed.subarray(0, headerBytes), at), true);
  return sealed;
}
