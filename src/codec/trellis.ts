/**
 * Trellis-coded quantisation (Marcellin and Fischer 1990; dependent quantisation with two quantisers of levels that both
 * hold 0: Schwarz and others, DCC 2019).
 *
 * In state s a symbol k (-63 .. 63) stands for the level 2k - sign(k) (s mod 2), in units of the step, and the next
 * state is floor(s / 2), xor `output` where s is odd, xor `input` where k is odd. Every lane begins every piece in state 0.
 */
export interface TrellisCode {
  readonly states: number;
  readonly output: number;
  readonly input: number;
}

/**
 * By the number that a record tells, 0 being no trellis. All but the first are the one-dimensional codes of Ungerboeck
 * (1987) without their last bit: the more states, the less error at a rate, 0.22 dB from 8 to 128. Decoding costs the same.
 */
export const TRELLIS_CODES: readonly (TrellisCode | null)[] = [
  null,
  { states: 8, output: 7, input: 2 },
  { states: 16, output: 9, input: 2 },
  { states: 32, output: 18, input: 4 },
  { states: 64, output: 33, input: 10 },
  { states: 128, output: 78, input: 43 },
  { states: 256, output: 166, input: 121 },
];

/** The number of the code with the fewest states. */
export const SMALLEST_TRELLIS = 1;

/** @returns the number of the code with so many states; undefined where there is none */
export function trellisOf(states: number): number | undefined {
  const found = TRELLIS_CODES.findIndex((code) => code?.states === states);
  return found < 0 ? undefined : found;
}

export function nextState({ output, input }: TrellisCode, state: number, symbol: number): number {
  return (state >> 1) ^ (-(state & 1) & output) ^ (-(symbol & 1) & input);
}

export function trellisLevel(symbol: number, state: number): number {
  return 2 * symbol - Math.sign(symbol) * (state & 1);
}
