/** The join's kernels on the wasm backend against the same thing composed of tfjs ops on the cpu backend. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { placesOf } from '../../train/ops/conv-places.ts';
import { joinPlaces, registerJoinKernels } from '../../train/ops/join-places.ts';
import { seededRandom } from '../../train/random.ts';

const SIDE = 4;
const [BATCH, ROWS, COLUMNS] = [2, 8, 12];

async function outputs(backend: string): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const random = seededRandom(5);
  const map = (rows: number, columns: number, channels: number) =>
    tf.tensor4d(
      Float32Array.from({ length: BATCH * rows * columns * channels }, () => random() - 0.5),
      [BATCH, rows, columns, channels],
    );
  const gates = Uint8Array.from({ length: (BATCH * ROWS * COLUMNS) / SIDE ** 2 }, () =>
    Number(random() < 0.5),
  );
  const mask = Uint8Array.from({ length: BATCH * ROWS * COLUMNS }, (_, p) => {
    const row = Math.floor(p / COLUMNS);
    return gates[Math.floor(row / SIDE) * (COLUMNS / SIDE) + Math.floor((p % COLUMNS) / SIDE)];
  });
  const places = placesOf(mask, BATCH, ROWS, COLUMNS);
  // What lies outside the places is zero, as the stem leaves it.
  const held = Float32Array.from(mask);
  const x = tf.mul(map(ROWS, COLUMNS, 5), tf.tensor4d(held, [BATCH, ROWS, COLUMNS, 1])) as tf.Tensor4D;
  const features = map(ROWS / SIDE, COLUMNS / SIDE, 3);
  const coordinates = map(ROWS, COLUMNS, 2);
  const weight = tf.mul(map(ROWS, COLUMNS, 10), tf.tensor4d(held, [BATCH, ROWS, COLUMNS, 1]));
  const run = (a: tf.Tensor, b: tf.Tensor) =>
    joinPlaces(a as tf.Tensor4D, b as tf.Tensor4D, coordinates, places, SIDE);
  const gradients = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(run(a, b), weight)))([
    x,
    features,
  ]);
  return Promise.all(
    [run(x, features), ...gradients].map(async (tensor) => (await tensor.data()) as Float32Array),
  );
}

describe('joinPlaces', () => {
  beforeAll(() => registerJoinKernels());

  it('output and gradients equal those of tfjs', async () => {
    const expected = await outputs('cpu');
    const actual = await outputs('wasm');
    expected.forEach((values, i) => {
      expect(actual[i].length).toBe(values.length);
      const error = actual[i].reduce((most, v, k) => Math.max(most, Math.abs(v - values[k])), 0);
      expect(error).toBeLessThan(1e-5);
    });
  });
});
