/**
 * One training step of a part of a batch: forward, gates, losses, gradients. Deterministic by seed.
 *
 * tfjs holds the graph and its gradients; the losses are plain code (judge.ts) that answers the network's outputs with
 * a gradient by each, and the graph is differentiated from there.
 */
import * as tf from '@tensorflow/tfjs-core';
import { GATE_THREE, type NetworkSpec } from '../../src/network/spec.ts';
import { heapOf } from '../ops/wasm-kernels.ts';
import type { Batch } from './batch.ts';
import { fromEverywhere, type Taught } from './distillation.ts';
import { FlopCounter, Forward, type ForwardResult, OUTPUTS, type Values } from './forward.ts';
import type { Variables } from './graph.ts';
import { Judge, type JudgeOptions } from './judge.ts';
import { type Parameters, partOf } from './parameters.ts';
import type { TrainSettings } from './settings.ts';
import { blockOfCells } from './truth.ts';

export interface StepResult {
  readonly losses: Record<string, number>;
  /** Useful floating-point operations: two a MAC of every convolution, forward, by weight and, where wanted, by input. */
  readonly flops: number;
}

/** What a step works on: the network and its variables, the views, and what the losses are told. */
export interface StepInput {
  readonly spec: NetworkSpec;
  readonly parameters: Parameters;
  readonly variables: Variables;
  /** A network to learn from besides the labels, and its variables. */
  readonly teacher?: { readonly spec: NetworkSpec; readonly variables: Variables };
  readonly batch: Batch;
  readonly options: JudgeOptions & Pick<TrainSettings, 'teacherEverywhere'>;
  readonly seed: number;
}

/** A scalar whose gradient by each output is the one given; its value is of no use. */
function lossWithGradients({ tensors }: ForwardResult, gradients: Values): tf.Scalar {
  const op = tf.customGrad(() => ({
    value: tf.scalar(0),
    gradFunc: () => OUTPUTS.map((name) => tf.tensor(gradients[name], tensors[name].shape)),
  }));
  return op(...OUTPUTS.map((name) => tensors[name])) as tf.Scalar;
}

/** What the teacher answers where the gates look, or everywhere; its operations are not counted. */
function teacherForward(
  { teacher, batch, options }: StepInput,
  gates: Uint8Array,
): Record<keyof Taught, tf.Tensor> | undefined {
  if (!teacher) return undefined;
  const seen = options.teacherEverywhere ? new Uint8Array(gates.length).fill(GATE_THREE) : gates;
  const { tensors } = new Forward(teacher.spec, teacher.variables, batch, () => {}).run(() => seen);
  return { gate: tensors.gate, cells: tensors.cells };
}

/** What there is to learn from that. @param attended cells of the network that learns */
function taughtBy({ spec, batch, options }: StepInput, answers: Taught, attended: Int32Array): Taught {
  if (!options.teacherEverywhere) return answers;
  return fromEverywhere({ ...answers, blockOf: blockOfCells(spec, batch) }, attended);
}

/** Writes gradients by variable into the vector; variables that had no part in it have none. */
function collect(
  { parameters, variables }: StepInput,
  values: (variable: tf.Variable) => ArrayLike<number> | undefined,
  gradient: Float32Array,
): void {
  for (const parameter of parameters.list) {
    const made = values(variables.get(parameter.name)!);
    if (made) gradient.set(made, parameter.offset);
    else partOf(gradient, parameter).fill(0);
  }
}

/**
 * The gradient of all variables on one part, written into `gradient`. For backends whose tensors can be read at once
 * (wasm, cpu); everything made on the way is disposed.
 */
export function trainStep(input: StepInput, gradient: Float32Array): StepResult {
  const { spec, variables, batch, options, seed } = input;
  const flops = new FlopCounter(spec);
  const judge = new Judge(spec, batch, options, seed);
  let losses: Record<string, number> = {};
  tf.tidy(() => {
    const { grads } = tf.variableGrads(() => {
      let gates: Uint8Array = new Uint8Array();
      const forward = new Forward(spec, variables, batch, flops.count).run((gate) => {
        gates = judge.chooseGates(gate.dataSync() as Float32Array);
        return gates;
      });
      const entries = OUTPUTS.map((name) => [name, forward.tensors[name].dataSync()]);
      const answers = tf.tidy(() => {
        const tensors = teacherForward(input, gates);
        return tensors && { gate: valuesOf(tensors.gate), cells: valuesOf(tensors.cells) };
      });
      const taught = answers && taughtBy(input, answers, forward.attended);
      const judged = judge.judge(Object.fromEntries(entries) as Values, gates, forward.attended, taught);
      losses = judged.losses;
      return lossWithGradients(forward, judged.gradients);
    }, [...variables.values()]);
    const values = (made?: tf.Tensor) => made && (heapOf(made) ?? made.dataSync());
    collect(input, ({ name }) => values(grads[name]), gradient);
  });
  return { losses, flops: flops.total };
}

/**
 * The same for backends that give their values later (webgpu): the gates and the losses are found in forward passes
 * of their own, and the pass that is differentiated is told both.
 */
export async function trainStepLater(input: StepInput, gradient: Float32Array): Promise<StepResult> {
  const { spec, variables, batch, options, seed } = input;
  const judge = new Judge(spec, batch, options, seed);
  const pass = (count = new FlopCounter(spec)) => new Forward(spec, variables, batch, count.count);
  const gates = judge.chooseGates(await take(tf.tidy(() => pass().gate())));
  let attended = new Int32Array();
  const tensors = tf.tidy(() => {
    const forward = pass().run(() => gates);
    ({ attended } = forward as { attended: Int32Array<ArrayBuffer> });
    return OUTPUTS.map((name) => forward.tensors[name]);
  });
  const entries = await Promise.all(tensors.map(async (tensor, i) => [OUTPUTS[i], await take(tensor)]));
  const answer = tf.tidy(() => teacherForward(input, gates));
  const answers = answer && { gate: await take(answer.gate), cells: await take(answer.cells) };
  const taught = answers && taughtBy(input, answers, attended);
  const { losses, gradients } = judge.judge(Object.fromEntries(entries) as Values, gates, attended, taught);
  const flops = new FlopCounter(spec);
  const grads = tf.tidy(
    () =>
      tf.variableGrads(
        () =>
          lossWithGradients(
            pass(flops).run(() => gates),
            gradients,
          ),
        [...variables.values()],
      ).grads,
  );
  const values = new Map<string, Float32Array>();
  await Promise.all(
    Object.entries(grads).map(async ([name, made]) => {
      if (made) values.set(name, await take(made));
    }),
  );
  collect(input, ({ name }) => values.get(name), gradient);
  return { losses, flops: flops.total };
}

/** A copy: the tensor is about to go. */
function valuesOf(tensor: tf.Tensor): Float32Array {
  return (tensor.dataSync() as Float32Array).slice();
}

/** The values of a tensor, which is disposed. */
async function take(tensor: tf.Tensor): Promise<Float32Array> {
  const values = (await tensor.data()) as Float32Array;
  tensor.dispose();
  return values;
}
