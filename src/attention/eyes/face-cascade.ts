/**
 * A face with eyes or not, of a square window of a grey picture: trees of three questions each. A question compares two
 * px of the window, `a - b > threshold * deviation` (the window's own), so that neither brightness nor contrast counts.
 * The leaves are whole numbers and add up; after every tree a window whose sum is too low is let go, most after a few.
 * Sources: Markus, Frljak, Pandzic, Ahlberg and Forchheimer, "Object detection with pixel intensity comparisons
 * organized in decision trees", 2013; Bourdev and Brandt, "Robust object detection via soft cascade", 2005.
 *
 * Bytes of a file: version, trees, then of every tree 7 questions (a, b, threshold), 8 leaves, 2 of the least sum so far.
 * a and b are 16 * row + column of a 16 x 16 grid over the window; thresholds 1/32 of the deviation, leaves 1/32. Pure.
 */
import { SaccadeNetError } from '../../errors/errors.ts';

/** Sides of windows within an octave, px: all a picture is searched with, halved again and again. */
export const WINDOW_SIDES: readonly number[] = [20, 24, 28, 34];
export const QUESTIONS = 7;
export const LEAVES = 8;
export const GRID = 16;
/** Of thresholds: parts of the deviation. Of leaves: parts of a logit. */
export const UNIT = 32;
export const TREE_BYTES = 3 * QUESTIONS + LEAVES + 2;
export const HEAD_BYTES = 2;
export const VERSION = 1;
/** A window that was let go. */
export const LET_GO = -32768;

export interface FaceCascade {
  readonly trees: number;
  /** [trees, QUESTIONS]: 16 * row + column. */
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  /** [trees, QUESTIONS], in 1/UNIT of the window's deviation. */
  readonly thresholds: Int8Array;
  /** [trees, LEAVES], in 1/UNIT. */
  readonly leaves: Int8Array;
  /** [trees], in 1/UNIT: the window is let go below it. */
  readonly least: Int16Array;
}

/** @throws MODEL_FORMAT */
export function readCascade(bytes: Uint8Array): FaceCascade {
  const [version, trees] = bytes;
  const sizeBytes = HEAD_BYTES + trees * TREE_BYTES;
  if (version !== VERSION || bytes.length !== sizeBytes) {
    throw new SaccadeNetError(
      'MODEL_FORMAT',
      `The detector of eyes has ${bytes.length} bytes and version ${version}; version ${VERSION} with ${trees} trees has ${sizeBytes}. Train it again: train/eyes/run.ts.`,
    );
  }
  const cascade = emptyCascade(trees);
  let at = HEAD_BYTES;
  for (let tree = 0; tree < trees; tree++) {
    for (let k = tree * QUESTIONS; k < (tree + 1) * QUESTIONS; k++) {
      cascade.a[k] = bytes[at++];
      cascade.b[k] = bytes[at++];
      cascade.thresholds[k] = bytes[at++];
    }
    for (let leaf = 0; leaf < LEAVES; leaf++) cascade.leaves[tree * LEAVES + leaf] = bytes[at++];
    cascade.least[tree] = bytes[at++] | (bytes[at++] << 8);
  }
  return cascade;
}

/** Of `trees` trees that say nothing and let nothing go. */
export function emptyCascade(trees: number): FaceCascade {
  return {
    trees,
    a: new Uint8Array(trees * QUESTIONS),
    b: new Uint8Array(trees * QUESTIONS),
    thresholds: new Int8Array(trees * QUESTIONS),
    leaves: new Int8Array(trees * LEAVES),
    least: new Int16Array(trees).fill(LET_GO),
  };
}

/** Where the px of the questions lie: [trees * QUESTIONS] from a window's corner, for a picture of this width. */
export function offsetsOf(points: Uint8Array, side: number, width: number): Int32Array {
  const place = (grid: number) => Math.round((grid * (side - 1)) / (GRID - 1));
  return Int32Array.from(points, (point) => place(point >> 4) * width + place(point & 15));
}

/**
 * @param data grey picture @param at a window's corner in it @param a @param b of offsetsOf
 * @param deviation of the window's px
 * @returns the sum of the leaves in 1/UNIT, LET_GO below the least
 */
export function faceScore(
  { trees, thresholds, leaves, least }: FaceCascade,
  data: Float32Array,
  at: number,
  a: Int32Array,
  b: Int32Array,
  deviation: number,
): number {
  const unit = deviation / UNIT;
  let sum = 0;
  for (let tree = 0, first = 0; tree < trees; tree++, first += QUESTIONS) {
    let node = 0;
    while (node < QUESTIONS) {
      const k = first + node;
      node = 2 * node + (data[at + a[k]] - data[at + b[k]] > thresholds[k] * unit ? 2 : 1);
    }
    sum += leaves[tree * LEAVES + node - QUESTIONS];
    if (sum < least[tree]) return LET_GO;
  }
  return sum;
}
