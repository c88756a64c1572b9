/** 95% intervals of AP, of what sparsity costs, and of the difference between two models or policies on the same images. */
import { SaccadeNetError } from '../../src/errors/errors.ts';
import {
  apFrame,
  BLOCK_IMAGES,
  bootstrapInterval,
  type FrameWeights,
  type Interval,
  neighbourBlocks,
  RESAMPLES,
  weightedAp,
} from './bootstrap.ts';
import type { FrameRecord, LabelRecord } from './frame-record.ts';

type Aps<T> = { readonly personAP50: T; readonly poleAP30: T };

export interface ScoreIntervals extends Aps<Interval | null> {
  /** What was drawn, and how often. */
  readonly unit: string;
  readonly blocks: number;
  readonly resamples: number;
  readonly sparseLoss: Aps<Interval | null> | null;
}

export interface Difference {
  readonly value: number | null;
  readonly interval: Interval | null;
}

export function scoreIntervals(records: readonly FrameRecord[]): ScoreIntervals {
  const blocks = blocksOf(records);
  const ap = (label: string) => apOf(records, label, ({ boxes }) => boxes);
  const dense = (label: string) => apOf(records, label, (record) => record.dense);
  const sparse = records.some(({ labels }) => Object.values(labels).some((record) => record.dense));
  return {
    unit: `blocks of ${BLOCK_IMAGES} neighbouring images of a sequence`,
    blocks: blocks.length === 0 ? 0 : blocks[blocks.length - 1] + 1,
    resamples: RESAMPLES,
    ...aps((label) => intervalOf(blocks, ap(label))),
    sparseLoss: sparse ? aps((label) => intervalOf(blocks, difference(dense(label), ap(label)))) : null,
  };
}

/**
 * AP of the first records minus AP of the others, drawn together.
 * @throws SaccadeNetError INVALID_OPTION when they are not of the same images in the same order
 */
export function compareRecords(
  records: readonly FrameRecord[],
  others: readonly FrameRecord[],
): Aps<Difference> {
  checkSameImages(records, others);
  const blocks = blocksOf(records);
  return aps((label) => {
    const own = (of: readonly FrameRecord[]) => apOf(of, label, ({ boxes }) => boxes);
    const statistic = difference(own(records), own(others));
    return { value: statistic(ones(records.length)), interval: intervalOf(blocks, statistic) };
  });
}

function checkSameImages(records: readonly FrameRecord[], others: readonly FrameRecord[]): void {
  const at = records.findIndex(({ file }, i) => file !== others[i]?.file);
  if (records.length === others.length && at < 0) return;
  throw new SaccadeNetError(
    'INVALID_OPTION',
    `the two sides of a comparison must be scored on the same images: ${records.length} and ${others.length}, and ${
      at < 0 ? 'the first ones agree' : `${records[at].file} is not ${others[at]?.file ?? 'there'}`
    }; give both the same sequences`,
  );
}

type Statistic = (weights: FrameWeights) => number | null;

function apOf(
  records: readonly FrameRecord[],
  label: string,
  of: (record: LabelRecord) => LabelRecord['boxes'] | undefined,
): Statistic {
  const frames = records.map(({ labels }) => {
    const boxes = labels[label] && of(labels[label]);
    return boxes ? apFrame(boxes) : NOTHING;
  });
  return weightedAp(frames);
}

const NOTHING = { scores: new Float64Array(0), hits: new Uint8Array(0), positives: 0 };

function difference(a: Statistic, b: Statistic): Statistic {
  return (weights) => {
    const [x, y] = [a(weights), b(weights)];
    return x === null || y === null ? null : x - y;
  };
}

/** Null without a draw where there is nothing to find. */
function intervalOf(blocks: Int32Array, statistic: Statistic): Interval | null {
  return statistic(ones(blocks.length)) === null ? null : bootstrapInterval(blocks, statistic);
}

function blocksOf(records: readonly FrameRecord[]): Int32Array {
  return neighbourBlocks(records.map(({ sequence }) => sequence));
}

function ones(length: number): Float64Array {
  return new Float64Array(length).fill(1);
}

function aps<T>(of: (label: string) => T): Aps<T> {
  return { personAP50: of('person'), poleAP30: of('pole') };
}
