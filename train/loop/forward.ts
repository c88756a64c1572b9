/** The forward pass of a part of a batch, as far as losses want it; counts what it computes. */
import * as tf from '@tensorflow/tfjs-core';
import type { NetworkSpec } from '../../src/network/spec.ts';
import { convPlaces, gatherPlaces } from '../ops/conv-places.ts';
import type { Batch } from './batch.ts';
import {
  allPlacesOf,
  detailGraph,
  type GlanceOutput,
  glanceGraph,
  type Recorder,
  type Variables,
} from './graph.ts';

/** Outputs that have a loss, in this order: [N, G, J, 2], [N, G, J, classes], [P, L * 6], [P, classes]. */
export const OUTPUTS = ['gate', 'sceneBlocks', 'cells', 'sceneCells'] as const;
export type Output = (typeof OUTPUTS)[number];

/** Values of the outputs, or a gradient by each. */
export type Values = Record<Output, Float32Array>;

export interface ForwardResult {
  readonly tensors: Readonly<Record<Output, tf.Tensor>>;
  /** The cells of attended blocks, the P of the outputs. */
  readonly attended: Int32Array;
}

/** Runs within a tidy of the caller. */
export class Forward {
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

  #input(): tf.Tensor4D {
    const { size, view, frames } = this.#batch;
    return tf.tensor4d(frames, [size, view.height, view.width, 4]);
  }

  /** The gate logits alone. */
  gate(): tf.Tensor {
    return this.#glance(this.#input()).gate;
  }

  #glance(input: tf.Tensor4D): GlanceOutput {
    return glanceGraph(this.#spec, this.#variables, input, this.#count);
  }

  /** @param choose gates [N, G, J] from the gate logits */
  run(choose: (gate: tf.Tensor) => Uint8Array): ForwardResult {
    const { size, view, coordinates } = this.#batch;
    const { cell } = this.#spec;
    const input = this.#input();
    const glance = this.#glance(input);
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
    return { tensors, attended: detail.places.indices };
  }
}

/** Counts what the layers compute: the first ones read data, and need no gradient of their input. */
export class FlopCounter {
  total = 0;
  readonly #first: ReadonlySet<string>;

  constructor(spec: NetworkSpec) {
    this.#first = new Set([spec.attention.layers[0].name, spec.detail.stem[0].name]);
  }

  readonly count: Recorder = (name, _, macs) => {
    this.total += 2 * macs * (this.#first.has(name) ? 2 : 3);
  };
}
