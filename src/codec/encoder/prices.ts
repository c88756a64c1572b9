/** What symbols cost: bits of every symbol of every context, for an encoder that weighs them against errors. */
import { type Frequencies, MAX_LEVEL, PROBABILITY_ONE, SCALES, SYMBOLS, symbolTable } from '../tables.ts';

/** What an entry of the side list takes, about. */
export const SIDE_BITS = 28;

/** The symbol of frequency above 0 that is nearest to a symbol, on the side of level 0 first; maybe of its parity. */
export function nearestSymbol(table: Frequencies, symbol: number, sameParity = false): number {
  const inwards = symbol > MAX_LEVEL ? -1 : 1;
  for (let distance = 0; distance < SYMBOLS; distance += sameParity ? 2 : 1) {
    if (table[symbol + inwards * distance] > 0) return symbol + inwards * distance;
    if (table[symbol - inwards * distance] > 0) return symbol - inwards * distance;
  }
  return MAX_LEVEL;
}

/** Bits of each symbol -63 .. 63 under a table; what it cannot express goes by its end and the side list. */
export function symbolBits(table: Frequencies): Float64Array {
  const bits = Float64Array.from(table, (frequency) => Math.log2(PROBABILITY_ONE / frequency));
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    if (table[symbol] === 0) bits[symbol] = bits[nearestSymbol(table, symbol)] + SIDE_BITS;
  }
  return bits;
}

const known = new Map<number, Float64Array>();

/** Bits of all symbols of a parametric family [SCALES][127]: kept, since every tensor asks for the same ones. */
export function familyBits(shape: number, zero: number, quantiser: 0 | 1): Float64Array {
  const key = (zero * 16 + shape) * 2 + quantiser;
  let bits = known.get(key);
  if (bits === undefined) {
    bits = new Float64Array(SCALES * SYMBOLS);
    for (let scale = 0; scale < SCALES; scale++) {
      bits.set(symbolBits(symbolTable(shape, zero, scale, quantiser)), scale * SYMBOLS);
    }
    known.set(key, bits);
  }
  return bits;
}
