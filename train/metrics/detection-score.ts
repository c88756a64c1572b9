/** Scores of boxes over many frames: AP, F1, pole edge error, confusion. Frames are added one by one. */
import type { Detection } from '../../src/result.ts';
import { averagePrecision, bestF1, f1Score, median } from './average-precision.ts';
import { boxIou, widened } from './boxes.ts';
import { type Match, matchFrame } from './matching.ts';
import { CONFUSION_IOU, type FrameTruth, LEAST_SCORE, labelRules } from './rules.ts';

interface LabelTally {
  readonly matches: Match[];
  positives: number;
  /** Ground truths that some detection hit, and of these the ones called otherwise. */
  hit: number;
  miscalled: number;
}

export class DetectionScore {
  readonly #tallies = new Map<string, LabelTally>();
  readonly #threshold: (label: string) => number;

  /**
   * @param labelled labels that the set labels; the others are not scored
   * @param threshold the model's own least score, by label, for F1 and confusion
   */
  constructor(labelled: readonly string[], threshold: (label: string) => number) {
    this.#threshold = threshold;
    for (const label of labelled)
      this.#tallies.set(label, { matches: [], positives: 0, hit: 0, miscalled: 0 });
  }

  add(truth: FrameTruth, detections: readonly Detection[]): void {
    const counted = detections.filter(({ score }) => score >= LEAST_SCORE);
    const sure = detections.filter(({ label, score }) => score >= this.#threshold(label));
    for (const [label, tally] of this.#tallies) {
      const { matches, positives } = matchFrame(truth, counted, label);
      tally.matches.push(...matches);
      tally.positives += positives;
      this.#confuse(truth, sure, label, tally);
    }
  }

  #confuse(truth: FrameTruth, sure: readonly Detection[], label: string, tally: LabelTally): void {
    const rules = labelRules(label);
    for (const annotation of truth.annotations) {
      if (annotation.label !== label || annotation.ignore) continue;
      const box = widened(rules.box(annotation), rules.minWidthPx);
      let best: Detection | undefined;
      for (const detection of sure) {
        if (best && detection.score <= best.score) continue;
        if (boxIou(box, widened(detection.box, rules.minWidthPx)) >= CONFUSION_IOU) best = detection;
      }
      if (!best) continue;
      tally.hit++;
      if (best.label !== label) tally.miscalled++;
    }
  }

  /** Null for a label that is not scored or has no ground truth. */
  averagePrecision(label: string): number | null {
    const tally = this.#tallies.get(label);
    return tally ? averagePrecision(tally.matches, tally.positives) : null;
  }

  /** At the model's threshold. */
  f1(label: string): number | null {
    const tally = this.#tallies.get(label);
    return tally ? f1Score(tally.matches, tally.positives, this.#threshold(label)) : null;
  }

  bestF1(label: string): { threshold: number; f1: number } | null {
    const tally = this.#tallies.get(label);
    return tally ? bestF1(tally.matches, tally.positives) : null;
  }

  positives(label: string): number {
    return this.#tallies.get(label)?.positives ?? 0;
  }

  /** Of the ground truths that some detection hits, the share called another label; null where none is hit. */
  miscalled(label: string): number | null {
    const tally = this.#tallies.get(label);
    return tally && tally.hit > 0 ? tally.miscalled / tally.hit : null;
  }

  /** Median |x| error in px of the left and right edges of matched boxes. */
  edgeErrorPx(label: string): number | null {
    const errors = (this.#tallies.get(label)?.matches ?? []).flatMap(({ box, truth }) =>
      truth ? [Math.abs(box.x - truth.x), Math.abs(box.x + box.width - truth.x - truth.width)] : [],
    );
    return median(errors);
  }
}
