/**
 * Detections of one label against the ground truth of one frame, as COCO's evaluation matches them (pycocotools,
 * cocoeval.py, one IoU threshold): best score first, each takes the free valid box with the highest IoU.
 * What is left over and lies half in an ignored box, or half on mask value 3, counts neither way.
 */
import { boxIou, shareInside } from '../../src/boxes.ts';
import type { Box, Detection } from '../../src/result.ts';
import { MASK_IGNORE } from '../data/dataset.ts';
import { pixelRange, widened } from './boxes.ts';
import { type FrameTruth, IGNORE_SHARE, labelRules } from './rules.ts';

export interface Match {
  readonly score: number;
  readonly verdict: 'hit' | 'false alarm' | 'ignored';
  readonly box: Box;
  /** The ground truth that was hit: the very object of the annotation. */
  readonly truth?: Box;
}

export interface FrameMatches {
  /** Falling score, ties in the order given. */
  readonly matches: Match[];
  /** Ground-truth boxes that count. */
  readonly positives: number;
}

/** cocoeval.py compares with min(threshold, 1 - 1e-10). */
const IOU_EPSILON = 1e-10;

/** @param iou least IoU of a match; default: the label's own */
export function matchFrame(
  truth: FrameTruth,
  detections: readonly Detection[],
  label: string,
  iou: number = labelRules(label).matchIou,
): FrameMatches {
  const rules = labelRules(label);
  const own = truth.annotations.filter((annotation) => annotation.label === label);
  const valid = own.filter(({ ignore }) => !ignore).map(rules.box);
  const validWide = valid.map((box) => widened(box, rules.minWidthPx));
  const ignoredWide = own.filter(({ ignore }) => ignore).map((a) => widened(rules.box(a), rules.minWidthPx));
  const taken = new Uint8Array(valid.length);
  const matches = detections
    .filter((detection) => detection.label === label)
    .sort((a, b) => b.score - a.score)
    .map(({ score, box }): Match => {
      const wide = widened(box, rules.minWidthPx);
      let best = -1;
      let bestIou = iou - IOU_EPSILON;
      validWide.forEach((candidate, i) => {
        const overlap = taken[i] ? 0 : boxIou(candidate, wide);
        if (overlap > bestIou) [best, bestIou] = [i, overlap];
      });
      if (best >= 0) {
        taken[best] = 1;
        return { score, verdict: 'hit', box, truth: valid[best] };
      }
      const ignored =
        ignoredWide.some((outer) => shareInside(wide, outer) >= IGNORE_SHARE) ||
        maskShare(truth, box, MASK_IGNORE) >= IGNORE_SHARE ||
        (truth.partial && !validWide.some((outer) => shareInside(wide, outer) >= IGNORE_SHARE));
      return { score, verdict: ignored ? 'ignored' : 'false alarm', box };
    });
  return { matches, positives: valid.length };
}

/** Share of the box's pixels with this mask value; 0 without a mask. */
function maskShare(truth: FrameTruth, box: Box, value: number): number {
  if (!truth.mask) return 0;
  const { width, height, data } = truth.mask;
  const { x0, y0, x1, y1 } = pixelRange(box, width, height);
  let count = 0;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) if (data[y * width + x] === value) count++;
  }
  return count / ((x1 - x0) * (y1 - y0));
}
