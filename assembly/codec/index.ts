/**
 * Decoding of .sacc files of version 5, SIMD: the coded header, checksums, and segments to values. Same bits as the
 * decoder in TypeScript (src/codec), which is the specification, and which says what is wrong with a file that this one
 * refuses; docs/format.md describes the bytes. src/codec/wasm-decoder.ts drives it, one call a piece of a tensor.
 */
import { fillContexts, makeRow } from './contexts';
import { LOW_BITS, STEP, TRELLIS } from './header';
import { decodePlain, decodeTrellis, PATHS, STATE_LOW, WORDS } from './loop';
import { BLOCK, CODES, CONTEXTS, FLOATS, RUN, take } from './memory';
import { toBytes } from './values';

export { checksum } from './checksum';
export { readHeader } from './header';
export { makeTable } from './loop';
export { begin, take } from './memory';
export { fromHalves, restoreAxis, toHalves } from './values';

const LANES: u32 = 32;
const STATES_AT: usize = 16;
const WORDS_AT: usize = STATES_AT + 4 * LANES;
const MOST_LEVEL: i32 = 1 << 23;
/** A level times a smaller step is finite: the level can be told from it. */
const MOST_STEP: f32 = 1e30;

/** Raw low bits of the segment, and the next one. */
let lowAt: usize = 0;
let lowBit: usize = 0;
/** Its side list: positions and addends, and the next entry. */
let positions: usize = 0;
let sideCount: u32 = 0;
let side: u32 = 0;

let varintAt: usize = 0;

/** LEB128; 2^32 where there is none before `end`. */
function varint(end: usize): u64 {
  let value: u64 = 0;
  for (let shift: u64 = 0; shift < 35; shift += 7) {
    if (varintAt >= end) break;
    const byte = load<u8>(varintAt++);
    value |= <u64>(byte & 127) << shift;
    if (byte < 128) return min(value, 0x100000000);
  }
  return 0x100000000;
}

function readSideList(at: usize, end: usize, elements: u32): bool {
  varintAt = at;
  const count = varint(end);
  side = 0;
  sideCount = <u32>count;
  if (count > elements || 2 * count > <u64>(end - varintAt)) return false;
  positions = sideCount === 0 ? at : take(<usize>sideCount << 3);
  if (!positions) return false;
  let position: i64 = -1;
  for (let i: u32 = 0; i < sideCount; i++) {
    position += varint(end) + 1;
    const folded = varint(end);
    const addend = folded & 1 ? -<i64>((folded + 1) >> 1) : <i64>(folded >> 1);
    if (position >= <i64>elements || addend === 0 || addend > MOST_LEVEL || addend < -MOST_LEVEL) return false;
    store<u32>(positions + (i << 3), <u32>position);
    store<i32>(positions + (i << 3), <i32>addend, 4);
  }
  return varintAt === end;
}

/**
 * Begins a segment whose bytes are in the memory.
 * @param elements with the padding of its pieces
 * @param lowBytes of raw low bits that its pieces need
 * @returns whether its parts are as they must be
 */
export function beginSegment(at: usize, bytes: u32, elements: u32, lowBytes: u32): bool {
  if (bytes < WORDS_AT) return false;
  const wordsA = <u64>load<u32>(at), wordsB = <u64>load<u32>(at, 4);
  if (load<u32>(at, 8) !== lowBytes) return false;
  if (<u64>WORDS_AT + 2 * (wordsA + wordsB) + lowBytes + load<u32>(at, 12) !== bytes) return false;
  for (let lane: usize = 0; lane < 4 * LANES; lane += 4) {
    const state = load<u32>(at + lane, STATES_AT);
    if (state < STATE_LOW) return false;
    store<u32>(RUN + lane, state);
  }
  const p = <u32>at + <u32>WORDS_AT, q = p + 2 * <u32>wordsA;
  lowAt = q + 2 * <u32>wordsB;
  lowBit = 0;
  store<u32>(RUN + WORDS, p);
  store<u32>(RUN + WORDS, q, 4);
  store<u32>(RUN + WORDS, q, 8);
  store<u32>(RUN + WORDS, <u32>lowAt, 12);
  return readSideList(lowAt + lowBytes, at + bytes, elements);
}

// @ts-ignore: decorator
@inline
function isBeyond(level: i32): bool {
  return <u32>(level + MOST_LEVEL) > 2 * MOST_LEVEL;
}

/**
 * Decodes elements [from, from + count) of a tensor, a piece.
 * @param tables of its family or of the tensor alone: for padding, then of context 0, ... (src/codec/wasm-decoder.ts)
 * @param at position of the first element in the segment
 * @param out where element `from` goes: f32, or i8 where `asLevels`
 * @returns 0; 1 where the words run out or a level is beyond 2^23; 2 where one does not fit i8
 */
export function decodePiece(record: usize, from: u32, count: u32, tables: usize, at: u32, out: usize, asLevels: bool): i32 {
  const trellis = load<u32>(record, TRELLIS), bits = load<u32>(record, LOW_BITS), step = load<f32>(record, STEP);
  // What the loop writes, levels times step, is most often what is wanted.
  const plain = bits === 0 && !asLevels && step < MOST_STEP;
  const factor: f32 = plain ? step : 1;
  makeRow(record);
  memory.fill(RUN + PATHS, 0, 64);
  for (let done: u32 = 0; done < count; done += BLOCK, at += BLOCK) {
    const block = min(BLOCK, count - done);
    fillContexts(record, from + done, block);
    const padded = (block + LANES - 1) & ~(LANES - 1);
    const to = plain && padded === block ? out : FLOATS;
    const whole = trellis
      ? decodeTrellis(tables, CONTEXTS, to, padded, factor, CODES + (trellis << 2))
      : decodePlain(tables, CONTEXTS, to, padded, factor);
    if (!whole) return 1;
    for (; side < sideCount; side++) {
      const entry = positions + (side << 3);
      const i = load<u32>(entry) - at;
      if (<i32>i < 0) continue;
      if (i >= block) break;
      const place = to + (i << 2);
      const level = <i32>nearest<f32>(load<f32>(place) / factor) + load<i32>(entry, 4);
      if (isBeyond(level)) return 1;
      if (asLevels && (level < -128 || level > 127)) return 2;
      store<f32>(place, <f32>level * factor);
    }
    if (asLevels) toBytes(FLOATS, out, block);
    else if (plain) {
      if (to !== out) memory.copy(out, FLOATS, block << 2);
    } else {
      for (let i: u32 = 0; i < block; i++) {
        let level = <i32>load<f32>(FLOATS + (i << 2));
        if (bits > 0) {
          const bit = lowBit + i * bits;
          const pair = <u32>load<u16>(lowAt + (bit >> 3)) >>> (bit & 7);
          level = (level << bits) + (pair & ((1 << bits) - 1)) - (1 << (bits - 1));
        }
        if (isBeyond(level)) return 1;
        store<f32>(out + (i << 2), <f32>level * step);
      }
    }
    lowBit += block * bits;
    out += <usize>block << (asLevels ? 0 : 2);
  }
  return 0;
}

/** Whether the segment ended as it must: no words left, every lane in its first state. */
export function endSegment(): bool {
  if (load<u32>(RUN + WORDS) !== load<u32>(RUN + WORDS, 4)) return false;
  if (load<u32>(RUN + WORDS, 8) !== load<u32>(RUN + WORDS, 12)) return false;
  for (let at: usize = 0; at < WORDS; at += 4) if (load<u32>(RUN + at) !== STATE_LOW) return false;
  return true;
}
