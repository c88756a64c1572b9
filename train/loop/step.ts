/**
 * One training step of a part of a batch: forward, gates, losses, gradients. Deterministic by seed.
 *
 * tfjs holds the graph and its gradients; the losses are plain code that answers the network's outputs with the
 * gradient of each (cell-loss.ts, gates.ts, scene-heads.ts), and the graph is differentiated from there.
 */
import * as tf from '@tensorflow/tfjs-core';
import { GATE_SKIP, type NetworkSpec } from '../../src/network/spec.ts';
import { convPlaces, gatherPlaces } from '../ops/conv-places.ts';
import { mixSeed, seededRandom } from '../random.ts';
import { type Agreement, cellAgreement, gateAgreement, hasTwins } from './agreement.ts';
import type { Batch } from './batch.ts';
import { cellLoss } from './cell-loss.ts';
import { chooseGates, type GateChoice, gateLoss } from './gates.ts';
import { allPlacesOf, detailGraph, glanceGraph, type Recorder, type Variables } from './graph.ts';
import { type Parameters, partOf } from './parameters.ts';
import { sceneLoss } from './scene-heads.ts';
import { attendedTruth, blockOfCells, blockScenes, blockTruth, cellScenes, sumByBlock } from './truth.ts';

/** Weight of the gate losses and of the auxiliary scene loss beside the detail losses. */
const GATE_WEIGHT = 0.5;
const SCENE_WEIGHT = 0.4;
const EXPECTED_COST_WEIGHT = 0.1;

export interface StepOptions extends GateChoice {
  readonly lambda: number;
  /** Reward for answering a corrupted view like the clean one; 0: none. */
  readonly agreement: number;
}

export interface StepResult {
  readonly losses: Record<string, number>;
  /** Useful floating-point operations: two a MAC of every convolution, forward, by weight and, where wanted, by input. */
  readonly flops: number;
}

/** Outputs that have a loss, in this order. */
const OUTPUTS = ['gate', 'sceneBlocks', 'cells', 'sceneCells'] as const;
type Output = (typeof OUTPUTS)[number];

/** The forward pass of a part: first `glance`, then, with the gates chosen from it, `detail`. */
class Forward {
  readonly #spec: NetworkSpec;
  readonly #variables: Variables;
  readonly #batch: Batch;
  readonly #count: Recorder;

  constructor(spec: NetworkSpec, variables: Variables, batch: Batch, count: Recorder) {
    this.#spec = spec;
    this.#variables = variables;
    this.#batch = batch;
    this.#count = count;
  }

  #sceneHead(name: string, x: tf.Tensor4D, places = allPlacesOf(x)): tf.Tensor4D {
    const weight = this.#variables.get(`${name}.w`) as unknown as tf.Tensor4D;
    const bias = this.#variables.get(`${name}.b`) as unknown as tf.Tensor1D;
    return convPlaces(x, weight, bias, places);
  }

  run(choose: (gate: tf.Tensor) => Uint8Array): { tensors: Record<Output, tf.Tensor>; attended: Int32Array } {
    const { size, view, frames, coordinates } = this.#batch;
    const { cell } = this.#spec;
    const input = tf.tensor4d(frames, [size, view.height, view.width, 4]);
    const glance = glanceGraph(this.#spec, this.#variables, input, this.#count);
    const gates = choose(glance.gate);
    const detail = detailGraph(
      this.#spec,
      this.#variables,
      input,
      glance.features,
      gates,
      tf.tensor4d(coordinates, [size, view.height / cell, view.width / cell, 4]),
      this.#count,
    );
    const sceneCells = this.#sceneHead('scene.detail', detail.trunk, detail.places);
    const tensors = {
      gate: glance.gate,
      sceneBlocks: this.#sceneHead('scene.attention', glance.trunk),
      cells: gatherPlaces(detail.cells, detail.places),
      sceneCells: gatherPlaces(sceneCells, detail.places),
    };
    return { tensors, attended: detail.attended };
  }
}

type Values = Record<Output, Float32Array>;

/** Losses of a part and their gradient by every output. */
class Judge {
  readonly #spec: NetworkSpec;
  readonly #batch: Batch;
  readonly #options: StepOptions;
  readonly #seed: number;
  readonly #blockOf: Int32Array;
  readonly #blocks: ReturnType<typeof blockTruth>;

  constructor(spec: NetworkSpec, batch: Batch, options: StepOptions, seed: number) {
    this.#spec = spec;
    this.#batch = batch;
    this.#options = options;
    this.#seed = seed;
    this.#blockOf = blockOfCells(spec, batch);
    this.#blocks = blockTruth(spec, batch, this.#blockOf);
  }

  chooseGates(logits: Float32Array): Uint8Array {
    const random = seededRandom(mixSeed(this.#seed, 77));
    return chooseGates(logits, this.#blocks.positives, this.#batch.size, this.#options, random);
  }

  judge(
    values: Values,
    gates: Uint8Array,
    attended: Int32Array,
  ): { losses: Record<string, number>; gradients: Values } {
    const blockOf = this.#blockOf;
    const cell = cellLoss(values.cells, attendedTruth(this.#spec, this.#batch, attended));
    const loss = sumByBlock(cell.rowScore, attended, blockOf, gates.length);
    const gate = gateLoss(
      values.gate,
      { ...this.#blocks, gates, loss },
      {
        lambda: this.#options.lambda,
        fiveShare: this.#options.five,
        teachWeight: 1,
        costWeight: EXPECTED_COST_WEIGHT,
      },
    );
    scaled(gate.gradient, GATE_WEIGHT);
    const sceneCells = sceneLoss(values.sceneCells, cellScenes(this.#batch, attended));
    const sceneBlocks = sceneLoss(values.sceneBlocks, blockScenes(this.#batch, blockOf, gates.length));
    const scene = sceneCells.total + sceneBlocks.total;
    const agreement = this.#agreement(values, attended, gate.gradient, cell.gradient);
    return {
      losses: {
        ...cell.parts,
        gate: gate.total,
        scene,
        agreement,
        attended: gates.reduce((sum, g) => sum + Number(g !== GATE_SKIP), 0) / gates.length,
        total: cell.total + gate.total * GATE_WEIGHT + scene * SCENE_WEIGHT + agreement,
      },
      gradients: {
        gate: gate.gradient,
        sceneBlocks: scaled(sceneBlocks.gradient, SCENE_WEIGHT),
        cells: cell.gradient,
        sceneCells: scaled(sceneCells.gradient, SCENE_WEIGHT),
      },
    };
  }

  /** The weighted disagreement of twins with their clean views; its gradients are added to those given. */
  #agreement(values: Values, attended: Int32Array, gate: Float32Array, cells: Float32Array): number {
    const { twins, view } = this.#batch;
    const weight = this.#options.agreement;
    if (weight === 0 || !hasTwins(twins)) return 0;
    const cellsPerView = (view.width / this.#spec.cell) * (view.height / this.#spec.cell);
    const add = (to: Float32Array, { gradient, total }: Agreement) => {
      for (let i = 0; i < to.length; i++) to[i] += weight * gradient[i];
      return weight * total;
    };
    return (
      add(gate, gateAgreement(values.gate, twins)) +
      add(cells, cellAgreement(values.cells, attended, twins, cellsPerView))
    );
  }
}

function scaled(values: Float32Array, factor: number): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] *= factor;
  return values;
}

/** A scalar whose gradient by each output is the one given; its value is of no use. */
function lossWithGradients(tensors: Record<Output, tf.Tensor>, gradients: Values): tf.Scalar {
  const op = tf.customGrad(() => ({
    value: tf.scalar(0),
    gradFunc: () => OUTPUTS.map((name) => tf.tensor(gradients[name], tensors[name].shape)),
  }));
  return op(...OUTPUTS.map((name) => tensors[name])) as tf.Scalar;
}

/**
 * The gradient of all variables on one part, written into `gradient`. For backends whose tensors can be read at once
 * (wasm, cpu); everything made on the way is disposed.
 */
export function trainStep(
  spec: NetworkSpec,
  parameters: Parameters,
  variables: Variables,
  batch: Batch,
  options: StepOptions,
  seed: number,
  gradient: Float32Array,
): StepResult {
  const flops = new FlopCounter(spec);
  const judge = new Judge(spec, batch, options, seed);
  let losses: Record<string, number> = {};
  tf.tidy(() => {
    const { grads } = tf.variableGrads(() => {
      let gates: Uint8Array = new Uint8Array();
      const { tensors, attended } = new Forward(spec, variables, batch, flops.count).run((gate) => {
        gates = judge.chooseGates(gate.dataSync() as Float32Array);
        return gates;
      });
      const values = Object.fromEntries(OUTPUTS.map((name) => [name, tensors[name].dataSync()])) as Values;
      const judged = judge.judge(values, gates, attended);
      losses = judged.losses;
      return lossWithGradients(tensors, judged.gradients);
    }, [...variables.values()]);
    for (const parameter of parameters.list) {
      const made = grads[variables.get(parameter.name)!.name];
      if (made) gradient.set(made.dataSync(), parameter.offset);
      else partOf(gradient, parameter).fill(0);
    }
  });
  return { losses, flops: flops.total };
}

/** Counts what the layers compute: the first ones read data, and need no gradient of their input. */
class FlopCounter {
  total = 0;
  readonly #first: ReadonlySet<string>;

  constructor(spec: NetworkSpec) {
    this.#first = new Set([spec.attention.layers[0].name, spec.detail.stem[0].name]);
  }

  readonly count: Recorder = (name, _, macs) => {
    this.total += 2 * macs * (this.#first.has(name) ? 2 : 3);
  };
}
