/**
 * What attention kept and what it cost, over many frames: share of class pixels and of instances in attended
 * blocks, share of blocks, MACs.
 */
import { attendedShare } from '../../src/attention/select.ts';
import type { AttentionMap, Result } from '../../src/result.ts';
import { pixelRange } from './boxes.ts';
import { type FrameTruth, INSTANCE_SHARE, labelRules } from './rules.ts';

interface Recall {
  pixels: number;
  attendedPixels: number;
  instances: number;
  attendedInstances: number;
}

export class AttentionScore {
  readonly #recalls = new Map<string, Recall>();
  #frames = 0;
  #attended = 0;
  #five = 0;
  #macs = 0;
  #denseMacs = 0;

  /** @param labelled labels that the set labels; the others are not scored */
  constructor(labelled: readonly string[]) {
    for (const label of labelled) {
      this.#recalls.set(label, { pixels: 0, attendedPixels: 0, instances: 0, attendedInstances: 0 });
    }
  }

  add(truth: FrameTruth, { attention, macs }: Pick<Result, 'attention' | 'macs'>): void {
    const { gates } = attention;
    this.#frames++;
    this.#attended += attendedShare(gates);
    this.#five += gates.reduce((sum, gate) => sum + (gate > 1 ? 1 : 0), 0) / gates.length;
    this.#macs += macs.attention + macs.detail;
    this.#denseMacs += macs.dense;
    const attended = attendedPixels(attention, truth.width, truth.height);
    for (const [label, recall] of this.#recalls) addRecall(recall, truth, label, attended);
  }

  /** Mean share of blocks attended. */
  attended(): number {
    return this.#attended / this.#frames;
  }

  /** Mean share of blocks, of all blocks, that took the 5x5 branch. */
  fiveByFive(): number {
    return this.#five / this.#frames;
  }

  /** MACs executed over those of the dense network, all frames together. */
  macsShare(): number {
    return this.#macs / this.#denseMacs;
  }

  /** Mean MACs of a frame, in 1e9. */
  gmacs(): number {
    return this.#macs / this.#frames / 1e9;
  }

  /** Null without mask pixels of the label. */
  pixelRecall(label: string): number | null {
    const recall = this.#recalls.get(label);
    return recall && recall.pixels > 0 ? recall.attendedPixels / recall.pixels : null;
  }

  instanceRecall(label: string): number | null {
    const recall = this.#recalls.get(label);
    return recall && recall.instances > 0 ? recall.attendedInstances / recall.instances : null;
  }
}

function addRecall(recall: Recall, truth: FrameTruth, label: string, attended: Uint8Array): void {
  const rules = labelRules(label);
  const { mask } = truth;
  if (mask) {
    for (let i = 0; i < mask.data.length; i++) {
      if (mask.data[i] !== rules.maskValue) continue;
      recall.pixels++;
      recall.attendedPixels += attended[i];
    }
  }
  for (const annotation of truth.annotations) {
    if (annotation.label !== label || annotation.ignore) continue;
    // Pixels of an instance: those of its label in its box; all of the box where the mask shows none.
    const own = countAttended(annotation.box, truth, attended, rules.maskValue);
    const { pixels, seen } =
      own.pixels > 0 ? own : countAttended(rules.box(annotation), truth, attended, null);
    recall.instances++;
    if (seen >= INSTANCE_SHARE * pixels) recall.attendedInstances++;
  }
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
