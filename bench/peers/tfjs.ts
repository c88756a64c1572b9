/**
 * tfjs on the same network, built from the spec: one fused convolution a layer (bias and activation in the kernel,
 * as the graph executor of converted models fuses them), weights uploaded once.
 */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Size } from '../../src/network/geometry.ts';
import { COORDINATE_CHANNELS, FRAME_CHANNELS, type Model } from '../../src/network/spec.ts';
import { buildDense, type DenseBuilder, framePlaces } from '../../train/onnx/dense-graph.ts';
import type { PeerBackend, PeerRunner } from './peer.ts';

type Tf = typeof import('@tensorflow/tfjs-core');
/** Computes one map from those before it; `maps[0]` is the frame. */
type Step = (maps: readonly Tensor4D[]) => Tensor4D;

let tfjsWasmFiles: string | undefined;

/** Where a page finds the backend's .wasm; in Node it finds its own. */
export function setTfjsFiles(address: string): void {
  tfjsWasmFiles = address;
}

export async function loadTfjs(backend: PeerBackend, model: Model, size: Size): Promise<PeerRunner> {
  const tf = await import('@tensorflow/tfjs-core');
  const version = backend === 'wasm' ? await loadWasmBackend(tf) : await loadWebgpuBackend();
  tf.enableProdMode();
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs-backend-${backend} did not start here`);
  await tf.ready();
  const graph = recordGraph(tf, model, size);
  const shape: [number, number, number, number] = [1, size.height, size.width, FRAME_CHANNELS];
  return {
    version,
    threads: 1,
    input: (frame) => framePlaces(model.network, frame),
    run: async (values) => {
      const [gates, cells] = tf.tidy(() => graph.run(tf.tensor4d(values, shape)));
      try {
        const [gateData, cellData] = await Promise.all([gates.data(), cells.data()]);
        return { gates: gateData as Float32Array, cells: cellData as Float32Array };
      } finally {
        tf.dispose([gates, cells]);
      }
    },
    release: () => graph.dispose(),
  };
}

async function loadWasmBackend(tf: Tf): Promise<string> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false); // one thread, as the others, in isolated pages too
  if (tfjsWasmFiles !== undefined) wasm.setWasmPaths(tfjsWasmFiles);
  return wasm.version_wasm;
}

/** It does not tell its version, but all of tfjs carries the same. */
async function loadWebgpuBackend(): Promise<string> {
  await import('@tensorflow/tfjs-backend-webgpu');
  return (await import('@tensorflow/tfjs-core')).version_core;
}

/** The walk over the network happens once; a run repeats its steps. */
function recordGraph(tf: Tf, model: Model, size: Size) {
  const steps: Step[] = [];
  const held: { dispose(): void }[] = [];
  const keep = <T extends { dispose(): void }>(tensor: T): T => {
    held.push(tensor);
    return tensor;
  };
  const record = (step: Step): number => steps.push(step); // maps[0] is the frame, so a step's map is at its count
  const builder: DenseBuilder<number> = {
    frame: () => 0,
    averageBoxes: (input, _, factor) => record((maps) => tf.avgPool(maps[input], factor, factor, 'same')),
    convolution: (input, { w, b, kernel, inputs, outputs, stride, residual, activation }) => {
      const filter = keep(tf.tensor4d(w, [kernel, kernel, inputs, outputs]));
      const bias = keep(tf.tensor1d(b));
      const relu = activation === 'relu';
      return record((maps) => {
        const sum = tf.fused.conv2d({
          x: maps[input],
          filter,
          bias,
          strides: stride,
          pad: (kernel - 1) / 2,
          dimRoundingMode: 'floor',
          activation: relu && !residual ? 'relu' : 'linear',
        }) as Tensor4D;
        if (!residual) return sum;
        const whole = tf.add(sum, maps[input]) as Tensor4D;
        return relu ? tf.relu(whole) : whole;
      });
    },
    upsample: (input, _, factor, { width, height }) =>
      record((maps) => {
        const [, rows, columns, channels] = maps[input].shape;
        const whole = tf.image.resizeNearestNeighbor(maps[input], [rows * factor, columns * factor]);
        return tf.slice4d(whole, [0, 0, 0, 0], [1, height, width, channels]);
      }),
    constant: (_, { width, height }, values) => {
      const tensor = keep(tf.tensor4d(values, [1, height, width, COORDINATE_CHANNELS]));
      return record(() => tensor);
    },
    concatChannels: (inputs) =>
      record((maps) =>
        tf.concat4d(
          inputs.map((one) => maps[one]),
          3,
        ),
      ),
  };
  const { gates, cells } = buildDense(model, size, builder);
  return {
    run(frame: Tensor4D): [Tensor4D, Tensor4D] {
      const maps = [frame];
      for (const step of steps) maps.push(step(maps));
      return [maps[gates], maps[cells]];
    },
    dispose: () => {
      for (const tensor of held) tensor.dispose();
    },
  };
}
