/**
 * An auxiliary task of the attention network: to tell for every block which of its cells show which label, by a linear head that is
 * dropped after training. That a block holds something is one bit; where in it teaches more.
 */

import { sigmoid } from '../../src/network/logistic.ts';
import type { NetworkSpec, WeightShape } from '../../src/network/spec.ts';
import type { Batch } from './batch.ts';
import { crossEntropy } from './cell-loss.ts';

export const MAP_HEAD = 'map.attention';

/** Logits a block: cells, row by row, by label. */
export function mapOutputs({ block, cell, labels }: NetworkSpec): number {
  return (block / cell) ** 2 * labels.length;
}

export function mapShapes(spec: NetworkSpec): WeightShape[] {
  const outputs = mapOutputs(spec);
  return [
    { name: `${MAP_HEAD}.w`, shape: [1, 1, spec.attention.gate.inputs, outputs] },
    { name: `${MAP_HEAD}.b`, shape: [outputs] },
  ];
}

/** What it is told, laid out as its logits [N * blocks, cells * L]: score and weight of targets.ts. */
export interface MapTruth {
  readonly score: Float32Array;
  readonly weight: Float32Array;
}

/** @param blockOf of every cell of the batch; the cells of a block come row by row */
export function blockMaps(spec: NetworkSpec, batch: Batch, blockOf: Int32Array, blocks: number): MapTruth {
  const outputs = mapOutputs(spec);
  const L = spec.labels.length;
  const score = new Float32Array(blocks * outputs);
  const weight = new Float32Array(score.length);
  const side = spec.block / spec.cell;
  const columns = batch.view.width / spec.cell;
  const rows = batch.view.height / spec.cell;
  for (let p = 0; p < blockOf.length; p++) {
    const row = Math.floor(p / columns) % rows;
    const at = blockOf[p] * outputs + ((row % side) * side + ((p % columns) % side)) * L;
    for (let l = 0; l < L; l++) {
      score[at + l] = batch.targets.score[p * L + l];
      weight[at + l] = batch.targets.weight[p * L + l];
    }
  }
  return { score, weight };
}

/** Cross-entropy over the cells that show something, and its gradient. */
export function mapLoss(
  logits: Float32Array,
  { score, weight }: MapTruth,
): { total: number; gradient: Float32Array } {
  const gradient = new Float32Array(logits.length);
  let [sum, shown] = [0, 1];
  for (let i = 0; i < logits.length; i++) {
    sum += weight[i] * crossEntropy(logits[i], score[i]);
    shown += weight[i] * score[i];
    gradient[i] = weight[i] * (sigmoid(logits[i]) - score[i]);
  }
  return { total: sum / shown, gradient: gradient.map((value) => value / shown) };
}
