/**
 * Frames to another size. Each axis for itself: box average by exact area where it shrinks, bilinear where it
 * grows, so that a thin pole keeps its share of light however much the frame shrinks.
 *
 * Invariant: a constant frame stays that constant; an equal size returns the frame itself, not a copy.
 */
import type { PixelFrame } from '../backends/backend.ts';
import type { Size } from '../network/geometry.ts';

const CHANNELS = 4;

/** Source places and weights of every output place of one axis; weights of a place sum to 1. */
interface Taps {
  /** First source place of output o. */
  readonly first: Int32Array;
  /** Number of source places of output o. */
  readonly count: Int32Array;
  /** [outputs, most] */
  readonly weights: Float32Array;
  readonly most: number;
}

/** @returns RGBA of `size`, row-major; the frame itself where it has that size. */
export function resizeArea(frame: PixelFrame, size: Size): PixelFrame {
  if (frame.width === size.width && frame.height === size.height) return frame;
  const columns = taps(frame.width, size.width);
  const rows = taps(frame.height, size.height);
  const data = new Uint8ClampedArray(size.width * size.height * CHANNELS);
  const rowLength = frame.width * CHANNELS;
  const line = new Float32Array(rowLength); // one output row at the source's width
  for (let y = 0; y < size.height; y++) {
    averageRows(frame, rows, y, line);
    averageColumns(line, columns, data, y * size.width * CHANNELS);
  }
  return { width: size.width, height: size.height, data };
}

function averageRows(frame: PixelFrame, rows: Taps, y: number, line: Float32Array): void {
  line.fill(0);
  for (let tap = 0; tap < rows.count[y]; tap++) {
    const weight = rows.weights[y * rows.most + tap];
    const from = (rows.first[y] + tap) * line.length;
    for (let i = 0; i < line.length; i++) line[i] += weight * frame.data[from + i];
  }
}

function averageColumns(line: Float32Array, columns: Taps, out: Uint8ClampedArray, offset: number): void {
  for (let x = 0; x < columns.first.length; x++) {
    let r = 0;
    let g = 0;
    let b = 0;
    let a = 0;
    for (let tap = 0; tap < columns.count[x]; tap++) {
      const weight = columns.weights[x * columns.most + tap];
      const from = (columns.first[x] + tap) * CHANNELS;
      r += weight * line[from];
      g += weight * line[from + 1];
      b += weight * line[from + 2];
      a += weight * line[from + 3];
    }
    out[offset++] = r;
    out[offset++] = g;
    out[offset++] = b;
    out[offset++] = a;
  }
}

function taps(from: number, to: number): Taps {
  const step = from / to;
  const most = step > 1 ? Math.ceil(step) + 1 : 2;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Float32Array(to * most);
  for (let o = 0; o < to; o++) {
    if (step > 1) {
      const start = o * step;
      const end = Math.min(from, start + step);
      first[o] = Math.floor(start);
      count[o] = Math.ceil(end - 1e-9) - first[o];
      for (let k = 0; k < count[o]; k++) {
        const place = first[o] + k;
        weights[o * most + k] = (Math.min(end, place + 1) - Math.max(start, place)) / (end - start);
      }
    } else {
      const centre = Math.min(from - 1, Math.max(0, (o + 0.5) * step - 0.5));
      first[o] = Math.min(Math.floor(centre), Math.max(0, from - 2));
      count[o] = Math.min(2, from);
      weights[o * most + 1] = centre - first[o];
      weights[o * most] = 1 - weights[o * most + 1];
    }
  }
  return { first, count, weights, most };
}
