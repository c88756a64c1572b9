/**
 * The losses of the detail cells and their gradient, in one pass over the rows (a row is one label of one attended
 * cell). Rows have weight 0 where nothing is to be learned. Plain numbers, no graph: test/train/losses.test.ts checks
 * them against the same losses as a tfjs graph, and against finite differences.
 *
 * Letters: P attended cells, L labels, M = P * L rows. Sources: soft dice as in V-Net (Milletari 2016), generalised
 * IoU (Rezatofighi 2019), quality as predicted IoU (as in PP-YOLO 2020).
 */
import { HEIGHT_UNIT_PX, WIDTH_UNIT_PX } from '../../src/detection/cell-box.ts';
import { sigmoid } from '../../src/network/logistic.ts';
import { HEAD_CHANNELS } from '../../src/network/spec.ts';

/** Poles are compared with boxes at least this wide, px: a shaft is thinner than the error of its edges. */
const LEAST_POLE_WIDTH_PX = 8;
/** Beyond this the box errors count linearly, in units of the box parameters. */
const SMOOTH_L1_BETA = 0.1;
/** Positives that are added to the divisor, so that a part without any does not weigh more. */
const POSITIVES_FLOOR = 20;
const DICE_FLOOR = 10;
/** exp(-3) .. exp(4) times the unit: 0.4 px to 870 px. */
const EXPONENT_RANGE = [-3, 4] as const;
/** Least area that an overlap is divided by, px. */
const LEAST_AREA = 1e-3;
const CHANNELS = HEAD_CHANNELS.length;
const GEOMETRY = 4;

export interface LossWeights {
  readonly score: number;
  readonly dice: number;
  readonly box: number;
  readonly overlap: number;
  readonly quality: number;
}

export const LOSS_WEIGHTS: LossWeights = { score: 0.5, dice: 0.5, box: 1, overlap: 1.5, quality: 0.3 };

/** Truth of the rows, as typed arrays of length M (box: 4 M). */
export interface RowTruth {
  readonly score: Float32Array;
  /** Weight of a row's object cell beside others, where score is 1. */
  readonly share: Float32Array;
  /** 0 where the cell is to be ignored. */
  readonly weight: Float32Array;
  readonly box: Float32Array;
  readonly labels: readonly string[];
}

export interface CellLoss {
  readonly total: number;
  /** Before their weights. */
  readonly parts: Record<keyof LossWeights, number>;
  /** [M]: the score loss of each row before normalising, for the gates. */
  readonly rowScore: Float32Array;
  /** [P, L * 6]: of `total` by the head outputs. */
  readonly gradient: Float32Array;
}

/** log(1 + exp(z)) - z * target, without overflow. */
export function crossEntropy(logit: number, target: number): number {
  return Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - logit * target;
}

/** Sums over the rows of one label. */
interface LabelSums {
  /** Rows that show an object and count, and the sum of their shares. */
  positives: number;
  shares: number;
  /** Of the predicted probability, where rows count, and of it where an object is. */
  probability: number;
  common: number;
}

function sumLabels(cells: Float32Array, truth: RowTruth): LabelSums[] {
  const sums = truth.labels.map(() => ({ positives: 0, shares: 0, probability: 0, common: 0 }));
  for (let row = 0; row < truth.score.length; row++) {
    const weight = truth.weight[row];
    if (weight === 0) continue;
    const sum = sums[row % sums.length];
    const positive = truth.score[row] * weight;
    const probability = sigmoid(cells[row * CHANNELS]) * weight;
    sum.positives += positive;
    sum.shares += positive * truth.share[row];
    sum.probability += probability;
    sum.common += probability * truth.score[row];
  }
  return sums;
}

/** The loss of the head outputs. @param cells [P, L * 6] */
export function cellLoss(
  cells: Float32Array,
  truth: RowTruth,
  weights: LossWeights = LOSS_WEIGHTS,
): CellLoss {
  const M = truth.score.length;
  const L = truth.labels.length;
  const sums = sumLabels(cells, truth);
  const leastWidths = truth.labels.map((label) => (label === 'pole' ? LEAST_POLE_WIDTH_PX : 0));
  const parts = { score: 0, dice: 0, box: 0, overlap: 0, quality: 0 };
  const rowScore = new Float32Array(M);
  const gradient = new Float32Array(cells.length);
  for (const { common, probability, positives } of sums) {
    parts.dice += 1 - (2 * common + DICE_FLOOR) / (probability + positives + DICE_FLOOR);
  }
  for (let row = 0; row < M; row++) {
    const weight = truth.weight[row];
    if (weight === 0) continue;
    const { positives, shares, probability, common } = sums[row % L];
    const target = truth.score[row];
    const at = row * CHANNELS;
    // An object's cells weigh by their share, all of a label together as much as without shares.
    const relative = (truth.share[row] * positives) / Math.max(1e-6, shares);
    const scoreWeight = (target ? relative : 1) / (positives + POSITIVES_FLOOR);
    const chance = sigmoid(cells[at]);
    rowScore[row] = crossEntropy(cells[at], target) * weight;
    parts.score += rowScore[row] * scoreWeight;
    const diceUnder = probability + positives + DICE_FLOOR;
    const diceByChance = (2 * common + DICE_FLOOR - 2 * target * diceUnder) / (diceUnder * diceUnder);
    gradient[at] =
      weight *
      (weights.score * scoreWeight * (chance - target) + weights.dice * diceByChance * chance * (1 - chance));
    if (!target) continue;
    const share = (target * weight * relative) / Math.max(1, positives);
    parts.box += share * boxLoss(cells, at + 2, truth.box, row * GEOMETRY, gradient, weights.box * share);
    overlapOf(cells, at + 2, truth.box, row * GEOMETRY, leastWidths[row % L]);
    parts.overlap += share * (1 - overlap.generalised);
    for (let i = 0; i < GEOMETRY; i++) {
      gradient[at + 2 + i] -= weights.overlap * share * overlap.gradient[i];
    }
    // The quality's target, the overlap, is held constant.
    parts.quality += share * crossEntropy(cells[at + 1], overlap.iou);
    gradient[at + 1] = weights.quality * share * (sigmoid(cells[at + 1]) - overlap.iou);
  }
  let total = 0;
  for (const name of Object.keys(parts) as (keyof LossWeights)[]) total += parts[name] * weights[name];
  return { total, parts, rowScore, gradient };
}

/** Smooth L1 of a box parameter's error, and its slope: linear beyond SMOOTH_L1_BETA. */
export function smoothL1(error: number): number {
  const size = Math.abs(error);
  const near = Math.min(size, SMOOTH_L1_BETA);
  return (near * (size - near / 2)) / SMOOTH_L1_BETA;
}

export function smoothL1Slope(error: number): number {
  return (Math.sign(error) * Math.min(Math.abs(error), SMOOTH_L1_BETA)) / SMOOTH_L1_BETA;
}

/** Smooth L1 of the four box parameters, their mean; adds its gradient times `scale`. */
function boxLoss(
  cells: Float32Array,
  at: number,
  box: Float32Array,
  boxAt: number,
  gradient: Float32Array,
  scale: number,
): number {
  let sum = 0;
  for (let i = 0; i < GEOMETRY; i++) {
    const error = cells[at + i] - box[boxAt + i];
    sum += smoothL1(error);
    gradient[at + i] += smoothL1Slope(error) * (scale / GEOMETRY);
  }
  return sum / GEOMETRY;
}

/** What `overlapOf` gives: one for all rows, so that none is made for each. */
const overlap = { iou: 0, generalised: 0, gradient: new Float64Array(GEOMETRY) };
/** x0 y0 x1 y1 relative to the cell's centre, px. */
const predicted = new Float64Array(4);
const wanted = new Float64Array(4);
const byEdge = new Float64Array(4);

function clampedExp(value: number): number {
  return Math.exp(Math.min(EXPONENT_RANGE[1], Math.max(EXPONENT_RANGE[0], value)));
}

function isClamped(value: number): boolean {
  return value < EXPONENT_RANGE[0] || value > EXPONENT_RANGE[1];
}

function readEdges(from: Float32Array, at: number, leastWidth: number, edges: Float64Array): void {
  const x = from[at] * WIDTH_UNIT_PX;
  const half = Math.max(clampedExp(from[at + 1]) * WIDTH_UNIT_PX, leastWidth) / 2;
  edges[0] = x - half;
  edges[1] = -HEIGHT_UNIT_PX * clampedExp(from[at + 2]);
  edges[2] = x + half;
  edges[3] = HEIGHT_UNIT_PX * clampedExp(from[at + 3]);
}

/** Fills `overlap`: IoU and generalised IoU of two boxes, and the gradient of the latter by the first's parameters. */
function overlapOf(
  cells: Float32Array,
  at: number,
  box: Float32Array,
  boxAt: number,
  leastWidth: number,
): void {
  readEdges(cells, at, leastWidth, predicted);
  readEdges(box, boxAt, leastWidth, wanted);
  const [a, b] = [predicted, wanted];
  const width = a[2] - a[0];
  const height = a[3] - a[1];
  const commonWidth = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const commonHeight = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const hullWidth = Math.max(a[2], b[2]) - Math.min(a[0], b[0]);
  const hullHeight = Math.max(a[3], b[3]) - Math.min(a[1], b[1]);
  const common = commonWidth * commonHeight;
  const union = width * height + (b[2] - b[0]) * (b[3] - b[1]) - common;
  const hull = hullWidth * hullHeight;
  const U = Math.max(union, LEAST_AREA);
  const H = Math.max(hull, LEAST_AREA);
  overlap.iou = common / U;
  overlap.generalised = overlap.iou - (hull - union) / H;

  const byUnion = -common / (U * U) + 1 / H;
  const byCommon = 1 / U - byUnion;
  const byHull = -union / (H * H);
  for (let side = 0; side < 4; side++) {
    const sign = side < 2 ? -1 : 1;
    const isX = side % 2 === 0;
    // The inner one of two edges bounds what is common, the outer one the hull.
    const inner = sign * a[side] <= sign * b[side];
    let sum = byUnion * (isX ? height : width);
    if (inner && common > 0) sum += byCommon * (isX ? commonHeight : commonWidth);
    if (!inner) sum += byHull * (isX ? hullHeight : hullWidth);
    byEdge[side] = sign * sum;
  }
  const exponentWidth = clampedExp(cells[at + 1]) * WIDTH_UNIT_PX;
  const { gradient } = overlap;
  gradient[0] = WIDTH_UNIT_PX * (byEdge[0] + byEdge[2]);
  gradient[1] =
    isClamped(cells[at + 1]) || exponentWidth < leastWidth
      ? 0
      : ((byEdge[2] - byEdge[0]) / 2) * exponentWidth;
  gradient[2] = isClamped(cells[at + 2]) ? 0 : byEdge[1] * a[1];
  gradient[3] = isClamped(cells[at + 3]) ? 0 : byEdge[3] * a[3];
}
