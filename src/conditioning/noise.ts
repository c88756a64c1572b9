/**
 * How noisy a frame is, told from one frame: Immerkaer ("Fast noise variance estimation", 1996) takes the mean magnitude
 * of a mask that is blind to edges and ramps; here of every block of the frame, of which the lower quartile counts, so
 * that leaves and gravel are not taken for noise. Pure.
 */
import type { PixelFrame } from '../backends/backend.ts';

/** Side of the blocks, px; a frame that holds none has no noise. */
const BLOCK_PX = 16;
/** Rows of a block that are looked at, every such one; and every other block, as on a chessboard: 9,000 px of 480x360. */
const ROW_STEP = 4;
const QUARTILE = 0.25;
/** Of the mask 1 -2 1, -2 4 -2, 1 -2 1: its norm is 6, and the mean magnitude of a normal variable sqrt(2 / pi) sigma. */
const SIGMA_PER_MAGNITUDE = Math.sqrt(Math.PI / 2) / 6;
/** Green: a camera has most of its places for it. */
const CHANNEL = 1;

/** Standard deviation of the noise, in levels of 255. */
export function noiseLevel({ width, height, data }: PixelFrame): number {
  const columns = Math.floor(width / BLOCK_PX);
  const rows = Math.floor(height / BLOCK_PX);
  if (columns * rows === 0) return 0;
  const magnitudes = new Float64Array(Math.ceil((columns * rows) / 2));
  let blocks = 0;
  for (let block = 0; block < columns * rows; block++) {
    const column = block % columns;
    const row = Math.floor(block / columns);
    if ((column + row) % 2 === 1) continue;
    const left = column * BLOCK_PX;
    const top = row * BLOCK_PX;
    let sum = 0;
    let count = 0;
    for (let y = top + 1; y < top + BLOCK_PX - 1; y += ROW_STEP) {
      for (let x = left + 1; x < left + BLOCK_PX - 1; x++) {
        const at = 4 * (y * width + x) + CHANNEL;
        const above = at - 4 * width;
        const below = at + 4 * width;
        const corners = data[above - 4] + data[above + 4] + data[below - 4] + data[below + 4];
        const sides = data[above] + data[below] + data[at - 4] + data[at + 4];
        sum += Math.abs(corners - 2 * sides + 4 * data[at]);
        count++;
      }
    }
    magnitudes[blocks++] = sum / count;
  }
  return SIGMA_PER_MAGNITUDE * magnitudes.subarray(0, blocks).sort()[Math.floor(QUARTILE * blocks)];
}
