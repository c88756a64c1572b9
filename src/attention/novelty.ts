/**
 * What is new in a picture: blocks that look like nothing the last one showed near where the camera's motion has them
 * from. A thing that goes its own way, or lies nearer than the rest (parallax), is found again by the search and is not
 * new; what steps out from behind something is. Differences count less among strong contrast, where a shift of half a px
 * makes some. Pure; about 1 ms at 120 x 90 px.
 */
import { type Affine, inverse } from './affine.ts';
import { GREY_SCALE, type GreyPicture } from './grey.ts';
import { difference } from './patch.ts';

/** Search about the expected place, grey px. */
const REACH = 3;
/** Mean |difference| that is 1 on flat ground, grey levels. */
const UNIT = 5;
/** Contrast by which a difference counts half. */
const CONTRAST = 10;

/** [rows, columns]: 0 known; about 1 and more where something came into view. What the camera's turn brought in is 0. */
export function novelty(
  last: GreyPicture,
  now: GreyPicture,
  camera: Affine,
  { columns, rows }: { readonly columns: number; readonly rows: number },
  blockPx: number,
): Float32Array {
  const back = inverse(camera);
  const side = Math.max(1, Math.round(blockPx / GREY_SCALE));
  const map = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const patch = patchAt(now, column * side, row * side, side);
      if (!patch) continue;
      const [px, py] = [(patch.x + patch.width / 2) * GREY_SCALE, (patch.y + patch.height / 2) * GREY_SCALE];
      const u = patch.x + Math.round((back.xx * px + back.xy * py + back.x - px) / GREY_SCALE);
      const v = patch.y + Math.round((back.yx * px + back.yy * py + back.y - py) / GREY_SCALE);
      let least = Infinity;
      for (let j = v - REACH; j <= v + REACH; j++) {
        for (let i = u - REACH; i <= u + REACH; i++) {
          const sum = difference(now, patch, last, i, j, least);
          if (sum < least) least = sum;
        }
      }
      if (least === Infinity) continue;
      const pixels = patch.width * patch.height;
      map[row * columns + column] = least / pixels / (UNIT * (1 + contrast(now, patch) / pixels / CONTRAST));
    }
  }
  return map;
}

interface Patch {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Cut off at the picture; null where nothing is left. */
function patchAt(picture: GreyPicture, x: number, y: number, side: number): Patch | null {
  const width = Math.min(side, picture.width - x);
  const height = Math.min(side, picture.height - y);
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/** Sum of |differences| to the right and down. */
function contrast({ width, height, data }: GreyPicture, patch: Patch): number {
  let sum = 0;
  for (let y = patch.y; y < patch.y + patch.height; y++) {
    for (let x = patch.x; x < patch.x + patch.width; x++) {
      const at = y * width + x;
      if (x + 1 < width) sum += Math.abs(data[at + 1] - data[at]);
      if (y + 1 < height) sum += Math.abs(data[at + width] - data[at]);
    }
  }
  return sum;
}
