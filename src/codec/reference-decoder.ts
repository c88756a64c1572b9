/**
 * The readable decoder of coded segments: the specification that the WebAssembly one is tested against.
 *
 * Range asymmetric numeral systems (Duda 2013, arXiv:1311.2540; interleaving: Giesen 2014, arXiv:1402.3392):
 * 32 lanes of u32 state in [2^16, 2^32), 12-bit probabilities, refill by one u16 word. Element i of a run belongs to
 * lane i mod 32; all lanes of a group of 32 decode, then lanes refill in order, 0 .. 15 from A, 16 .. 31 from B.
 */
import { numberContexts } from './contexts.ts';
import { formatError } from './format-error.ts';
import type { CodedRecord } from './pieces.ts';
import { LANES, LANES_PER_POINTER, type SegmentPayload, STATE_LOW } from './segment-payload.ts';
import { slotOf, slotsByEights, slotsInOrder } from './slots.ts';
import { TableSlots } from './table-slots.ts';
import { type Frequencies, MAX_LEVEL, PROBABILITY_BITS, PROBABILITY_ONE } from './tables.ts';
import { nextState, TRELLIS_CODES, trellisLevel } from './trellis.ts';

interface Lookup {
  readonly frequencies: Frequencies;
  /** The symbol of each of the 4096 slots, and how many slots it has before this one. */
  readonly symbols: Uint8Array;
  readonly ranks: Uint16Array;
}

const lookups = { inOrder: new WeakMap<Frequencies, Lookup>(), byEights: new WeakMap<Frequencies, Lookup>() };

function lookup(frequencies: Frequencies, kind: keyof typeof lookups): Lookup {
  const known = lookups[kind].get(frequencies);
  if (known !== undefined) return known;
  const slots = kind === 'inOrder' ? slotsInOrder(frequencies) : slotsByEights(frequencies);
  const symbols = new Uint8Array(PROBABILITY_ONE);
  const ranks = new Uint16Array(PROBABILITY_ONE);
  for (const [symbol, frequency] of frequencies.entries()) {
    for (let rank = 0; rank < frequency; rank++) {
      const slot = slotOf(slots, symbol, rank);
      symbols[slot] = symbol;
      ranks[slot] = rank;
    }
  }
  const made = { frequencies, symbols, ranks };
  lookups[kind].set(frequencies, made);
  return made;
}

/** One read pointer over u16 words. */
class Words {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get ended(): boolean {
    return this.#at === this.#view.byteLength;
  }

  next(): number {
    if (this.ended) throw formatError('A segment has too few words for its weights');
    const word = this.#view.getUint16(this.#at, true);
    this.#at += 2;
    return word;
  }
}

export class ReferenceDecoder {
  readonly name = 'reference';
  readonly slots = new TableSlots();
  /** Frequency, of 4096, of every symbol of the last run: what it cost. */
  frequencies = new Uint16Array(0);
  #states = new Uint32Array(0);
  #pointers: Words[] = [];
  #contexts = new Uint8Array(0);
  #kind: keyof typeof lookups = 'byEights';

  /** Begins a segment. @param version of the container: it says where slots lie */
  begin({ states, wordsA, wordsB }: SegmentPayload, version: number): void {
    this.#kind = version > 2 ? 'byEights' : 'inOrder';
    this.#states = states.slice();
    this.#pointers = [new Words(wordsA), new Words(wordsB)];
  }

  /** Makes room for the table numbers of the next run, `count` of them; up to a multiple of 32 it is padded with 0. */
  contexts(count: number): void {
    this.#contexts = new Uint8Array(Math.ceil(count / LANES) * LANES);
  }

  /** Fills part of them, from `at` on: those of elements [from, to) of a tensor whose context 0 has number `first`. */
  fill(tensor: CodedRecord, from: number, to: number, first: number, at: number): void {
    this.#contexts.set(numberContexts(tensor, from, to, first), at);
  }

  /**
   * Decodes the run whose contexts were filled.
   * @param trellis number of the code that levels come from, 0: none; contexts are then the numbers of pairs
   * @returns levels, one a context and a padding
   * @throws SaccadeNetError MODEL_FORMAT where the words run out
   */
  run(trellis: number): Int8Array {
    const code = TRELLIS_CODES[trellis];
    const states = this.#states;
    const found = this.slots.tables.map((table) => lookup(table, this.#kind));
    const levels = new Int8Array(this.#contexts.length);
    const path = new Uint8Array(LANES);
    this.frequencies = new Uint16Array(levels.length);
    for (let group = 0; group < levels.length; group += LANES) {
      for (let lane = 0; lane < LANES; lane++) {
        const number = this.#contexts[group + lane] + (code ? path[lane] & 1 : 0);
        const { frequencies, symbols, ranks } = found[number];
        const slot = states[lane] & (PROBABILITY_ONE - 1);
        const symbol = symbols[slot];
        // At most 4096 * (2^20 - 1) + 4095 = 2^32 - 1: no overflow.
        states[lane] = frequencies[symbol] * (states[lane] >>> PROBABILITY_BITS) + ranks[slot];
        this.frequencies[group + lane] = frequencies[symbol];
        const level = symbol - MAX_LEVEL;
        levels[group + lane] = code ? trellisLevel(level, path[lane]) : level;
        if (code) path[lane] = nextState(code, path[lane], level);
      }
      for (let lane = 0; lane < LANES; lane++) {
        if (states[lane] >= STATE_LOW) continue;
        states[lane] = states[lane] * STATE_LOW + this.#pointers[lane < LANES_PER_POINTER ? 0 : 1].next();
      }
    }
    return levels;
  }

  /** Ends a segment. @throws SaccadeNetError MODEL_FORMAT where words are left over or a lane does not end at 2^16 */
  end(): void {
    if (!this.#pointers.every((pointer) => pointer.ended)) throw formatError('A segment has words left over');
    if (this.#states.some((state) => state !== STATE_LOW)) {
      throw formatError('A lane of a segment ends in a wrong state');
    }
  }
}
