/** Frame records from boxes alone, for the tests of what is pooled from them. */
import type { Detection } from '../../src/result.ts';
import { countBoxes } from '../../train/metrics/box-counts.ts';
import type { FrameRecord, LabelRecord } from '../../train/metrics/frame-record.ts';
import type { FrameTruth } from '../../train/metrics/rules.ts';

const RECALL = { pixels: 0, attendedPixels: 0, instances: 0, attendedInstances: 0 };

/** The labels named are those that the set labels. */
export function boxRecord(
  truth: FrameTruth,
  detections: readonly Detection[],
  options: {
    labels?: readonly string[];
    thresholds?: Readonly<Record<string, number>>;
    dense?: readonly Detection[];
    sequence?: string;
  } = {},
): FrameRecord {
  const { labels = ['person', 'pole'], thresholds = {}, dense, sequence = 'S' } = options;
  const threshold = (label: string) => thresholds[label] ?? 0.5;
  const record = (label: string): LabelRecord => ({
    boxes: countBoxes(truth, detections, label, threshold),
    ...(dense ? { dense: countBoxes(truth, dense, label, threshold) } : {}),
    recall: RECALL,
    pixels: null,
  });
  return {
    file: 'frame.png',
    sequence,
    work: { attended: 0.5, fiveByFive: 0, macs: 1, denseMacs: 2 },
    labels: Object.fromEntries(labels.map((label) => [label, record(label)])),
  };
}
