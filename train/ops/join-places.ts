/**
 * The join of the detail network as a differentiable tfjs op: at each place, the stem's channels, the features of the
 * place's block and the coordinates; zero elsewhere. On the wasm backend kernels of our own, else composed.
 */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { Places } from './conv-places.ts';

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

/** Calls `visit` with the row of each place in [n, h, w, ..] and in [n, G, J, ..]. */
function forPlaces(
  places: Int32Array,
  [, rows, columns]: number[],
  [, gridRows, gridColumns]: number[],
  side: number,
  visit: (place: number, block: number) => void,
): void {
  for (let i = 0; i < places.length; i++) {
    const row = Math.floor(places[i] / columns);
    const n = Math.floor(row / rows);
    const blockRow = n * gridRows + Math.floor((row - n * rows) / side);
    visit(places[i], blockRow * gridColumns + Math.floor((places[i] - row * columns) / side));
  }
}

function heap(backend: BackendWasm, tensor: tf.TensorInfo): Float32Array {
  return backend.typedArrayFromHeap(tensor) as Float32Array;
}

function join(backend: BackendWasm, inputs: Record<string, tf.TensorInfo>, side: number): tf.TensorInfo {
  const { x, features, coordinates, places } = inputs;
  const [C, F, Q] = [x, features, coordinates].map(({ shape }) => shape[3]);
  const out = backend.makeOutput([...x.shape.slice(0, 3), C + F + Q], 'float32');
  const to = heap(backend, out);
  const [fromX, fromFeatures, fromCoordinates] = [x, features, coordinates].map((t) => heap(backend, t));
  const list = backend.typedArrayFromHeap(places) as Int32Array;
  to.fill(0);
  forPlaces(list, x.shape, features.shape, side, (place, block) => {
    let at = place * (C + F + Q);
    for (let c = 0, p = place * C; c < C; c++) to[at++] = fromX[p++];
    for (let c = 0, p = block * F; c < F; c++) to[at++] = fromFeatures[p++];
    for (let c = 0, p = place * Q; c < Q; c++) to[at++] = fromCoordinates[p++];
  });
  return out;
}

function joinGradient(
  backend: BackendWasm,
  { dy, places }: Record<string, tf.TensorInfo>,
  side: number,
  [xShape, featuresShape]: number[][],
): tf.TensorInfo[] {
  const outputs = [xShape, featuresShape].map((shape) => backend.makeOutput(shape, 'float32'));
  const [toX, toFeatures] = outputs.map((t) => heap(backend, t));
  const from = heap(backend, dy);
  const list = backend.typedArrayFromHeap(places) as Int32Array;
  const [C, F, all] = [xShape[3], featuresShape[3], dy.shape[3]];
  toX.fill(0);
  toFeatures.fill(0);
  forPlaces(list, xShape, featuresShape, side, (place, block) => {
    let at = place * all;
    for (let c = 0, p = place * C; c < C; c++) toX[p++] = from[at++];
    for (let c = 0, p = block * F; c < F; c++) toFeatures[p++] += from[at++];
  });
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
