/**
 * When two boxes are one thing: IoU, the share inside, and for tall thin things the shared axis.
 * Boxes are x0, y0, x1, y1 at offset `a` of an array. Pure.
 */
import type { LabelSettings } from './settings.ts';

type Boxes = Float32Array | Float64Array;

export interface Overlap {
  iou: number;
  /** Share of box b's area that lies inside box a. */
  inside: number;
}

const scratch: Overlap = { iou: 0, inside: 0 };

/** Overlap of box b with box a, both widened about their centre line to `minWidth`. The object is reused. */
function overlap(A: Boxes, a: number, B: Boxes, b: number, minWidth: number): Overlap {
  const growA = Math.max(0, minWidth - (A[a + 2] - A[a])) / 2;
  const growB = Math.max(0, minWidth - (B[b + 2] - B[b])) / 2;
  const width = Math.min(A[a + 2] + growA, B[b + 2] + growB) - Math.max(A[a] - growA, B[b] - growB);
  const height = Math.min(A[a + 3], B[b + 3]) - Math.max(A[a + 1], B[b + 1]);
  if (!(width > 0 && height > 0)) {
    scratch.iou = scratch.inside = 0;
    return scratch;
  }
  const areaA = (A[a + 2] - A[a] + 2 * growA) * (A[a + 3] - A[a + 1]);
  const areaB = (B[b + 2] - B[b] + 2 * growB) * (B[b + 3] - B[b + 1]);
  const common = width * height;
  scratch.iou = common / (areaA + areaB - common);
  scratch.inside = common / areaB;
  return scratch;
}

/** 0: another thing; 1: the same thing as the better box a; 2: the same, and near enough to vote on its box. */
export type Sameness = 0 | 1 | 2;

export function sameness(A: Boxes, a: number, B: Boxes, b: number, settings: LabelSettings): Sameness {
  const { shaft } = settings;
  // Most pairs are far apart: no overlap even when widened, no shared axis.
  const reach = Math.max(settings.minWidthPx, shaft?.axisPx ?? 0);
  if (A[a] - B[b + 2] > reach || B[b] - A[a + 2] > reach) return 0;
  if (shaft) {
    const apart = Math.abs(A[a] + A[a + 2] - B[b] - B[b + 2]) / 2;
    const widest = Math.max(A[a + 2] - A[a], B[b + 2] - B[b]);
    if (apart <= shaft.axisPx + shaft.axisWidthShare * widest) {
      const gap = Math.max(A[a + 1], B[b + 1]) - Math.min(A[a + 3], B[b + 3]);
      if (gap <= shaft.gapPx) return 2;
    }
  }
  const { iou, inside } = overlap(A, a, B, b, settings.minWidthPx);
  if (iou >= settings.voteIou) return 2;
  return iou >= settings.suppressIou || inside >= settings.suppressInside ? 1 : 0;
}
