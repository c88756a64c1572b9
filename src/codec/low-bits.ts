/** Raw bits of very fine levels: level = high * 2^b + low - 2^(b-1) for b > 0 bits, packed lowest bit first. */

export interface SplitLevel {
  readonly high: number;
  readonly low: number;
}

/** The split that keeps high parts symmetric about zero. */
export function splitLevel(level: number, bits: number): SplitLevel {
  if (bits === 0) return { high: level, low: 0 };
  const shifted = level + 2 ** (bits - 1);
  const high = Math.floor(shifted / 2 ** bits);
  return { high, low: shifted - high * 2 ** bits };
}

export function joinLevel(high: number, low: number, bits: number): number {
  return bits === 0 ? high : high * 2 ** bits + low - 2 ** (bits - 1);
}

/** `count` <= 8 bits from bit `at` on; the caller knows that they exist. */
export function readBits(bytes: Uint8Array, at: number, count: number): number {
  const byte = at >>> 3;
  const pair = bytes[byte] | ((bytes[byte + 1] ?? 0) << 8);
  return (pair >>> (at & 7)) & ((1 << count) - 1);
}

/** `bytes` must be zero from bit `at` on. */
export function writeBits(bytes: Uint8Array, at: number, count: number, value: number): void {
  const byte = at >>> 3;
  const pair = value << (at & 7);
  bytes[byte] |= pair & 255;
  if ((at & 7) + count > 8) bytes[byte + 1] |= pair >>> 8;
}
