/** The encoder's half of the interleaved coder: runs backwards over what reference-decoder.ts reads forwards. */
import { LANES, LANES_PER_POINTER, type SegmentPayload, STATE_LOW } from './segment-payload.ts';
import { slotOf, slotsByEights } from './slots.ts';
import { type Frequencies, MAX_LEVEL, PROBABILITY_BITS, PROBABILITY_ONE } from './tables.ts';

/** Words are pushed last to first; `finish` gives them in reading order. */
class BackwardWords {
  readonly #words: number[] = [];

  push(word: number): void {
    this.#words.push(word);
  }

  finish(): Uint8Array {
    const bytes = new Uint8Array(2 * this.#words.length);
    const view = new DataView(bytes.buffer);
    for (const [i, word] of this.#words.entries()) view.setUint16(bytes.length - 2 * (i + 1), word, true);
    return bytes;
  }
}

/**
 * @param levels -63 .. 63, each of a frequency above 0 in its table; length a multiple of 32
 * @param contexts table number of each element
 */
export function encodeSymbols(
  levels: Int8Array,
  contexts: Uint32Array,
  tables: readonly Frequencies[],
): Pick<SegmentPayload, 'states' | 'wordsA' | 'wordsB'> {
  const slots = tables.map(slotsByEights);
  const states = new Array<number>(LANES).fill(STATE_LOW);
  const words = [new BackwardWords(), new BackwardWords()];
  for (let i = levels.length - 1; i >= 0; i--) {
    const lane = i % LANES;
    const symbol = levels[i] + MAX_LEVEL;
    const frequency = tables[contexts[i]][symbol];
    let state = states[lane];
    if (state >= frequency * 2 ** (32 - PROBABILITY_BITS)) {
      words[lane < LANES_PER_POINTER ? 0 : 1].push(state % STATE_LOW);
      state = Math.floor(state / STATE_LOW);
    }
    const rest = state % frequency;
    states[lane] = ((state - rest) / frequency) * PROBABILITY_ONE + slotOf(slots[contexts[i]], symbol, rest);
  }
  return { states: Uint32Array.from(states), wordsA: words[0].finish(), wordsB: words[1].finish() };
}
