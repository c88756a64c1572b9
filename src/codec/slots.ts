/**
 * Which of the 4096 slots of a table mean which symbol. In versions 1 and 2 a symbol's slots follow one another, in the
 * order of the symbols. In version 3 a symbol has its slots by eights, as far as they go, among the first WIDE_SLOTS, and
 * the rest one by one among the others: so a decoder's table needs an entry for eight wide slots and fits its cache.
 */
import { type Frequencies, PROBABILITY_ONE } from './tables.ts';

/** Slots that are given one by one. */
export const FINE_SLOTS = 656;
export const WIDE_SLOTS = PROBABILITY_ONE - FINE_SLOTS;

/** Where the slots of each symbol lie: the first `wide` of them from `wideAt` on, the others from `fineAt` on. */
export interface Slots {
  readonly wide: Uint16Array;
  readonly wideAt: Uint16Array;
  readonly fineAt: Uint16Array;
}

/** What the frequencies are beyond multiples of eight, in sum: version 3 allows FINE_SLOTS at most. */
export function fineRests(frequencies: Frequencies): number {
  return frequencies.reduce((sum, frequency) => sum + (frequency & 7), 0);
}

function placed(frequencies: Frequencies, wide: Uint16Array): Slots {
  let [wideNext, fineNext] = [0, wide.reduce((sum, count) => sum + count, 0)];
  const wideAt = wide.map((count) => (wideNext += count) - count);
  const fineAt = frequencies.map((frequency, symbol) => {
    fineNext += frequency - wide[symbol];
    return fineNext - (frequency - wide[symbol]);
  });
  return { wide, wideAt, fineAt };
}

/** The slots of versions 1 and 2. */
export function slotsInOrder(frequencies: Frequencies): Slots {
  return placed(frequencies, frequencies);
}

/** The slots of version 3. Symbols in turn give up eights until the slots given one by one are FINE_SLOTS. */
export function slotsByEights(frequencies: Frequencies): Slots {
  let spare = (FINE_SLOTS - fineRests(frequencies)) / 8;
  const wide = frequencies.map((frequency) => {
    const given = Math.min(spare, frequency >> 3);
    spare -= given;
    return 8 * ((frequency >> 3) - given);
  });
  return placed(frequencies, wide);
}

/** The slot of a symbol's `rank`-th occurrence, 0 <= rank < its frequency. */
export function slotOf({ wide, wideAt, fineAt }: Slots, symbol: number, rank: number): number {
  return rank < wide[symbol] ? wideAt[symbol] + rank : fineAt[symbol] + rank - wide[symbol];
}
