/** Tables made from counts, for weights that no parametric family fits. */
import { FINE_SLOTS, fineRests } from '../slots.ts';
import { type Frequencies, PROBABILITY_ONE, SYMBOLS } from '../tables.ts';
import { SUMS } from './class-contexts.ts';
import { symbolBits } from './prices.ts';

/** Frequencies in proportion to counts, at least 1 where a symbol occurs. */
function fitTable(counts: Float64Array): Frequencies {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const table = Uint16Array.from(counts, (count) =>
    count === 0 ? 0 : Math.max(1, Math.round((count * PROBABILITY_ONE) / total)),
  );
  let rest = PROBABILITY_ONE - table.reduce((sum, frequency) => sum + frequency, 0);
  while (rest !== 0) {
    const greatest = table.reduce((best, frequency, symbol) => (frequency > table[best] ? symbol : best), 0);
    const change = Math.max(rest, 1 - table[greatest]);
    table[greatest] += change;
    rest -= change;
  }
  return table;
}

/** In place: makes the rests by eight fit the slots of version 3. Rests go to the greatest, of rare symbols last. */
export function fitSlots(table: Frequencies): Frequencies {
  const order = [...table.keys()].sort((a, b) => table[b] - table[a]);
  const [greatest, ...others] = order;
  const give = (symbol: number, left: number) => {
    if (fineRests(table) <= FINE_SLOTS) return;
    table[greatest] += table[symbol] - left;
    table[symbol] = left;
  };
  for (const symbol of others) if (table[symbol] >= 8) give(symbol, table[symbol] & ~7);
  for (const symbol of others) if (table[symbol] > 1 && table[symbol] < 8) give(symbol, 1);
  return table;
}

/** About what a table takes in the header. */
function tableBits(table: Frequencies): number {
  const first = table.findIndex((frequency) => frequency > 0);
  let bits = 14;
  for (let symbol = first, width = 0, seen = 0; seen < PROBABILITY_ONE; symbol++) {
    seen += table[symbol];
    const next = Math.floor(Math.log2(table[symbol] + 1));
    bits += 1.5 + Math.abs(next - width) / 2 + 0.9 * next;
    width = next;
  }
  return bits;
}

export interface Transmitted {
  /** Of quantiser 0 and, with the trellis, of quantiser 1. */
  readonly tables: readonly Frequencies[];
  /** Of the symbols and of the tables. */
  readonly bits: number;
}

/** One table a quantiser for all contexts together. */
export function fitTransmitted(counts: Float64Array, quantisers: 1 | 2): Transmitted {
  let bits = 0;
  const tables = Array.from({ length: quantisers }, (_, quantiser) => {
    const all = new Float64Array(SYMBOLS);
    for (let sum = 0; sum < SUMS; sum++) {
      for (let symbol = 0; symbol < SYMBOLS; symbol++) {
        all[symbol] += counts[(quantiser * SUMS + sum) * SYMBOLS + symbol];
      }
    }
    const table = fitSlots(all.some((count) => count > 0) ? fitTable(all) : fitTable(all.fill(1, 63, 64)));
    const price = symbolBits(table);
    for (let symbol = 0; symbol < SYMBOLS; symbol++) if (all[symbol] > 0) bits += all[symbol] * price[symbol];
    bits += tableBits(table);
    return table;
  });
  return { tables, bits };
}
