/** Between which levels of grey a frame lies. Pure. */
import type { PixelFrame } from '../backends/backend.ts';

/** Share of the pixels that may lie below the range, and above it. */
const TAIL = 0.01;
/** One pixel in so many is looked at: prime, so that no column is favoured. */
const PIXEL_STEP = 17;

export interface LightRange {
  /** Levels, 0..255; `low` is at most `high`. */
  readonly low: number;
  readonly high: number;
}

/** From the first to the last hundredth of the pixels by their grey, (R + 2 G + B) / 4. */
export function lightRange({ width, height, data }: PixelFrame): LightRange {
  const histogram = new Uint32Array(256);
  const end = 4 * width * height;
  let total = 0;
  for (let at = 0; at < end; at += 4 * PIXEL_STEP, total++) {
    histogram[(data[at] + 2 * data[at + 1] + data[at + 2]) >> 2]++;
  }
  const most = TAIL * total;
  let low = 0;
  for (let below = histogram[0]; below <= most && low < 255; below += histogram[low]) low++;
  let high = 255;
  for (let above = histogram[255]; above <= most && high > low; above += histogram[high]) high--;
  return { low, high };
}
