/**
 * Entropy decoding and dequantisation of .sacc segments, SIMD. Same bits as src/codec/reference-decoder.ts, which is
 * the specification; docs/format.md describes the stream. The caller owns the memory and its layout, checks all
 * lengths, and keeps SLACK bytes readable behind the words.
 *
 * 32 lanes of u32 state live in eight vectors: x0 .. x3 refill from pointer p, x4 .. x7 from pointer q, so that the
 * two chains of pointer updates overlap.
 *
 * A table has 4096 entries, one a slot:   31 ......... 19 18 ....... 7 6 .... 0
 *                                          frequency (13) | bias (12)  | symbol (7)
 * with bias = slot - first slot of the symbol, so that the next state is frequency * (state >> 12) + bias.
 */

const SLOTS: u32 = 4096;
const SYMBOLS: u32 = 127;
const MAX_LEVEL: i8 = 63;
const TABLE_SHIFT: i32 = 14;
const STATE_LOW: i32 = 1 << 16;

const OK: i32 = 0;
const WORDS_RUN_OUT: i32 = 1;
const WORDS_LEFT_OVER: i32 = 2;
const WRONG_END_STATE: i32 = 3;

/**
 * Writes the 16 shuffles of `refill` [16][16]: for a mask of lanes, the k-th set lane takes the k-th word, other
 * lanes and the upper halves get zero (index 255).
 */
export function makeShuffles(at: usize): void {
  for (let mask: u32 = 0; mask < 16; mask++) {
    let word: u8 = 0;
    for (let lane: u32 = 0; lane < 4; lane++) {
      const to = at + (mask << 4) + (lane << 2);
      store<u32>(to, 0xffffffff);
      if ((mask >> lane) & 1) {
        store<u8>(to, word);
        store<u8>(to, word + 1, 1);
        word += 2;
      }
    }
  }
}

/**
 * Expands 127 u16 frequencies, which sum to 4096 (the caller has checked), to a table of 4096 entries. Works in fours:
 * a symbol's last entries may be overwritten by the next one's; behind the table 12 bytes may be written.
 */
export function makeTable(frequencies: usize, table: usize): void {
  const end = table + (<usize>SLOTS << 2);
  const four = i32x4.splat(4 << 7);
  for (let symbol: u32 = 0; symbol < SYMBOLS; symbol++) {
    const frequency = <u32>load<u16>(frequencies + (<usize>symbol << 1));
    const next = table + (<usize>frequency << 2);
    if (next > end) return;
    let entries = i32x4.add(i32x4.splat(<i32>((frequency << 19) | symbol)), i32x4(0, 1 << 7, 2 << 7, 3 << 7));
    for (let at = table; at < next; at += 16) {
      v128.store(at, entries);
      entries = i32x4.add(entries, four);
    }
    table = next;
  }
}

/** Entries of four lanes; `tables` holds the address of each lane's table. */
// @ts-ignore: decorator
@inline
function look(x: v128, tables: v128): v128 {
  const at = i32x4.add(i32x4.shl(v128.and(x, i32x4.splat(SLOTS - 1)), 2), tables);
  let entry = v128.load32_zero(<usize>i32x4.extract_lane(at, 0));
  entry = v128.load_lane<u32>(<usize>i32x4.extract_lane(at, 1), entry, 1);
  entry = v128.load_lane<u32>(<usize>i32x4.extract_lane(at, 2), entry, 2);
  return v128.load_lane<u32>(<usize>i32x4.extract_lane(at, 3), entry, 3);
}

// @ts-ignore: decorator
@inline
function advance(x: v128, entry: v128): v128 {
  const bias = v128.and(i32x4.shr_u(entry, 7), i32x4.splat(SLOTS - 1));
  return i32x4.add(i32x4.mul(i32x4.shr_u(entry, 19), i32x4.shr_u(x, 12)), bias);
}

// @ts-ignore: decorator
@inline
function needs(x: v128): v128 {
  return i32x4.lt_u(x, i32x4.splat(STATE_LOW));
}

/** Lanes below 2^16 take the next words from `at`, in lane order. */
// @ts-ignore: decorator
@inline
function refill(x: v128, need: v128, mask: i32, at: usize, shuffles: usize): v128 {
  const words = i8x16.swizzle(v128.load64_zero(at), v128.load(shuffles + (<usize>mask << 4)));
  return v128.bitselect(v128.or(i32x4.shl(x, 16), words), x, need);
}

/** Bytes of `mask`'s words. */
// @ts-ignore: decorator
@inline
function taken(mask: i32): usize {
  return <usize>(popcnt<i32>(mask) << 1);
}

/** Symbols 0 .. 126 of 16 lanes, as bytes. */
// @ts-ignore: decorator
@inline
function symbols(a: v128, b: v128, c: v128, d: v128): v128 {
  const m = i32x4.splat(127);
  const low = i16x8.narrow_i32x4_u(v128.and(a, m), v128.and(b, m));
  const high = i16x8.narrow_i32x4_u(v128.and(c, m), v128.and(d, m));
  return i8x16.narrow_i16x8_u(low, high);
}

// @ts-ignore: decorator
@inline
function tablesOf(numbers: v128, base: v128): v128 {
  return i32x4.add(i32x4.shl(numbers, TABLE_SHIFT), base);
}

/** NEXT_STATE of src/codec/trellis.ts: the state after [2 state + parity]. */
// @ts-ignore: decorator
@inline
function nextState(state: v128, level: v128): v128 {
  const parity = v128.and(level, i8x16.splat(1));
  const next = i8x16(0, 2, 7, 5, 1, 3, 6, 4, 2, 0, 5, 7, 3, 1, 4, 6);
  return i8x16.swizzle(next, v128.or(i8x16.add(state, state), parity));
}

/** 2k - sign(k) * quantiser: in two's complement 2k + (k > 0 ? -q : k < 0 ? q : 0). */
// @ts-ignore: decorator
@inline
function trellisLevel(k: v128, q: v128): v128 {
  const zero = i8x16.splat(0);
  const sign = i8x16.sub(i8x16.gt_s(k, zero), i8x16.lt_s(k, zero));
  // sign is -1 where k > 0 and 1 where k < 0; q is 0 or 1.
  return i8x16.add(i8x16.add(k, k), v128.and(sign, i8x16.sub(zero, q)));
}

/** Offsets in the run's record, which lies at `run`: states, then four addresses. */
const WORDS: usize = 128;

/**
 * Decodes the next `count` elements of a segment.
 * @param run 32 u32 lane states, then p, pEnd, q, qEnd: words of lanes 0 .. 15 and of lanes 16 .. 31; brought up to date
 * @param contexts table number of each element, u8 [count]; of the trellis that of quantiser 0, the next is that of 1
 * @param tables tables of 4096 u32, one after the other
 * @param out levels, i8 [count]
 * @param count a multiple of 32
 * @param trellis whether levels come from the trellis, which begins in state 0
 * @returns OK or WORDS_RUN_OUT
 */
export function decodeRun(
  run: usize, contexts: usize, tables: usize, out: usize, count: usize, shuffles: usize, trellis: bool,
): i32 {
  return trellis
    ? decodeLoop(run, contexts, tables, out, count, shuffles, true)
    : decodeLoop(run, contexts, tables, out, count, shuffles, false);
}

// @ts-ignore: decorator
@inline
function decodeLoop(
  run: usize, contexts: usize, tables: usize, out: usize, count: usize, shuffles: usize, trellis: bool,
): i32 {
  let x0 = v128.load(run), x1 = v128.load(run, 16), x2 = v128.load(run, 32), x3 = v128.load(run, 48);
  let x4 = v128.load(run, 64), x5 = v128.load(run, 80), x6 = v128.load(run, 96), x7 = v128.load(run, 112);
  let p = <usize>load<u32>(run + WORDS), q = <usize>load<u32>(run + WORDS, 8);
  const pEnd = <usize>load<u32>(run + WORDS, 4), qEnd = <usize>load<u32>(run + WORDS, 12);
  const base = i32x4.splat(<i32>tables);
  const middle = i8x16.splat(MAX_LEVEL), one = i8x16.splat(1);
  let sA = i8x16.splat(0), sB = i8x16.splat(0);
  const end = out + count;
  for (; out < end; out += 32, contexts += 32) {
    // Words run at most 32 bytes past their end before this is seen: the caller's slack covers it.
    if (p > pEnd || q > qEnd) return WORDS_RUN_OUT;
    let cA = v128.load(contexts), cB = v128.load(contexts, 16);
    if (trellis) {
      cA = i8x16.add(cA, v128.and(sA, one));
      cB = i8x16.add(cB, v128.and(sB, one));
    }
    const c0 = i16x8.extend_low_i8x16_u(cA), c1 = i16x8.extend_high_i8x16_u(cA);
    const c2 = i16x8.extend_low_i8x16_u(cB), c3 = i16x8.extend_high_i8x16_u(cB);
    const e0 = look(x0, tablesOf(i32x4.extend_low_i16x8_u(c0), base));
    const e1 = look(x1, tablesOf(i32x4.extend_high_i16x8_u(c0), base));
    const e2 = look(x2, tablesOf(i32x4.extend_low_i16x8_u(c1), base));
    const e3 = look(x3, tablesOf(i32x4.extend_high_i16x8_u(c1), base));
    const e4 = look(x4, tablesOf(i32x4.extend_low_i16x8_u(c2), base));
    const e5 = look(x5, tablesOf(i32x4.extend_high_i16x8_u(c2), base));
    const e6 = look(x6, tablesOf(i32x4.extend_low_i16x8_u(c3), base));
    const e7 = look(x7, tablesOf(i32x4.extend_high_i16x8_u(c3), base));
    const kA = i8x16.sub(symbols(e0, e1, e2, e3), middle), kB = i8x16.sub(symbols(e4, e5, e6, e7), middle);
    if (trellis) {
      v128.store(out, trellisLevel(kA, v128.and(sA, one)));
      v128.store(out, trellisLevel(kB, v128.and(sB, one)), 16);
      sA = nextState(sA, kA);
      sB = nextState(sB, kB);
    } else {
      v128.store(out, kA);
      v128.store(out, kB, 16);
    }
    x0 = advance(x0, e0); x1 = advance(x1, e1); x2 = advance(x2, e2); x3 = advance(x3, e3);
    x4 = advance(x4, e4); x5 = advance(x5, e5); x6 = advance(x6, e6); x7 = advance(x7, e7);
    let n = needs(x0), m = i32x4.bitmask(n); x0 = refill(x0, n, m, p, shuffles); p += taken(m);
    n = needs(x4); m = i32x4.bitmask(n); x4 = refill(x4, n, m, q, shuffles); q += taken(m);
    n = needs(x1); m = i32x4.bitmask(n); x1 = refill(x1, n, m, p, shuffles); p += taken(m);
    n = needs(x5); m = i32x4.bitmask(n); x5 = refill(x5, n, m, q, shuffles); q += taken(m);
    n = needs(x2); m = i32x4.bitmask(n); x2 = refill(x2, n, m, p, shuffles); p += taken(m);
    n = needs(x6); m = i32x4.bitmask(n); x6 = refill(x6, n, m, q, shuffles); q += taken(m);
    n = needs(x3); m = i32x4.bitmask(n); x3 = refill(x3, n, m, p, shuffles); p += taken(m);
    n = needs(x7); m = i32x4.bitmask(n); x7 = refill(x7, n, m, q, shuffles); q += taken(m);
  }
  v128.store(run, x0); v128.store(run, x1, 16); v128.store(run, x2, 32); v128.store(run, x3, 48);
  v128.store(run, x4, 64); v128.store(run, x5, 80); v128.store(run, x6, 96); v128.store(run, x7, 112);
  store<u32>(run + WORDS, <u32>p);
  store<u32>(run + WORDS, <u32>q, 8);
  return p > pEnd || q > qEnd ? WORDS_RUN_OUT : OK;
}

/** What a segment must be at its end: no words left, every lane in its first state. @returns OK or a code above */
export function checkEnd(run: usize): i32 {
  if (load<u32>(run + WORDS) != load<u32>(run + WORDS, 4)) return WORDS_LEFT_OVER;
  if (load<u32>(run + WORDS, 8) != load<u32>(run + WORDS, 12)) return WORDS_LEFT_OVER;
  for (let at: usize = 0; at < WORDS; at += 4) if (load<u32>(run + at) != STATE_LOW) return WRONG_END_STATE;
  return OK;
}

/** out[i] = f32(levels[i]) * step; works in sixteens, so it may read 15 bytes and write 60 past the end. */
export function dequantise(from: usize, out: usize, count: usize, step: f32): void {
  const s = f32x4.splat(step);
  for (const end = from + count; from < end; from += 16, out += 64) {
    const v = v128.load(from);
    const low = i16x8.extend_low_i8x16_s(v), high = i16x8.extend_high_i8x16_s(v);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low)), s));
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low)), s), 16);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high)), s), 32);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high)), s), 48);
  }
}

/** Fills the eight tables of CRC-32C, 256 i32 each: what a byte does k bytes before the end. */
export function makeCrcTables(at: usize): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    store<u32>(at + (<usize>byte << 2), value);
  }
  for (let i: u32 = 256; i < 2048; i++) {
    const before = load<u32>(at + (<usize>(i - 256) << 2));
    store<u32>(at + (<usize>i << 2), (before >>> 8) ^ load<u32>(at + (<usize>(before & 255) << 2)));
  }
}

// @ts-ignore: decorator
@inline
function crcOf(tables: usize, k: usize, byte: u32): u32 {
  return load<u32>(tables + (k << 10) + (<usize>byte << 2));
}

/** CRC-32C, eight bytes a turn; same as src/codec/crc32c.ts. */
export function crc32c(tables: usize, at: usize, count: usize): u32 {
  let value: u32 = 0xffffffff;
  const end = at + count;
  for (; at + 8 <= end; at += 8) {
    const low = value ^ load<u32>(at), high = load<u32>(at, 4);
    value = crcOf(tables, 7, low & 255) ^ crcOf(tables, 6, (low >>> 8) & 255)
      ^ crcOf(tables, 5, (low >>> 16) & 255) ^ crcOf(tables, 4, low >>> 24)
      ^ crcOf(tables, 3, high & 255) ^ crcOf(tables, 2, (high >>> 8) & 255)
      ^ crcOf(tables, 1, (high >>> 16) & 255) ^ crcOf(tables, 0, high >>> 24);
  }
  for (; at < end; at++) value = (value >>> 8) ^ crcOf(tables, 0, (value ^ <u32>load<u8>(at)) & 255);
  return ~value;
}

/**
 * Table numbers of a row: out[i] = first + width * clamp(sums[i] + outer + base, 0, most). Works in sixteens, so it
 * may read and write 15 bytes past the end.
 * @param sums u8: sums of classes of the row's axes
 * @param shift outer + base
 * @param width 1, or 2 for the pairs of the trellis
 */
export function fillRow(
  sums: usize, count: usize, shift: i32, most: i32, width: i32, first: i32, out: usize,
): void {
  const up = i8x16.splat(<i8>(shift > 0 ? min(shift, 255) : 0));
  const down = i8x16.splat(<i8>(shift < 0 ? min(-shift, 255) : 0));
  const top = i8x16.splat(<i8>most), start = i8x16.splat(<i8>first);
  const double = i8x16.splat(width > 1 ? -1 : 0);
  for (const end = out + count; out < end; out += 16, sums += 16) {
    let v = i8x16.sub_sat_u(i8x16.add_sat_u(v128.load(sums), up), down);
    v = i8x16.min_u(v, top);
    v128.store(out, i8x16.add(i8x16.add(v, v128.and(v, double)), start));
  }
}
