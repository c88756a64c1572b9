/**
 * What is kept of one frame that a model was run on: counts and matches, from which every figure is pooled over any
 * choice of frames (score-model.ts), drawn again for intervals (bootstrap.ts) or compared with another model's. Plain
 * data: it may cross a process boundary.
 */

import type { NetworkSpec } from '../../src/network/spec.ts';
import type { AttentionMap, Detection } from '../../src/result.ts';
import type { Trace } from '../../src/session/session.ts';
import {
  attendedPixels,
  countRecall,
  countWork,
  type RecallCounts,
  type WorkCounts,
} from './attention-counts.ts';
import { type BoxCounts, countBoxes } from './box-counts.ts';
import type { CorruptedFrame } from './corrupt-run.ts';
import { diagnoseFrame, type LabelDiagnosis } from './diagnose-frame.ts';
import type { VideoFrameRecord } from './equal-recall.ts';
import { countPixels, type PixelCounts } from './pixel-counts.ts';
import type { FrameTruth } from './rules.ts';

export interface LabelRecord {
  readonly boxes: BoxCounts;
  /** Of the same weights with every block attended, where that was asked for. */
  readonly dense?: BoxCounts;
  readonly recall: RecallCounts;
  readonly pixels: PixelCounts | null;
  readonly diagnosis?: LabelDiagnosis;
}

export interface FrameRecord {
  readonly file: string;
  readonly sequence: string;
  readonly work: WorkCounts;
  /** Of the labels that the set labels. */
  readonly labels: Readonly<Record<string, LabelRecord>>;
  /** Where its diagnosis was asked for. */
  readonly attention?: AttentionMap;
  /** Of a clip: what tracks and what the frame alone gave. */
  readonly video?: VideoFrameRecord;
  /** Under every kind and severity that was asked for, in their order. */
  readonly corrupted?: readonly CorruptedFrame[];
}

export interface FrameToRecord {
  readonly file: string;
  readonly sequence: string;
  readonly truth: FrameTruth;
  readonly trace: Trace;
  /** With every block attended. */
  readonly dense?: readonly Detection[];
  /** Why things were missed is recorded too; `scene` holds SCENE_CLASS of every pixel, where it is known. */
  readonly diagnose?: { readonly scene?: Uint8Array };
}

/**
 * @param labelled labels that the set labels; the others are not scored
 * @param threshold the model's own least score, by label
 */
export function recordFrame(
  spec: NetworkSpec,
  labelled: readonly string[],
  threshold: (label: string) => number,
  { file, sequence, truth, trace, dense, diagnose }: FrameToRecord,
): FrameRecord {
  const { result, working, inspection } = trace;
  const attended = attendedPixels(result.attention, truth.width, truth.height);
  const context = { truth, detections: result.detections, attended, threshold, scene: diagnose?.scene };
  const record = (label: string): LabelRecord => ({
    boxes: countBoxes(truth, result.detections, label, threshold),
    ...(dense ? { dense: countBoxes(truth, dense, label, threshold) } : {}),
    recall: countRecall(truth, attended, label),
    pixels: countPixels(spec, truth, working, inspection, label),
    ...(diagnose ? { diagnosis: diagnoseFrame(context, label) } : {}),
  });
  const labels = Object.fromEntries(labelled.map((label) => [label, record(label)]));
  return {
    ...{ file, sequence, work: countWork(result), labels },
    ...(diagnose ? { attention: result.attention } : {}),
  };
}
