/**
 * The tables that a decoder holds expanded, by number 0 .. 255; contexts are such numbers. The tables of a tensor have
 * numbers in a row: first + context, of the trellis first + 2 context for quantiser 0 and the next for quantiser 1.
 */
import { type Frequencies, NULL_TABLE } from './tables.ts';
import type { ContextModel } from './tensor-record.ts';

const SLOTS = 256;
/** Numbers 0 and 1: the table of padding, for either quantiser. */
const FIRST = 2;

export class TableSlots {
  readonly tables: Frequencies[] = [NULL_TABLE, NULL_TABLE];
  readonly #ranges = new Map<Frequencies, { least: number; most: number; first: number }>();
  readonly #added: (number: number, table: Frequencies) => void;

  /** @param added is told of every table that a number comes to mean */
  constructor(added: (number: number, table: Frequencies) => void = () => {}) {
    this.#added = added;
    added(0, NULL_TABLE);
    added(1, NULL_TABLE);
  }

  /** Before the numbers of a run are asked for: forgets the old ones where `count` more would not fit. */
  makeRoom(count: number): void {
    if (this.tables.length + count <= SLOTS) return;
    this.tables.length = FIRST;
    this.#ranges.clear();
  }

  /**
   * Makes the tables of the contexts from `least` to `most` ready.
   * @returns the number that context 0 would have, so that context c has this plus c (of the trellis plus 2c)
   */
  place({ tables, between }: ContextModel, least: number, most: number): number {
    const key = (between ?? tables)[0];
    const known = this.#ranges.get(key);
    if (known !== undefined && known.least <= least && known.most >= most) return known.first;
    const first = this.tables.length - (between === null ? 1 : 2) * least;
    for (let index = least; index <= most; index++) {
      this.#push(tables[index]);
      if (between !== null) this.#push(between[index]);
    }
    this.#ranges.set(key, { least, most, first });
    return first;
  }

  #push(table: Frequencies): void {
    this.#added(this.tables.push(table) - 1, table);
  }
}
