/** The training op on the wasm backend, with fused products where there are, against the same composed of tfjs ops on cpu. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { convPlaces, placesOf } from '../../train/ops/conv-places.ts';
import { registerTrainingKernels } from '../../train/ops/wasm-kernels.ts';
import { seededRandom } from '../../train/random.ts';

interface Case {
  name: string;
  batch: number;
  height: number;
  width: number;
  inputs: number;
  outputs: number;
  kernel: number;
  stride: number;
  relu: boolean;
  /** 'input': the residual is x itself, whose gradient then comes with that of the convolution. */
  residual: boolean | 'input';
  /** A map that is there already, away from the places. */
  base?: boolean;
  share: number;
}

const CASES: Case[] = [
  {
    name: '3x3, all places',
    batch: 2,
    height: 9,
    width: 11,
    inputs: 4,
    outputs: 8,
    kernel: 3,
    stride: 1,
    relu: true,
    residual: false,
    share: 1,
  },
  {
    name: '3x3, stride 2, odd size',
    batch: 2,
    height: 9,
    width: 13,
    inputs: 5,
    outputs: 6,
    kernel: 3,
    stride: 2,
    relu: true,
    residual: false,
    share: 1,
  },
  {
    name: '3x3, residual, half of the places',
    batch: 1,
    height: 16,
    width: 17,
    inputs: 12,
    outputs: 12,
    kernel: 3,
    stride: 1,
    relu: true,
    residual: true,
    share: 0.5,
  },
  {
    name: '3x3, x is the residual',
    batch: 2,
    height: 7,
    width: 9,
    inputs: 6,
    outputs: 6,
    kernel: 3,
    stride: 1,
    relu: true,
    residual: 'input',
    share: 0.6,
  },
  {
    name: '5x5 on a base, x is the residual',
    batch: 1,
    height: 12,
    width: 10,
    inputs: 8,
    outputs: 8,
    kernel: 5,
    stride: 1,
    relu: true,
    residual: 'input',
    base: true,
    share: 0.4,
  },
  {
    name: '5x5, some places',
    batch: 1,
    height: 12,
    width: 10,
    inputs: 8,
    outputs: 9,
    kernel: 5,
    stride: 1,
    relu: false,
    residual: false,
    share: 0.3,
  },
  {
    name: '1x1, linear',
    batch: 2,
    height: 7,
    width: 5,
    inputs: 16,
    outputs: 2,
    kernel: 1,
    stride: 1,
    relu: false,
    residual: false,
    share: 1,
  },
];

async function outputs(backend: string, c: Case): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const random = seededRandom(7);
  const values = (n: number, scale = 2) => Float32Array.from({ length: n }, () => (random() - 0.5) * scale);
  const oh = Math.ceil(c.height / c.stride);
  const ow = Math.ceil(c.width / c.stride);
  const x = tf.tensor4d(values(c.batch * c.height * c.width * c.inputs), [
    c.batch,
    c.height,
    c.width,
    c.inputs,
  ]);
  const w = tf.tensor4d(values(c.kernel ** 2 * c.inputs * c.outputs, 0.5), [
    c.kernel,
    c.kernel,
    c.inputs,
    c.outputs,
  ]);
  const b = tf.tensor1d(values(c.outputs));
  const r = tf.tensor4d(values(c.batch * oh * ow * c.outputs), [c.batch, oh, ow, c.outputs]);
  const weight = tf.tensor4d(values(c.batch * oh * ow * c.outputs), [c.batch, oh, ow, c.outputs]);
  const mask = Uint8Array.from({ length: c.batch * oh * ow }, () => Number(random() < c.share));
  const places = placesOf(mask, c.batch, oh, ow);
  const elsewhere = tf.tensor4d(
    Float32Array.from(values(c.batch * oh * ow * c.outputs), (v, i) =>
      mask[Math.floor(i / c.outputs)] ? 0 : v,
    ),
    [c.batch, oh, ow, c.outputs],
  );
  const run = (xx: tf.Tensor, ww: tf.Tensor, bb: tf.Tensor, rr: tf.Tensor) =>
    convPlaces(xx as tf.Tensor4D, ww as tf.Tensor4D, bb as tf.Tensor1D, places, {
      stride: c.stride,
      relu: c.relu,
      residual: c.residual === 'input' ? (xx as tf.Tensor4D) : c.residual ? (rr as tf.Tensor4D) : undefined,
      base: c.base ? elsewhere : undefined,
    });
  const loss = (...args: tf.Tensor[]): tf.Scalar =>
    tf.add(
      tf.sum(tf.mul(run(args[0], args[1], args[2], args[3]), weight)),
      tf.mul(tf.sum(args[3]), 0),
    ) as tf.Scalar;
  const gradients = tf.grads(loss as (...args: tf.Tensor[]) => tf.Scalar)([x, w, b, r]);
  const all = [run(x, w, b, r), ...gradients];
  return Promise.all(all.map(async (tensor) => (await tensor.data()) as Float32Array));
}

function expectClose(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const error = actual.reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i])), 0);
  expect(error).toBeLessThanOrEqual(1e-4 * scale);
}

describe('convPlaces', () => {
  beforeAll(() => registerTrainingKernels());

  it.each(CASES)('$name: output and gradients equal those of tfjs', async (c) => {
    const expected = await outputs('cpu', c);
    const actual = await outputs('wasm', c);
    expected.forEach((values, i) => {
      expectClose(actual[i], values);
    });
  });
});
