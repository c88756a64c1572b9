/**
 * Entropy decoding and dequantisation of .sacc segments, SIMD. Same bits as src/codec/reference-decoder.ts, which is
 * the specification; docs/format.md describes the stream. The caller owns the memory and its layout, checks all
 * lengths, keeps the tables at TABLES and SLACK bytes readable behind the words.
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
/** Where the tables lie, one after the other: a fixed address saves the loop an addition a symbol. */
const TABLES: usize = 65536;

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
 * a symbol's last entries may be overwritten by the next one's; what lies behind the table is put back.
 */
export function makeTable(frequencies: usize, table: usize): void {
  const end = table + (<usize>SLOTS << 2);
  const behind = v128.load(end), four = i32x4.splat(4 << 7);
  for (let symbol: u32 = 0; symbol < SYMBOLS; symbol++) {
    const frequency = <u32>load<u16>(frequencies + (<usize>symbol << 1));
    const next = table + (<usize>frequency << 2);
    if (next > end) break;
    let entries = i32x4.add(i32x4.splat(<i32>((frequency << 19) | symbol)), i32x4(0, 1 << 7, 2 << 7, 3 << 7));
    for (let at = table; at < next; at += 16) {
      v128.store(at, entries);
      entries = i32x4.add(entries, four);
    }
    table = next;
  }
  v128.store(end, behind);
}

/** Entries of four lanes; `tables` holds the distance of each lane's table from TABLES. */
// @ts-ignore: decorator
@inline
function look(x: v128, tables: v128): v128 {
  const at = i32x4.add(i32x4.shl(v128.and(x, i32x4.splat(SLOTS - 1)), 2), tables);
  const low = i64x2.extract_lane(at, 0), high = i64x2.extract_lane(at, 1);
  let entry = v128.load32_zero(<usize>(<u32>low), TABLES);
  entry = v128.load_lane<u32>(<usize>(<u32>(low >>> 32)), entry, 1, TABLES);
  entry = v128.load_lane<u32>(<usize>(<u32>high), entry, 2, TABLES);
  return v128.load_lane<u32>(<usize>(<u32>(high >>> 32)), entry, 3, TABLES);
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
  return i32x4.le_u(x, i32x4.splat(STATE_LOW - 1));
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
function tablesOf(numbers: v128): v128 {
  return i32x4.shl(numbers, TABLE_SHIFT);
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
 * @param out levels, i8 [count]
 * @param count a multiple of 32
 * @param trellis whether levels come from the trellis, which begins in state 0
 * @returns OK or WORDS_RUN_OUT
 */
export function decodeRun(
  run: usize, contexts: usize, out: usize, count: usize, shuffles: usize, trellis: bool,
): i32 {
  return trellis
    ? decodeLoop(run, contexts, out, count, shuffles, true)
    : decodeLoop(run, contexts, out, count, shuffles, false);
}

// @ts-ignore: decorator
@inline
function decodeLoop(
  run: usize, contexts: usize, out: usize, count: usize, shuffles: usize, trellis: bool,
): i32 {
  let x0 = v128.load(run), x1 = v128.load(run, 16), x2 = v128.load(run, 32), x3 = v128.load(run, 48);
  let x4 = v128.load(run, 64), x5 = v128.load(run, 80), x6 = v128.load(run, 96), x7 = v128.load(run, 112);
  let p = <usize>load<u32>(run + WORDS), q = <usize>load<u32>(run + WORDS, 8);
  const pEnd = <usize>load<u32>(run + WORDS, 4), qEnd = <usize>load<u32>(run + WORDS, 12);
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
    const e0 = look(x0, tablesOf(i32x4.extend_low_i16x8_u(c0)));
    const e1 = look(x1, tablesOf(i32x4.extend_high_i16x8_u(c0)));
    const e2 = look(x2, tablesOf(i32x4.extend_low_i16x8_u(c1)));
    const e3 = look(x3, tablesOf(i32x4.extend_high_i16x8_u(c1)));
    const e4 = look(x4, tablesOf(i32x4.extend_low_i16x8_u(c2)));
    const e5 = look(x5, tablesOf(i32x4.extend_high_i16x8_u(c2)));
    const e6 = look(x6, tablesOf(i32x4.extend_low_i16x8_u(c3)));
    const e7 = look(x7, tablesOf(i32x4.extend_high_i16x8_u(c3)));
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

/** Fills the 16 tables of CRC-32C, 256 i32 each: what a byte does k bytes before the end. */
export function makeCrcTables(at: usize): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    store<u32>(at + (<usize>byte << 2), value);
  }
  for (let i: u32 = 256; i < 4096; i++) {
    const before = load<u32>(at + (<usize>(i - 256) << 2));
    store<u32>(at + (<usize>i << 2), (before >>> 8) ^ load<u32>(at + (<usize>(before & 255) << 2)));
  }
}

// @ts-ignore: decorator
@inline
function crcOf(tables: usize, k: usize, byte: u32): u32 {
  return load<u32>(tables + (k << 10) + (<usize>byte << 2));
}

/** Four bytes, the last of which stands k bytes before the end. */
// @ts-ignore: decorator
@inline
function crcOfWord(tables: usize, k: usize, word: u32): u32 {
  return crcOf(tables, k + 3, word & 255) ^ crcOf(tables, k + 2, (word >>> 8) & 255)
    ^ (crcOf(tables, k + 1, (word >>> 16) & 255) ^ crcOf(tables, k, word >>> 24));
}

/** CRC-32C, 16 bytes a turn, what waits for the turn before it last; same as src/codec/crc32c.ts. */
export function crc32c(tables: usize, at: usize, count: usize): u32 {
  let value: u32 = 0xffffffff;
  const end = at + count;
  for (; at + 16 <= end; at += 16) {
    const rest = crcOfWord(tables, 8, load<u32>(at, 4)) ^ crcOfWord(tables, 4, load<u32>(at, 8))
      ^ crcOfWord(tables, 0, load<u32>(at, 12));
    value = rest ^ crcOfWord(tables, 12, value ^ load<u32>(at));
  }
  for (; at < end; at++) value = (value >>> 8) ^ crcOf(tables, 0, (value ^ <u32>load<u8>(at)) & 255);
  return ~value;
}

/**
 * Sums of classes with one axis more on the outside: what is there, `inner` bytes, once for every index of the axis
 * plus its class. Works in sixteens, so it may write 15 bytes past the end.
 */
export function addAxis(sums: usize, inner: usize, classes: usize, count: usize): void {
  let out = sums + inner;
  for (let i: usize = 1; i < count; i++) {
    const own = i8x16.splat(<i8>load<u8>(classes + i));
    const end = out + inner;
    let from = sums;
    for (; out < end; out += 16, from += 16) v128.store(out, i8x16.add(v128.load(from), own));
    out = end;
  }
  const first = load<u8>(classes);
  if (first !== 0) for (const end = sums + inner; sums < end; sums++) store<u8>(sums, load<u8>(sums) + first);
}

/**
 * Table numbers of `count` elements: out[i] = first + width * clamp(sum + shift, 0, most), where the sum is that of the
 * column within a row plus that of the row. Works in sixteens, so it may read and write 15 bytes past the end.
 * @param sums u8 [inner]: sums of classes of a row's axes
 * @param outer u8: those of the axes before, a row each
 * @param column where in the first row to begin
 * @param width 1, or 2 for the pairs of the trellis
 */
export function fillRows(
  sums: usize, inner: usize, outer: usize, column: usize, count: usize,
  shift: i32, most: i32, width: i32, first: i32, out: usize,
): void {
  const top = i8x16.splat(<i8>most), start = i8x16.splat(<i8>first);
  const double = i8x16.splat(width > 1 ? -1 : 0);
  for (const end = out + count; out < end; outer++, column = 0) {
    const sum = shift + <i32>load<u8>(outer);
    const up = i8x16.splat(<i8>(sum > 0 ? min(sum, 255) : 0));
    const down = i8x16.splat(<i8>(sum < 0 ? min(-sum, 255) : 0));
    const next = min(out + inner - column, end);
    for (let from = sums + column; out < next; out += 16, from += 16) {
      const v = i8x16.min_u(i8x16.sub_sat_u(i8x16.add_sat_u(v128.load(from), up), down), top);
      v128.store(out, i8x16.add(i8x16.add(v, v128.and(v, double)), start));
    }
    out = next;
  }
}

/**
 * One axis of the inverse kernel transform, in place: out[i] = sum over k of basis[k][i] in[k], every product and sum
 * rounded. The numbers of kernel-transform.ts.
 * @param data f32 [blocks][size][stride]
 * @param size 3 or 5
 * @param basis f32 [size][size]
 */
export function restoreAxis(data: usize, size: usize, stride: usize, blocks: usize, basis: usize): void {
  const pitch = stride << 2;
  for (; blocks > 0; blocks--, data += size * pitch) {
    let at = data;
    for (const end = data + (pitch & ~15); at < end; at += 16) {
      const a = v128.load(at), b = v128.load(at + pitch), c = v128.load(at + 2 * pitch);
      const d = size > 3 ? v128.load(at + 3 * pitch) : a, e = size > 3 ? v128.load(at + 4 * pitch) : a;
      for (let i: usize = 0; i < size; i++) {
        const row = size << 2, factors = basis + (i << 2);
        let sum = f32x4.add(f32x4.splat(0), f32x4.mul(v128.load32_splat(factors), a));
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(factors + row), b));
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(factors + 2 * row), c));
        if (size > 3) {
          sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(factors + 3 * row), d));
          sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(factors + 4 * row), e));
        }
        v128.store(at + i * pitch, sum);
      }
    }
    for (const end = data + pitch; at < end; at += 4) {
      const a = load<f32>(at), b = load<f32>(at + pitch), c = load<f32>(at + 2 * pitch);
      const d = size > 3 ? load<f32>(at + 3 * pitch) : a, e = size > 3 ? load<f32>(at + 4 * pitch) : a;
      for (let i: usize = 0; i < size; i++) {
        const row = size << 2, factors = basis + (i << 2);
        let sum = <f32>0 + load<f32>(factors) * a;
        sum += load<f32>(factors + row) * b;
        sum += load<f32>(factors + 2 * row) * c;
        if (size > 3) {
          sum += load<f32>(factors + 3 * row) * d;
          sum += load<f32>(factors + 4 * row) * e;
        }
        store<f32>(at + i * pitch, sum);
      }
    }
  }
}
