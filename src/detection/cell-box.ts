/**
 * How six numbers of a cell become a box, and back: the one place of the formula and its constants. Training
 * encodes targets with it, decode.ts reads predictions with it.
 *
 * With the cell's centre (X, Y) in working-frame px, and head outputs score, quality, centre, width, top, bottom:
 *   box centre x = X + WIDTH_UNIT_PX * centre        box width = WIDTH_UNIT_PX * exp(width)
 *   y0 = Y - HEIGHT_UNIT_PX * exp(top)               y1 = Y + HEIGHT_UNIT_PX * exp(bottom)
 *   score of the cell = sigmoid(score) * sigmoid(quality)
 * Exponents are clamped to [-EXPONENT_LIMIT, EXPONENT_LIMIT]. So a cell always lies between its box's y0 and y1.
 */
import { sigmoid } from '../network/logistic.ts';
import { HEAD_CHANNELS } from '../network/spec.ts';

/** px of the working frame for centre = 1 and for width = 0: a common width of a far person or near shaft. */
export const WIDTH_UNIT_PX = 8;
/** px of the working frame for top = 0 and bottom = 0: half the height of a common far person. */
export const HEIGHT_UNIT_PX = 16;
/** exp(6) = 403: boxes up to 3227 px wide and 12910 px high, from 0.02 px on. */
export const EXPONENT_LIMIT = 6;

/** Channels of one label, as HEAD_CHANNELS orders them. */
export const LABEL_CHANNELS = HEAD_CHANNELS.length;
export const SCORE_CHANNEL = HEAD_CHANNELS.indexOf('score');
export const QUALITY_CHANNEL = HEAD_CHANNELS.indexOf('quality');
export const CENTRE_CHANNEL = HEAD_CHANNELS.indexOf('centre');
export const WIDTH_CHANNEL = HEAD_CHANNELS.indexOf('width');
export const TOP_CHANNEL = HEAD_CHANNELS.indexOf('top');
export const BOTTOM_CHANNEL = HEAD_CHANNELS.indexOf('bottom');

function clampedExp(value: number): number {
  return Math.exp(Math.min(EXPONENT_LIMIT, Math.max(-EXPONENT_LIMIT, value)));
}

/** ln of a distance in units, clamped so that zero and negative distances become the shortest there is. */
function clampedLog(value: number): number {
  return value > 0 ? Math.min(EXPONENT_LIMIT, Math.max(-EXPONENT_LIMIT, Math.log(value))) : -EXPONENT_LIMIT;
}

/** sigmoid(score) * sigmoid(quality) of the label whose channels begin at `offset`. */
export function cellScore(cells: ArrayLike<number>, offset: number): number {
  return sigmoid(cells[offset + SCORE_CHANNEL]) * sigmoid(cells[offset + QUALITY_CHANNEL]);
}

/**
 * Writes the box of a cell as x0, y0, x1, y1 in working-frame px.
 * @param offset of the label's channels in `cells`; @param x @param y the cell's centre in px
 * @param out written at `at` .. `at + 3`
 */
export function readCellBox(
  cells: ArrayLike<number>,
  offset: number,
  x: number,
  y: number,
  out: Float32Array | number[],
  at: number,
): void {
  const centre = x + WIDTH_UNIT_PX * cells[offset + CENTRE_CHANNEL];
  const half = (WIDTH_UNIT_PX * clampedExp(cells[offset + WIDTH_CHANNEL])) / 2;
  out[at] = centre - half;
  out[at + 1] = y - HEIGHT_UNIT_PX * clampedExp(cells[offset + TOP_CHANNEL]);
  out[at + 2] = centre + half;
  out[at + 3] = y + HEIGHT_UNIT_PX * clampedExp(cells[offset + BOTTOM_CHANNEL]);
}

/** The four geometry targets of a cell at (x, y) px for a box x0, y0, x1, y1: the inverse of `readCellBox`. */
export function encodeCellBox(
  x: number,
  y: number,
  box: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number },
): { centre: number; width: number; top: number; bottom: number } {
  return {
    centre: ((box.x0 + box.x1) / 2 - x) / WIDTH_UNIT_PX,
    width: clampedLog((box.x1 - box.x0) / WIDTH_UNIT_PX),
    top: clampedLog((y - box.y0) / HEIGHT_UNIT_PX),
    bottom: clampedLog((box.y1 - y) / HEIGHT_UNIT_PX),
  };
}
