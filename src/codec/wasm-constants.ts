/** What the wasm decoder finds in its memory before anything is called: places and meaning stand in assembly/codec/memory.ts. */
import { RATES } from './adaptive.ts';
import { FIRST_LANE, PRIME_1, PRIME_2 } from './checksum.ts';
import { BELL, PEAK } from './class-coder.ts';
import { WIDE_SLOTS } from './slots.ts';
import { PROBABILITY_ONE } from './tables.ts';
import { TRELLIS_CODES } from './trellis.ts';

const SHUFFLES_AT = 1024;
const FACTORS_AT = 1280;
const RATES_AT = 1536;
const CONSTANTS_AT = 1776;
const CODES_AT = 1808;
const CLASS_FACTORS_AT = 64656;
/** A number in both halves of 32 bits. */
const PAIR = 0x10001;

/** A shuffle and factors for every set of four lanes. */
function writeLanes(shuffles: Uint8Array, factors: Uint32Array): void {
  shuffles.fill(255);
  for (let mask = 0; mask < 16; mask++) {
    let word = 0;
    for (let lane = 0; lane < 4; lane++) {
      const takes = (mask >> lane) & 1;
      factors[4 * mask + lane] = takes ? 65536 : 1;
      if (!takes) continue;
      shuffles.set([word, word + 1], 16 * mask + 4 * lane);
      word += 2;
    }
  }
}

/** The eight bits of a trellis' number in reverse: the loop has states so. */
function reversed(bits: number): number {
  let found = 0;
  for (let bit = 0; bit < 8; bit++) found |= ((bits >> bit) & 1) << (7 - bit);
  return found;
}

/** @param tableBytes of an expanded table */
export function writeConstants(buffer: ArrayBuffer, tableBytes: number): void {
  writeLanes(new Uint8Array(buffer, SHUFFLES_AT, 256), new Uint32Array(buffer, FACTORS_AT, 64));
  new Int32Array(buffer, RATES_AT, RATES.length).set(RATES);
  const gap = WIDE_SLOTS - WIDE_SLOTS / 8;
  const constants = [
    PROBABILITY_ONE - 1,
    gap * PAIR,
    (tableBytes / 4) * PAIR,
    0,
    2 * PAIR,
    PRIME_1,
    PRIME_2,
    FIRST_LANE,
  ];
  new Uint32Array(buffer, CONSTANTS_AT, constants.length).set(constants);
  const codes = TRELLIS_CODES.flatMap((code) =>
    code ? [reversed(code.output), reversed(code.input)] : [0, 0],
  );
  new Uint16Array(buffer, CODES_AT, codes.length).set(codes.map((code) => code << 8));
  new Uint16Array(buffer, CLASS_FACTORS_AT, BELL.length + PEAK.length).set([...BELL, ...PEAK]);
}
