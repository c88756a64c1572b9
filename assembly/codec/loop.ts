/**
 * The entropy decoder: 32 lanes of u32 state, eight at a time. Lanes 0 .. 15 refill from pointer p, 16 .. 31 from pointer q, so that
 * the two chains of pointer updates overlap. Same bits as src/codec/reference-decoder.ts.
 *
 * What holds a loop like this up is less how much there is to do than how long a lane's state is on its way around it. So
 * a turn ends with where the next entries lie, in memory, where four integers are read sooner than taken out of a vector;
 * and states are in memory too, since eight of them leave too few registers for the rest.
 *
 * A table has an entry for every eight of its first 3440 slots, and one for each of the last 656 (slots.ts):
 *
 *          31 .. 20       19 .. 12  11 .. 0
 *     4096 - frequency      level    offset
 *
 * so that the next state, frequency * (state >> 12) + slot - offset, is state - offset - (4096 - frequency) * (state >> 12).
 */
import { AIMS, CONSTANTS, FACTORS, RUN, SHUFFLES } from './memory';

/** Slots of eight an entry, and the others (src/codec/slots.ts). */
const WIDE: i32 = 3440;
const FINE: i32 = 656;
const SYMBOLS: u32 = 127;
const MAX_LEVEL: i32 = 63;
const SLOT_BITS: i32 = 12;
export const STATE_LOW: u32 = 1 << 16;
/** Offsets in the run's record. */
export const WORDS: usize = 128;
/**
 * Trellis states of the lanes, i16: bits 15 .. 8 are the state's, in reverse: the quantiser is the sign, and what is halved
 * elsewhere is doubled here.
 */
export const PATHS: usize = 144;

/**
 * Expands 127 u16 frequencies, which sum to 4096 and whose rests by 8 sum to at most FINE: the caller has checked.
 * What symbols in turn give up of their eights, until the rests are FINE slots, is that of slots.ts.
 * @param scale of levels: that of symbol 63 + k is scale * k, nearer to 0 by `lift`
 */
export function makeTable(frequencies: usize, table: usize, scale: i32, lift: i32): void {
  let rests: i32 = 0;
  for (let symbol: u32 = 0; symbol < SYMBOLS; symbol++) rests += load<u16>(frequencies + (symbol << 1)) & 7;
  let spare = (FINE - rests) >> 3;
  let wide: i32 = 0, fine: i32 = 0;
  const last = table + (<usize>(WIDE >> 3) << 2);
  for (let symbol: u32 = 0; symbol < SYMBOLS; symbol++) {
    const frequency = <i32>load<u16>(frequencies + (symbol << 1));
    const given = min(spare, frequency >> 3);
    spare -= given;
    const eights = (frequency >> 3) - given;
    const k = <i32>symbol - MAX_LEVEL;
    const level = scale * k + (k > 0 ? -lift : k < 0 ? lift : 0);
    const own = ((4096 - frequency) << 20) | ((level & 255) << 12);
    for (let i = 0; i < eights; i++) store<u32>(table + ((wide + i) << 2), own | (wide << 3));
    wide += eights;
    const offset = WIDE + fine - (eights << 3);
    for (let i = eights << 3; i < frequency; i++) store<u32>(last + (fine++ << 2), own | offset);
  }
}

/** Entries of four lanes: AIMS says where, in words from `tables` on. */
// @ts-ignore: decorator
@inline
function entries(tables: usize, aims: usize): v128 {
  const first = v128.load32_zero(tables + (<usize>load<u16>(aims) << 2)), third = v128.load32_zero(tables + (<usize>load<u16>(aims, 4) << 2));
  const low = v128.load_lane<u32>(tables + (<usize>load<u16>(aims, 2) << 2), first, 1);
  const high = v128.load_lane<u32>(tables + (<usize>load<u16>(aims, 6) << 2), third, 1);
  return v128.shuffle<u64>(low, high, 0, 2);
}

// @ts-ignore: decorator
@inline
function advance(x: v128, entry: v128, mask: v128): v128 {
  const less = i32x4.mul(i32x4.shr_u(entry, 20), i32x4.shr_u(x, SLOT_BITS));
  return i32x4.sub(i32x4.sub(x, v128.and(entry, mask)), less);
}

/** Lanes below 2^16, as a mask of four bits: their upper half is 0. */
// @ts-ignore: decorator
@inline
function needs(x: v128, zero: v128): i32 {
  return i32x4.bitmask(i16x8.eq(x, zero));
}

/** Lanes below 2^16 take the next words from `at`, in lane order. */
// @ts-ignore: decorator
@inline
function refill(x: v128, mask: i32, at: usize): v128 {
  const words = i8x16.swizzle(v128.load64_zero(at), v128.load(<usize>mask << 4, SHUFFLES));
  return v128.or(i32x4.mul(x, v128.load(<usize>mask << 4, FACTORS)), words);
}

/** Bytes of `mask`'s words. */
// @ts-ignore: decorator
@inline
function taken(mask: i32): usize {
  return <usize>(popcnt<i32>(mask) << 1);
}

// @ts-ignore: decorator
@inline
function levels(entry: v128): v128 {
  return i32x4.shr_s(i32x4.shl(entry, 12), 24);
}

// @ts-ignore: decorator
@inline
function values(levels: v128, step: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(levels), step);
}

/** The trellis' states of eight lanes after `levels`, i16. @returns what has all bits where the quantiser is 1 */
// @ts-ignore: decorator
@inline
function walk(paths: usize, levels: v128, output: v128, input: v128, two: v128): v128 {
  const path = v128.load(paths), odd = i16x8.shr_s(path, 15);
  const bit = i16x8.eq(v128.and(i16x8.sub(i16x8.abs(levels), odd), two), two);
  const next = v128.xor(v128.xor(i16x8.add(path, path), v128.and(odd, output)), v128.and(bit, input));
  v128.store(paths, next);
  return i16x8.shr_s(next, 15);
}

/** Where the next entries of eight lanes lie: the place in each lane's table, and where that begins. */
// @ts-ignore: decorator
@inline
function aim(aims: usize, x: v128, y: v128, tables: v128, mask: v128, gap: v128): void {
  const slot = i16x8.narrow_i32x4_u(v128.and(x, mask), v128.and(y, mask));
  // The greater one is right: slot / 8 among the wide ones, else the distance from where they end.
  v128.store(aims, i16x8.add(i16x8.max_s(i16x8.shr_u(slot, 3), i16x8.sub(slot, gap)), tables));
}

/**
 * A step of eight lanes, from lane `lanes / 2` on.
 * @param next where the tables of their next elements begin; with the trellis those of quantiser 0, those of 1 are `other` further
 * @returns where the next words are
 */
// @ts-ignore: decorator
@inline
function step(
  trellis: bool, lanes: usize, tables: usize, next: v128, out: usize, words: usize,
  mask: v128, gap: v128, zero: v128, factor: v128, output: v128, input: v128, two: v128, other: v128,
): usize {
  const e = entries(tables, AIMS + lanes), f = entries(tables, AIMS + lanes + 8);
  const states = RUN + 2 * lanes;
  let x = advance(v128.load(states), e, mask), y = advance(v128.load(states, 16), f, mask);
  const m = needs(x, zero), n = needs(y, zero);
  x = refill(x, m, words);
  words += taken(m);
  y = refill(y, n, words);
  v128.store(states, x);
  v128.store(states, y, 16);
  const k = levels(e), l = levels(f);
  if (trellis) next = i16x8.add(next, v128.and(walk(RUN + PATHS + lanes, i16x8.narrow_i32x4_s(k, l), output, input, two), other));
  aim(AIMS + lanes, x, y, next, mask, gap);
  v128.store(out, values(k, factor));
  v128.store(out, values(l, factor), 16);
  return words + taken(n);
}

/**
 * Decodes the next `count` elements, a multiple of 32, of a segment: states and words are in RUN.
 * @param tables for padding, then of context 0, 1, ...; with the trellis each is a pair, of quantiser 0 and 1
 * @param contexts of the elements plus 1, u8, 0 for padding
 * @param out f32 [count], levels times `factor`
 * @param code what states of the trellis change by (src/codec/trellis.ts), u8 output, u8 input, bits in reverse; with it the levels
 * of a table are 2k - sign(k) * quantiser for a symbol of value k
 * @returns false where the words run out
 */
// @ts-ignore: decorator
@inline
function decode(trellis: bool, tables: usize, contexts: usize, out: usize, count: usize, scale: f32, code: usize): bool {
  let p = <usize>load<u32>(RUN + WORDS), q = <usize>load<u32>(RUN + WORDS, 8);
  const pEnd = <usize>load<u32>(RUN + WORDS, 4), qEnd = <usize>load<u32>(RUN + WORDS, 12);
  const mask = v128.load32_splat(CONSTANTS), gap = v128.load32_splat(CONSTANTS, 4), other = v128.load32_splat(CONSTANTS, 8);
  const zero = v128.load32_splat(CONSTANTS, 12), two = v128.load32_splat(CONSTANTS, 16), factor = f32x4.splat(scale);
  const output = v128.load16_splat(code), input = v128.load16_splat(code, 2);
  const unit = trellis ? i16x8.add(other, other) : other;
  for (let lanes: usize = 0; lanes < 64; lanes += 16) {
    let first = i16x8.mul(v128.load8x8_u(contexts + (lanes >> 1)), unit);
    if (trellis) first = i16x8.add(first, v128.and(i16x8.shr_s(v128.load(RUN + PATHS + lanes), 15), other));
    aim(AIMS + lanes, v128.load(RUN + 2 * lanes), v128.load(RUN + 2 * lanes, 16), first, mask, gap);
  }
  const end = out + (count << 2);
  for (let lanes: usize = 0; out < end; ) {
    // Words run at most 32 bytes past their end before this is seen: what lies behind a file covers it.
    if (p > pEnd || q > qEnd) return false;
    p = step(trellis, lanes, tables, i16x8.mul(v128.load8x8_u(contexts, 32), unit), out, p, mask, gap, zero, factor, output, input, two, other);
    q = step(trellis, lanes + 32, tables, i16x8.mul(v128.load8x8_u(contexts, 48), unit), out + 64, q, mask, gap, zero, factor, output, input, two, other);
    if (trellis) {
      // Half a turn at a time: half of the code, for one part in twenty of the speed.
      contexts += 8 + lanes;
      out += 32 + 4 * lanes;
      lanes ^= 16;
    } else {
      p = step(trellis, 16, tables, i16x8.mul(v128.load8x8_u(contexts, 40), unit), out + 32, p, mask, gap, zero, factor, output, input, two, other);
      q = step(trellis, 48, tables, i16x8.mul(v128.load8x8_u(contexts, 56), unit), out + 96, q, mask, gap, zero, factor, output, input, two, other);
      contexts += 32;
      out += 128;
    }
  }
  store<u32>(RUN + WORDS, <u32>p);
  store<u32>(RUN + WORDS, <u32>q, 8);
  return p <= pEnd && q <= qEnd;
}

export function decodePlain(tables: usize, contexts: usize, out: usize, count: usize, scale: f32): bool {
  return decode(false, tables, contexts, out, count, scale, 0);
}

/** Trellis states of 32 lanes are in RUN too. */
export function decodeTrellis(tables: usize, contexts: usize, out: usize, count: usize, scale: f32, code: usize): bool {
  return decode(true, tables, contexts, out, count, scale, code);
}
