/**
 * The join of the detail network as a differentiable tfjs op: at each place, the stem's channels, the features of the
 * place's block and the coordinates; zero elsewhere. On the wasm backend kernels of our own, else composed.
 */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { Places } from './conv-places.ts';
import { kernels } from './wasm-kernels.ts';

/**
 * @param x [n, h, w, C]; @param features [n, G, J, F], nearest up-sampled by `side`
 * @param coordinates [n, h, w, Q], data: no gradient
 */
export function joinPlaces(
  x: tf.Tensor4D,
  features: tf.Tensor4D,
  coordinates: tf.Tensor4D,
  places: Places,
  side: number,
): tf.Tensor4D {
  if (tf.getBackend() !== 'wasm') return composed(x, features, coordinates, places, side);
  const op = tf.customGrad((...args: unknown[]) => {
    const save = args[args.length - 1] as tf.GradSaveFunc;
    const engine = tf.engine();
    const named = { x, features, coordinates, places: places.list };
    const value = engine.runKernel('JoinPlaces', named, { side }) as tf.Tensor;
    save([places.list]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, [list]: tf.Tensor[]) =>
        engine.runKernel('JoinPlacesGrad', { dy, places: list }, {
          side,
          shapes: [x.shape, features.shape],
        } as unknown as tf.NamedAttrMap) as unknown as tf.Tensor[],
    };
  });
  return op(x, features) as tf.Tensor4D;
}

function composed(
  x: tf.Tensor4D,
  features: tf.Tensor4D,
  coordinates: tf.Tensor4D,
  places: Places,
  side: number,
): tf.Tensor4D {
  const [batch, rows, columns] = x.shape;
  const surround = tf.slice(upsampleNearest(features, side), [0, 0, 0, 0], [batch, rows, columns, -1]);
  const masked = tf.mul(tf.concat([surround, coordinates], 3), places.mask);
  return tf.concat([x, masked] as tf.Tensor4D[], 3);
}

/** Nearest up-sampling by a whole factor; its gradient is the sum over the copies. */
function upsampleNearest(x: tf.Tensor4D, factor: number): tf.Tensor4D {
  const op = tf.customGrad((...args: unknown[]) => {
    const input = args[0] as tf.Tensor4D;
    const [, rows, columns] = input.shape;
    return {
      value: tf.image.resizeNearestNeighbor(input, [rows * factor, columns * factor]),
      gradFunc: (dy: tf.Tensor) =>
        tf.mul(tf.avgPool(dy as tf.Tensor4D, factor, factor, 'valid'), factor * factor),
    };
  });
  return op(x) as tf.Tensor4D;
}

/** h w G J side, as the kernels want them. */
function gridOf(x: number[], features: number[], side: number): number[] {
  return [x[1], x[2], features[1], features[2], side];
}

function zeros(backend: BackendWasm, shape: number[]): tf.TensorInfo {
  const made = backend.makeOutput(shape, 'float32');
  const floats = shape.reduce((product, n) => product * n, 1);
  kernels(backend).exports.clear(backend.dataIdMap.get(made.dataId).memoryOffset, floats);
  return made;
}

function join(backend: BackendWasm, inputs: Record<string, tf.TensorInfo>, side: number): tf.TensorInfo {
  const { x, features, coordinates, places } = inputs;
  const channels = [x, features, coordinates].map(({ shape }) => shape[3]);
  const all = channels.reduce((sum, count) => sum + count, 0);
  const out = zeros(backend, [...x.shape.slice(0, 3), all]);
  const tensors = [x, features, coordinates, out, places];
  const pointers = tensors.map(({ dataId }) => backend.dataIdMap.get(dataId).memoryOffset);
  const grid = gridOf(x.shape, features.shape, side);
  kernels(backend).exports.join(...pointers, places.shape[0], ...channels, ...grid);
  return out;
}

function joinGradient(
  backend: BackendWasm,
  { dy, places }: Record<string, tf.TensorInfo>,
  side: number,
  [xShape, featuresShape]: number[][],
): tf.TensorInfo[] {
  const outputs = [xShape, featuresShape].map((shape) => zeros(backend, shape));
  const tensors = [dy, ...outputs, places];
  const pointers = tensors.map(({ dataId }) => backend.dataIdMap.get(dataId).memoryOffset);
  const [C, F, all] = [xShape[3], featuresShape[3], dy.shape[3]];
  const grid = gridOf(xShape, featuresShape, side);
  kernels(backend).exports.joinGradient(...pointers, places.shape[0], C, F, all - C - F, ...grid);
  return outputs;
}

/** Registers the kernels for the backend named 'wasm'. */
export function registerJoinKernels(): void {
  if (tf.getKernel('JoinPlaces', 'wasm')) return;
  tf.registerKernel({
    kernelName: 'JoinPlaces',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) =>
      join(backend as BackendWasm, inputs as Record<string, tf.TensorInfo>, attrs?.side as number),
  });
  tf.registerKernel({
    kernelName: 'JoinPlacesGrad',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) =>
      joinGradient(
        backend as BackendWasm,
        inputs as Record<string, tf.TensorInfo>,
        attrs?.side as number,
        attrs?.shapes as unknown as number[][],
      ),
  });
}
