/**
 * Where things lie in the decoder's memory, in bytes. Below HEAP every place is fixed; from there on the file, what its
 * header says and the values follow one another (`take`). src/codec/wasm-decoder.ts knows these numbers too.
 */

// What src/codec/wasm-constants.ts writes once, before anything else is called:

/**
 * Shuffles [16][16]: for a mask of lanes the k-th set lane takes the k-th word, other lanes and the upper halves get zero
 * (index 255). Factors [16][4]: what moves a set lane up by a word.
 */
export const SHUFFLES: usize = 1024;
export const FACTORS: usize = 1280;
/** How far an adaptive decision moves, 31 numbers (range-coder.ts). */
export const RATES: usize = 1536;
/** Numbers that the loops take from here: as constants they would be 18 bytes of the module each time. u32 each. */
export const CONSTANTS: usize = 1776;
/** Of the trellis' codes, two i16 each. */
export const CODES: usize = 1808;
/** 127 u16: of a table that is to be expanded. */
export const FREQUENCIES: usize = 2048;
/** 32 lane states, then p, pEnd, q, qEnd, then the trellis states of 32 lanes, i16. */
export const RUN: usize = 4096;
/** What readHeader found: see there. */
export const FOUND: usize = 4352;
/** The last stripe of a checksum, then its lanes, 16 u32. */
export const CHECKSUM_LANES: usize = 4416;
/** Where the loop's next entries lie, 32 u16. */
export const AIMS: usize = 4480;
/** 25 floats of a kernel transform, then 5 of a line. */
export const BASIS: usize = 8192;
/** Sums of classes of a row, u8 [MAX_ROW] and what SIMD may touch behind it. */
export const SUMS: usize = 8448;
export const MAX_ROW: u32 = 4096;
/** Contexts of a block plus 1, u8; then what the loop writes of one that is not done with that, f32. */
export const CONTEXTS: usize = 12800;
export const BLOCK: u32 = 4096;
export const FLOATS: usize = 21504;
/** Adaptive decisions of the header, u32: sets of 160. */
export const SETS: usize = 38400;
/** Of the classes: four states, weights by distance, where each class begins (i16) and how much it has (u16). */
export const CLASS_STATES: usize = 64512;
export const CLASS_WEIGHTS: usize = 64528;
export const CLASS_STARTS: usize = 64592;
export const CLASS_FREQUENCIES: usize = 64624;
/** What they fall off by: 16 bells, then 16 peaks, u16 (src/codec/wasm-constants.ts). */
export const CLASS_FACTORS: usize = 64656;
/** Expanded tables, 4352 bytes each: 1086 entries of 4 bytes and 8 for nothing. */
export const TABLES: usize = 65536;
/** Decisions of names, 8192, and of text, four times 65536. */
export const WORD_SET: usize = 8978432;
export const TEXT_SETS: usize = 9011200;
export const HEAP: usize = 10092544;

/** What SIMD may touch behind anything. */
const SLACK: usize = 64;

/** First byte that nothing uses. */
let top: usize = HEAP;

/** Makes room for `bytes` from `at` on. @returns false where there is no more memory */
export function reserve(at: usize, bytes: usize): bool {
  const missing = <i64>(at + bytes + SLACK) - (<i64>memory.size() << 16);
  return missing <= 0 || memory.grow(<i32>((missing + 65535) >> 16)) >= 0;
}

/** @returns an address of `bytes` bytes, a multiple of 16; 0 where there is no more memory */
export function take(bytes: usize): usize {
  const at = top;
  if (!reserve(at, bytes)) return 0;
  top = (at + bytes + SLACK) & ~15;
  return at;
}

/** Gives everything back that `take` gave, and takes the first `bytes` again. @returns HEAP, or 0 as take */
export function begin(bytes: usize): usize {
  top = HEAP;
  return take(bytes);
}
