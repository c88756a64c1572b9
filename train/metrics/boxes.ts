/** Box arithmetic of the metrics, in px of the frame. Pure. */
import type { Box } from '../../src/result.ts';

/** A pole's boxes are widened to at least this before they are compared: a shaft of 3 px cannot reach IoU 0.3. */
export const POLE_MIN_WIDTH_PX = 8;

/** The box, widened about its centre line to at least `minWidth`. */
export function widened(box: Box, minWidth: number): Box {
  if (box.width >= minWidth) return box;
  return { ...box, x: box.x + box.width / 2 - minWidth / 2, width: minWidth };
}

/** Whole pixels that a box covers, at least one, cut off at the frame: [x0, x1) x [y0, y1). */
export function pixelRange(
  box: Box,
  width: number,
  height: number,
): { x0: number; y0: number; x1: number; y1: number } {
  const x0 = Math.min(width - 1, Math.max(0, Math.round(box.x)));
  const y0 = Math.min(height - 1, Math.max(0, Math.round(box.y)));
  const x1 = Math.min(width, Math.max(x0 + 1, Math.round(box.x + box.width)));
  const y1 = Math.min(height, Math.max(y0 + 1, Math.round(box.y + box.height)));
  return { x0, y0, x1, y1 };
}
