/**
 * The checksum of version 5: the rounds of XXH32 in 16 lanes, so that a stripe is 64 bytes and SIMD has work; the lanes are
 * then mixed as XXH32 mixes the words of a short text. Finds damage, proves nothing.
 */

export const PRIME_1 = 0x9e3779b1;
export const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;
/** Of each lane before the first stripe. */
export const FIRST_LANE = 0x5a5a5a5a;
const LANES = 16;
const STRIPE = 4 * LANES;

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Of the bytes, as if zeros filled the last stripe; their number counts. */
export function checksum(bytes: Uint8Array): number {
  const lanes = new Int32Array(LANES).fill(FIRST_LANE);
  const stripe = new Uint8Array(STRIPE);
  for (let at = 0; at < bytes.length; at += STRIPE) {
    const own = bytes.subarray(at, at + STRIPE);
    stripe.set(own);
    stripe.fill(0, own.length);
    for (let lane = 0, i = 0; lane < LANES; lane++, i += 4) {
      const word = stripe[i] | (stripe[i + 1] << 8) | (stripe[i + 2] << 16) | (stripe[i + 3] << 24);
      lanes[lane] = Math.imul(rotated((lanes[lane] + Math.imul(word, PRIME_2)) | 0, 13), PRIME_1);
    }
  }
  let hash = PRIME_5 + bytes.length;
  for (const lane of lanes) hash = Math.imul(rotated((hash + Math.imul(lane, PRIME_3)) | 0, 17), PRIME_4);
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
