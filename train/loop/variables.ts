/** The optimiser's weights as tfjs variables: made once, written after every step. */
import * as tf from '@tensorflow/tfjs-core';
import { type NetworkSpec, weightShapes } from '../../src/network/spec.ts';
import type { OptimizerState } from './optimizer.ts';
import { auxiliaryHeads } from './step.ts';

/** Variables of the network and its auxiliary heads; the caller disposes them. */
export function makeVariables(spec: NetworkSpec, state: OptimizerState): Map<string, tf.Variable> {
  const shapes = new Map(weightShapes(spec).map(({ name, shape }) => [name, [...shape]]));
  for (const { name, inputs, outputs } of auxiliaryHeads(spec)) {
    shapes.set(`${name}.w`, [1, 1, inputs, outputs]);
    shapes.set(`${name}.b`, [outputs]);
  }
  return new Map(
    [...state.weights].map(([name, data]) => [
      name,
      tf.tidy(() => tf.variable(tf.tensor(data, shapes.get(name)!))),
    ]),
  );
}

/** Gives the variables the weights after a step. */
export function assignVariables(variables: ReadonlyMap<string, tf.Variable>, state: OptimizerState): void {
  for (const [name, data] of state.weights) {
    const variable = variables.get(name)!;
    tf.tidy(() => variable.assign(tf.tensor(data, variable.shape)));
  }
}
