/** Runs an evaluation: records of every part, then all figures from them. Nothing is printed here. */
import type { Model } from '../../src/network/spec.ts';
import { openDataset } from '../../train/data/dataset.ts';
import { compareFlicker, type FlickerComparison } from '../../train/metrics/equal-recall.ts';
import type { Flicker } from '../../train/metrics/flicker.ts';
import type { FrameRecord } from '../../train/metrics/frame-record.ts';
import { type CorruptionScores, mpcDifference, poolCorruption } from '../../train/metrics/pool-corruption.ts';
import { type PooledDiagnosis, poolDiagnosis } from '../../train/metrics/pool-diagnosis.ts';
import { type ModelScores, poolScores } from '../../train/metrics/pool-scores.ts';
import {
  compareRecords,
  type Difference,
  type ScoreIntervals,
  scoreIntervals,
} from '../../train/metrics/score-intervals.ts';
import { scoreThreshold } from '../../train/metrics/score-model.ts';
import { loadModelFile } from '../open-session.ts';
import { type Job, runJobShared } from './job.ts';
import type { Contender, EvaluateOptions } from './options.ts';

export interface FoldScores extends ModelScores {
  readonly model: string;
  readonly sequences: readonly string[];
}

export interface Comparison extends ModelScores {
  /** Own figure minus this one's. */
  readonly difference: {
    readonly personAP50: Difference;
    readonly poleAP30: Difference;
    /** Where corruptions were run. */
    readonly mPC?: { readonly person: Difference; readonly pole: Difference };
  };
  readonly corruption?: CorruptionScores;
}

export interface Evaluation extends ModelScores {
  readonly intervals: ScoreIntervals;
  readonly folds?: readonly FoldScores[];
  readonly against?: Comparison;
  readonly diagnosis?: Readonly<Record<string, PooledDiagnosis>>;
  readonly corruption?: CorruptionScores;
  /** Of a clip: tracks at the recall of single frames, these, and the tracks' threshold over the model's own. */
  readonly flicker?: Readonly<Record<string, Flicker>>;
  readonly flickerSingle?: Readonly<Record<string, Flicker>>;
  /** Of the tracks as the next frame shows them, at the same recall. */
  readonly flickerHindsight?: Readonly<Record<string, Flicker>>;
  /** How steady boxes could be at best: known-motion.ts. */
  readonly flickerKnownMotion?: Readonly<Record<string, FlickerComparison['knownMotion']>>;
  readonly flickerThreshold?: Readonly<Record<string, number>>;
}

/** Runs all parts of both sides. @param onProgress frames done of all frames */
export async function runEvaluation(
  options: EvaluateOptions,
  onProgress: (done: number, total: number) => void,
): Promise<{ evaluation: Evaluation; records: FrameRecord[] }> {
  const { directory, own, against, backend, permissiveOnly, maxImages, corruption, corruptions } = options;
  const parts = [own, ...(against ? [against] : [])].flatMap((side) => side.parts);
  // All sets are opened before the first frame: a misspelt sequence of the last fold is told at once.
  const sizes = parts.map(
    ({ sequences, excludeSequences }) =>
      openDataset(directory, { sequences, excludeSequences, permissiveOnly }).images.length,
  );
  const total = sizes.reduce((sum, size) => sum + Math.min(size, maxImages ?? Infinity), 0);
  let done = 0;
  const record = async (
    { parts, budget, policy, conditioning }: Contender,
    more: Pick<Job, 'sparseLoss' | 'diagnose'>,
  ) => {
    const byPart: FrameRecord[][] = [];
    for (const part of parts) {
      const job: Job = {
        directory,
        part,
        budget,
        policy,
        conditioning,
        backend,
        permissiveOnly,
        maxImages,
        corruption,
        corruptions,
        video: options.video,
        ...more,
      };
      byPart.push(await runJobShared(job, options.jobs, () => onProgress(++done, total)));
    }
    return byPart;
  };
  const byPart = await record(own, {
    ...{ sparseLoss: !options.video, diagnose: options.diagnose || options.pictures !== undefined },
  });
  const records = byPart.flat();
  const scores = poolScores(records);
  const others = against && (await record(against, { sparseLoss: false, diagnose: false })).flat();
  const evaluation = {
    ...scores,
    intervals: scoreIntervals(records),
    ...(own.parts.length > 1
      ? {
          folds: byPart.map((own_, i) => ({
            model: own.parts[i].model ?? '',
            sequences: own.parts[i].sequences ?? [],
            ...poolScores(own_),
          })),
        }
      : {}),
    ...(options.diagnose ? { diagnosis: diagnose(records, scores) } : {}),
    ...(corruptions ? { corruption: poolCorruption(records, corruptions) } : {}),
    ...(options.video ? videoScores(records, await loadModelFile(own.parts[0].model)) : {}),
    ...(others ? { against: compare(records, others, options) } : {}),
  };
  return { evaluation, records };
}

function videoScores(
  records: readonly FrameRecord[],
  model: Model,
): Pick<
  Evaluation,
  'flicker' | 'flickerHindsight' | 'flickerSingle' | 'flickerKnownMotion' | 'flickerThreshold'
> {
  const frames = records.flatMap(({ video }) => video ?? []);
  const threshold = scoreThreshold(model);
  const labels = ['person', 'pole'].filter((label) => records.some((record) => record.labels[label]));
  const compared = labels.map((label) => [label, compareFlicker(frames, label, threshold(label))] as const);
  const pick = <T>(of: (comparison: FlickerComparison) => T) =>
    Object.fromEntries(compared.map(([label, comparison]) => [label, of(comparison)]));
  return {
    flicker: pick(({ tracked }) => tracked),
    flickerHindsight: pick(({ hindsight }) => hindsight),
    flickerSingle: pick(({ single }) => single),
    flickerKnownMotion: pick(({ knownMotion }) => knownMotion),
    flickerThreshold: pick(({ thresholdShare }) => thresholdShare),
  };
}

function diagnose(records: readonly FrameRecord[], scores: ModelScores): Record<string, PooledDiagnosis> {
  const entry = (label: string, ap: number | null) => {
    const frames = records.flatMap(({ labels }) => labels[label]?.diagnosis ?? []);
    return frames.length > 0 ? [[label, poolDiagnosis(frames, label, ap)] as const] : [];
  };
  return Object.fromEntries([...entry('person', scores.personAP50), ...entry('pole', scores.poleAP30)]);
}

function compare(
  records: readonly FrameRecord[],
  others: readonly FrameRecord[],
  { corruptions }: EvaluateOptions,
): Comparison {
  // The same images in the same order, whatever order the folds were named in.
  const order = new Map(records.map(({ file }, i) => [file, i]));
  const sorted = [...others].sort(
    (a, b) => (order.get(a.file) ?? Infinity) - (order.get(b.file) ?? Infinity),
  );
  const mPC = corruptions && {
    person: mpcDifference(records, sorted, corruptions, 'person'),
    pole: mpcDifference(records, sorted, corruptions, 'pole'),
  };
  return {
    ...poolScores(sorted),
    difference: { ...compareRecords(records, sorted), ...(mPC ? { mPC } : {}) },
    ...(corruptions ? { corruption: poolCorruption(sorted, corruptions) } : {}),
  };
}
