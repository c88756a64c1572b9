/**
 * Robustness to corruption over many frames, after Michaelis and others (2019): mPC is the mean AP over kinds and
 * severities, rPC is mPC over the clean AP. Beside them what attention keeps: recall of mask pixels on corrupted frames
 * over that on clean ones, and the IoU of the attended blocks with the clean frame's.
 */
import { type CorruptionKind, TRAINED_KINDS } from '../data/corruptions/index.ts';
import {
  apFrame,
  bootstrapInterval,
  type FrameWeights,
  type Interval,
  neighbourBlocks,
  weightedAp,
} from './bootstrap.ts';
import type { CorruptionChoice } from './corrupt-run.ts';
import type { FrameRecord } from './frame-record.ts';

type ByLabel<T> = Record<'person' | 'pole', T>;
const LABELS = ['person', 'pole'] as const;
/** mPC is 75 APs a draw. */
const MPC_RESAMPLES = 200;

export interface CorruptionFigures {
  readonly mPC: ByLabel<number | null>;
  readonly rPC: ByLabel<number | null>;
  readonly maskIoU: number;
  /** Of all mask pixels together; null without masks. */
  readonly attentionRecallKept: number | null;
}

export interface CorruptionScores extends CorruptionFigures {
  readonly severities: readonly number[];
  /** 95%, by blocks of neighbouring images. */
  readonly intervals: { readonly mPC: ByLabel<Interval | null> };
  /** Attention recall kept, by label. */
  readonly recallKept: ByLabel<number | null>;
  /** The kinds that training may use, and the others, where any were run. */
  readonly trained: CorruptionFigures | null;
  readonly testedOnly: CorruptionFigures | null;
  readonly kinds: Record<string, CorruptionFigures & { readonly bySeverity: ByLabel<(number | null)[]> }>;
}

/** @throws never; every record must have been corrupted by the same choice */
export function poolCorruption(
  records: readonly FrameRecord[],
  { kinds, severities }: CorruptionChoice,
): CorruptionScores {
  const cells = kinds.flatMap((kind, k) =>
    severities.map((severity, s) => new Cell(records, kind, severity, k * severities.length + s)),
  );
  const clean = byLabel((label) => cleanAp(records, label));
  const figures = (own: readonly Cell[]): CorruptionFigures => {
    const mPC = byLabel((label) => meanOf(own.map((cell) => cell.ap(label))));
    return {
      mPC,
      rPC: byLabel((label) => ratio(mPC[label], clean[label])),
      maskIoU: meanOf(own.map(({ maskIou }) => maskIou)) ?? 1,
      attentionRecallKept: recallKept(records, own, LABELS),
    };
  };
  const group = (trained: boolean) => {
    const own = cells.filter(({ kind }) => TRAINED_KINDS.includes(kind) === trained);
    return own.length > 0 ? figures(own) : null;
  };
  return {
    ...figures(cells),
    severities,
    intervals: { mPC: byLabel((label) => mpcInterval(records, cells, label)) },
    recallKept: byLabel((label) => recallKept(records, cells, [label])),
    trained: group(true),
    testedOnly: group(false),
    kinds: Object.fromEntries(
      kinds.map((kind) => {
        const own = cells.filter((cell) => cell.kind === kind);
        return [kind, { ...figures(own), bySeverity: byLabel((label) => own.map((cell) => cell.ap(label))) }];
      }),
    ),
  };
}

/** mPC of the first records minus that of the second, frame by frame the same images. */
export function mpcDifference(
  records: readonly FrameRecord[],
  others: readonly FrameRecord[],
  { kinds, severities }: CorruptionChoice,
  label: 'person' | 'pole',
): { value: number | null; interval: Interval | null } {
  const cellsOf = (own: readonly FrameRecord[]) =>
    kinds.flatMap((kind, k) =>
      severities.map((severity, s) => new Cell(own, kind, severity, k * severities.length + s)),
    );
  const [ours, theirs] = [cellsOf(records), cellsOf(others)];
  const difference = (weights?: FrameWeights) => {
    const a = meanOf(ours.map((cell) => cell.ap(label, weights)));
    const b = meanOf(theirs.map((cell) => cell.ap(label, weights)));
    return a === null || b === null ? null : a - b;
  };
  const blocks = neighbourBlocks(records.map(({ sequence }) => sequence));
  const value = difference();
  return {
    value,
    interval: value === null ? null : bootstrapInterval(blocks, difference, MPC_RESAMPLES),
  };
}

/** All frames at one kind and severity. */
class Cell {
  readonly kind: CorruptionKind;
  readonly maskIou: number;
  readonly #records: readonly FrameRecord[];
  readonly #at: number;
  readonly #ap = new Map<string, (weights: FrameWeights) => number | null>();

  /** @param at place of the kind and severity in a record's `corrupted` */
  constructor(records: readonly FrameRecord[], kind: CorruptionKind, severity: number, at: number) {
    this.kind = kind;
    this.#records = records;
    this.#at = at;
    const frames = records.map((record) => record.corrupted?.[at]);
    if (frames.some((frame) => frame?.kind !== kind || frame.severity !== severity)) {
      throw new Error(`a record lacks ${kind} at severity ${severity}`);
    }
    this.maskIou = meanOf(frames.map((frame) => frame?.maskIou ?? 1)) ?? 1;
  }

  ap(label: string, weights?: FrameWeights): number | null {
    let ap = this.#ap.get(label);
    if (!ap) {
      const frames = this.#records.map(({ corrupted }) => corrupted?.[this.#at].ap[label]);
      ap = weightedAp(frames.map((frame) => frame ?? EMPTY));
      this.#ap.set(label, ap);
    }
    return ap(weights ?? new Float64Array(this.#records.length).fill(1));
  }

  attendedPixels(label: string): number {
    return this.#records.reduce(
      (sum, { corrupted }) => sum + (corrupted?.[this.#at].attendedPixels[label] ?? 0),
      0,
    );
  }
}

const EMPTY = { scores: new Float64Array(0), hits: new Uint8Array(0), positives: 0 };

function cleanAp(records: readonly FrameRecord[], label: string): number | null {
  const frames = records.flatMap(({ labels }) => (labels[label] ? [apFrame(labels[label].boxes)] : []));
  return weightedAp(frames)(new Float64Array(frames.length).fill(1));
}

function mpcInterval(
  records: readonly FrameRecord[],
  cells: readonly Cell[],
  label: string,
): Interval | null {
  if (cells.every((cell) => cell.ap(label) === null)) return null;
  const blocks = neighbourBlocks(records.map(({ sequence }) => sequence));
  return bootstrapInterval(
    blocks,
    (weights) => meanOf(cells.map((cell) => cell.ap(label, weights))),
    MPC_RESAMPLES,
  );
}

/** Recall is a ratio with the same pixels on both sides, so that what is kept is a ratio of attended pixels. */
function recallKept(
  records: readonly FrameRecord[],
  cells: readonly Cell[],
  labels: readonly string[],
): number | null {
  let clean = 0;
  let kept = 0;
  for (const label of labels) {
    for (const record of records) clean += record.labels[label]?.recall.attendedPixels ?? 0;
    for (const cell of cells) kept += cell.attendedPixels(label) / cells.length;
  }
  return clean > 0 ? kept / clean : null;
}

function byLabel<T>(of: (label: 'person' | 'pole') => T): ByLabel<T> {
  return { person: of('person'), pole: of('pole') };
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.flatMap((value) => (value === null ? [] : [value]));
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

function ratio(a: number | null, b: number | null): number | null {
  return a === null || b === null || b === 0 ? null : a / b;
}
