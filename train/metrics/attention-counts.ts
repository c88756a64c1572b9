/** What attention kept of one frame and what it cost, counted: recalls, shares and MACs are pooled from it. Plain data. */
import { attendedShare } from '../../src/attention/select.ts';
import { GATE_FIVE } from '../../src/network/spec.ts';
import type { AttentionMap, Result } from '../../src/result.ts';
import { pixelRange } from './boxes.ts';
import { type FrameTruth, INSTANCE_SHARE, labelRules } from './rules.ts';

/** Of one label. */
export interface RecallCounts {
  /** Mask pixels, and those in attended blocks. */
  readonly pixels: number;
  readonly attendedPixels: number;
  /** Things that count, and those with INSTANCE_SHARE of their pixels in attended blocks. */
  readonly instances: number;
  readonly attendedInstances: number;
}

export interface WorkCounts {
  /** Shares of all blocks: attended, and attended with 5x5 kernels. */
  readonly attended: number;
  readonly fiveByFive: number;
  /** Executed, and of the dense network. */
  readonly macs: number;
  readonly denseMacs: number;
}

export function countWork({ attention: { gates }, macs }: Pick<Result, 'attention' | 'macs'>): WorkCounts {
  return {
    attended: attendedShare(gates),
    fiveByFive: gates.reduce((sum, gate) => sum + (gate === GATE_FIVE ? 1 : 0), 0) / gates.length,
    macs: macs.attention + macs.detail,
    denseMacs: macs.dense,
  };
}

/** @param attended of `attendedPixels` */
export function countRecall(truth: FrameTruth, attended: Uint8Array, label: string): RecallCounts {
  const rules = labelRules(label);
  let pixels = 0;
  let seenPixels = 0;
  const data = truth.mask?.data ?? [];
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== rules.maskValue) continue;
    pixels++;
    seenPixels += attended[i];
  }
  let instances = 0;
  let attendedInstances = 0;
  for (const annotation of truth.annotations) {
    if (annotation.label !== label || annotation.ignore) continue;
    instances++;
    if (shareAttended(truth, annotation, attended) >= INSTANCE_SHARE) attendedInstances++;
  }
  return { pixels, attendedPixels: seenPixels, instances, attendedInstances };
}

/** Share of a thing's pixels in attended blocks: those of its label in its box, all of the box where there are none. */
export function shareAttended(
  truth: FrameTruth,
  annotation: FrameTruth['annotations'][number],
  attended: Uint8Array,
): number {
  const rules = labelRules(annotation.label);
  const own = countAttended(annotation.box, truth, attended, rules.maskValue);
  const { pixels, seen } = own.pixels > 0 ? own : countAttended(rules.box(annotation), truth, attended, null);
  return seen / pixels;
}

function countAttended(
  box: FrameTruth['annotations'][number]['box'],
  truth: FrameTruth,
  attended: Uint8Array,
  maskValue: number | null,
): { pixels: number; seen: number } {
  let pixels = 0;
  let seen = 0;
  if (maskValue !== null && !truth.mask) return { pixels, seen };
  const { x0, y0, x1, y1 } = pixelRange(box, truth.width, truth.height);
  for (let y = y0; y < y1; y++) {
    for (let i = y * truth.width + x0; i < y * truth.width + x1; i++) {
      if (maskValue !== null && truth.mask?.data[i] !== maskValue) continue;
      pixels++;
      seen += attended[i];
    }
  }
  return { pixels, seen };
}

/** [height, width]: 1 where the pixel's centre lies in an attended block. */
export function attendedPixels(attention: AttentionMap, width: number, height: number): Uint8Array {
  const { columns, rows, blockWidth, blockHeight, gates } = attention;
  const column = Int32Array.from({ length: width }, (_, x) =>
    Math.min(columns - 1, Math.floor((x + 0.5) / blockWidth)),
  );
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.min(rows - 1, Math.floor((y + 0.5) / blockHeight)) * columns;
    for (let x = 0; x < width; x++) out[y * width + x] = gates[row + column[x]] > 0 ? 1 : 0;
  }
  return out;
}
