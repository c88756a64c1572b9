/** A view's pixels as the network's frame tensor: resampled, then toned. */
import type { TruePicture } from './instances.ts';
import type { Tone } from './tone.ts';
import { type Covered, type Neighbours, ViewImage } from './view-image.ts';
import { pictureY, sourceX, sourceY, type View } from './views.ts';

/** From this step on a view's pixel averages the picture's pixels that it covers; below, bilinear is enough. */
const AREA_STEP = 1.5;

let image: ViewImage | undefined;

/**
 * The view's frame tensor [height, width, 4] (R G B in [-1, 1], y), written into `out` at `offset`; what lies
 * outside the picture is black before `tone`, which changes each colour (0..255) on the way.
 */
export function renderView(
  picture: TruePicture,
  view: View,
  tone: Tone,
  out: Float32Array,
  offset: number,
): void {
  image ??= new ViewImage();
  const { width, height, rgb } = picture;
  const ys = Float32Array.from({ length: view.height }, (_, y) => pictureY(picture, view, y));
  const columnOf = (x: number) => sourceX(view, x);
  const rowOf = (y: number) => sourceY(view, y);
  if (Math.max(view.stepX, view.stepY) >= AREA_STEP) {
    const columns = covered(width, view.width, columnOf, view.stepX);
    const rows = covered(height, view.height, rowOf, view.stepY);
    image.area(rgb, width, columns, rows, ys);
  } else {
    const columns = neighbours(width, view.width, columnOf, 3);
    const rows = neighbours(height, view.height, rowOf, width * 3);
    image.bilinear(rgb, columns, rows, ys);
  }
  tone(image);
  image.copyTo(out, offset);
}

/** Neighbours of the view's pixels in a line of `count`, as offsets: what lies outside is -1. */
function neighbours(
  count: number,
  length: number,
  source: (i: number) => number,
  stride: number,
): Neighbours {
  const low = new Int32Array(length);
  const high = new Int32Array(length);
  const share = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const s = source(i);
    const floor = Math.floor(s);
    low[i] = floor < -1 || floor >= count ? -1 : Math.max(floor, 0) * stride;
    high[i] = Math.min(floor + 1, count - 1) * stride;
    share[i] = s - floor;
  }
  return { low, high, share };
}

/** Picture pixels from first to last that a view's pixel covers along one side. */
function covered(count: number, length: number, source: (i: number) => number, step: number): Covered {
  const first = Int32Array.from({ length }, (_, i) => Math.max(0, Math.ceil(source(i) - step / 2)));
  const last = Int32Array.from({ length }, (_, i) => Math.min(count - 1, Math.floor(source(i) + step / 2)));
  return { first, last };
}
