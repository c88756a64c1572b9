/**
 * Views whose colours and textures another world could have, with every shape where it was: a convolution of random
 * kernels, mixed with the view (Xu and others, "Robust and generalizable visual representation learning via random
 * convolutions", ICLR 2021). What stays the same under it is what a thing is known by in places that are new.
 */
import { FRAME_CHANNELS } from '../../src/network/spec.ts';
import { normal, type Random } from '../random.ts';

const COLOURS = 3;
/** Sides of the kernels: the greater ones blur as well. */
const SIDES = [1, 3, 5];

/**
 * Changes a view in place. What is mixed in is made of the view less its mean, and has the view's spread before all is
 * clamped.
 * @param frame [height, width, 4] floats: R G B in [-1, 1]; the fourth channel, a coordinate, stays as it is
 */
export function restyleView(frame: Float32Array, width: number, height: number, random: Random): void {
  const side = SIDES[Math.floor(random() * SIDES.length)];
  const kernels = Float32Array.from({ length: COLOURS * side * side * COLOURS }, () => normal(random));
  const kept = random();
  const mean = meanOf(frame);
  const padded = padLess(frame, width, height, side >> 1, mean);
  const styled = convolve(padded, width, height, side, kernels);
  const gain = (1 - kept) * (spreadOf(frame, mean) / Math.max(1e-6, spread(styled)));
  for (let from = 0, to = 0; from < styled.length; from += COLOURS, to += FRAME_CHANNELS) {
    for (let c = 0; c < COLOURS; c++) {
      const value = mean + kept * (frame[to + c] - mean) + gain * styled[from + c];
      frame[to + c] = Math.min(1, Math.max(-1, value));
    }
  }
}

function meanOf(frame: Float32Array): number {
  let sum = 0;
  for (let p = 0; p < frame.length; p += FRAME_CHANNELS) sum += frame[p] + frame[p + 1] + frame[p + 2];
  return (sum * FRAME_CHANNELS) / (frame.length * COLOURS);
}

function spreadOf(frame: Float32Array, mean: number): number {
  let sum = 0;
  for (let p = 0; p < frame.length; p += FRAME_CHANNELS) {
    for (let c = 0; c < COLOURS; c++) sum += (frame[p + c] - mean) ** 2;
  }
  return Math.sqrt((sum * FRAME_CHANNELS) / (frame.length * COLOURS));
}

/** Root of the mean square. */
function spread(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

/** [height + 2 border, width + 2 border, 3] of the colours less `mean`; the outermost pixels are repeated. */
function padLess(
  frame: Float32Array,
  width: number,
  height: number,
  border: number,
  mean: number,
): Float32Array {
  const out = new Float32Array((width + 2 * border) * (height + 2 * border) * COLOURS);
  let at = 0;
  for (let y = -border; y < height + border; y++) {
    const row = Math.min(height - 1, Math.max(0, y)) * width;
    for (let x = -border; x < width + border; x++) {
      const from = (row + Math.min(width - 1, Math.max(0, x))) * FRAME_CHANNELS;
      for (let c = 0; c < COLOURS; c++) out[at++] = frame[from + c] - mean;
    }
  }
  return out;
}

/** [height, width, 3]. @param kernels [side, side * 3, 3]: row, column and colour read, colour written */
function convolve(
  padded: Float32Array,
  width: number,
  height: number,
  side: number,
  kernels: Float32Array,
): Float32Array {
  const out = new Float32Array(width * height * COLOURS);
  const row = (width + side - 1) * COLOURS;
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += COLOURS) {
      let [red, green, blue] = [0, 0, 0];
      for (let dy = 0, k = 0; dy < side; dy++) {
        const from = (y + dy) * row + x * COLOURS;
        for (let i = 0; i < side * COLOURS; i++, k += COLOURS) {
          const value = padded[from + i];
          red += value * kernels[k];
          green += value * kernels[k + 1];
          blue += value * kernels[k + 2];
        }
      }
      out[to] = red;
      out[to + 1] = green;
      out[to + 2] = blue;
    }
  }
  return out;
}
