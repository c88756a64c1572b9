/**
 * The entropy decoder with the trellis: the levels of a lane decide which quantiser, so which table, its next one has.
 * For size the loop takes 16 lanes a turn: those of pointer p, then, places exchanged, those of q; and its constants come
 * from the memory, which costs some speed.
 */
import { advance, levels, look, needs, refill, taken, WORDS } from './loop';
import { CONSTANTS, RUN } from './memory';

/** Offset of the lanes' trellis states, u8, in the run's record. */
export const PATHS: usize = 144;

/** -1 where the last bit is 1, else 0. */
// @ts-ignore: decorator
@inline
function oddOnes(values: v128): v128 {
  return i8x16.neg(v128.and(values, i8x16.splat(1)));
}

/** 2k - sign(k) * quantiser: in two's complement 2k + (k > 0 ? -q : k < 0 ? q : 0). @param odd -1 where q is 1 */
// @ts-ignore: decorator
@inline
function trellisLevel(k: v128, odd: v128): v128 {
  const zero = i8x16.splat(0);
  const sign = i8x16.sub(i8x16.gt_s(k, zero), i8x16.lt_s(k, zero));
  // sign is -1 where k > 0 and 1 where k < 0.
  return i8x16.add(i8x16.add(k, k), v128.and(sign, odd));
}

/**
 * As decodePlain, of a piece whose contexts are numbers of pairs of tables: the first of quantiser 0, the next of 1.
 * Paths are in RUN too. @param code what states change by (src/codec/trellis.ts): u8 output, u8 input
 */
export function decodeTrellis(contexts: usize, out: usize, count: usize, code: usize): bool {
  let x0 = v128.load(RUN), x1 = v128.load(RUN, 16), x2 = v128.load(RUN, 32), x3 = v128.load(RUN, 48);
  let y0 = v128.load(RUN, 64), y1 = v128.load(RUN, 80), y2 = v128.load(RUN, 96), y3 = v128.load(RUN, 112);
  let p = <usize>load<u32>(RUN + WORDS), q = <usize>load<u32>(RUN + WORDS, 8);
  const pEnd = <usize>load<u32>(RUN + WORDS, 4), qEnd = <usize>load<u32>(RUN + WORDS, 12);
  const mask = v128.load32_splat(CONSTANTS), gap = v128.load32_splat(CONSTANTS, 4);
  const stride = v128.load32_splat(CONSTANTS, 8), byte = v128.load32_splat(CONSTANTS, 12);
  const output = v128.load8_splat(code), input = v128.load8_splat(code, 1);
  let own = v128.load(RUN + PATHS), others = v128.load(RUN + PATHS, 16);
  let turn = count >> 4;
  for (; turn > 0; turn--, out += 16, contexts += 32) {
    // Words run at most 64 bytes past their end before this is seen: what lies behind a file covers it.
    if ((turn & 1) === 0 && (p > pEnd || q > qEnd)) return false;
    const odd = oddOnes(own), quantiser = i8x16.neg(odd);
    const c0 = i16x8.add(v128.load(contexts), i16x8.extend_low_i8x16_u(quantiser));
    const c1 = i16x8.add(v128.load(contexts, 16), i16x8.extend_high_i8x16_u(quantiser));
    const e0 = look(x0, i32x4.mul(i32x4.extend_low_i16x8_u(c0), stride), mask, gap);
    const e1 = look(x1, i32x4.mul(i32x4.extend_high_i16x8_u(c0), stride), mask, gap);
    const e2 = look(x2, i32x4.mul(i32x4.extend_low_i16x8_u(c1), stride), mask, gap);
    const e3 = look(x3, i32x4.mul(i32x4.extend_high_i16x8_u(c1), stride), mask, gap);
    const k = levels(e0, e1, e2, e3, byte);
    v128.store(out, trellisLevel(k, odd));
    const moved = v128.xor(i8x16.shr_u(own, 1), v128.and(odd, output));
    const path = v128.xor(moved, v128.and(oddOnes(k), input));
    own = others;
    others = path;
    // What was p's half becomes the other one.
    const z0 = advance(x0, e0, mask), z1 = advance(x1, e1, mask), z2 = advance(x2, e2, mask), z3 = advance(x3, e3, mask);
    x0 = y0; x1 = y1; x2 = y2; x3 = y3;
    let m = needs(z0); y0 = refill(z0, m, p); p += taken(m);
    m = needs(z1); y1 = refill(z1, m, p); p += taken(m);
    m = needs(z2); y2 = refill(z2, m, p); p += taken(m);
    m = needs(z3); y3 = refill(z3, m, p); p += taken(m);
    const used = p;
    p = q;
    q = used;
  }
  v128.store(RUN, x0); v128.store(RUN, x1, 16); v128.store(RUN, x2, 32); v128.store(RUN, x3, 48);
  v128.store(RUN, y0, 64); v128.store(RUN, y1, 80); v128.store(RUN, y2, 96); v128.store(RUN, y3, 112);
  store<u32>(RUN + WORDS, <u32>p);
  store<u32>(RUN + WORDS, <u32>q, 8);
  v128.store(RUN + PATHS, own);
  v128.store(RUN + PATHS, others, 16);
  return p <= pEnd && q <= qEnd;
}
