/** The training graph dressed as a backend, so that the conformance suite can run it beside the others. */
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { Backend, Executor, PixelFrame } from '../../src/backends/backend.ts';
import { blockGrid } from '../../src/network/geometry.ts';
import { GATE_SKIP, type Model } from '../../src/network/spec.ts';
import { startTrainingBackend } from '../../train/loop/backend.ts';
import { trainedShapes, trainedWeights } from '../../train/loop/gene-weights.ts';
import { detailGraph, glanceGraph } from '../../train/loop/graph.ts';
import { framePlaces } from '../../train/onnx/dense-graph.ts';

function cellCoordinates(rows: number, columns: number, side: number): Float32Array {
  const out = new Float32Array(rows * columns * 4);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at += 4) {
      out[at] = (2 * (row + 0.5)) / rows - 1;
      out[at + 1] = Math.abs((2 * (column + 0.5)) / columns - 1);
      out[at + 2] = (2 * ((column % side) + 0.5)) / side - 1;
      out[at + 3] = (2 * ((row % side) + 0.5)) / side - 1;
    }
  }
  return out;
}

type StoredMap = { shape: [number, number, number]; data: Float32Array };

class TrainingExecutor implements Executor {
  // The interface names the shipped backends only; this one stands in for tests.
  readonly backend = 'reference';
  readonly #model: Model;
  readonly #variables: Map<string, tf.Variable>;
  readonly #maps = new Map<string, StoredMap>();
  #frame?: PixelFrame;
  #features?: tf.Tensor4D;

  constructor(model: Model) {
    this.#model = model;
    const shapes = new Map(trainedShapes(model.network).map(({ name, shape }) => [name, [...shape]]));
    this.#variables = new Map(
      [...trainedWeights(model.network, model.weights)].map(([name, data]) => [
        name,
        tf.variable(tf.tensor(data, shapes.get(name))),
      ]),
    );
  }

  async upload(frame: PixelFrame): Promise<void> {
    this.#frame = { ...frame, data: frame.data.slice() };
  }

  #store(name: string, map: tf.Tensor4D): void {
    const [, height, width, channels] = map.shape;
    this.#maps.set(name, { shape: [height, width, channels], data: Float32Array.from(map.dataSync()) });
  }

  async glance() {
    const frame = this.#frame!;
    const { columns, rows } = blockGrid(this.#model.network, frame);
    const logits = tf.tidy(() => {
      const frames = tf.tensor4d(framePlaces(this.#model.network, frame), [1, frame.height, frame.width, 4]);
      const { gate, features } = glanceGraph(this.#model.network, this.#variables, frames, (name, map) =>
        this.#store(name, map),
      );
      this.#features?.dispose();
      this.#features = tf.keep(features);
      return gate.dataSync();
    });
    const pick = (offset: number) =>
      Float32Array.from({ length: rows * columns }, (_, i) => logits[2 * i + offset]);
    return { columns, rows, look: pick(0), five: pick(1) };
  }

  async inspect(gates: Uint8Array) {
    const frame = this.#frame!;
    const { network } = this.#model;
    const side = network.block / network.cell;
    let macs = 0;
    const { columns } = blockGrid(network, frame);
    const cellRows = Math.ceil(frame.height / network.cell);
    const cellColumns = Math.ceil(frame.width / network.cell);
    const all = tf.tidy(() => {
      const frames = tf.tensor4d(framePlaces(this.#model.network, frame), [1, frame.height, frame.width, 4]);
      const coordinates = tf.tensor4d(cellCoordinates(cellRows, cellColumns, side), [
        1,
        cellRows,
        cellColumns,
        4,
      ]);
      const { cells } = detailGraph(
        network,
        this.#variables,
        frames,
        this.#features!,
        gates,
        coordinates,
        (name, map, count) => {
          macs += count;
          // A layer with two branches reports each; the second's map holds the first's too.
          this.#store(name, map);
        },
      );
      return cells.dataSync();
    });
    const blocks = Uint32Array.from([...gates.keys()].filter((i) => gates[i] !== GATE_SKIP));
    const channels = network.detail.head.outputs;
    const cells = new Float32Array(blocks.length * side * side * channels);
    blocks.forEach((block, i) => {
      for (let v = 0; v < side; v++) {
        for (let u = 0; u < side; u++) {
          const row = Math.floor(block / columns) * side + v;
          const column = (block % columns) * side + u;
          if (row >= cellRows || column >= cellColumns) continue;
          const from = (row * cellColumns + column) * channels;
          cells.set(all.subarray(from, from + channels), ((i * side + v) * side + u) * channels);
        }
      }
    });
    return { blocks, cells, macs };
  }

  async read(name: string) {
    return this.#maps.get(name)!;
  }

  memoryBytes(): number {
    return tf.memory().numBytes;
  }

  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
    this.#variables.clear();
    this.#features?.dispose();
  }
}

/** A backend for the conformance suite only. */
export function trainingBackend(): Backend {
  return {
    name: 'reference',
    unavailable: async () => null,
    load: async (model) => {
      await startTrainingBackend();
      return new TrainingExecutor(model);
    },
  };
}
