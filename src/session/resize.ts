/**
 * Frames to another size. Each axis for itself: box average by exact area where it shrinks, bilinear where it
 * grows, so that a thin pole keeps its share of light however much the frame shrinks.
 *
 * Invariants: a constant frame stays that constant; an equal size returns the frame itself, not a copy; what comes back is
 * valid until the next call, which allocates nothing where the sizes are the same.
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

/** What one pair of sizes needs. */
interface Scaling {
  readonly columns: Taps;
  readonly rows: Taps;
  /** One output row at the source's width. */
  readonly line: Float32Array;
  readonly out: { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray };
}

/** For frames that come one after the other. */
export class Resizer {
  #key = '';
  #scaling: Scaling | null = null;

  /** @returns RGBA of `size`, row-major; the frame itself where it has that size. */
  resize(frame: PixelFrame, size: Size): PixelFrame {
    if (frame.width === size.width && frame.height === size.height) return frame;
    const { columns, rows, line, out } = this.#scalingFor(frame, size);
    for (let y = 0; y < size.height; y++) {
      averageRows(frame, rows, y, line);
      averageColumns(line, columns, out.data, y * size.width * CHANNELS);
    }
    return out;
  }

  #scalingFor(from: Size, to: Size): Scaling {
    const key = `${from.width}x${from.height} ${to.width}x${to.height}`;
    if (this.#scaling === null || key !== this.#key) {
      const { width, height } = to;
      this.#scaling = {
        columns: taps(from.width, width),
        rows: taps(from.height, height),
        line: new Float32Array(from.width * CHANNELS),
        out: { width, height, data: new Uint8ClampedArray(width * height * CHANNELS) },
      };
      this.#key = key;
    }
    return this.#scaling;
  }
}

/** One frame for itself; the caller owns what comes back. */
export function resizeArea(frame: PixelFrame, size: Size): PixelFrame {
  return new Resizer().resize(frame, size);
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
