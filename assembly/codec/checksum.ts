/** CRC-32C, 16 bytes a turn; same as src/codec/crc32c.ts. */
import { CRC_TABLES } from './memory';

/** Fills the 16 tables, 256 u32 each: what a byte does k bytes before the end. */
export function makeCrcTables(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    store<u32>(CRC_TABLES + (<usize>byte << 2), value);
  }
  for (let i: u32 = 256; i < 4096; i++) {
    const before = load<u32>(CRC_TABLES + (<usize>(i - 256) << 2));
    store<u32>(CRC_TABLES + (<usize>i << 2), (before >>> 8) ^ load<u32>(CRC_TABLES + (<usize>(before & 255) << 2)));
  }
}

/** Table k begins at CRC_TABLES + 1024 k: offsets must be constants, so every place of a byte stands here by itself. */
// @ts-ignore: decorator
@inline
function first(word: u32): u32 {
  return load<u32>((word << 2) & 1020, CRC_TABLES + 15360) ^ load<u32>((word >>> 6) & 1020, CRC_TABLES + 14336)
    ^ (load<u32>((word >>> 14) & 1020, CRC_TABLES + 13312) ^ load<u32>((word >>> 24) << 2, CRC_TABLES + 12288));
}

// @ts-ignore: decorator
@inline
function second(word: u32): u32 {
  return load<u32>((word << 2) & 1020, CRC_TABLES + 11264) ^ load<u32>((word >>> 6) & 1020, CRC_TABLES + 10240)
    ^ (load<u32>((word >>> 14) & 1020, CRC_TABLES + 9216) ^ load<u32>((word >>> 24) << 2, CRC_TABLES + 8192));
}

// @ts-ignore: decorator
@inline
function third(word: u32): u32 {
  return load<u32>((word << 2) & 1020, CRC_TABLES + 7168) ^ load<u32>((word >>> 6) & 1020, CRC_TABLES + 6144)
    ^ (load<u32>((word >>> 14) & 1020, CRC_TABLES + 5120) ^ load<u32>((word >>> 24) << 2, CRC_TABLES + 4096));
}

// @ts-ignore: decorator
@inline
function fourth(word: u32): u32 {
  return load<u32>((word << 2) & 1020, CRC_TABLES + 3072) ^ load<u32>((word >>> 6) & 1020, CRC_TABLES + 2048)
    ^ (load<u32>((word >>> 14) & 1020, CRC_TABLES + 1024) ^ load<u32>((word >>> 24) << 2, CRC_TABLES));
}

/** What waits for the turn before it comes last. */
export function crc32c(at: usize, count: usize): u32 {
  let value: u32 = 0xffffffff;
  const end = at + count;
  for (; at + 16 <= end; at += 16) {
    const rest = second(load<u32>(at, 4)) ^ third(load<u32>(at, 8)) ^ fourth(load<u32>(at, 12));
    value = rest ^ first(value ^ load<u32>(at));
  }
  for (; at < end; at++) {
    value = (value >>> 8) ^ load<u32>(<usize>((value ^ <u32>load<u8>(at)) & 255) << 2, CRC_TABLES);
  }
  return ~value;
}
