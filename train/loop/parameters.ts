/**
 * All parameters of a training as one flat vector: what the optimiser steps through, workers share and checkpoints
 * hold. The order is that of the network's layers, auxiliary heads last.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { NetworkSpec, Weights } from '../../src/network/spec.ts';
import { heapOf } from '../ops/wasm-kernels.ts';
import { storedWeights, trainedShapes } from './gene-weights.ts';
import { SCENE_HEADS } from './scene-heads.ts';

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** Floats before it in the vector, and its own. */
  readonly offset: number;
  readonly size: number;
  /** A convolution from features to features: neither the first layer of a network nor one that answers. */
  readonly hidden: boolean;
}

export interface Parameters {
  readonly list: readonly Parameter[];
  /** Floats of the whole vector. */
  readonly size: number;
}

/** Where every weight of the network and of its auxiliary heads lies in the vector. */
export function parametersOf(spec: NetworkSpec): Parameters {
  const shapes = [...trainedShapes(spec), ...SCENE_HEADS.flatMap((head) => head.shapes(spec))];
  const hidden = hiddenWeights(spec);
  let offset = 0;
  const list = shapes.map(({ name, shape }) => {
    const size = shape.reduce((product, n) => product * n, 1);
    offset += size;
    return { name, shape, offset: offset - size, size, hidden: hidden.has(name) };
  });
  return { list, size: offset };
}

/** The biases alone, where they lie. */
export function biasesOf({ list, size }: Parameters): Parameters {
  return { list: list.filter(({ shape }) => shape.length === 1), size };
}

function hiddenWeights({ attention, detail }: NetworkSpec): Set<string> {
  const layers = [...attention.layers.slice(1), attention.features, ...detail.stem.slice(1), ...detail.trunk];
  return new Set(layers.flatMap(({ name }) => [`${name}.w`, `${name}.five.w`]));
}

/** The part of a vector that belongs to a parameter: a view, no copy. */
export function partOf(vector: Float32Array, { offset, size }: Parameter): Float32Array {
  return vector.subarray(offset, offset + size);
}

/** A vector of the parameters from arrays by name. */
export function flatten(parameters: Parameters, arrays: Weights): Float32Array {
  const vector = new Float32Array(parameters.size);
  for (const parameter of parameters.list) vector.set(arrays.get(parameter.name)!, parameter.offset);
  return vector;
}

/** The weights of a model (auxiliary heads left out, genes chosen), copied out of a vector. */
export function networkWeights(spec: NetworkSpec, parameters: Parameters, vector: Float32Array): Weights {
  const names = new Set(trainedShapes(spec).map(({ name }) => name));
  const kept = parameters.list.filter(({ name }) => names.has(name));
  return storedWeights(
    spec,
    new Map(kept.map((parameter) => [parameter.name, partOf(vector, parameter).slice()])),
  );
}

/** tfjs variables of all parameters; the caller disposes them. */
export function makeVariables(parameters: Parameters, vector: Float32Array): Map<string, tf.Variable> {
  return new Map(
    parameters.list.map((parameter) => [
      parameter.name,
      tf.tidy(() => tf.variable(tensorOf(parameter, vector))),
    ]),
  );
}

/** Gives the variables the values of a vector. */
export function assignVariables(
  variables: ReadonlyMap<string, tf.Variable>,
  parameters: Parameters,
  vector: Float32Array,
): void {
  for (const parameter of parameters.list) {
    const variable = variables.get(parameter.name)!;
    const held = heapOf(variable);
    if (held) held.set(partOf(vector, parameter));
    else tf.tidy(() => variable.assign(tensorOf(parameter, vector)));
  }
}

/** A copy: the vector changes with every step, and may be shared memory, which tfjs does not take. */
function tensorOf(parameter: Parameter, vector: Float32Array): tf.Tensor {
  return tf.tensor(Float32Array.from(partOf(vector, parameter)), [...parameter.shape]);
}
