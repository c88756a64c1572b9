/**
 * The header from version 2 on: bytes 16 to 20 hold its checksum, the rest is one adaptive stream (adaptive.ts) of counts,
 * tensor records, segment entries and JSON; in version 5 the classes of contexts stand behind it (class-coder.ts). The same
 * code reads and writes: with a writer the values pass through.
 */
import { BitReader, HeaderCoder } from './adaptive.ts';
import { ByteReader } from './bytes.ts';
import { ClassReader } from './class-coder.ts';
import { COMMON_BYTES, checkCounts, type Head, MAX_SEGMENTS, type SegmentEntry } from './container-parts.ts';
import { formatError } from './format-error.ts';
import { canTransform, type Transform } from './kernel-transform.ts';
import type { DecodeLimits } from './limits.ts';
import { FINE_SLOTS, fineRests } from './slots.ts';
import { type Frequencies, PROBABILITY_ONE, SHAPES, SYMBOLS, ZERO_FACTORS } from './tables.ts';
import {
  CODING_RANS,
  type Coding,
  type ContextModel,
  countElements,
  MAX_LOW_BITS,
  MAX_NAME_BYTES,
  MAX_RANK,
  parametricTables,
  type TensorRecord,
  TRANSMITTED,
} from './tensor-record.ts';
import { TRELLIS_CODES } from './trellis.ts';

/** Where the header's checksum ends; to version 4 the adaptive stream begins here. */
export const CHECKED_AT = COMMON_BYTES + 4;

/** Views of the adaptive stream and, from version 5 on, the classes, whose bytes are told before it. @throws SaccadeNetError MODEL_FORMAT */
export function partsOf(header: Uint8Array, version: number): { stream: Uint8Array; classes: Uint8Array } {
  const reader = new ByteReader(header);
  reader.take(CHECKED_AT);
  const classBytes = version > 4 ? reader.varint() : 0;
  if (classBytes > reader.left) throw formatError(`The header says ${classBytes} bytes of classes`);
  return { stream: reader.take(reader.left - classBytes), classes: reader.take(classBytes) };
}

/** One table: first and last symbol that occur, then the frequencies between them, each after the width of the last. */
function codeTable(coder: HeaderCoder, table?: Frequencies): Frequencies {
  const occurs = table === undefined ? [] : Array.from(table.keys()).filter((symbol) => table[symbol] > 0);
  const first = coder.tree('first', 7, occurs[0]);
  const last = coder.tree('last', 7, occurs[occurs.length - 1]);
  const found = new Uint16Array(SYMBOLS);
  if (first > last || last >= SYMBOLS) throw formatError(`A table has the symbols ${first} to ${last}`);
  let rest = PROBABILITY_ONE;
  let width = 0;
  for (let symbol = first; symbol < last; symbol++) {
    const frequency = coder.number(`frequency${width}`, table?.[symbol]);
    rest -= frequency;
    if (rest < 1) throw formatError(`The frequencies of a table exceed ${PROBABILITY_ONE}`);
    found[symbol] = frequency;
    width = Math.floor(Math.log2(frequency + 1));
  }
  found[last] = rest;
  return found;
}

function codeContext(
  coder: HeaderCoder,
  version: number,
  shape: readonly number[],
  given?: ContextModel,
): ContextModel {
  const kind = coder.tree('model', 5, given?.shape);
  const lowBits = coder.tree('low bits', 4, given?.lowBits);
  const trellis = coder.tree('trellis', version > 3 ? 3 : 1, given?.trellis);
  const known = (kind < SHAPES || kind === TRANSMITTED) && trellis < TRELLIS_CODES.length;
  if (!known || lowBits > MAX_LOW_BITS || (trellis > 0 && lowBits > 0)) {
    throw formatError('A tensor has an unknown context model', { kind, lowBits, trellis });
  }
  if (kind === TRANSMITTED) {
    const tables = [codeTable(coder, given?.tables[0])];
    const between = trellis > 0 ? [codeTable(coder, given?.between?.[0])] : null;
    const none = shape.map(() => null);
    return {
      shape: kind,
      lowBits,
      base: 0,
      zero: 0,
      classes: none,
      units: shape.map(() => 1),
      tables,
      trellis,
      between,
    };
  }
  const zero = coder.tree('zero', 4, given?.zero);
  if (zero >= ZERO_FACTORS.length) throw formatError(`A tensor has the zero factor ${zero}`);
  const base = coder.tree('base', 7, (given?.base ?? 0) + 64) - 64;
  const units = shape.map((_, axis) =>
    coder.tree('unit', 2, given === undefined || given.classes[axis] === null ? 0 : given.units[axis]),
  );
  const classes = shape.map((dimension, axis) => {
    if (units[axis] === 0) return null;
    const unit = units[axis];
    const own = given?.classes[axis];
    return coder
      .classes(
        dimension,
        own?.map((value) => value / unit),
      )
      .map((value) => value * unit);
  });
  const highest = classes.reduce((sum, own) => sum + (own?.reduce((a, b) => Math.max(a, b)) ?? 0), 0);
  if (highest > 255) throw formatError(`The classes of a tensor sum to ${highest}`);
  const tables = parametricTables(kind, zero, 0);
  const between = trellis > 0 ? parametricTables(kind, zero, 1) : null;
  return { shape: kind, lowBits, base, zero, classes, units, tables, trellis, between };
}

function sharedLength(a: Uint8Array, b: Uint8Array): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** A name's bytes: from version 5 on those that it shares with the name before it are only counted. */
function codeName(coder: HeaderCoder, version: number, before: Uint8Array, given?: Uint8Array): Uint8Array {
  const shared = version > 4 ? coder.number('shared', given && sharedLength(before, given)) : 0;
  if (shared > before.length) throw formatError(`A name shares ${shared} bytes with one of ${before.length}`);
  const length = shared + coder.number('name', given && given.length - shared);
  if (length < 1 || length > MAX_NAME_BYTES) throw formatError(`A name has ${length} bytes`);
  if (given) return coder.word(given, shared);
  const bytes = new Uint8Array(length);
  bytes.set(before.subarray(0, shared));
  return coder.word(bytes, shared);
}

/** Records of a header in turn: with a coder that writes, those given. */
export class RecordCoder {
  readonly #coder: HeaderCoder;
  readonly #version: number;
  #name = new Uint8Array(0);

  constructor(coder: HeaderCoder, version: number) {
    this.#coder = coder;
    this.#version = version;
  }

  /** @returns the record given, or the one read. @throws SaccadeNetError MODEL_FORMAT */
  next(given?: TensorRecord): TensorRecord {
    const own = given === undefined ? undefined : new TextEncoder().encode(given.name);
    this.#name = codeName(this.#coder, this.#version, this.#name, own) as Uint8Array<ArrayBuffer>;
    return codeRecord(this.#coder, this.#version, decodeName(this.#name), given);
  }
}

function codeRecord(coder: HeaderCoder, version: number, name: string, given?: TensorRecord): TensorRecord {
  const rank = coder.tree('rank', 3, given?.shape.length);
  if (rank > MAX_RANK) throw formatError(`A tensor has ${rank} dimensions, at most ${MAX_RANK} are allowed`);
  const shape = Array.from({ length: rank }, (_, axis) => coder.number('dimension', given?.shape[axis]));
  const elements = countElements(shape);
  if (Number.isNaN(elements)) throw formatError(`Tensor "${name}" has the shape [${shape}]`);
  const coding = coder.tree('coding', 2, given?.coding) as Coding;
  if (coding > CODING_RANS) throw formatError(`Tensor "${name}" has the unknown coding ${coding}`);
  if (coding !== CODING_RANS) {
    return { name, shape, elements, coding, step: 0, context: null, transform: 0 };
  }
  const step = coder.float(given?.step);
  if (!(step > 0 && Number.isFinite(step))) throw formatError(`Tensor "${name}" has the step ${step}`);
  const transform = coder.tree('transform', 2, given?.transform) as Transform;
  if (transform > 2 || !canTransform(shape, transform)) {
    throw formatError(`Tensor "${name}" has the transform ${transform}`, { shape, transform });
  }
  const context = codeContext(coder, version, shape, given?.context ?? undefined);
  return { name, shape, elements, coding, step, context, transform };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeName(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte < 128)) return String.fromCharCode(...bytes);
  try {
    return UTF8.decode(bytes);
  } catch {
    throw formatError('A name is not UTF-8');
  }
}

export function codeSegment(coder: HeaderCoder, given?: SegmentEntry): SegmentEntry {
  return {
    kind: coder.tree('kind', 1, given?.kind) as SegmentEntry['kind'],
    elements: coder.number('elements', given?.elements),
    bytes: coder.number('bytes', given?.bytes),
    checksum: coder.raw(32, given?.checksum),
  };
}

/** Of version 3: what is transmitted must fit the slots that are given one by one. */
function checkRests({ name, context }: TensorRecord): void {
  if (context?.shape !== TRANSMITTED) return;
  for (const table of [...context.tables, ...(context.between ?? [])]) {
    if (fineRests(table) > FINE_SLOTS)
      throw formatError(`A table of tensor "${name}" does not fit its slots`);
  }
}

/** @throws SaccadeNetError MODEL_FORMAT */
export function readHeader(
  header: Uint8Array,
  version: number,
  limits: DecodeLimits,
): Pick<Head, 'tensors' | 'entries' | 'json'> {
  const parts = partsOf(header, version);
  const classes = new ClassReader(parts.classes);
  const reader = new BitReader(parts.stream);
  const coder = new HeaderCoder(reader, version, classes);
  const tensorCount = coder.number('tensors');
  const segmentCount = coder.number('segments');
  const jsonBytes = coder.number('json');
  checkCounts(tensorCount, jsonBytes, limits);
  if (segmentCount > MAX_SEGMENTS) throw formatError(`The file has ${segmentCount} segments`);
  const tensors: TensorRecord[] = [];
  const records = new RecordCoder(coder, version);
  const names = new Set<string>();
  let parameters = 0;
  for (let i = 0; i < tensorCount; i++) {
    const tensor = records.next();
    if (version > 2) checkRests(tensor);
    if (names.has(tensor.name)) throw formatError(`Two tensors are named "${tensor.name}"`);
    names.add(tensor.name);
    parameters += tensor.elements;
    if (parameters > limits.maxParameters) {
      throw formatError(`The file holds more than ${limits.maxParameters} weights (limits.maxParameters)`);
    }
    tensors.push(tensor);
  }
  const entries = Array.from({ length: segmentCount }, () => codeSegment(coder));
  const json = coder.text(jsonBytes);
  if (!reader.ended || !classes.ended) throw formatError('The header is longer or shorter than it says');
  return { tensors, entries, json };
}
