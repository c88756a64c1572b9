/** Runs an evaluation: records of every part, then all figures from them. Nothing is printed here. */
import type { Backend } from '../../src/backends/backend.ts';
import { type DatasetFilter, openDataset } from '../../train/data/dataset.ts';
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
import { recordModel, type ScoreOptions } from '../../train/metrics/score-model.ts';
import { loadModelFile } from '../open-session.ts';
import type { Contender, EvaluateOptions } from './options.ts';
import type { Part } from './parts.ts';

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
}

export interface RunHooks {
  readonly backend: Backend;
  /** Frames done of all frames of all parts. */
  readonly onProgress: (done: number, total: number) => void;
  /** Every frame of the own contender, as it is recorded. */
  readonly onFrame?: ScoreOptions['onFrame'];
}

export async function runEvaluation(options: EvaluateOptions, hooks: RunHooks): Promise<Evaluation> {
  const { directory, own, against, permissiveOnly, maxImages = Infinity, corruptions } = options;
  const contenders = [own, ...(against ? [against] : [])];
  const sets = contenders.map(({ parts }) =>
    parts.map((part) => openDataset(directory, { ...filterOf(part), permissiveOnly })),
  );
  const total = sets.flat().reduce((sum, { images }) => sum + Math.min(images.length, maxImages), 0);
  let done = 0;
  const record = async (contender: Contender, c: number, more: ScoreOptions): Promise<FrameRecord[][]> => {
    const { budget, policy } = contender;
    const byPart: FrameRecord[][] = [];
    for (const [p, part] of contender.parts.entries()) {
      const model = await loadModelFile(part.model);
      const records = await recordModel(model, sets[c][p], {
        ...{ backend: hooks.backend, budget, policy, maxImages, corruptions },
        ...more,
        onProgress: () => hooks.onProgress(++done, total),
      });
      byPart.push(records);
    }
    return byPart;
  };
  const byPart = await record(own, 0, {
    ...{
      sparseLoss: true,
      diagnose: options.diagnose || options.pictures !== undefined,
      onFrame: hooks.onFrame,
    },
  });
  const records = byPart.flat();
  const scores = poolScores(records);
  return {
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
    ...(against ? { against: compare(records, (await record(against, 1, {})).flat(), options) } : {}),
  };
}

function filterOf({ sequences, excludeSequences }: Part): DatasetFilter {
  return { sequences, excludeSequences };
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
