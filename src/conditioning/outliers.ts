/**
 * Replaces pixels that stand out of their surround by its median, each channel for itself. What stands out is told by
 * Tukey's fences of the 3x3 pixels themselves: dead and hot pixels and dropped bytes do, a thin line does not, and of
 * noise that is everywhere hardly any. Pure.
 */
import type { PixelFrame } from '../backends/backend.ts';

/** A level this far beyond the third from either end, in spreads between these two, stands out... */
const FENCE = 2;
/** ...and at least so many levels. */
const LEAST_FENCE = 20;
/** Places of the sorted 3x3 levels. */
const [THIRD, MEDIAN, SEVENTH] = [2, 4, 6];

/** A frame of its own. */
export function withoutOutliers(frame: PixelFrame): PixelFrame {
  const { width, height, data } = frame;
  const out = new Uint8ClampedArray(data);
  const window = new Uint8Array(9);
  for (let y = 0; y < height; y++) {
    const row = 4 * width * y;
    const above = y > 0 ? row - 4 * width : row;
    const below = y < height - 1 ? row + 4 * width : row;
    for (let x = 0; x < width; x++) {
      const here = 4 * x;
      const left = x > 0 ? here - 4 : here;
      const right = x < width - 1 ? here + 4 : here;
      for (let c = 0; c < 3; c++) {
        const level = data[row + here + c];
        // Most levels have two neighbours within the fence, above and below: nothing to sort.
        const [floor, ceiling] = [level - LEAST_FENCE, level + LEAST_FENCE];
        let [higher, lower] = [0, 0];
        window[0] = data[row + left + c];
        window[1] = data[row + right + c];
        window[2] = data[above + here + c];
        window[3] = data[below + here + c];
        for (let i = 0; i < 4; i++) {
          if (window[i] >= floor) higher++;
          if (window[i] <= ceiling) lower++;
        }
        if (higher > 1 && lower > 1) continue;
        window[4] = level;
        window[5] = data[above + left + c];
        window[6] = data[above + right + c];
        window[7] = data[below + left + c];
        window[8] = data[below + right + c];
        const sorted = sort(window);
        const fence = Math.max(LEAST_FENCE, FENCE * (sorted[SEVENTH] - sorted[THIRD]));
        if (level > sorted[SEVENTH] + fence || level < sorted[THIRD] - fence) {
          out[row + here + c] = sorted[MEDIAN];
        }
      }
    }
  }
  return { width, height, data: out };
}

/** In place, by insertion: nine values. */
function sort(values: Uint8Array): Uint8Array {
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    let j = i - 1;
    for (; j >= 0 && values[j] > value; j--) values[j + 1] = values[j];
    values[j + 1] = value;
  }
  return values;
}
