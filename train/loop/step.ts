/** One training step: forward, gates, losses, gradients. Deterministic by seed and step. */
import * as tf from '@tensorflow/tfjs-core';
import { blockGrid } from '../../src/network/geometry.ts';
import { GATE_SKIP, type NetworkSpec } from '../../src/network/spec.ts';
import { UNKNOWN_CLASS } from '../data/instances.ts';
import { GEOMETRY_CHANNELS } from '../data/targets.ts';
import { gatherPlaces } from '../ops/conv-places.ts';
import { mixSeed, seededRandom } from '../random.ts';
import type { Batch } from './batch.ts';
import { type BlockFacts, chooseGates, type GateChoice, gateLoss } from './gates.ts';
import { type DetailOutput, detailGraph, glanceGraph, type Recorder, type Variables } from './graph.ts';
import { cellLoss, crossEntropy, type RowTruth } from './losses.ts';
import { type Parameters, partOf } from './parameters.ts';
import { SCENE_CLASSES } from './scene-heads.ts';

/** Weight of the gate losses and of the auxiliary scene loss beside the detail losses. */
const GATE_WEIGHT = 0.5;
const SCENE_WEIGHT = 0.1;
const EXPECTED_COST_WEIGHT = 0.1;

export interface StepOptions extends GateChoice {
  readonly lambda: number;
}

export interface StepResult {
  readonly losses: Record<string, number>;
  /** Useful floating-point operations: two a MAC of every convolution, forward, by weight and, where wanted, by input. */
  readonly flops: number;
}

/** The gradient of all variables on one batch, written into `gradient`. Everything made on the way is disposed. */
export function trainStep(
  spec: NetworkSpec,
  parameters: Parameters,
  variables: Variables,
  batch: Batch,
  options: StepOptions,
  seed: number,
  gradient: Float32Array,
): StepResult {
  const { flopsOf, total: flops } = countFlops(spec);
  const losses: Record<string, number> = {};
  const read = (name: string, value: tf.Scalar) => {
    losses[name] = value.dataSync()[0];
  };
  tf.tidy(() => {
    const { grads } = tf.variableGrads(() => {
      const { width, height } = batch.view;
      const frames = tf.tensor4d(batch.frames, [batch.size, height, width, 4]);
      const glance = glanceGraph(spec, variables, frames, flopsOf);
      const { positives, known } = blockTruth(spec, batch);
      const logits = glance.gate.dataSync() as Float32Array;
      const look = Float32Array.from({ length: logits.length / 2 }, (_, i) => logits[2 * i]);
      const gates = chooseGates(look, positives, batch.size, options, seededRandom(mixSeed(seed, 77)));
      const rows = height / spec.cell;
      const columns = width / spec.cell;
      const coordinates = tf.tensor4d(batch.coordinates, [batch.size, rows, columns, 4]);
      const detail = detailGraph(spec, variables, frames, glance.features, gates, coordinates, flopsOf);

      const truth = attendedTruth(spec, batch, detail.attended);
      const cell = cellLoss(gatherPlaces(detail.cells, detail.places), truth);
      const rowScore = cell.rowScore.dataSync() as Float32Array;
      const facts = {
        positives,
        known,
        gates,
        loss: attendedBlockSums(spec, batch, detail.attended, rowScore),
      };
      const gate = gateLoss(glance.gate, facts, {
        lambda: options.lambda,
        fiveShare: options.five,
        teachWeight: 1,
        costWeight: EXPECTED_COST_WEIGHT,
      });
      const scene = sceneLoss(spec, variables, batch, glance.trunk, detail);
      for (const [name, part] of Object.entries(cell.parts)) read(name, part);
      read('gate', gate);
      read('scene', scene);
      losses.attended = gates.reduce((sum, g) => sum + Number(g !== GATE_SKIP), 0) / gates.length;
      const total = tf.addN([
        cell.total,
        tf.mul(gate, GATE_WEIGHT),
        tf.mul(scene, SCENE_WEIGHT),
      ]) as tf.Scalar;
      read('total', total);
      return total;
    }, [...variables.values()]);
    for (const parameter of parameters.list) {
      const made = grads[variables.get(parameter.name)!.name];
      if (made) gradient.set(made.dataSync(), parameter.offset);
      else partOf(gradient, parameter).fill(0);
    }
  });
  return { losses, flops: flops() };
}

/** Counts what the layers compute: the first ones read data, and need no gradient of their input. */
function countFlops(spec: NetworkSpec): { flopsOf: Recorder; total: () => number } {
  const first = [spec.attention.layers[0].name, spec.detail.stem[0].name];
  let total = 0;
  return {
    flopsOf: (name, _, macs) => {
      total += 2 * macs * (first.includes(name) ? 2 : 3);
    },
    total: () => total,
  };
}

/** Object cells a block, and whether anything is known of it (all cells ignored: no). */
function blockTruth(spec: NetworkSpec, batch: Batch): Pick<BlockFacts, 'positives' | 'known'> {
  const { score, weight } = batch.targets;
  const positives = blockSums(
    spec,
    batch,
    score.map((value, i) => value * weight[i]),
  );
  const doubts = blockSums(
    spec,
    batch,
    weight.map((value) => 1 - value),
  );
  return { positives, known: doubts.map((doubt, i) => (positives[i] > 0 || doubt === 0 ? 1 : 0)) };
}

/** Sums rows [N, h, w, L] over each block: [N * blocks]. */
function blockSums(spec: NetworkSpec, batch: Batch, rows: Float32Array): Float32Array {
  const all = Int32Array.from({ length: rows.length / spec.labels.length }, (_, p) => p);
  return attendedBlockSums(spec, batch, all, rows);
}

/** The targets of the attended cells, row by row. */
function attendedTruth(spec: NetworkSpec, batch: Batch, attended: Int32Array): RowTruth {
  const L = spec.labels.length;
  const pick = (from: Float32Array, width: number) => {
    const out = new Float32Array(attended.length * width);
    attended.forEach((p, i) => {
      for (let c = 0; c < width; c++) out[i * width + c] = from[p * width + c];
    });
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

/** Block of every cell of the batch: [N * h * w]. */
function blockOfCells(spec: NetworkSpec, batch: Batch): Int32Array {
  const grid = blockGrid(spec, batch.view);
  const rows = batch.view.height / spec.cell;
  const columns = batch.view.width / spec.cell;
  const side = spec.block / spec.cell;
  const blocks = new Int32Array(batch.size * rows * columns);
  for (let p = 0; p < blocks.length; p++) {
    const column = p % columns;
    const row = Math.floor(p / columns);
    const y = row % rows;
    const n = (row - y) / rows;
    blocks[p] = (n * grid.rows + Math.floor(y / side)) * grid.columns + Math.floor(column / side);
  }
  return blocks;
}

function attendedBlockSums(
  spec: NetworkSpec,
  batch: Batch,
  attended: Int32Array,
  values: Float32Array,
): Float32Array {
  const grid = blockGrid(spec, batch.view);
  const blocks = blockOfCells(spec, batch);
  const sums = new Float32Array(batch.size * grid.rows * grid.columns);
  const L = spec.labels.length;
  for (let i = 0; i < values.length; i++) sums[blocks[attended[Math.floor(i / L)]]] += values[i];
  return sums;
}

/** Cross-entropy, one class against the rest, of attended cells, and of blocks by the shares of their cells. */
function sceneLoss(
  spec: NetworkSpec,
  variables: Variables,
  batch: Batch,
  attentionTrunk: tf.Tensor4D,
  detail: DetailOutput,
): tf.Scalar {
  const { scene } = batch.targets;
  const cells = {
    targets: new Float32Array(detail.attended.length * SCENE_CLASSES),
    known: new Float32Array(detail.attended.length),
  };
  detail.attended.forEach((p, i) => {
    if (scene[p] === UNKNOWN_CLASS) return;
    cells.targets[i * SCENE_CLASSES + scene[p]] = 1;
    cells.known[i] = 1;
  });
  const blockOf = blockOfCells(spec, batch);
  const count = attentionTrunk.shape[0] * attentionTrunk.shape[1] * attentionTrunk.shape[2];
  const blocks = { targets: new Float32Array(count * SCENE_CLASSES), known: new Float32Array(count) };
  scene.forEach((value, p) => {
    if (value === UNKNOWN_CLASS) return;
    blocks.targets[blockOf[p] * SCENE_CLASSES + value]++;
    blocks.known[blockOf[p]]++;
  });
  blocks.targets.forEach((value, i) => {
    blocks.targets[i] = value / Math.max(1, blocks.known[Math.floor(i / SCENE_CLASSES)]);
  });
  const loss = (rows: tf.Tensor, name: string, truth: { targets: Float32Array; known: Float32Array }) => {
    const weights = tf.reshape(variables.get(`${name}.w`)!, [rows.shape[1]!, SCENE_CLASSES]);
    const logits = tf.add(
      tf.matMul(rows as tf.Tensor2D, weights as tf.Tensor2D),
      variables.get(`${name}.b`)!,
    );
    const weight = truth.known.map((value) => Number(value > 0));
    const sum = tf.sum(
      tf.mul(
        crossEntropy(logits, tf.tensor2d(truth.targets, [weight.length, SCENE_CLASSES])),
        tf.tensor2d(weight, [weight.length, 1]),
      ),
    );
    return tf.div(
      sum,
      Math.max(
        1,
        weight.reduce((a, b) => a + b, 0),
      ),
    );
  };
  const flat = tf.reshape(attentionTrunk, [count, attentionTrunk.shape[3]]);
  return tf.add(
    loss(gatherPlaces(detail.trunk, detail.places), 'scene.detail', cells),
    loss(flat, 'scene.attention', blocks),
  ) as tf.Scalar;
}
