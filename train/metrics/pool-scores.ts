/** Every figure of `saccadenet evaluate` from the records of any frames, of one model or of several folds together. */
import { averagePrecision, bestF1, median } from './average-precision.ts';
import type { BoxCounts } from './box-counts.ts';
import type { FrameRecord, LabelRecord } from './frame-record.ts';

/** Null: the set does not label the class, or shows none of it. */
export interface ModelScores {
  images: number;
  personAP50: number | null;
  poleAP30: number | null;
  personF1: number | null;
  poleF1: number | null;
  poleEdgePx: number | null;
  personCalledPole: number | null;
  poleCalledPerson: number | null;
  attended: number;
  fiveByFive: number;
  personPixelRecall: number | null;
  polePixelRecall: number | null;
  personInstanceRecall: number | null;
  poleInstanceRecall: number | null;
  personIoU: number | null;
  poleIoU: number | null;
  macsShare: number;
  gmacs: number;
  /** AP of the same weights with every block attended, minus AP as scored; null where it was not asked for. */
  sparseLoss: { personAP50: number | null; poleAP30: number | null } | null;
  persons: number;
  poles: number;
  /** The threshold of best F1 on this very set: for choosing a model's thresholds, never a score. */
  bestF1: Record<'person' | 'pole', { threshold: number; f1: number } | null>;
}

export function poolScores(records: readonly FrameRecord[]): ModelScores {
  const person = poolLabel(records, 'person');
  const pole = poolLabel(records, 'pole');
  const total = (of: (record: FrameRecord) => number) => records.reduce((sum, record) => sum + of(record), 0);
  const macs = total(({ work }) => work.macs);
  return {
    images: records.length,
    personAP50: person.ap,
    poleAP30: pole.ap,
    personF1: person.f1,
    poleF1: pole.f1,
    poleEdgePx: pole.edgePx,
    personCalledPole: person.miscalled,
    poleCalledPerson: pole.miscalled,
    attended: total(({ work }) => work.attended) / records.length,
    fiveByFive: total(({ work }) => work.fiveByFive) / records.length,
    personPixelRecall: person.pixelRecall,
    polePixelRecall: pole.pixelRecall,
    personInstanceRecall: person.instanceRecall,
    poleInstanceRecall: pole.instanceRecall,
    personIoU: person.iou,
    poleIoU: pole.iou,
    macsShare: macs / total(({ work }) => work.denseMacs),
    gmacs: macs / records.length / 1e9,
    sparseLoss: person.hasDense || pole.hasDense ? { personAP50: person.loss, poleAP30: pole.loss } : null,
    persons: person.positives,
    poles: pole.positives,
    bestF1: { person: person.best, pole: pole.best },
  };
}

/** AP of a label over the frames. */
export function poolAveragePrecision(boxes: readonly BoxCounts[]): number | null {
  return averagePrecision(
    boxes.flatMap(({ matches }) => matches),
    sum(boxes, ({ positives }) => positives),
  );
}

function poolLabel(records: readonly FrameRecord[], label: string) {
  const own = records.flatMap(({ labels }) => (labels[label] ? [labels[label]] : []));
  const boxes = own.map((record) => record.boxes);
  const dense = own.flatMap((record) => (record.dense ? [record.dense] : []));
  const positives = sum(boxes, (counts) => counts.positives);
  const ap = poolAveragePrecision(boxes);
  const hits = sum(boxes, ({ sureHits }) => sureHits);
  const judged = hits + sum(boxes, ({ sureFalseAlarms }) => sureFalseAlarms) + positives;
  const hasDense = dense.length > 0;
  const denseAp = hasDense ? poolAveragePrecision(dense) : null;
  const pixels = own.flatMap((record) => (record.pixels ? [record.pixels] : []));
  const recall = (of: keyof LabelRecord['recall']) => sum(own, (record) => record.recall[of]);
  return {
    positives,
    ap,
    f1: judged === 0 ? null : (2 * hits) / judged,
    best: bestF1(
      boxes.flatMap(({ matches }) => matches),
      positives,
    ),
    edgePx: edgeErrorPx(boxes),
    miscalled: share(
      sum(boxes, (counts) => counts.miscalled),
      sum(boxes, (counts) => counts.hit),
    ),
    pixelRecall: share(recall('attendedPixels'), recall('pixels')),
    instanceRecall: share(recall('attendedInstances'), recall('instances')),
    iou: share(
      sum(pixels, ({ common }) => common),
      sum(pixels, ({ union }) => union),
    ),
    hasDense,
    loss: denseAp === null || ap === null ? null : denseAp - ap,
  };
}

/** Median |x| error in px of the left and right edges of matched boxes. */
export function edgeErrorPx(boxes: readonly BoxCounts[]): number | null {
  const errors = boxes.flatMap(({ matches }) =>
    matches.flatMap(({ box, truth }) =>
      truth ? [Math.abs(box.x - truth.x), Math.abs(box.x + box.width - truth.x - truth.width)] : [],
    ),
  );
  return median(errors);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
