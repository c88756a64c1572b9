/** The checksum of version 5 (src/codec/checksum.ts): 64 bytes a turn, in 16 lanes. */
import { CHECKSUM_LANES, CONSTANTS } from './memory';

const PRIME_2: u32 = 0x85ebca77;
const PRIME_3: u32 = 0xc2b2ae3d;
const PRIME_4: u32 = 0x27d4eb2f;
const PRIME_5: u32 = 0x165667b1;
const STRIPE: usize = 64;

// @ts-ignore: decorator
@inline
function round(lanes: v128, words: v128, second: v128, first: v128): v128 {
  const sum = i32x4.add(lanes, i32x4.mul(words, second));
  return i32x4.mul(v128.or(i32x4.shl(sum, 13), i32x4.shr_u(sum, 19)), first);
}

export function checksum(at: usize, count: usize): u32 {
  const first = v128.load32_splat(CONSTANTS, 20), second = v128.load32_splat(CONSTANTS, 24);
  let a = v128.load32_splat(CONSTANTS, 28), b = a, c = a, d = a;
  const end = at + count;
  for (; at < end; at += STRIPE) {
    let from = at;
    if (at + STRIPE > end) {
      // What is missing of the last stripe is 0.
      memory.fill(CHECKSUM_LANES, 0, STRIPE);
      memory.copy(CHECKSUM_LANES, at, end - at);
      from = CHECKSUM_LANES;
    }
    a = round(a, v128.load(from), second, first);
    b = round(b, v128.load(from, 16), second, first);
    c = round(c, v128.load(from, 32), second, first);
    d = round(d, v128.load(from, 48), second, first);
  }
  v128.store(CHECKSUM_LANES, a);
  v128.store(CHECKSUM_LANES, b, 16);
  v128.store(CHECKSUM_LANES, c, 32);
  v128.store(CHECKSUM_LANES, d, 48);
  let hash = PRIME_5 + <u32>count;
  for (let lane = CHECKSUM_LANES; lane < CHECKSUM_LANES + STRIPE; lane += 4) {
    hash = rotl<u32>(hash + load<u32>(lane) * PRIME_3, 17) * PRIME_4;
  }
  hash = (hash ^ (hash >>> 15)) * PRIME_2;
  hash = (hash ^ (hash >>> 13)) * PRIME_3;
  return hash ^ (hash >>> 16);
}
