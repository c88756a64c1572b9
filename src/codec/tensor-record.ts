/**
 * What a file says of one tensor: dimensions, name, and how its weights are coded. Here is also the reader of version
 * 1's records (docs/format.md, "Version 1"); header.ts has that of version 2.
 * Reading checks every field, so that the rest of the decoder may trust a parsed record.
 */
import { ByteReader } from './bytes.ts';
import { formatError } from './format-error.ts';
import type { Transform } from './kernel-transform.ts';
import {
  type Frequencies,
  PROBABILITY_ONE,
  SCALES,
  SHAPES,
  SHAPES_V1,
  SYMBOLS,
  symbolTable,
} from './tables.ts';

/** How the values of a tensor are stored. */
export const CODING_F32 = 0;
export const CODING_F16 = 1;
export const CODING_RANS = 2;
export type Coding = typeof CODING_F32 | typeof CODING_F16 | typeof CODING_RANS;

export const MAX_RANK = 6;
export const MAX_NAME_BYTES = 512;
export const MAX_LOW_BITS = 8;
const MAX_TRANSMITTED_TABLES = 16;
/** Value of the model byte that says "tables follow"; smaller values are parametric shapes. */
export const TRANSMITTED = 16;

/** The context model and the bit split of an entropy-coded tensor. */
export interface ContextModel {
  /** Parametric shape 0 .. 4, or TRANSMITTED. */
  readonly shape: number;
  /** Bits of a level that are stored raw, beside the coded high part. */
  readonly lowBits: number;
  readonly base: number;
  /** Index in ZERO_FACTORS; 0 in version 1. */
  readonly zero: number;
  /**
   * For each axis what its indices add to the context [dimension], or null: classes 0 .. 15, in version 2 times the
   * axis' unit. Context = clamp(base + sum).
   */
  readonly classes: readonly (Uint8Array | null)[];
  /** For each axis quarter octaves a class; 1 in version 1. */
  readonly units: readonly number[];
  /** The tables that contexts 0, 1, ... mean; of the trellis those of quantiser 0. */
  readonly tables: readonly Frequencies[];
  /** Number of the trellis' code (trellis.ts); 0: none. */
  readonly trellis: number;
  /** Tables of quantiser 1 of the trellis; null without it. */
  readonly between: readonly Frequencies[] | null;
}

export interface TensorRecord {
  readonly name: string;
  readonly shape: readonly number[];
  readonly elements: number;
  readonly coding: Coding;
  /** Quantiser step; 0 where the coding has none. */
  readonly step: number;
  /** Null where the coding is raw. */
  readonly context: ContextModel | null;
  /** What is coded instead of the weights: one of kernel-transform.ts. */
  readonly transform: Transform;
}

/** What a file says of a tensor but for how its symbols are coded. */
export type TensorHead = Omit<TensorRecord, 'context'>;

const families = new Map<number, readonly Frequencies[]>();

/** The tables of a family, by scale. Kept: a decoder tells tables by their identity. */
export function parametricTables(shape: number, zero: number, quantiser: 0 | 1): readonly Frequencies[] {
  const key = (zero * SHAPES + shape) * 2 + quantiser;
  let family = families.get(key);
  if (family === undefined) {
    family = Array.from({ length: SCALES }, (_, scale) => symbolTable(shape, zero, scale, quantiser));
    families.set(key, family);
  }
  return family;
}

/** Product of dimensions; NaN where it exceeds 2^32 or a dimension is no positive whole number. */
export function countElements(shape: readonly number[]): number {
  let elements = 1;
  for (const dimension of shape) {
    if (!Number.isInteger(dimension) || dimension < 1) return Number.NaN;
    elements *= dimension;
    if (elements > 2 ** 32) return Number.NaN;
  }
  return elements;
}

function readTable(reader: ByteReader, name: string): Frequencies {
  const first = reader.u8();
  const last = reader.u8();
  if (first > last || last >= SYMBOLS) {
    throw formatError(`Tensor "${name}" has a table of symbols ${first} to ${last}`);
  }
  const table = new Uint16Array(SYMBOLS);
  let total = 0;
  for (let symbol = first; symbol <= last; symbol++) {
    const frequency = reader.varint();
    total += frequency;
    if (total > PROBABILITY_ONE) break;
    table[symbol] = frequency;
  }
  if (total !== PROBABILITY_ONE) {
    throw formatError(`The frequencies of a table of tensor "${name}" do not sum to ${PROBABILITY_ONE}`);
  }
  return table;
}

function readContext(reader: ByteReader, name: string, dimensions: readonly number[]): ContextModel {
  const shape = reader.u8();
  const lowBits = reader.u8();
  const base = reader.i8();
  const mask = reader.u8();
  if ((shape >= SHAPES_V1 && shape !== TRANSMITTED) || lowBits > MAX_LOW_BITS || mask >> dimensions.length) {
    throw formatError(`Tensor "${name}" has an unknown context model`, { shape, lowBits, mask });
  }
  const classes = dimensions.map((dimension, axis) => {
    if (((mask >> axis) & 1) === 0) return null;
    const packed = reader.take(Math.ceil(dimension / 2));
    return Uint8Array.from({ length: dimension }, (_, i) => (packed[i >> 1] >> (4 * (i & 1))) & 15);
  });
  const plain = {
    shape,
    lowBits,
    base,
    classes,
    zero: 0,
    units: dimensions.map(() => 1),
    trellis: 0,
    between: null,
  };
  if (shape !== TRANSMITTED) return { ...plain, tables: parametricTables(shape, 0, 0) };
  const count = reader.u8();
  if (count < 1 || count > MAX_TRANSMITTED_TABLES) throw formatError(`Tensor "${name}" has ${count} tables`);
  return { ...plain, tables: Array.from({ length: count }, () => readTable(reader, name)) };
}

/** @throws SaccadeNetError MODEL_FORMAT */
export function readRecord(bytes: Uint8Array, coding: number, rank: number, step: number): TensorRecord {
  if (coding !== CODING_F32 && coding !== CODING_F16 && coding !== CODING_RANS) {
    throw formatError(`A tensor has the unknown coding ${coding}`);
  }
  if (rank > MAX_RANK) throw formatError(`A tensor has ${rank} dimensions, at most ${MAX_RANK} are allowed`);
  const reader = new ByteReader(bytes);
  const shape = Array.from({ length: rank }, () => reader.varint());
  const elements = countElements(shape);
  if (Number.isNaN(elements)) throw formatError(`A tensor has the shape [${shape}]`);
  const nameBytes = reader.varint();
  if (nameBytes < 1 || nameBytes > MAX_NAME_BYTES) throw formatError(`A name has ${nameBytes} bytes`);
  const name = reader.utf8(nameBytes);
  const coded = coding === CODING_RANS;
  if (coded ? !(step > 0 && Number.isFinite(step)) : step !== 0) {
    throw formatError(`Tensor "${name}" has the step ${step}`);
  }
  const context = coded ? readContext(reader, name, shape) : null;
  if (reader.left > 0) throw formatError(`The record of tensor "${name}" is ${reader.left} bytes too long`);
  return { name, shape, elements, coding, step, context, transform: 0 };
}

/** Highest |level| that a tensor may have: floats hold every level up to here exactly. */
export const MAX_ABSOLUTE_LEVEL = 2 ** 23;
