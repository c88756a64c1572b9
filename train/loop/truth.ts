/** What the losses of a part are told: truth by block and by attended cell, cut out of a batch's targets. */
import { blockGrid } from '../../src/network/geometry.ts';
import type { NetworkSpec } from '../../src/network/spec.ts';
import { UNKNOWN_CLASS } from '../data/instances.ts';
import { GEOMETRY_CHANNELS, LOOK, LOOK_UNKNOWN } from '../data/targets.ts';
import type { Batch } from './batch.ts';
import type { RowTruth } from './cell-loss.ts';
import type { BlockFacts } from './gates.ts';
import { SCENE_CLASSES, type SceneTruth } from './scene-heads.ts';

/** Block of every cell of the batch: [N * h * w]. */
export function blockOfCells(spec: NetworkSpec, batch: Batch): Int32Array {
  const grid = blockGrid(spec, batch.view);
  const rows = batch.view.height / spec.cell;
  const columns = batch.view.width / spec.cell;
  const side = spec.block / spec.cell;
  const blocks = new Int32Array(batch.size * rows * columns);
  for (let n = 0, p = 0; n < batch.size; n++) {
    for (let y = 0; y < rows; y++) {
      const gridRow = (n * grid.rows + Math.floor(y / side)) * grid.columns;
      for (let x = 0; x < columns; x++, p++) blocks[p] = gridRow + Math.floor(x / side);
    }
  }
  return blocks;
}

/**
 * Cells a block that are worth a look, what missing it weighs, and whether anything is known of it (no such cell, and some of which it
 * is not known: no).
 * @param lookWeights by label, of a block that shows an object of it; left out: 1
 */
export function blockTruth(
  spec: NetworkSpec,
  batch: Batch,
  blockOf: Int32Array,
  lookWeights: Readonly<Record<string, number>> = {},
): Pick<BlockFacts, 'positives' | 'known' | 'importance'> {
  const grid = blockGrid(spec, batch.view);
  const { score, weight, look } = batch.targets;
  const L = spec.labels.length;
  const positives = new Float32Array(batch.size * grid.rows * grid.columns);
  const doubts = new Float32Array(positives.length);
  const heaviest = new Float32Array(positives.length).fill(-1);
  const weights = spec.labels.map((label) => lookWeights[label] ?? 1);
  for (let p = 0, i = 0; p < blockOf.length; p++) {
    const block = blockOf[p];
    if (look[p] === LOOK) positives[block]++;
    if (look[p] === LOOK_UNKNOWN) doubts[block]++;
    for (let l = 0; l < L; l++, i++) {
      if (score[i] * weight[i] > 0) heaviest[block] = Math.max(heaviest[block], weights[l]);
    }
  }
  return {
    positives,
    importance: heaviest.map((most) => (most < 0 ? 1 : most)),
    known: doubts.map((doubt, i) => (positives[i] > 0 || doubt === 0 ? 1 : 0)),
  };
}

/** Sums over each of `blocks` blocks of the values [P * L] of attended cells. */
export function sumByBlock(
  values: Float32Array,
  attended: Int32Array,
  blockOf: Int32Array,
  blocks: number,
): Float32Array {
  const sums = new Float32Array(blocks);
  const L = values.length / Math.max(1, attended.length);
  for (let p = 0, i = 0; p < attended.length; p++) {
    for (let l = 0; l < L; l++, i++) sums[blockOf[attended[p]]] += values[i];
  }
  return sums;
}

/** The targets of the attended cells, row by row. */
export function attendedTruth(spec: NetworkSpec, batch: Batch, attended: Int32Array): RowTruth {
  const L = spec.labels.length;
  const pick = (from: Float32Array, width: number) => {
    const out = new Float32Array(attended.length * width);
    for (let i = 0, to = 0; i < attended.length; i++) {
      for (let c = 0, at = attended[i] * width; c < width; c++) out[to++] = from[at++];
    }
    return out;
  };
  const { score, weight, share, box } = batch.targets;
  return {
    score: pick(score, L),
    weight: pick(weight, L),
    share: pick(share, L),
    box: pick(box, L * GEOMETRY_CHANNELS),
    labels: spec.labels,
  };
}

/** Scene classes of the attended cells. */
export function cellScenes(batch: Batch, attended: Int32Array): SceneTruth {
  const targets = new Float32Array(attended.length * SCENE_CLASSES);
  const known = new Float32Array(attended.length);
  for (let i = 0; i < attended.length; i++) {
    const scene = batch.targets.scene[attended[i]];
    if (scene === UNKNOWN_CLASS) continue;
    targets[i * SCENE_CLASSES + scene] = 1;
    known[i] = 1;
  }
  return { targets, known };
}

/** Shares of the scene classes in each block. */
export function blockScenes(batch: Batch, blockOf: Int32Array, blocks: number): SceneTruth {
  const targets = new Float32Array(blocks * SCENE_CLASSES);
  const counts = new Float32Array(blocks);
  const { scene } = batch.targets;
  for (let p = 0; p < scene.length; p++) {
    if (scene[p] === UNKNOWN_CLASS) continue;
    targets[blockOf[p] * SCENE_CLASSES + scene[p]]++;
    counts[blockOf[p]]++;
  }
  for (let i = 0; i < targets.length; i++) targets[i] /= Math.max(1, counts[Math.floor(i / SCENE_CLASSES)]);
  return { targets, known: counts.map((count) => Number(count > 0)) };
}
