/**
 * The tables that a decoder holds expanded, by number 0 .. 255; contexts are such numbers. The tables of a family have
 * numbers in a row: first + context, of the trellis first + 2 context for quantiser 0 and the next for quantiser 1.
 * Tensors of one family share its numbers; its tables are expanded when a tensor first wants them.
 */
import { type Frequencies, NULL_TABLE } from './tables.ts';
import type { ContextModel } from './tensor-record.ts';

const SLOTS = 256;
/** Numbers 0 and 1: the table of padding, for either quantiser. */
const FIRST = 2;

interface Family {
  readonly first: number;
  /** Whether each context's tables are expanded. */
  readonly made: Uint8Array;
}

/** What tells families apart: tables are kept, so that one of them stands for all. */
function keyOf({ tables, between }: ContextModel): Frequencies {
  return (between ?? tables)[0];
}

export class TableSlots {
  /** By number; holes are numbers without a table. */
  readonly tables: Frequencies[] = [];
  readonly #families = new Map<Frequencies, Family>();
  readonly #added: (number: number, table: Frequencies) => void;
  #next = FIRST;

  /** @param added is told of every table that a number comes to mean */
  constructor(added: (number: number, table: Frequencies) => void = () => {}) {
    this.#added = added;
    for (let number = 0; number < FIRST; number++) this.#set(number, NULL_TABLE);
  }

  /** Before the numbers of a run are asked for: forgets the old ones where those of its models would not fit. */
  makeRoom(models: readonly ContextModel[]): void {
    const missing = new Map<Frequencies, number>();
    for (const model of models) {
      const width = model.between === null ? 1 : 2;
      if (!this.#families.has(keyOf(model))) missing.set(keyOf(model), width * model.tables.length);
    }
    let count = 0;
    for (const numbers of missing.values()) count += numbers;
    if (this.#next + count <= SLOTS) return;
    this.#families.clear();
    this.#next = FIRST;
  }

  /**
   * Makes the tables of the contexts from `least` to `most` ready.
   * @returns the number of context 0
   */
  place(model: ContextModel, least: number, most: number): number {
    const { tables, between } = model;
    const width = between === null ? 1 : 2;
    let family = this.#families.get(keyOf(model));
    if (family === undefined) {
      family = { first: this.#next, made: new Uint8Array(tables.length) };
      this.#families.set(keyOf(model), family);
      this.#next += width * tables.length;
    }
    for (let index = least; index <= most; index++) {
      if (family.made[index]) continue;
      family.made[index] = 1;
      this.#set(family.first + width * index, tables[index]);
      if (between !== null) this.#set(family.first + width * index + 1, between[index]);
    }
    return family.first;
  }

  #set(number: number, table: Frequencies): void {
    this.tables[number] = table;
    this.#added(number, table);
  }
}
