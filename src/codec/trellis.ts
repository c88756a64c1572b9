/**
 * The eight states of trellis-coded quantisation (Marcellin and Fischer 1990; dependent quantisation with two
 * quantisers of levels that both hold 0: Schwarz and others, DCC 2019).
 *
 * In state s a symbol k (-63 .. 63) stands for the level 2k - sign(k) (s mod 2), in units of the step, and the next
 * state is NEXT_STATE[2 s + (k mod 2)]. Every lane begins every piece in state 0.
 */
export const STATES = 8;

export const NEXT_STATE = Uint8Array.of(0, 2, 7, 5, 1, 3, 6, 4, 2, 0, 5, 7, 3, 1, 4, 6);

export function trellisLevel(symbol: number, state: number): number {
  return 2 * symbol - Math.sign(symbol) * (state & 1);
}
