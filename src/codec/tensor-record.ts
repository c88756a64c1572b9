/**
 * The pool's record of one tensor: dimensions, name, and how its weights are coded (docs/format.md, "Records").
 * Reading checks every field, so that the rest of the decoder may trust a parsed record.
 */
import { ByteReader, ByteWriter } from './bytes.ts';
import { formatError } from './format-error.ts';
import { type Frequencies, PROBABILITY_ONE, parametricTable, SCALES, SHAPES, SYMBOLS } from './tables.ts';

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
  /** For each axis its classes 0 .. 15 [dimension], or null. Context = clamp(base + sum of classes). */
  readonly classes: readonly (Uint8Array | null)[];
  /** The tables that contexts 0, 1, ... mean. */
  readonly tables: readonly Frequencies[];
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
}

export function parametricTables(shape: number): readonly Frequencies[] {
  return Array.from({ length: SCALES }, (_, scale) => parametricTable(shape, scale));
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

function writeTable(writer: ByteWriter, table: Frequencies): void {
  const first = table.findIndex((frequency) => frequency > 0);
  const last = table.reduce((latest, frequency, symbol) => (frequency > 0 ? symbol : latest), first);
  writer.u8(first).u8(last);
  for (let symbol = first; symbol <= last; symbol++) writer.varint(table[symbol]);
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

function writeContext(writer: ByteWriter, context: ContextModel): void {
  const mask = context.classes.reduce((bits, classes, axis) => bits | (classes === null ? 0 : 1 << axis), 0);
  writer
    .u8(context.shape)
    .u8(context.lowBits)
    .u8(context.base & 255)
    .u8(mask);
  for (const classes of context.classes) {
    if (classes === null) continue;
    for (let i = 0; i < classes.length; i += 2) writer.u8(classes[i] | ((classes[i + 1] ?? 0) << 4));
  }
  if (context.shape !== TRANSMITTED) return;
  writer.u8(context.tables.length);
  for (const table of context.tables) writeTable(writer, table);
}

function readContext(reader: ByteReader, name: string, dimensions: readonly number[]): ContextModel {
  const shape = reader.u8();
  const lowBits = reader.u8();
  const base = reader.i8();
  const mask = reader.u8();
  if ((shape >= SHAPES && shape !== TRANSMITTED) || lowBits > MAX_LOW_BITS || mask >> dimensions.length) {
    throw formatError(`Tensor "${name}" has an unknown context model`, { shape, lowBits, mask });
  }
  const classes = dimensions.map((dimension, axis) => {
    if (((mask >> axis) & 1) === 0) return null;
    const packed = reader.take(Math.ceil(dimension / 2));
    return Uint8Array.from({ length: dimension }, (_, i) => (packed[i >> 1] >> (4 * (i & 1))) & 15);
  });
  if (shape !== TRANSMITTED) return { shape, lowBits, base, classes, tables: parametricTables(shape) };
  const count = reader.u8();
  if (count < 1 || count > MAX_TRANSMITTED_TABLES) throw formatError(`Tensor "${name}" has ${count} tables`);
  return {
    shape,
    lowBits,
    base,
    classes,
    tables: Array.from({ length: count }, () => readTable(reader, name)),
  };
}

/** Bytes of the record in the pool. */
export function writeRecord(record: TensorRecord): Uint8Array {
  const writer = new ByteWriter();
  for (const dimension of record.shape) writer.varint(dimension);
  const name = new TextEncoder().encode(record.name);
  writer.varint(name.length).bytes(name);
  if (record.context !== null) writeContext(writer, record.context);
  return writer.finish();
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
  return { name, shape, elements, coding, step, context };
}

/** Highest |level| that a tensor may have: floats hold every level up to here exactly. */
export const MAX_ABSOLUTE_LEVEL = 2 ** 23;
