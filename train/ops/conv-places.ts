/**
 * Convolution at a list of places, as a differentiable tfjs op. On the wasm backend it runs assembly/training; on
 * every other backend (cpu, webgpu) the same thing composed of tfjs ops: whole-map convolution times a mask.
 *
 *   y[p] = activation(conv(x)[p] + bias + residual[p]) for p in places, base[p] (or 0) elsewhere
 *
 * x [n, H, W, C], filter [k, k, C, N], bias [N], residual [n, ceil(H/s), ceil(W/s), N]; padding (k-1)/2 each side.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ConvAttributes } from './wasm-kernels.ts';

/** Output positions p = (n * OH + oy) * OW + ox to be computed; the tensors belong to the caller. */
export interface Places {
  /** int32 [count], ascending. */
  readonly list: tf.Tensor1D;
  /** The same numbers. */
  readonly indices: Int32Array;
  /** 1 at the places, [n, OH, OW, 1]; only the composed form reads it. */
  readonly mask: tf.Tensor4D;
}

export interface ConvOptions {
  readonly stride?: number;
  readonly relu?: boolean;
  /** Quickest where it is x itself. */
  readonly residual?: tf.Tensor4D;
  /** What y is elsewhere; must be 0 at the places. */
  readonly base?: tf.Tensor4D;
  /** False saves the gradient of x where x is data. */
  readonly inputGradient?: boolean;
}

export function convPlaces(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D,
  places: Places,
  options: ConvOptions = {},
): tf.Tensor4D {
  if (tf.getBackend() !== 'wasm') return composed(x, filter, bias, places, options);
  const { stride = 1, relu = false, residual, base, inputGradient = true } = options;
  const through = residual === x && inputGradient;
  const attrs: ConvAttributes = { stride, relu, inputGradient, through };
  const other = through ? undefined : residual;
  const inputs: tf.Tensor[] = [x, filter, bias];
  if (other) inputs.push(other);
  if (base) inputs.push(base);
  const op = tf.customGrad((...args: unknown[]) => {
    const save = args[args.length - 1] as tf.GradSaveFunc;
    const engine = tf.engine();
    const named: Record<string, tf.Tensor> = { x, filter, bias, places: places.list };
    if (residual) named.residual = residual;
    if (base) named.base = base;
    const y = engine.runKernel('ConvPlaces', named, attrs as unknown as tf.NamedAttrMap) as tf.Tensor;
    save([x, filter, y, places.list]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedX, savedFilter, savedY, list] = saved;
        const gradients = engine.runKernel(
          'ConvPlacesGrad',
          { x: savedX, filter: savedFilter, y: savedY, dy, places: list },
          { ...attrs, residual: Boolean(other) } as unknown as tf.NamedAttrMap,
        ) as unknown as tf.Tensor[];
        const [dx, dw, db, dresidual] = gradients;
        const all = [inputGradient ? dx : tf.zerosLike(savedX), dw, db];
        if (other) all.push(dresidual);
        // At the places, where y does not come from the base, its own maker does not look.
        if (base) all.push(dy);
        return all;
      },
    };
  });
  return op(...inputs) as tf.Tensor4D;
}

/** Rows of x [n, h, w, C] at the places, [count, C], differentiable. */
export function gatherPlaces(x: tf.Tensor4D, places: Places): tf.Tensor2D {
  const { shape } = x;
  if (tf.getBackend() !== 'wasm') return tf.gather(tf.reshape(x, [-1, shape[3]]), places.list) as tf.Tensor2D;
  const op = tf.customGrad((...args: unknown[]) => {
    const [input, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const engine = tf.engine();
    const value = engine.runKernel('GatherPlaces', { x: input, places: places.list }) as tf.Tensor;
    save([places.list]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, [list]: tf.Tensor[]) =>
        engine.runKernel('ScatterPlaces', { dy, places: list }, { shape }) as tf.Tensor,
    };
  });
  return op(x) as tf.Tensor2D;
}

function composed(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D,
  places: Places,
  { stride = 1, relu = false, residual, base }: ConvOptions,
): tf.Tensor4D {
  const pad = (filter.shape[0] - 1) / 2;
  let y: tf.Tensor4D = tf.add(tf.conv2d(x, filter, stride, pad), bias);
  if (residual) y = tf.add(y, residual);
  if (relu) y = tf.relu(y);
  y = tf.mul(y, places.mask);
  return base ? tf.add(y, base) : y;
}

/** Numbers from 0, shared by all maps with as many positions. */
let counting = new Int32Array();

/** The places of all positions of a map: the plain convolution. */
export function allPlaces(batch: number, height: number, width: number): Places {
  const count = batch * height * width;
  if (counting.length < count) counting = Int32Array.from({ length: count }, (_, p) => p);
  return listedPlaces(counting.subarray(0, count), batch, height, width);
}

/** Places where `mask` [batch, height, width] is not 0. */
export function placesOf(mask: Uint8Array, batch: number, height: number, width: number): Places {
  const indices = Int32Array.from([...mask.keys()].filter((p) => mask[p] !== 0));
  return listedPlaces(indices, batch, height, width);
}

/** @param indices ascending, positions of [batch, height, width] */
export function listedPlaces(indices: Int32Array, batch: number, height: number, width: number): Places {
  const list = tf.tensor1d(indices, 'int32');
  if (tf.getBackend() === 'wasm') return { list, indices, mask: tf.zeros([1, 1, 1, 1]) };
  const mask = new Float32Array(batch * height * width);
  for (const p of indices) mask[p] = 1;
  return { list, indices, mask: tf.tensor4d(mask, [batch, height, width, 1]) };
}
