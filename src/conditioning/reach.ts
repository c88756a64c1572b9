/** How far a treatment carries a pixel: a file of its own, since a page that explains has no need of the filters. Pure. */
import type { Treatment } from '../result.ts';

/** Px around a pixel that its new level is made of: 3x3 (outliers.ts)... */
const OUTLIER_REACH_PX = 1;
/** ...and 5x5 (smooth.ts). */
const SMOOTH_REACH_PX = 2;

/** Px of the frame around a pixel that its treated level is made of, beside what is the same for all. */
export function treatmentReach({ outliers, smoothing }: Treatment): number {
  return (outliers ? OUTLIER_REACH_PX : 0) + (smoothing > 0 ? SMOOTH_REACH_PX : 0);
}
