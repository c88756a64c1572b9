/**
 * The losses of train/loop/cell-loss.ts as a tfjs graph, differentiated by tfjs: what the plain code is tested against.
 */
import * as tf from '@tensorflow/tfjs-core';
import { HEIGHT_UNIT_PX, WIDTH_UNIT_PX } from '../../src/detection/cell-box.ts';
import { HEAD_CHANNELS } from '../../src/network/spec.ts';
import { LOSS_WEIGHTS, type LossWeights, type RowTruth } from '../../train/loop/cell-loss.ts';

const LEAST_POLE_WIDTH_PX = 8;
const SMOOTH_L1_BETA = 0.1;
const POSITIVES_FLOOR = 20;
const DICE_FLOOR = 10;
const EXPONENT_RANGE = [-3, 4] as const;

export interface CellLossGraph {
  readonly total: tf.Scalar;
  /** [M] */
  readonly rowScore: tf.Tensor1D;
  readonly parts: Record<string, tf.Scalar>;
}

/** log(1 + exp(z)) - z * target */
function crossEntropy<T extends tf.Tensor>(logits: T, target: tf.Tensor): T {
  return tf.sub(tf.softplus(logits), tf.mul(logits, target)) as T;
}

/** The value without its gradient. */
function stopGradient<T extends tf.Tensor>(x: T): T {
  const op = tf.customGrad((...args: unknown[]) => ({
    value: tf.clone(args[0] as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }));
  return op(x) as T;
}

/** Sum of `values` over the rows of each label. */
function labelSums(truth: RowTruth, values: (row: number) => number): number[] {
  const sums = truth.labels.map(() => 0);
  for (let row = 0; row < truth.score.length; row++) sums[row % sums.length] += values(row);
  return sums;
}

/** Weights of the rows' score and box losses; a label's positives weigh as much together as without shares. */
function rowWeights(truth: RowTruth): { score: Float32Array; box: Float32Array } {
  const L = truth.labels.length;
  const positive = (row: number) => truth.score[row] * truth.weight[row];
  const counts = labelSums(truth, positive);
  const shares = labelSums(truth, (row) => positive(row) * truth.share[row]);
  const relative = (row: number) => (truth.share[row] * counts[row % L]) / Math.max(1e-6, shares[row % L]);
  return {
    score: truth.score.map(
      (target, row) => (target ? relative(row) : 1) / (counts[row % L] + POSITIVES_FLOOR),
    ),
    box: truth.score.map((_, row) => (positive(row) * relative(row)) / Math.max(1, counts[row % L])),
  };
}

/** The loss of the head outputs. @param cells [P, L * 6] */
export function cellLossGraph(
  cells: tf.Tensor2D,
  truth: RowTruth,
  weights: LossWeights = LOSS_WEIGHTS,
): CellLossGraph {
  const M = truth.score.length;
  const L = truth.labels.length;
  const [score, quality, ...geometry] = tf.unstack(
    tf.reshape(cells, [M, HEAD_CHANNELS.length]),
    1,
  ) as tf.Tensor1D[];
  const target = tf.tensor1d(truth.score);
  const weight = tf.tensor1d(truth.weight);
  const positive = tf.mul(target, weight);

  const rowScore: tf.Tensor1D = tf.mul(crossEntropy(score, target), weight);
  const rows = rowWeights(truth);
  const scoreLoss = tf.sum(tf.mul(rowScore, tf.tensor1d(rows.score)));

  const byLabel = (rows: tf.Tensor) => tf.sum(tf.reshape(rows, [M / L, L]), 0);
  const probability = tf.mul(tf.sigmoid(score), weight);
  const overlapSum = tf.add(tf.mul(byLabel(tf.mul(probability, target)), 2), DICE_FLOOR);
  const dice = tf.sum(
    tf.sub(1, tf.div(overlapSum, tf.add(tf.add(byLabel(probability), byLabel(positive)), DICE_FLOOR))),
  );

  const share = tf.tensor1d(rows.box);
  const truthGeometry = tf.unstack(tf.tensor2d(truth.box, [M, 4]), 1) as tf.Tensor1D[];
  const error = geometry.map((predicted, i) => smoothL1(tf.sub(predicted, truthGeometry[i])));
  const box = tf.sum(tf.mul(tf.div(tf.addN(error), 4), share));

  const leastWidth = tf.tensor1d(
    truth.score.map((_, row) => (truth.labels[row % L] === 'pole' ? LEAST_POLE_WIDTH_PX : 0)),
  );
  const { iou, generalised } = overlap(geometry, truthGeometry, leastWidth);
  const overlapLoss = tf.sum(tf.mul(tf.sub(1, generalised), share));
  const qualityLoss = tf.sum(tf.mul(crossEntropy(quality, stopGradient(iou)), share));

  const parts = { score: scoreLoss, dice, box, overlap: overlapLoss, quality: qualityLoss } as Record<
    string,
    tf.Scalar
  >;
  const total = tf.addN(
    Object.entries(parts).map(([name, part]) => tf.mul(part, weights[name as keyof LossWeights])),
  ) as tf.Scalar;
  return { total, rowScore, parts };
}

function smoothL1(difference: tf.Tensor1D): tf.Tensor1D {
  const size = tf.abs(difference);
  const near = tf.minimum(size, SMOOTH_L1_BETA);
  return tf.div(tf.mul(near, tf.sub(size, tf.div(near, 2))), SMOOTH_L1_BETA);
}

interface Edges {
  x0: tf.Tensor;
  y0: tf.Tensor;
  x1: tf.Tensor;
  y1: tf.Tensor;
}

/** Box edges relative to the cell's centre, px. */
function edges([centre, width, top, bottom]: tf.Tensor1D[], leastWidth: tf.Tensor1D): Edges {
  const exp = (x: tf.Tensor) => tf.exp(tf.clipByValue(x, ...EXPONENT_RANGE));
  const x = tf.mul(centre, WIDTH_UNIT_PX);
  const half = tf.div(tf.maximum(tf.mul(exp(width), WIDTH_UNIT_PX), leastWidth), 2);
  return {
    x0: tf.sub(x, half),
    x1: tf.add(x, half),
    y0: tf.mul(exp(top), -HEIGHT_UNIT_PX),
    y1: tf.mul(exp(bottom), HEIGHT_UNIT_PX),
  };
}

function overlap(
  predicted: tf.Tensor1D[],
  truth: tf.Tensor1D[],
  leastWidth: tf.Tensor1D,
): { iou: tf.Tensor1D; generalised: tf.Tensor1D } {
  const a = edges(predicted, leastWidth);
  const b = edges(truth, leastWidth);
  const span = (low: tf.Tensor, high: tf.Tensor) => tf.relu(tf.sub(high, low));
  const area = (e: Edges) => tf.mul(tf.sub(e.x1, e.x0), tf.sub(e.y1, e.y0));
  const common = tf.mul(
    span(tf.maximum(a.x0, b.x0), tf.minimum(a.x1, b.x1)),
    span(tf.maximum(a.y0, b.y0), tf.minimum(a.y1, b.y1)),
  );
  const union = tf.sub(tf.add(area(a), area(b)), common);
  const hull = tf.mul(
    tf.sub(tf.maximum(a.x1, b.x1), tf.minimum(a.x0, b.x0)),
    tf.sub(tf.maximum(a.y1, b.y1), tf.minimum(a.y0, b.y0)),
  );
  const iou = tf.div(common, tf.maximum(union, 1e-3));
  return {
    iou: iou as tf.Tensor1D,
    generalised: tf.sub(iou, tf.div(tf.sub(hull, union), tf.maximum(hull, 1e-3))) as tf.Tensor1D,
  };
}
