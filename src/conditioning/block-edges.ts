/**
 * How far levels jump at the edges of the 8x8 px blocks that JPEG codes a frame in, told from one frame: the mean step
 * across an edge less the mean of the two steps beside it (Wang, Sheikh and Bovik, "No-reference perceptual quality
 * assessment of JPEG compressed images", 2002, compare such means). The grid may lie anywhere, but has one place: what other
 * places reach too is edges of things, or another grid. Pure.
 */
import type { PixelFrame } from '../backends/backend.ts';

/** Side of a coder's blocks, px. */
const SIDE = 8;
/** Lines of the frame that are looked at, every such one: all places within a block come round. */
const LINE_STEP = 25;
/** Levels: what jumps further is an edge of a thing, and counts as this. */
const MOST_STEP = 8;
/** Green, as for noise. */
const CHANNEL = 1;

/** Levels of 255, of the two directions the lesser; about 0 without a grid. */
export function blockEdges({ width, height, data }: PixelFrame): number {
  const across = jump(data, { along: 4, across: 4 * width, length: width, lines: height });
  const down = jump(data, { along: 4 * width, across: 4, length: height, lines: width });
  return Math.min(across, down);
}

interface Lines {
  /** Bytes from a pixel to the next of its line, and to that of the next line. */
  readonly along: number;
  readonly across: number;
  readonly length: number;
  readonly lines: number;
}

/** By the best of the eight places of a grid, over the second best. */
function jump(data: PixelFrame['data'], { along, across, length, lines }: Lines): number {
  const sums = new Float64Array(SIDE);
  const counts = new Float64Array(SIDE);
  for (let line = 0; line < lines; line += LINE_STEP) {
    const start = line * across + CHANNEL;
    let before = 0;
    let here = 0;
    // Steps from px i - 2 to i - 1, to i, and to i + 1.
    for (let i = 0; i < length - 1; i++) {
      const at = start + i * along;
      const after = Math.abs(data[at + along] - data[at]);
      if (i > 1) {
        const excess = here - (before + after) / 2;
        sums[i % SIDE] += Math.max(-MOST_STEP, Math.min(MOST_STEP, excess));
        counts[i % SIDE]++;
      }
      before = here;
      here = after;
    }
  }
  const [second, first] = sums
    .map((sum, place) => sum / Math.max(1, counts[place]))
    .sort()
    .subarray(-2);
  return first - Math.max(0, second);
}
