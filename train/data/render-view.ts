/** A view's pixels as the network's frame tensor: resampled, then toned. */
import { FRAME_CHANNELS } from '../../src/network/spec.ts';
import type { TruePicture } from './instances.ts';
import type { Tone } from './tone.ts';
import { pictureY, sourceX, sourceY, type View } from './views.ts';

/** From this step on a view's pixel averages the picture's pixels that it covers; below, bilinear is enough. */
const AREA_STEP = 1.5;

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
  if (isUnscaled(view)) renderPixels(picture, view, out, offset);
  else if (Math.max(view.stepX, view.stepY) >= AREA_STEP) renderArea(picture, view, out, offset);
  else renderBilinear(picture, view, out, offset);
  for (let y = 0, to = offset + 3; y < view.height; y++) {
    const coordinate = pictureY(picture, view, y);
    for (let x = 0; x < view.width; x++, to += FRAME_CHANNELS) out[to] = coordinate;
  }
  tone(out, offset, view.width, view.height);
}

/** The picture's own pixels fall on the view's. */
function isUnscaled({ stepX, stepY, offsetX, offsetY }: View): boolean {
  return stepX === 1 && stepY === 1 && Number.isInteger(offsetX) && Number.isInteger(offsetY);
}

function renderPixels(
  { width, height, rgb }: TruePicture,
  view: View,
  out: Float32Array,
  offset: number,
): void {
  let to = offset;
  for (let y = 0; y < view.height; y++) {
    const row = y + view.offsetY;
    for (let x = 0; x < view.width; x++, to += FRAME_CHANNELS) {
      const column = (view.mirrored ? view.width - 1 - x : x) + view.offsetX;
      const inside = row >= 0 && row < height && column >= 0 && column < width;
      const from = (row * width + column) * 3;
      out[to] = inside ? rgb[from] : 0;
      out[to + 1] = inside ? rgb[from + 1] : 0;
      out[to + 2] = inside ? rgb[from + 2] : 0;
    }
  }
}

/** Left neighbour, right neighbour (as offsets into a line of `count`) and share of the right one; -1 outside. */
function neighbours(count: number, length: number, source: (i: number) => number, stride: number) {
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

function renderBilinear(
  { width, height, rgb }: TruePicture,
  view: View,
  out: Float32Array,
  offset: number,
): void {
  const columns = neighbours(width, view.width, (x) => sourceX(view, x), 3);
  const rows = neighbours(height, view.height, (y) => sourceY(view, y), width * 3);
  let to = offset;
  for (let y = 0; y < view.height; y++) {
    const top = rows.low[y];
    const bottom = rows.high[y];
    const fy = rows.share[y];
    for (let x = 0; x < view.width; x++, to += FRAME_CHANNELS) {
      const left = columns.low[x];
      if (top < 0 || left < 0) {
        out[to] = out[to + 1] = out[to + 2] = 0;
        continue;
      }
      const right = columns.high[x];
      const fx = columns.share[x];
      for (let c = 0; c < 3; c++) {
        const a = rgb[top + left + c];
        const b = rgb[bottom + left + c];
        const above = a + (rgb[top + right + c] - a) * fx;
        out[to + c] = above + (b + (rgb[bottom + right + c] - b) * fx - above) * fy;
      }
    }
  }
}

/** Picture pixels from first to last that a view's pixel covers along one side. */
function covered(count: number, length: number, source: (i: number) => number, step: number) {
  const first = Int32Array.from({ length }, (_, i) => Math.max(0, Math.ceil(source(i) - step / 2)));
  const last = Int32Array.from({ length }, (_, i) => Math.min(count - 1, Math.floor(source(i) + step / 2)));
  return { first, last };
}

/** The mean of the picture's pixels under each of the view's. */
function renderArea(
  { width, height, rgb }: TruePicture,
  view: View,
  out: Float32Array,
  offset: number,
): void {
  const columns = covered(width, view.width, (x) => sourceX(view, x), view.stepX);
  const rows = covered(height, view.height, (y) => sourceY(view, y), view.stepY);
  let to = offset;
  for (let v = 0; v < view.height; v++) {
    for (let u = 0; u < view.width; u++, to += FRAME_CHANNELS) {
      let [r, g, b, pixels] = [0, 0, 0, 0];
      for (let y = rows.first[v]; y <= rows.last[v]; y++) {
        for (let x = columns.first[u], p = (y * width + x) * 3; x <= columns.last[u]; x++, p += 3) {
          r += rgb[p];
          g += rgb[p + 1];
          b += rgb[p + 2];
          pixels++;
        }
      }
      const share = 1 / Math.max(1, pixels);
      out[to] = r * share;
      out[to + 1] = g * share;
      out[to + 2] = b * share;
    }
  }
}
