/**
 * The entropy decoder with the trellis: the levels of a lane decide which quantiser, so which table, its next one has.
 */
import { advance, levels, look, needs, refill, taken, values, WORDS } from './loop';
import { CONSTANTS, RUN } from './memory';

/**
 * Offset of the lanes' trellis states, u8, in the run's record. Their bits are in reverse: the quantiser is the sign, and what is
 * halved elsewhere is doubled here.
 */
export const PATHS: usize = 144;

/**
 * As decodePlain, of a piece whose contexts are numbers of pairs of tables: the first of quantiser 0, the next of 1. Their levels
 * are 2k - sign(k) * quantiser for a symbol of value k.
 * Paths are in RUN too. @param code what states change by (src/codec/trellis.ts): u8 output, u8 input, bits in reverse
 */
export function decodeTrellis(contexts: usize, out: usize, count: usize, factor: f32, code: usize): bool {
  let x0 = v128.load(RUN), x1 = v128.load(RUN, 16), x2 = v128.load(RUN, 32), x3 = v128.load(RUN, 48);
  let x4 = v128.load(RUN, 64), x5 = v128.load(RUN, 80), x6 = v128.load(RUN, 96), x7 = v128.load(RUN, 112);
  let p = <usize>load<u32>(RUN + WORDS), q = <usize>load<u32>(RUN + WORDS, 8);
  const pEnd = <usize>load<u32>(RUN + WORDS, 4), qEnd = <usize>load<u32>(RUN + WORDS, 12);
  const mask = v128.load32_splat(CONSTANTS), gap = v128.load32_splat(CONSTANTS, 4), stride = v128.load32_splat(CONSTANTS, 8);
  const output = v128.load8_splat(code), input = v128.load8_splat(code, 1), two = v128.load8_splat(CONSTANTS, 16);
  const zero = v128.load32_splat(CONSTANTS, 12), step = f32x4.splat(factor);
  let low = v128.load(RUN + PATHS), high = v128.load(RUN + PATHS, 16);
  const end = out + (count << 2);
  for (; out < end; out += 128, contexts += 64) {
    // Words run at most 32 bytes past their end before this is seen: what lies behind a file covers it.
    if (p > pEnd || q > qEnd) return false;
    const odd0 = i8x16.lt_s(low, zero);
    const c0 = i16x8.sub(v128.load(contexts, 0), i16x8.extend_low_i8x16_s(odd0));
    const c1 = i16x8.sub(v128.load(contexts, 16), i16x8.extend_high_i8x16_s(odd0));
    const e0 = look(x0, i32x4.mul(i32x4.extend_low_i16x8_u(c0), stride), mask, gap);
    const e1 = look(x1, i32x4.mul(i32x4.extend_high_i16x8_u(c0), stride), mask, gap);
    const e2 = look(x2, i32x4.mul(i32x4.extend_low_i16x8_u(c1), stride), mask, gap);
    const e3 = look(x3, i32x4.mul(i32x4.extend_high_i16x8_u(c1), stride), mask, gap);
    const odd1 = i8x16.lt_s(high, zero);
    const c2 = i16x8.sub(v128.load(contexts, 32), i16x8.extend_low_i8x16_s(odd1));
    const c3 = i16x8.sub(v128.load(contexts, 48), i16x8.extend_high_i8x16_s(odd1));
    const e4 = look(x4, i32x4.mul(i32x4.extend_low_i16x8_u(c2), stride), mask, gap);
    const e5 = look(x5, i32x4.mul(i32x4.extend_high_i16x8_u(c2), stride), mask, gap);
    const e6 = look(x6, i32x4.mul(i32x4.extend_low_i16x8_u(c3), stride), mask, gap);
    const e7 = look(x7, i32x4.mul(i32x4.extend_high_i16x8_u(c3), stride), mask, gap);
    const l0 = levels(e0);
    const l1 = levels(e1);
    const l2 = levels(e2);
    const l3 = levels(e3);
    v128.store(out, values(l0, step), 0);
    v128.store(out, values(l1, step), 16);
    v128.store(out, values(l2, step), 32);
    v128.store(out, values(l3, step), 48);
    const all0 = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(l0, l1), i16x8.narrow_i32x4_s(l2, l3));
    low = v128.xor(v128.xor(i8x16.add(low, low), v128.and(odd0, output)),
      v128.and(i8x16.eq(v128.and(i8x16.sub(i8x16.abs(all0), odd0), two), two), input));
    const l4 = levels(e4);
    const l5 = levels(e5);
    const l6 = levels(e6);
    const l7 = levels(e7);
    v128.store(out, values(l4, step), 64);
    v128.store(out, values(l5, step), 80);
    v128.store(out, values(l6, step), 96);
    v128.store(out, values(l7, step), 112);
    const all1 = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(l4, l5), i16x8.narrow_i32x4_s(l6, l7));
    high = v128.xor(v128.xor(i8x16.add(high, high), v128.and(odd1, output)),
      v128.and(i8x16.eq(v128.and(i8x16.sub(i8x16.abs(all1), odd1), two), two), input));
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
  v128.store(RUN + PATHS, low);
  v128.store(RUN + PATHS, high, 16);
  return p <= pEnd && q <= qEnd;
}
