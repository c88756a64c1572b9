/** Patches of grey pictures, compared. Pure. */
import type { Box } from '../result.ts';
import type { GreyPicture } from './grey.ts';

/**
 * Sum of |differences| of a patch (whole grey px) and the one at (u, v); Infinity where that is not in the picture.
 * Stops above `most`.
 */
export function difference(
  last: GreyPicture,
  { x, y, width, height }: Box,
  now: GreyPicture,
  u: number,
  v: number,
  most = Infinity,
): number {
  if (u < 0 || v < 0 || u + width > now.width || v + height > now.height) return Infinity;
  let sum = 0;
  for (let j = 0; j < height && sum < most; j++) {
    let a = (y + j) * last.width + x;
    let b = (v + j) * now.width + u;
    for (let i = 0; i < width; i++) sum += Math.abs(last.data[a++] - now.data[b++]);
  }
  return sum;
}

/** Where a parabola through three neighbours is least, -0.5..0.5. */
export function vertex(before: number, least: number, after: number): number {
  const bend = before + after - 2 * least;
  return bend > 0 && bend < Infinity ? Math.max(-0.5, Math.min(0.5, (before - after) / (2 * bend))) : 0;
}
