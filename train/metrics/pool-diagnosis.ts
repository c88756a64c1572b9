/** The diagnoses of many frames as one table of figures a label: `saccadenet evaluate --diagnose`. */
import { averagePrecision, median } from './average-precision.ts';
import {
  ALARM_CAUSES,
  DIAGNOSIS_IOUS,
  type LabelDiagnosis,
  MENDINGS,
  MISS_CAUSES,
  type Outcome,
} from './diagnose-frame.ts';

/** Heights in px that part small, middle and large things. */
const SIZE_LIMITS_PX: Readonly<Record<string, readonly [number, number]>> = {
  person: [24, 48],
  pole: [40, 100],
};

export interface PooledDiagnosis {
  /** AP and recall at score 0.01 by IoU. */
  readonly at: Record<string, { ap: number | null; recall: number | null }>;
  /** AP if that kind of error were gone, minus AP. */
  readonly gains: Record<string, number | null>;
  /** Counts at the model's threshold. */
  readonly misses: Record<string, number>;
  readonly falseAlarms: Record<string, number>;
  /** False alarms on the background by the class of scene under most of them. */
  readonly scenes: Record<string, number>;
  /** Ground truths and hits by height in px. */
  readonly sizes: Record<string, { truths: number; hits: number }>;
  /** Median of the error, and of its size, of the best box near a thing, as a share of its width or height. */
  readonly edges: Record<string, { median: number | null; medianSize: number | null }>;
}

/** @param ap the label's AP, for the gains */
export function poolDiagnosis(
  frames: readonly LabelDiagnosis[],
  label: string,
  ap: number | null,
): PooledDiagnosis {
  const misses = frames.flatMap((frame) => frame.misses);
  const falseAlarms = frames.flatMap((frame) => frame.falseAlarms);
  const background = falseAlarms.filter(({ cause }) => cause === 'background');
  const truths = frames.flatMap((frame) => frame.truths);
  const [small, large] = SIZE_LIMITS_PX[label] ?? SIZE_LIMITS_PX.person;
  const within = (low: number, high: number) => {
    const own = truths.filter(({ heightPx }) => heightPx >= low && heightPx < high);
    return { truths: own.length, hits: own.filter(({ hit }) => hit).length };
  };
  const edges = frames.flatMap((frame) => frame.edges);
  return {
    at: Object.fromEntries(
      DIAGNOSIS_IOUS.map((iou) => {
        const outcomes = frames.map((frame) => frame.at[iou]);
        return [iou, { ap: pooledAp(outcomes), recall: pooledRecall(outcomes) }];
      }),
    ),
    gains: Object.fromEntries(
      MENDINGS.map((mending) => {
        const mended = pooledAp(frames.map((frame) => frame.mended[mending]));
        return [mending, mended === null || ap === null ? null : mended - ap];
      }),
    ),
    misses: tally(
      MISS_CAUSES,
      misses.map(({ cause }) => cause),
    ),
    falseAlarms: tally(
      ALARM_CAUSES,
      falseAlarms.map(({ cause }) => cause),
    ),
    scenes: fallingTally(background.flatMap(({ scene }) => (scene ? [scene] : []))),
    sizes: {
      [`under ${small}`]: within(0, small),
      [`${small} to ${large}`]: within(small, large),
      [`from ${large}`]: within(large, Infinity),
    },
    edges: Object.fromEntries(
      (['left', 'top', 'right', 'bottom'] as const).map((edge) => {
        const errors = edges.map((error) => error[edge]);
        return [edge, { median: median(errors), medianSize: median(errors.map(Math.abs)) }];
      }),
    ),
  };
}

function pooledAp(outcomes: readonly Outcome[]): number | null {
  return averagePrecision(
    outcomes.flatMap(({ matches }) => matches),
    outcomes.reduce((sum, { positives }) => sum + positives, 0),
  );
}

function pooledRecall(outcomes: readonly Outcome[]): number | null {
  const positives = outcomes.reduce((sum, outcome) => sum + outcome.positives, 0);
  const hits = outcomes.flatMap(({ matches }) => matches).filter(({ verdict }) => verdict === 'hit').length;
  return positives > 0 ? hits / positives : null;
}

function tally(names: readonly string[], items: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, items.filter((item) => item === name).length]));
}

function fallingTally(items: readonly string[]): Record<string, number> {
  const counts = Object.entries(tally([...new Set(items)], items));
  return Object.fromEntries(counts.sort((a, b) => b[1] - a[1]));
}
