/** One training step: forward, gates, losses, gradients. Deterministic by seed and step. */
import * as tf from '@tensorflow/tfjs-core';
import { blockGrid } from '../../src/network/geometry.ts';
import { GATE_SKIP, type NetworkSpec } from '../../src/network/spec.ts';
import { UNKNOWN_CLASS } from '../data/instances.ts';
import { mixSeed, seededRandom } from '../random.ts';
import type { Batch } from './batch.ts';
import { type BlockFacts, chooseGates, type GateChoice, gateLoss } from './gates.ts';
import { detailGraph, glanceGraph, type Variables } from './graph.ts';
import type { AuxiliaryHead } from './initialize.ts';
import { cellLoss, crossEntropy } from './losses.ts';
import type { Arrays } from './optimizer.ts';

/** Scene classes of the auxiliary task (CamVid's eleven). */
export const SCENE_CLASSES = 11;

/** Weight of the gate losses and of the auxiliary scene loss beside the detail losses. */
const GATE_WEIGHT = 0.5;
const SCENE_WEIGHT = 0.1;
const EXPECTED_COST_WEIGHT = 0.1;

/** Heads that tell scene classes from the last layers of both networks; dropped after training. */
export function auxiliaryHeads(spec: NetworkSpec): AuxiliaryHead[] {
  return [
    { name: 'scene.attention', inputs: spec.attention.gate.inputs, outputs: SCENE_CLASSES },
    { name: 'scene.detail', inputs: spec.detail.head.inputs, outputs: SCENE_CLASSES },
  ];
}

export interface StepOptions extends GateChoice {
  readonly lambda: number;
}

export interface StepResult {
  readonly gradients: Arrays;
  readonly losses: Record<string, number>;
}

/** Gradients of all variables on one batch. Everything made on the way is disposed. */
export function trainStep(
  spec: NetworkSpec,
  variables: Variables,
  batch: Batch,
  options: StepOptions,
  seed: number,
): StepResult {
  const losses: Record<string, number> = {};
  const read = (name: string, value: tf.Scalar) => {
    losses[name] = value.dataSync()[0];
  };
  const gradients: Arrays = new Map();
  tf.tidy(() => {
    const { grads } = tf.variableGrads(() => {
      const { width, height } = batch.view;
      const frames = tf.tensor4d(batch.frames, [batch.size, height, width, 4]);
      const glance = glanceGraph(spec, variables, frames);
      const { positives, known } = blockTruth(spec, batch);
      const logits = glance.gate.dataSync() as Float32Array;
      const look = Float32Array.from({ length: logits.length / 2 }, (_, i) => logits[2 * i]);
      const gates = chooseGates(look, positives, batch.size, options, seededRandom(mixSeed(seed, 77)));
      const rows = height / spec.cell;
      const columns = width / spec.cell;
      const coordinates = tf.tensor4d(batch.coordinates, [batch.size, rows, columns, 4]);
      const detail = detailGraph(spec, variables, frames, glance.features, gates, coordinates);

      const L = spec.labels.length;
      const weight = batch.targets.weight.map((value, i) => value * detail.attended[Math.floor(i / L)]);
      const cell = cellLoss(detail.cells, { ...batch.targets, weight, labels: spec.labels });
      const facts = { positives, known, gates, loss: blockSums(spec, batch, cell.rowScore.dataSync() as Float32Array) };
      const gate = gateLoss(glance.gate, facts, {
        lambda: options.lambda,
        fiveShare: options.five,
        teachWeight: 1,
        costWeight: EXPECTED_COST_WEIGHT,
      });
      const scene = sceneLoss(spec, variables, batch, glance.trunk, detail.trunk, detail.attended);
      for (const [name, part] of Object.entries(cell.parts)) read(name, part);
      read('gate', gate);
      read('scene', scene);
      losses.attended = gates.reduce((sum, g) => sum + Number(g !== GATE_SKIP), 0) / gates.length;
      const total = tf.addN([cell.total, tf.mul(gate, GATE_WEIGHT), tf.mul(scene, SCENE_WEIGHT)]) as tf.Scalar;
      read('total', total);
      return total;
    }, [...variables.values()]);
    for (const [name, variable] of variables) {
      const gradient = grads[variable.name];
      gradients.set(name, gradient ? (gradient.dataSync() as Float32Array).slice() : new Float32Array(variable.size));
    }
  });
  return { gradients, losses };
}

/** Object cells a block, and whether anything is known of it (all cells ignored: no). */
function blockTruth(spec: NetworkSpec, batch: Batch): Pick<BlockFacts, 'positives' | 'known'> {
  const { score, weight } = batch.targets;
  const positives = blockSums(spec, batch, score.map((value, i) => value * weight[i]));
  const doubts = blockSums(spec, batch, weight.map((value) => 1 - value));
  return { positives, known: doubts.map((doubt, i) => (positives[i] > 0 || doubt === 0 ? 1 : 0)) };
}

/** Sums rows [N, h, w, L] over each block: [N * blocks]. */
function blockSums(spec: NetworkSpec, batch: Batch, rowsValues: Float32Array): Float32Array {
  const grid = blockGrid(spec, batch.view);
  const rows = batch.view.height / spec.cell;
  const columns = batch.view.width / spec.cell;
  const side = spec.block / spec.cell;
  const L = spec.labels.length;
  const sums = new Float32Array(batch.size * grid.rows * grid.columns);
  let at = 0;
  for (let n = 0; n < batch.size; n++) {
    for (let y = 0; y < rows; y++) {
      const row = (n * grid.rows + Math.floor(y / side)) * grid.columns;
      for (let x = 0; x < columns; x++) {
        const block = row + Math.floor(x / side);
        for (let label = 0; label < L; label++) sums[block] += rowsValues[at++];
      }
    }
  }
  return sums;
}

/** Cross-entropy, one against the rest, of the scene class: of attended cells, and of blocks by their cells' shares. */
function sceneLoss(
  spec: NetworkSpec,
  variables: Variables,
  batch: Batch,
  attentionTrunk: tf.Tensor4D,
  detailTrunk: tf.Tensor4D,
  attended: Uint8Array,
): tf.Scalar {
  const { scene } = batch.targets;
  const [N, h, w] = detailTrunk.shape;
  const oneHot = new Float32Array(scene.length * SCENE_CLASSES);
  const known = new Float32Array(scene.length);
  for (let i = 0; i < scene.length; i++) {
    if (scene[i] === UNKNOWN_CLASS) continue;
    oneHot[i * SCENE_CLASSES + scene[i]] = 1;
    known[i] = 1;
  }
  const target = tf.tensor4d(oneHot, [N, h, w, SCENE_CLASSES]);
  const knownCells = tf.tensor4d(known, [N, h, w, 1]);
  const attendedCells = tf.tensor4d(known.map((value, i) => value * attended[i]), [N, h, w, 1]);
  const logits = (trunk: tf.Tensor4D, name: string) => {
    const [n, rows, columns, channels] = trunk.shape;
    const flat = tf.reshape(trunk, [n * rows * columns, channels]);
    const weights = tf.reshape(variables.get(`${name}.w`)!, [channels, SCENE_CLASSES]);
    const product = tf.add(tf.matMul(flat as tf.Tensor2D, weights as tf.Tensor2D), variables.get(`${name}.b`)!);
    return tf.reshape(product, [n, rows, columns, SCENE_CLASSES]);
  };
  const weigh = (loss: tf.Tensor, weight: tf.Tensor) =>
    tf.div(tf.sum(tf.mul(loss, weight)), tf.maximum(tf.sum(weight), 1)) as tf.Scalar;
  const side = spec.block / spec.cell;
  const pool = (x: tf.Tensor4D) => tf.avgPool(x, side, side, 'valid');
  const blockKnown = pool(knownCells);
  const blockTarget = tf.div(pool(tf.mul(target, knownCells)), tf.maximum(blockKnown, 1e-3));
  return tf.add(
    weigh(crossEntropy(logits(detailTrunk, 'scene.detail'), target), attendedCells),
    weigh(crossEntropy(logits(attentionTrunk, 'scene.attention'), blockTarget), blockKnown),
  ) as tf.Scalar;
}
