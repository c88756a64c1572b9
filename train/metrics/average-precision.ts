/**
 * Average precision as COCO computes it (pycocotools, cocoeval.py): precision made falling from the right, read at
 * 101 recalls 0, 0.01 .. 1, zero where a recall is not reached, and averaged. Also F1 from the same matches.
 */
import type { Match } from './matching.ts';

export const RECALL_STEPS = 100;

/** What AP reads of a match. */
export type Scored = Pick<Match, 'score' | 'verdict'>;

export interface CurvePoint {
  readonly score: number;
  readonly hits: number;
  readonly falseAlarms: number;
}

/** One point a counted detection, falling score; ties keep the order given, as pycocotools' mergesort does. */
function precisionRecallCurve(matches: readonly Scored[]): CurvePoint[] {
  let hits = 0;
  let falseAlarms = 0;
  return matches
    .filter(({ verdict }) => verdict !== 'ignored')
    .sort((a, b) => b.score - a.score)
    .map(({ score, verdict }) => {
      if (verdict === 'hit') hits++;
      else falseAlarms++;
      return { score, hits, falseAlarms };
    });
}

/** Null when there is nothing to find. @param positives ground-truth boxes that count, over all frames */
export function averagePrecision(matches: readonly Scored[], positives: number): number | null {
  if (positives === 0) return null;
  const curve = precisionRecallCurve(matches);
  const precision = curve.map(({ hits, falseAlarms }) => hits / (hits + falseAlarms));
  for (let i = precision.length - 2; i >= 0; i--) precision[i] = Math.max(precision[i], precision[i + 1]);
  let sum = 0;
  let at = 0;
  for (let step = 0; step <= RECALL_STEPS; step++) {
    while (at < curve.length && curve[at].hits * RECALL_STEPS < step * positives) at++;
    if (at === curve.length) break;
    sum += precision[at];
  }
  return sum / (RECALL_STEPS + 1);
}

/** F1 of the detections with at least this score. Null when there is nothing to find and nothing was found. */
export function f1Score(matches: readonly Scored[], positives: number, threshold: number): number | null {
  let hits = 0;
  let falseAlarms = 0;
  for (const { score, verdict } of matches) {
    if (score < threshold) continue;
    if (verdict === 'hit') hits++;
    else if (verdict === 'false alarm') falseAlarms++;
  }
  return hits + falseAlarms + positives === 0 ? null : (2 * hits) / (hits + falseAlarms + positives);
}

/** The score from which on F1 is best, and that F1: how a model's threshold is chosen, on held-out data. */
export function bestF1(
  matches: readonly Scored[],
  positives: number,
): { threshold: number; f1: number } | null {
  if (positives === 0) return null;
  const curve = precisionRecallCurve(matches);
  let best = { threshold: 1, f1: 0 };
  curve.forEach(({ score, hits, falseAlarms }, i) => {
    // A threshold cannot part detections of one score.
    if (i + 1 < curve.length && curve[i + 1].score === score) return;
    const f1 = (2 * hits) / (hits + falseAlarms + positives);
    if (f1 > best.f1) best = { threshold: score, f1 };
  });
  return best;
}

/** The middle value, the mean of the two middle ones for an even count; null for none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
