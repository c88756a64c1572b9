/** Boxes of one frame and one label, counted: what AP, F1, confusion and edge errors are pooled from. Plain data. */
import { boxIou } from '../../src/boxes.ts';
import type { Detection } from '../../src/result.ts';
import { widened } from './boxes.ts';
import { type Match, matchFrame } from './matching.ts';
import { CONFUSION_IOU, type FrameTruth, LEAST_SCORE, labelRules } from './rules.ts';

export interface BoxCounts {
  /** At the label's IoU, from LEAST_SCORE on, falling score. */
  readonly matches: readonly Match[];
  /** Ground-truth boxes that count. */
  readonly positives: number;
  /** Matches at the model's own threshold. */
  readonly sureHits: number;
  readonly sureFalseAlarms: number;
  /** Ground truths that some sure detection of either label hit, and of these the ones called otherwise. */
  readonly hit: number;
  readonly miscalled: number;
}

/** @param threshold the model's own least score, by label, for F1 and confusion */
export function countBoxes(
  truth: FrameTruth,
  detections: readonly Detection[],
  label: string,
  threshold: (label: string) => number,
): BoxCounts {
  const counted = detections.filter(({ score }) => score >= LEAST_SCORE);
  const { matches, positives } = matchFrame(truth, counted, label);
  const sure = matches.filter(({ score }) => score >= threshold(label));
  return {
    matches,
    positives,
    sureHits: sure.filter(({ verdict }) => verdict === 'hit').length,
    sureFalseAlarms: sure.filter(({ verdict }) => verdict === 'false alarm').length,
    ...countConfusion(
      truth,
      detections.filter((detection) => detection.score >= threshold(detection.label)),
      label,
    ),
  };
}

function countConfusion(truth: FrameTruth, sure: readonly Detection[], label: string) {
  const rules = labelRules(label);
  let hit = 0;
  let miscalled = 0;
  for (const annotation of truth.annotations) {
    if (annotation.label !== label || annotation.ignore) continue;
    const box = widened(rules.box(annotation), rules.minWidthPx);
    let best: Detection | undefined;
    for (const detection of sure) {
      if (best && detection.score <= best.score) continue;
      if (boxIou(box, widened(detection.box, rules.minWidthPx)) >= CONFUSION_IOU) best = detection;
    }
    if (!best) continue;
    hit++;
    if (best.label !== label) miscalled++;
  }
  return { hit, miscalled };
}
