/**
 * Faces with eyes in a grey picture: windows of four sides, each over the picture, its half, its quarter and so on, step by
 * step; then one face of the hits that lie together. A face fires in many windows, what only looks like one in few: so the
 * evidence of a face is the sum of its hits.
 *
 * Invariants: what comes back is plain data; a picture of the same size as the last allocates nothing but that. Pure but
 * for the buffers.
 */
import type { Box } from '../../result.ts';
import type { GreyPicture } from '../grey.ts';
import { type FaceCascade, faceScore, offsetsOf, UNIT, WINDOW_SIDES } from './face-cascade.ts';

/** A face, or what looks like one. */
export interface FaceHit {
  /** px of the picture; from above the brows to below the chin, about as wide as the head. */
  readonly box: Box;
  /** Sum of the hits' logits above `LEAST_LOGIT`. */
  readonly evidence: number;
}

/** Sum of the leaves above which a window is a hit, logits. */
export const LEAST_LOGIT = 0;
/** Windows of less deviation, grey levels, are plain: sky, road, wall. */
const LEAST_DEVIATION = 8;
/** Share of a window's side from one to the next. */
const STEP = 0.09;
const SAME_IOU = 0.3;
const MOST_HITS = 1024;

interface Octave {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
  /** [height + 1, width + 1]: px, and squares of px, above and to the left. */
  readonly sums: Float64Array;
  readonly squares: Float64Array;
  readonly windows: readonly { readonly side: number; readonly a: Int32Array; readonly b: Int32Array }[];
}

export class FaceScan {
  readonly #cascade: FaceCascade;
  #octaves: Octave[] = [];
  /** [MOST_HITS, 4]: x, y, side in px of the picture, logit. */
  readonly #hits = new Float32Array(4 * MOST_HITS);

  constructor(cascade: FaceCascade) {
    this.#cascade = cascade;
  }

  /** @returns falling evidence */
  find(picture: GreyPicture): FaceHit[] {
    const count = this.scan(picture, LEAST_LOGIT, (x, y, side, logit, index) => {
      if (index >= MOST_HITS) return false;
      this.#hits.set([x, y, side, logit], 4 * index);
      return true;
    });
    return grouped(this.#hits, count);
  }

  /**
   * Every window that reaches `leastLogit`, until `take` says false; px of the picture.
   * @returns how many were taken
   */
  scan(
    picture: GreyPicture,
    leastLogit: number,
    take: (x: number, y: number, side: number, logit: number, index: number) => boolean,
  ): number {
    this.#fill(picture);
    const cascade = this.#cascade;
    const least = leastLogit * UNIT;
    let count = 0;
    let scale = 1;
    for (const { width, height, data, sums, squares, windows } of this.#octaves) {
      for (const { side, a, b } of windows) {
        const step = Math.max(1, Math.round(side * STEP));
        const area = side * side;
        const below = side * (width + 1);
        for (let y = 0; y + side <= height; y += step) {
          for (let x = 0, corner = y * (width + 1); x + side <= width; x += step, corner += step) {
            const sum =
              sums[corner] - sums[corner + side] - sums[corner + below] + sums[corner + below + side];
            const square =
              squares[corner] -
              squares[corner + side] -
              squares[corner + below] +
              squares[corner + below + side];
            const variance = (square - (sum * sum) / area) / area;
            if (variance < LEAST_DEVIATION * LEAST_DEVIATION) continue;
            const score = faceScore(cascade, data, y * width + x, a, b, Math.sqrt(variance));
            if (score < least) continue;
            if (!take(x * scale, y * scale, side * scale, score / UNIT, count)) return count;
            count++;
          }
        }
      }
      scale *= 2;
    }
    return count;
  }

  #fill({ width, height, data }: GreyPicture): void {
    const [first] = this.#octaves;
    if (first?.width !== width || first.height !== height)
      this.#octaves = octaves(width, height, this.#cascade);
    this.#octaves.forEach((octave, i) => {
      if (i === 0) octave.data.set(data);
      else halve(this.#octaves[i - 1], octave);
      addUp(octave);
    });
  }
}

/** The picture's size, its half and so on, as long as a window fits in. */
function octaves(width: number, height: number, { a, b }: FaceCascade): Octave[] {
  if (Math.min(width, height) < WINDOW_SIDES[0]) return [];
  const corners = (width + 1) * (height + 1);
  const own: Octave = {
    ...{ width, height, data: new Float32Array(width * height) },
    ...{ sums: new Float64Array(corners), squares: new Float64Array(corners) },
    windows: WINDOW_SIDES.filter((side) => side <= Math.min(width, height)).map((side) => ({
      side,
      a: offsetsOf(a, side, width),
      b: offsetsOf(b, side, width),
    })),
  };
  return [own, ...octaves(width >> 1, height >> 1, { a, b } as FaceCascade)];
}

function halve(from: Octave, to: Octave): void {
  for (let y = 0, i = 0; y < to.height; y++) {
    for (let x = 0, at = 2 * y * from.width; x < to.width; x++, i++, at += 2) {
      const below = at + from.width;
      to.data[i] = 0.25 * (from.data[at] + from.data[at + 1] + from.data[below] + from.data[below + 1]);
    }
  }
}

function addUp({ width, height, data, sums, squares }: Octave): void {
  for (let y = 0, i = 0, at = width + 2; y < height; y++, at++) {
    let [sum, square] = [0, 0];
    for (let x = 0; x < width; x++, i++, at++) {
      sum += data[i];
      square += data[i] * data[i];
      sums[at] = sums[at - width - 1] + sum;
      squares[at] = squares[at - width - 1] + square;
    }
  }
}

/** Hits that lie together, about the strongest of them; its box is their mean, each by its logit. */
function grouped(hits: Float32Array, count: number): FaceHit[] {
  const order = Array.from({ length: count }, (_, i) => 4 * i).sort((i, j) => hits[j + 3] - hits[i + 3]);
  const faces: FaceHit[] = [];
  for (const [rank, best] of order.entries()) {
    if (best < 0) continue;
    let [x, y, side, evidence] = [0, 0, 0, 0];
    for (let k = rank; k < order.length; k++) {
      const other = order[k];
      if (other < 0 || iou(hits, best, other) < SAME_IOU) continue;
      const weight = hits[other + 3] - LEAST_LOGIT;
      x += weight * hits[other];
      y += weight * hits[other + 1];
      side += weight * hits[other + 2];
      evidence += weight;
      order[k] = -1;
    }
    if (evidence <= 0) continue;
    const width = side / evidence;
    faces.push({ box: { x: x / evidence, y: y / evidence, width, height: width }, evidence });
  }
  return faces.sort((a, b) => b.evidence - a.evidence);
}

function iou(hits: Float32Array, i: number, j: number): number {
  const [a, b] = [hits[i + 2], hits[j + 2]];
  const wide = Math.min(hits[i] + a, hits[j] + b) - Math.max(hits[i], hits[j]);
  const tall = Math.min(hits[i + 1] + a, hits[j + 1] + b) - Math.max(hits[i + 1], hits[j + 1]);
  const both = Math.max(0, wide) * Math.max(0, tall);
  return both / (a * a + b * b - both);
}
