/**
 * Scores a model on a data set: every metric of `saccadenet evaluate`, for the command line and for training.
 * Definitions are in the files beside this one; a number that the set cannot give is null.
 */
import type { Model } from '../../src/network/spec.ts';
import type { Dataset } from '../data/dataset.ts';
import { readMask } from '../data/images.ts';
import { type CorruptionChoice, corruptRun } from './corrupt-run.ts';
import type { VideoFrameRecord } from './equal-recall.ts';
import { type FrameRecord, recordFrame } from './frame-record.ts';
import { type ModelScores, poolScores } from './pool-scores.ts';
import { type FrameRun, type RunOptions, runModel } from './run-model.ts';

export interface ScoreOptions extends RunOptions {
  /** Runs every frame a second time, dense, for sparseLoss. Default false. */
  readonly sparseLoss?: boolean;
  /** Records why things were missed and what false alarms are. Default false. */
  readonly diagnose?: boolean;
  /** Runs every frame again under these. Default none. */
  readonly corruptions?: CorruptionChoice;
}

const FALLBACK_THRESHOLD = 0.5;

async function videoRecord({ image, truth, trace, single }: FrameRun): Promise<VideoFrameRecord> {
  const { sequence, annotations } = image;
  const { width, height } = truth;
  const alone = (await single()).result.detections;
  const tracked = trace.result.detections;
  return { ...{ sequence, annotations, width, height }, tracked, single: alone, hindsight: tracked };
}

/** What this frame says of the one before. */
function lookBack(records: FrameRecord[], { trace }: FrameRun): void {
  const before = records.at(-1);
  const hindsight = trace.result.hindsight?.detections;
  if (before?.video && hindsight)
    records[records.length - 1] = { ...before, video: { ...before.video, hindsight } };
}

/** The model's own least score of a label. */
export function scoreThreshold(model: Pick<Model, 'scoreThresholds'>): (label: string) => number {
  return (label) => model.scoreThresholds[label] ?? FALLBACK_THRESHOLD;
}

/** @throws what the backend and the files throw; the signal's reason when it is aborted. */
export async function scoreModel(
  model: Model,
  dataset: Dataset,
  options: ScoreOptions = {},
): Promise<ModelScores> {
  return poolScores(await recordModel(model, dataset, options));
}

/** The records that the scores are pooled from, one a frame, in the set's order. @throws as scoreModel does. */
export async function recordModel(
  model: Model,
  dataset: Dataset,
  options: ScoreOptions = {},
): Promise<FrameRecord[]> {
  const records: FrameRecord[] = [];
  const threshold = scoreThreshold(model);
  for await (const run of runModel(model, dataset, options)) {
    const { image, truth, trace } = run;
    if (options.video) lookBack(records, run);
    const dense = options.sparseLoss ? (await run.dense()).result.detections : undefined;
    const diagnose = options.diagnose
      ? { scene: image.labelsFile ? readMask(image.labelsFile).data : undefined }
      : undefined;
    const frame = { file: image.file, sequence: image.sequence, truth, trace, dense, diagnose };
    const record = {
      ...recordFrame(model.network, dataset.labelled, threshold, frame),
      ...(options.video ? { video: await videoRecord(run) } : {}),
      ...(options.corruptions
        ? { corrupted: await corruptRun(run, dataset.labelled, threshold, options.corruptions) }
        : {}),
    };
    records.push(record);
  }
  return records;
}
