/** Changes a frame where the means of all 2x2 px stay what they are: the columns of each are swapped. */
import type { PixelFrame } from '../../src/backends/backend.ts';
import type { AttentionMap } from '../../src/result.ts';

/**
 * @param where `attended` blocks, or those that are skipped but for `haloPx` around attended ones
 * @returns the frame and how many of its pixels are others
 */
export function swappedPairs(
  frame: PixelFrame,
  { columns, rows, blockWidth: side, gates }: AttentionMap,
  where: { readonly attended: boolean; readonly haloPx: number },
): { frame: PixelFrame; changed: number } {
  const { width, height } = frame;
  const data = Uint8ClampedArray.from(frame.data);
  const attendedAt = (x: number, y: number) => {
    const column = Math.floor(x / side);
    const row = Math.floor(y / side);
    return column >= 0 && row >= 0 && column < columns && row < rows && gates[row * columns + column] > 0;
  };
  const nearAttended = (x: number, y: number) => {
    const far = where.haloPx;
    return [-far, 0, 1 + far].some((dx) => [-far, 0, 1 + far].some((dy) => attendedAt(x + dx, y + dy)));
  };
  let changed = 0;
  for (let y = 0; y + 1 < height; y += 2) {
    for (let x = 0; x + 1 < width; x += 2) {
      if (where.attended ? !attendedAt(x, y) : nearAttended(x, y)) continue;
      for (const row of [y, y + 1]) {
        const at = 4 * (row * width + x);
        data.set(frame.data.slice(at + 4, at + 8), at);
        data.set(frame.data.slice(at, at + 4), at + 4);
        for (let i = 0; i < 4; i++) if (frame.data[at + i] !== frame.data[at + 4 + i]) changed++;
      }
    }
  }
  return { frame: { width, height, data }, changed };
}
