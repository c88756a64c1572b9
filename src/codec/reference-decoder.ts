/**
 * The readable decoder of coded segments: the specification that the WebAssembly one is tested against.
 *
 * Range asymmetric numeral systems (Duda 2013, arXiv:1311.2540; interleaving: Giesen 2014, arXiv:1402.3392):
 * 32 lanes of u32 state in [2^16, 2^32), 12-bit probabilities, refill by one u16 word. Element i of a run belongs to
 * lane i mod 32; all lanes of a group of 32 decode, then lanes refill in order, 0 .. 15 from A, 16 .. 31 from B.
 */
import { numberContexts } from './contexts.ts';
import { crc32c } from './crc32c.ts';
import { formatError } from './format-error.ts';
import { restoreKernels, type Transform } from './kernel-transform.ts';
import type { CodedRecord } from './pieces.ts';
import { LANES, LANES_PER_POINTER, type SegmentPayload, STATE_LOW } from './segment-payload.ts';
import type { SymbolDecoder } from './symbol-decoder.ts';
import { TableSlots } from './table-slots.ts';
import { type Frequencies, MAX_LEVEL, PROBABILITY_BITS, PROBABILITY_ONE } from './tables.ts';
import { NEXT_STATE, trellisLevel } from './trellis.ts';

interface Lookup {
  readonly frequencies: Frequencies;
  /** Sum of the frequencies before a symbol. */
  readonly starts: Uint16Array;
  /** The symbol of each of the 4096 slots. */
  readonly symbols: Uint8Array;
}

const lookups = new WeakMap<Frequencies, Lookup>();

function lookup(frequencies: Frequencies): Lookup {
  const known = lookups.get(frequencies);
  if (known !== undefined) return known;
  const starts = new Uint16Array(frequencies.length);
  const symbols = new Uint8Array(PROBABILITY_ONE);
  let start = 0;
  for (let symbol = 0; symbol < frequencies.length; symbol++) {
    starts[symbol] = start;
    symbols.fill(symbol, start, start + frequencies[symbol]);
    start += frequencies[symbol];
  }
  const made = { frequencies, starts, symbols };
  lookups.set(frequencies, made);
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

export class ReferenceDecoder implements SymbolDecoder {
  readonly name = 'reference';
  readonly slots = new TableSlots();
  /** Frequency, of 4096, of every symbol of the last run: what it cost. */
  frequencies = new Uint16Array(0);
  #states = new Uint32Array(0);
  #pointers: Words[] = [];
  #contexts = new Uint8Array(0);

  checksum(segment: Uint8Array): number {
    return crc32c(segment);
  }

  begin(_: Uint8Array, { states, wordsA, wordsB }: SegmentPayload): void {
    this.#states = states.slice();
    this.#pointers = [new Words(wordsA), new Words(wordsB)];
  }

  contexts(count: number): void {
    this.#contexts = new Uint8Array(Math.ceil(count / LANES) * LANES);
  }

  fill(tensor: CodedRecord, from: number, to: number, first: number, at: number): void {
    this.#contexts.set(numberContexts(tensor, from, to, first), at);
  }

  run(trellis: boolean): Int8Array {
    const states = this.#states;
    const found = this.slots.tables.map((table) => lookup(table));
    const levels = new Int8Array(this.#contexts.length);
    const path = new Uint8Array(LANES);
    this.frequencies = new Uint16Array(levels.length);
    for (let group = 0; group < levels.length; group += LANES) {
      for (let lane = 0; lane < LANES; lane++) {
        const number = this.#contexts[group + lane] + (trellis ? path[lane] & 1 : 0);
        const { frequencies, starts, symbols } = found[number];
        const slot = states[lane] & (PROBABILITY_ONE - 1);
        const symbol = symbols[slot];
        // At most 4096 * (2^20 - 1) + 4095 = 2^32 - 1: no overflow.
        states[lane] = frequencies[symbol] * (states[lane] >>> PROBABILITY_BITS) + slot - starts[symbol];
        this.frequencies[group + lane] = frequencies[symbol];
        const level = symbol - MAX_LEVEL;
        levels[group + lane] = trellis ? trellisLevel(level, path[lane]) : level;
        path[lane] = NEXT_STATE[2 * path[lane] + (level & 1)];
      }
      for (let lane = 0; lane < LANES; lane++) {
        if (states[lane] >= STATE_LOW) continue;
        states[lane] = states[lane] * STATE_LOW + this.#pointers[lane < LANES_PER_POINTER ? 0 : 1].next();
      }
    }
    return levels;
  }

  end(): void {
    if (!this.#pointers.every((pointer) => pointer.ended)) throw formatError('A segment has words left over');
    if (this.#states.some((state) => state !== STATE_LOW)) {
      throw formatError('A lane of a segment ends in a wrong state');
    }
  }

  dequantise(levels: Int8Array, step: number, out: Float32Array): void {
    // The product of two floats is exact in double, so storing it rounds once, as a float multiplication does.
    for (let i = 0; i < levels.length; i++) out[i] = levels[i] * step;
  }

  restore(data: Float32Array, shape: readonly number[], transform: Transform): void {
    restoreKernels(data, shape, transform);
  }
}
