/**
 * The entropy decoder without the trellis: 32 lanes of u32 state in eight vectors. x0 .. x3 refill from pointer p, x4 .. x7 from pointer q,
 * so that the two chains of pointer updates overlap. Same bits as src/codec/reference-decoder.ts.
 *
 * A table has an entry for every eight of its first 3440 slots, and one for each of the last 656 (slots.ts):
 *
 *     31 .. 24 23 ... 12 11 ........... 0
 *      level  |  offset | 4096 - frequency
 *
 * so that the next state, frequency * (state >> 12) + slot - offset, is state - offset - (4096 - frequency) * (state >> 12).
 */
import { CONSTANTS, FACTORS, RUN, SHUFFLES, TABLES } from './memory';

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
    const own = (level << 24) | (4096 - frequency);
    for (let i = 0; i < eights; i++) store<u32>(table + ((wide + i) << 2), own | ((wide << 3) << 12));
    wide += eights;
    const offset = WIDE + fine - (eights << 3);
    for (let i = eights << 3; i < frequency; i++) store<u32>(last + (fine++ << 2), own | (offset << 12));
  }
}

/** Entries of four lanes; `tables` holds the distance of each lane's table from TABLES. */
// @ts-ignore: decorator
@inline
export function look(x: v128, tables: v128, mask: v128, gap: v128): v128 {
  const slot = v128.and(x, mask);
  // The greater one is right: slot / 8 among the wide ones, else the distance from where they end.
  const entryAt = i32x4.max_s(i32x4.shr_u(slot, 3), i32x4.sub(slot, gap));
  const at = i32x4.add(i32x4.shl(entryAt, 2), tables);
  // As a float it takes one instruction to take out.
  const low = reinterpret<i64>(f64x2.extract_lane(at, 0)), high = i64x2.extract_lane(at, 1);
  let entry = v128.load32_zero(<usize>(<u32>low), TABLES);
  entry = v128.load_lane<u32>(<usize>(<u32>(low >>> 32)), entry, 1, TABLES);
  entry = v128.load_lane<u32>(<usize>(<u32>high), entry, 2, TABLES);
  return v128.load_lane<u32>(<usize>(<u32>(high >>> 32)), entry, 3, TABLES);
}

// @ts-ignore: decorator
@inline
export function advance(x: v128, entry: v128, mask: v128): v128 {
  const less = i32x4.mul(v128.and(entry, mask), i32x4.shr_u(x, SLOT_BITS));
  return i32x4.sub(i32x4.sub(x, v128.and(i32x4.shr_u(entry, 12), mask)), less);
}

/** Lanes below 2^16, as a mask of four bits: their upper half is 0. */
// @ts-ignore: decorator
@inline
export function needs(x: v128, zero: v128): i32 {
  return i32x4.bitmask(i16x8.eq(x, zero));
}

/** Lanes below 2^16 take the next words from `at`, in lane order. */
// @ts-ignore: decorator
@inline
export function refill(x: v128, mask: i32, at: usize): v128 {
  const words = i8x16.swizzle(v128.load64_zero(at), v128.load(<usize>mask << 4, SHUFFLES));
  return v128.or(i32x4.mul(x, v128.load(<usize>mask << 4, FACTORS)), words);
}

/** Bytes of `mask`'s words. */
// @ts-ignore: decorator
@inline
export function taken(mask: i32): usize {
  return <usize>(popcnt<i32>(mask) << 1);
}

/** Levels of four lanes. */
// @ts-ignore: decorator
@inline
export function levels(entry: v128): v128 {
  return i32x4.shr_s(entry, 24);
}

// @ts-ignore: decorator
@inline
export function values(levels: v128, step: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(levels), step);
}

/**
 * Decodes the next `count` elements, a multiple of 32, of a segment: states and words are in RUN.
 * @param contexts table number of each element, u16
 * @param out f32 [count], levels times `factor`
 * @returns false where the words run out
 */
export function decodePlain(contexts: usize, out: usize, count: usize, factor: f32): bool {
  let x0 = v128.load(RUN), x1 = v128.load(RUN, 16), x2 = v128.load(RUN, 32), x3 = v128.load(RUN, 48);
  let x4 = v128.load(RUN, 64), x5 = v128.load(RUN, 80), x6 = v128.load(RUN, 96), x7 = v128.load(RUN, 112);
  let p = <usize>load<u32>(RUN + WORDS), q = <usize>load<u32>(RUN + WORDS, 8);
  const pEnd = <usize>load<u32>(RUN + WORDS, 4), qEnd = <usize>load<u32>(RUN + WORDS, 12);
  const mask = v128.load32_splat(CONSTANTS), gap = v128.load32_splat(CONSTANTS, 4), stride = v128.load32_splat(CONSTANTS, 8);
  const zero = v128.load32_splat(CONSTANTS, 12), step = f32x4.splat(factor);
  const end = out + (count << 2);
  for (; out < end; out += 128, contexts += 64) {
    // Words run at most 32 bytes past their end before this is seen: what lies behind a file covers it.
    if (p > pEnd || q > qEnd) return false;
    const c0 = v128.load(contexts), c1 = v128.load(contexts, 16), c2 = v128.load(contexts, 32), c3 = v128.load(contexts, 48);
    const e0 = look(x0, i32x4.mul(i32x4.extend_low_i16x8_u(c0), stride), mask, gap);
    const e1 = look(x1, i32x4.mul(i32x4.extend_high_i16x8_u(c0), stride), mask, gap);
    const e2 = look(x2, i32x4.mul(i32x4.extend_low_i16x8_u(c1), stride), mask, gap);
    const e3 = look(x3, i32x4.mul(i32x4.extend_high_i16x8_u(c1), stride), mask, gap);
    const e4 = look(x4, i32x4.mul(i32x4.extend_low_i16x8_u(c2), stride), mask, gap);
    const e5 = look(x5, i32x4.mul(i32x4.extend_high_i16x8_u(c2), stride), mask, gap);
    const e6 = look(x6, i32x4.mul(i32x4.extend_low_i16x8_u(c3), stride), mask, gap);
    const e7 = look(x7, i32x4.mul(i32x4.extend_high_i16x8_u(c3), stride), mask, gap);
    v128.store(out, values(levels(e0), step));
    v128.store(out, values(levels(e1), step), 16);
    v128.store(out, values(levels(e2), step), 32);
    v128.store(out, values(levels(e3), step), 48);
    v128.store(out, values(levels(e4), step), 64);
    v128.store(out, values(levels(e5), step), 80);
    v128.store(out, values(levels(e6), step), 96);
    v128.store(out, values(levels(e7), step), 112);
    x0 = advance(x0, e0, mask); x1 = advance(x1, e1, mask); x2 = advance(x2, e2, mask); x3 = advance(x3, e3, mask);
    x4 = advance(x4, e4, mask); x5 = advance(x5, e5, mask); x6 = advance(x6, e6, mask); x7 = advance(x7, e7, mask);
    let m = needs(x0, zero); x0 = refill(x0, m, p); p += taken(m);
    m = needs(x4, zero); x4 = refill(x4, m, q); q += taken(m);
    m = needs(x1, zero); x1 = refill(x1, m, p); p += taken(m);
    m = needs(x5, zero); x5 = refill(x5, m, q); q += taken(m);
    m = needs(x2, zero); x2 = refill(x2, m, p); p += taken(m);
    m = needs(x6, zero); x6 = refill(x6, m, q); q += taken(m);
    m = needs(x3, zero); x3 = refill(x3, m, p); p += taken(m);
    m = needs(x7, zero); x7 = refill(x7, m, q); q += taken(m);
  }
  v128.store(RUN, x0); v128.store(RUN, x1, 16); v128.store(RUN, x2, 32); v128.store(RUN, x3, 48);
  v128.store(RUN, x4, 64); v128.store(RUN, x5, 80); v128.store(RUN, x6, 96); v128.store(RUN, x7, 112);
  store<u32>(RUN + WORDS, <u32>p);
  store<u32>(RUN + WORDS, <u32>q, 8);
  return p <= pEnd && q <= qEnd;
}
