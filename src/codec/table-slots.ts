/** The tables that a decoder holds expanded, by number 0 .. 255; contexts are such numbers. */
import { type Frequencies, NULL_TABLE } from './tables.ts';

const SLOTS = 256;
/** Numbers 0 and 1: the table of padding, for either quantiser. */
const FIRST = 2;

export class TableSlots {
  readonly tables: Frequencies[] = [NULL_TABLE, NULL_TABLE];
  readonly #numbers = new Map<Frequencies, number>();
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
    this.#numbers.clear();
  }

  #push(table: Frequencies): number {
    const number = this.tables.push(table) - 1;
    this.#added(number, table);
    return number;
  }

  /** The number of a table; with `between` that of a pair, whose second table is the next number. */
  number(table: Frequencies, between?: Frequencies): number {
    const key = between ?? table;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#push(table);
      if (between !== undefined) this.#push(between);
      this.#numbers.set(key, number);
    }
    return number;
  }
}
