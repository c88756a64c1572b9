/**
 * The readable decoder of coded segments: the specification that the WebAssembly one is tested against.
 *
 * Range asymmetric numeral systems (Duda 2013, arXiv:1311.2540; interleaving: Giesen 2014, arXiv:1402.3392):
 * 32 lanes of u32 state in [2^16, 2^32), 12-bit probabilities, refill by one u16 word. Element i belongs to lane
 * i mod 32; all lanes of a group of 32 decode, then lanes refill in order, 0 .. 15 from A, 16 .. 31 from B.
 */
import { formatError } from './format-error.ts';
import { LANES, LANES_PER_POINTER, type SegmentPayload, STATE_LOW } from './segment-payload.ts';
import type { SymbolDecoder } from './symbol-decoder.ts';
import { type Frequencies, MAX_LEVEL, PROBABILITY_BITS, PROBABILITY_ONE } from './tables.ts';

interface Lookup {
  readonly frequencies: Frequencies;
  /** Sum of the frequencies before a symbol. */
  readonly starts: Uint16Array;
  /** The symbol of each of the 4096 slots. */
  readonly symbols: Uint8Array;
}

function lookup(frequencies: Frequencies): Lookup {
  const starts = new Uint16Array(frequencies.length);
  const symbols = new Uint8Array(PROBABILITY_ONE);
  let start = 0;
  for (let symbol = 0; symbol < frequencies.length; symbol++) {
    starts[symbol] = start;
    symbols.fill(symbol, start, start + frequencies[symbol]);
    start += frequencies[symbol];
  }
  return { frequencies, starts, symbols };
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

function decodeSymbols(
  payload: SegmentPayload,
  contexts: Uint8Array,
  tables: readonly Frequencies[],
): Int8Array {
  const lookups = tables.map(lookup);
  const states = payload.states.slice();
  const pointers = [new Words(payload.wordsA), new Words(payload.wordsB)];
  const levels = new Int8Array(contexts.length);
  for (let group = 0; group < contexts.length; group += LANES) {
    for (let lane = 0; lane < LANES; lane++) {
      const { frequencies, starts, symbols } = lookups[contexts[group + lane]];
      const slot = states[lane] & (PROBABILITY_ONE - 1);
      const symbol = symbols[slot];
      // At most 4096 * (2^20 - 1) + 4095 = 2^32 - 1: no overflow.
      states[lane] = frequencies[symbol] * (states[lane] >>> PROBABILITY_BITS) + slot - starts[symbol];
      levels[group + lane] = symbol - MAX_LEVEL;
    }
    for (let lane = 0; lane < LANES; lane++) {
      if (states[lane] >= STATE_LOW) continue;
      states[lane] = states[lane] * STATE_LOW + pointers[lane < LANES_PER_POINTER ? 0 : 1].next();
    }
  }
  if (!pointers.every((pointer) => pointer.ended)) throw formatError('A segment has words left over');
  if (states.some((state) => state !== STATE_LOW))
    throw formatError('A lane of a segment ends in a wrong state');
  return levels;
}

export const referenceDecoder: SymbolDecoder = {
  name: 'reference',
  symbols: decodeSymbols,
  dequantise(levels, step, out) {
    // The product of two floats is exact in double, so storing it rounds once, as a float multiplication does.
    for (let i = 0; i < levels.length; i++) out[i] = levels[i] * step;
  },
};
