/** The coded header (src/codec/header.ts says the same for people): to records of 32 words a tensor. */
import { classes, classesEnded, openClasses } from './classes';
import { FOUND, SETS, take } from './memory';
import { ended, lose, lost, number, open, raw, text, tree, word } from './range-coder';

/** Words of a tensor's record. Addresses are 0 where there is nothing. */
export const RECORD_BYTES: usize = 128;
export const NAME_AT: usize = 0;
export const NAME_BYTES: usize = 4;
export const RANK: usize = 8;
export const ELEMENTS: usize = 12;
export const CODING: usize = 16;
export const STEP: usize = 20;
export const TRANSFORM: usize = 24;
export const MODEL: usize = 28;
export const LOW_BITS: usize = 32;
export const TRELLIS: usize = 36;
export const ZERO: usize = 40;
export const BASE: usize = 44;
/** Dimensions, then addresses of classes, an axis each. */
export const SHAPE: usize = 48;
export const CLASSES: usize = 72;
/** Transmitted tables, 127 u16 each, 256 bytes apart. */
export const FREQUENCIES_AT: usize = 96;
/** Least and greatest context. */
export const LEAST: usize = 100;
export const MOST: usize = 104;

const MAX_RANK: u32 = 6;
const MAX_NAME: u32 = 512;
const MAX_CLASSES: u32 = 1 << 20;
const TRANSMITTED: u32 = 16;
const SHAPES: u32 = 9;
const SCALES: i32 = 28;
const ZEROS: u32 = 11;
/** Numbers of the trellis' codes, 0 among them: TRELLIS_CODES of src/codec/trellis.ts. */
const TRELLIS_CODES: u32 = 7;
/** More weights than a memory of 32 bits could hold: left to the reader in TypeScript. */
const MOST_WEIGHTS: u64 = 1 << 28;
const MAX_RESTS: u32 = 656;

/** Named sets of decisions. */
// @ts-ignore: decorator
@inline
function set(index: u32): usize {
  return SETS + index * 640;
}
const TENSOR_COUNT = 0, SEGMENT_COUNT = 1, JSON_BYTES = 2, NAME = 3, RANKS = 4, DIMENSION = 5, CODINGS = 6, TRANSFORMS = 7,
  MODELS = 8, LOWS = 9, TRELLISES = 10, ZERO_FACTOR = 11, BASES = 12, UNIT = 13, KIND = 14, SEGMENT_ELEMENTS = 15,
  SEGMENT_BYTES = 16, FIRST = 17, LAST = 18, SHARED = 19, CENTRE = 20, SPREAD = 21, FREQUENCY = 22, ALL_SETS = 35;

let spent: u32 = 0;

function readTable(out: usize): void {
  memory.fill(out, 0, 256);
  const first = tree(set(FIRST), 7), last = tree(set(LAST), 7);
  if (first > last || last > 126) return lose();
  let rest: i32 = 4096, width: u32 = 0, rests: u32 = 0;
  for (let symbol = first; symbol < last; symbol++) {
    const frequency = number(set(FREQUENCY + width));
    if (frequency >= <u32>rest) return lose();
    rest -= frequency;
    rests += frequency & 7;
    store<u16>(out + (symbol << 1), frequency);
    width = 31 - clz<u32>(frequency + 1);
  }
  store<u16>(out + (last << 1), rest);
  if (rests + (rest & 7) > MAX_RESTS) lose();
}

function readContext(record: usize, rank: u32): void {
  const model = tree(set(MODELS), 5), low = tree(set(LOWS), 4), trellis = tree(set(TRELLISES), 3);
  store<u32>(record, model, MODEL);
  store<u32>(record, low, LOW_BITS);
  store<u32>(record, trellis, TRELLIS);
  if ((model >= SHAPES && model !== TRANSMITTED) || low > 8 || trellis >= TRELLIS_CODES || (trellis && low > 0)) return lose();
  if (model === TRANSMITTED) {
    const tables = take(512);
    if (!tables) return lose();
    store<u32>(record, <u32>tables, FREQUENCIES_AT);
    readTable(tables);
    if (trellis) readTable(tables + 256);
    return;
  }
  const zero = tree(set(ZERO_FACTOR), 4);
  if (zero >= ZEROS) return lose();
  store<u32>(record, zero, ZERO);
  const base = <i32>tree(set(BASES), 7) - 64;
  store<i32>(record, base, BASE);
  // Units stand before all classes; they wait where the addresses will be.
  for (let axis: u32 = 0; axis < rank; axis++) store<u32>(record + (axis << 2), tree(set(UNIT), 2), CLASSES);
  let highest: u32 = 0, lowest: u32 = 0;
  for (let axis: u32 = 0; axis < rank; axis++) {
    const place = record + (axis << 2);
    const unit = load<u32>(place, CLASSES), dimension = load<u32>(place, SHAPE);
    if (unit === 0) continue;
    if (dimension > MAX_CLASSES || (spent += dimension) > MAX_CLASSES) return lose();
    const values = take(dimension);
    if (!values) return lose();
    store<u32>(place, <u32>values, CLASSES);
    const centre = tree(set(CENTRE), 4), spread = tree(set(SPREAD), 5);
    highest += classes(values, dimension, unit, centre, spread);
    if (lost) return;
    let least: u32 = 255;
    for (let i: u32 = 0; i < dimension; i++) least = min(least, <u32>load<u8>(values + i));
    lowest += least;
  }
  if (highest > 255) return lose();
  store<i32>(record, max(0, min(SCALES - 1, base + <i32>lowest)), LEAST);
  store<i32>(record, max(0, min(SCALES - 1, base + <i32>highest)), MOST);
}

/** Whether kernels on the axes of the transform are square, of 3 or 5. */
function canTransform(record: usize, rank: u32, transform: u32): bool {
  if (transform === 0) return true;
  if (rank < 3) return false;
  const first = record + (transform === 1 ? 0 : (rank - 2) << 2);
  const a = load<u32>(first, SHAPE), b = load<u32>(first, SHAPE + 4);
  return a === b && (a === 3 || a === 5);
}

/** @returns how many elements the tensor has */
function readRecord(record: usize, name: usize, nameBytes: u32): u64 {
  memory.fill(record, 0, RECORD_BYTES);
  store<u32>(record, <u32>name, NAME_AT);
  store<u32>(record, nameBytes, NAME_BYTES);
  const rank = tree(set(RANKS), 3);
  store<u32>(record, rank, RANK);
  if (rank > MAX_RANK) lose();
  let elements: u64 = 1;
  for (let axis: u32 = 0; axis < rank && !lost; axis++) {
    const dimension = number(set(DIMENSION));
    store<u32>(record + (axis << 2), dimension, SHAPE);
    elements *= dimension;
    if (elements < 1 || elements > MOST_WEIGHTS) lose();
  }
  store<u32>(record, <u32>elements, ELEMENTS);
  const coding = tree(set(CODINGS), 2);
  store<u32>(record, coding, CODING);
  if (coding > 2) lose();
  if (coding !== 2 || lost) return elements;
  const step = reinterpret<f32>(<u32>raw(32, 0));
  store<f32>(record, step, STEP);
  const transform = tree(set(TRANSFORMS), 2);
  store<u32>(record, transform, TRANSFORM);
  if (!(step > 0 && step < Infinity) || transform > 2 || !canTransform(record, rank, transform)) lose();
  else readContext(record, rank);
  return elements;
}

/**
 * Reads the stream at [from, to), with the classes' section at [to, end). Writes to FOUND, u32 each: tensors, segments, their records and entries (kind, elements,
 * bytes, checksum: u32 each), where the JSON is and its bytes, all bytes of names or-ed.
 * @returns 1, or 0 where something is wrong, or too large for this module: then src/codec/header.ts says what
 */
export function readHeader(
  from: usize,
  to: usize,
  end: usize,
  maxTensors: u32,
  maxJson: u32,
  maxParameters: u32,
): i32 {
  open(from, to, set(0), ALL_SETS);
  openClasses(to, end);
  spent = 0;
  const tensors = number(set(TENSOR_COUNT)), segments = number(set(SEGMENT_COUNT)), json = number(set(JSON_BYTES));
  // A segment's entry takes more than four bytes.
  if (lost || tensors > maxTensors || json > maxJson || segments > (<u32>(to - from) >> 2)) return 0;
  if (tensors > 65536 || json > (1 << 26)) return 0;
  const records = take(<usize>tensors * RECORD_BYTES), entries = take(<usize>segments << 4);
  if (!records || !entries) return 0;
  let parameters: u64 = 0, all: u32 = 0, before: usize = 0, length: u32 = 0;
  for (let i: u32 = 0; i < tensors; i++) {
    const shared = number(set(SHARED)), rest = number(set(NAME)), nameBytes = shared + rest;
    if (lost || shared > length || rest > MAX_NAME || nameBytes < 1 || nameBytes > MAX_NAME) return 0;
    const name = take(nameBytes);
    if (!name) return 0;
    memory.copy(name, before, shared);
    const last: u32 = shared > 0 ? load<u8>(name + shared - 1) : 0, second: u32 = shared > 1 ? load<u8>(name + shared - 2) : 0;
    all |= word(name + shared, rest, (second << 8) | last);
    before = name;
    length = nameBytes;
    parameters += readRecord(records + <usize>i * RECORD_BYTES, name, nameBytes);
    if (lost || parameters > maxParameters || parameters > MOST_WEIGHTS) return 0;
  }
  for (let i: u32 = 0; i < segments; i++) {
    const entry = entries + (<usize>i << 4);
    store<u32>(entry, tree(set(KIND), 1));
    store<u32>(entry, number(set(SEGMENT_ELEMENTS)), 4);
    store<u32>(entry, number(set(SEGMENT_BYTES)), 8);
    store<u32>(entry, <u32>raw(32, 0), 12);
    if (lost) return 0;
  }
  const jsonAt = take(json);
  if (!jsonAt) return 0;
  text(jsonAt, json);
  if (lost || !ended() || !classesEnded()) return 0;
  store<u32>(FOUND, tensors);
  store<u32>(FOUND, segments, 4);
  store<u32>(FOUND, <u32>records, 8);
  store<u32>(FOUND, <u32>entries, 12);
  store<u32>(FOUND, <u32>jsonAt, 16);
  store<u32>(FOUND, json, 20);
  store<u32>(FOUND, all, 24);
  return 1;
}
