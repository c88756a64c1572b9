/** A binomial filter of 5x5 pixels, or some of the way to it; what lies beyond the frame's edge as the edge. Pure. */
import type { PixelFrame } from '../backends/backend.ts';

const STEP_BITS = 7;
/** Shares are in steps of one over this, so that eight bits times a share fit sixteen. */
export const SMOOTHING_STEPS = 1 << STEP_BITS;

/** A frame of its own. @param share 0 to 1 of the way; at 1 noise is left at 0.27 of its deviation */
export function smoothed({ width, height, data }: PixelFrame, share: number): PixelFrame {
  const steps = Math.round(SMOOTHING_STEPS * share);
  const out = new Uint8ClampedArray(data);
  const stride = 4 * width;
  // One row after the other: columns first, into sums of 16 times a level; then across.
  const sums = new Uint16Array(stride);
  for (let y = 0; y < height; y++) {
    const [a, b, c, d, e] = [-2, -1, 0, 1, 2].map((by) => stride * Math.min(height - 1, Math.max(0, y + by)));
    for (let i = 0; i < stride; i++) {
      sums[i] = data[a + i] + data[e + i] + 4 * (data[b + i] + data[d + i]) + 6 * data[c + i];
    }
    for (let x = 0; x < width; x++) {
      const [a, b, c, d, e] = [
        4 * (x > 1 ? x - 2 : 0),
        4 * (x > 0 ? x - 1 : 0),
        4 * x,
        4 * (x < width - 1 ? x + 1 : width - 1),
        4 * (x < width - 2 ? x + 2 : width - 1),
      ];
      for (let i = 0; i < 3; i++) {
        const sum = sums[a + i] + sums[e + i] + 4 * (sums[b + i] + sums[d + i]) + 6 * sums[c + i];
        const own = data[stride * y + 4 * x + i];
        out[stride * y + 4 * x + i] =
          own + (((((sum + 128) >> 8) - own) * steps + SMOOTHING_STEPS / 2) >> STEP_BITS);
      }
    }
  }
  return { width, height, data: out };
}
