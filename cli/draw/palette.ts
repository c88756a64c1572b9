/**
 * Colours of what is drawn over a frame: one palette for the pictures of the command line and for the demo page.
 * Blue and amber are told apart at a glance, on grey streets as on green ones, and in the three common kinds of
 * colour blindness (by the simulation of Machado, Oliveira and Fernandes, 2009); thin enough to see the street through. Pure.
 */

/** 0..255 each. */
export type Colour = readonly [red: number, green: number, blue: number];

/** A colour laid over the frame; alpha 0 leaves the frame, 1 hides it. */
export interface Wash {
  readonly colour: Colour;
  readonly alpha: number;
}

/** By gate: skipped blocks are dimmed, 3x3 kernels blue, 5x5 kernels amber. */
export const GATE_WASHES: readonly Wash[] = [
  { colour: [8, 11, 18], alpha: 0.5 },
  { colour: [30, 110, 255], alpha: 0.24 },
  { colour: [255, 165, 0], alpha: 0.28 },
];

export const LABEL_COLOURS: Readonly<Record<string, Colour>> = {
  person: [240, 228, 66],
  pole: [47, 214, 181],
};

/** Of a box: its label's, white for labels of other models. */
export function labelColour(label: string): Colour {
  return LABEL_COLOURS[label] ?? [255, 255, 255];
}

/** Of boxes that should not be there: apart from both labels and both gates. */
export const FALSE_ALARM_COLOUR: Colour = [255, 77, 196];

/** Of the truth. */
export const TRUTH_COLOUR: Colour = [255, 255, 255];
