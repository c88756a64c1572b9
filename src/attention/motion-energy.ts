/**
 * What moves by itself: differences to the last frame moved with the camera, over the contrast that is there, so that
 * an edge that is a little off counts little. What came into the picture with the camera has no past and shows none. Pure.
 */
import { type Affine, inverse } from './affine.ts';
import { GREY_SCALE, type GreyPicture } from './grey.ts';

/** Differences of so many grey levels are noise. */
const NOISE = 3;
/** Contrast that is taken for granted, so that flat places do not divide by nothing. */
const LEAST_CONTRAST = 6;

/** [rows, columns]: 0 still; about 1 where edges moved by a grey px, or something appeared. */
export function motionEnergy(
  last: GreyPicture,
  now: GreyPicture,
  camera: Affine,
  grid: { readonly columns: number; readonly rows: number },
  blockPx: number,
): Float32Array {
  const { columns, rows } = grid;
  const { width, height, data } = now;
  const sums = new Float32Array(columns * rows);
  const contrasts = new Float32Array(columns * rows).fill(LEAST_CONTRAST * (blockPx / GREY_SCALE) ** 2);
  const back = inverse(camera);
  for (let y = 0; y < height - 1; y++) {
    const row = Math.min(rows - 1, Math.floor(((y + 0.5) * GREY_SCALE) / blockPx)) * columns;
    for (let x = 0; x < width - 1; x++) {
      const [px, py] = [(x + 0.5) * GREY_SCALE, (y + 0.5) * GREY_SCALE];
      const u = (back.xx * px + back.xy * py + back.x) / GREY_SCALE - 0.5;
      const v = (back.yx * px + back.yy * py + back.y) / GREY_SCALE - 0.5;
      const i = Math.floor(u);
      const j = Math.floor(v);
      if (i < 0 || j < 0 || i >= width - 1 || j >= height - 1) continue;
      const at = j * width + i;
      const [fx, fy] = [u - i, v - j];
      const top = last.data[at] + fx * (last.data[at + 1] - last.data[at]);
      const foot = last.data[at + width] + fx * (last.data[at + width + 1] - last.data[at + width]);
      const here = data[y * width + x];
      const block = row + Math.min(columns - 1, Math.floor(px / blockPx));
      sums[block] += Math.max(0, Math.abs(here - (top + fy * (foot - top))) - NOISE);
      contrasts[block] +=
        Math.abs(data[y * width + x + 1] - here) + Math.abs(data[(y + 1) * width + x] - here);
    }
  }
  return sums.map((sum, i) => sum / contrasts[i]);
}
