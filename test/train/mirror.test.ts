/** A teacher in a mirror: views turn round and their answers turn back. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';
import type { TruePicture } from '../../train/data/instances.ts';
import { makeBatch } from '../../train/loop/batch.ts';
import { Forward } from '../../train/loop/forward.ts';
import { initializeWeights } from '../../train/loop/initialize.ts';
import { mirrored, mirroredBatch, turnedBack } from '../../train/loop/mirror.ts';
import { flatten, makeVariables, parametersOf } from '../../train/loop/parameters.ts';
import { seededRandom } from '../../train/random.ts';
import { TINY_SPEC } from '../helpers/tiny-step.ts';

const VIEW = { width: 64, height: 48 };
const random = seededRandom(5);
const [width, height] = [64, 48];
const PICTURE: TruePicture = {
  width,
  height,
  rgb: Uint8Array.from({ length: width * height * 3 }, () => random() * 256),
  instances: new Uint8Array(width * height),
  objects: [],
  labelled: [true, true],
};
const BATCH = makeBatch(TINY_SPEC, () => PICTURE, 2, VIEW, 3, 1);
const GATES = Uint8Array.from({ length: 2 * 4 * 3 }, () => Math.floor(random() * 3));

describe('mirrored', () => {
  it('turns every row round, place by place', () => {
    expect(mirrored(Float32Array.of(1, 2, 3, 4, 5, 6), 3)).toEqual(Float32Array.of(3, 2, 1, 6, 5, 4));
    expect(mirrored(Float32Array.of(1, 2, 3, 4, 5, 6), 3, 2)).toEqual(Float32Array.of(5, 6, 3, 4, 1, 2));
  });

  it('is undone by itself', () => {
    const twice = mirroredBatch(TINY_SPEC, mirroredBatch(TINY_SPEC, BATCH));
    expect(twice.frames).toEqual(BATCH.frames);
    expect(twice.coordinates).toEqual(BATCH.coordinates);
  });

  it('has the column within the block as the mirror shows it, and the height as it is', () => {
    const { coordinates } = mirroredBatch(TINY_SPEC, BATCH);
    const at = (channel: number) => coordinates.filter((_, i) => i < 16 * 4 && i % 4 === channel);
    expect([...at(2).slice(0, 4)]).toEqual([-0.75, -0.25, 0.25, 0.75]);
    expect(at(0)).toEqual(BATCH.coordinates.filter((_, i) => i < 16 * 4 && i % 4 === 0));
  });
});

describe('turnedBack', () => {
  /** What a network says of a batch where the gates look. */
  async function answers(kernels: Map<string, Float32Array>, batch = BATCH, gates = GATES) {
    await tf.setBackend('cpu');
    const parameters = parametersOf(TINY_SPEC);
    const variables = makeVariables(parameters, flatten(parameters, kernels));
    const { tensors, attended } = new Forward(TINY_SPEC, variables, batch, () => {}).run(() => gates);
    const [gate, cells] = await Promise.all([tensors.gate.data(), tensors.cells.data()]);
    return { gate: gate as Float32Array, cells: cells as Float32Array, attended };
  }

  it('gives each attended cell and block what its place in the mirror was told', async () => {
    const weights = initializeWeights(TINY_SPEC, 1);
    const own = await answers(weights);
    const inMirror = await answers(weights, mirroredBatch(TINY_SPEC, BATCH), mirrored(GATES, 4));
    const back = turnedBack(TINY_SPEC, BATCH, inMirror, own.attended);
    const columns = VIEW.width / 4;
    expect(own.attended.length).toBeGreaterThan(50);
    own.attended.forEach((cell, row) => {
      const seenAt = inMirror.attended.indexOf(cell - (cell % columns) + columns - 1 - (cell % columns));
      for (let channel = 0; channel < 12; channel++) {
        const told = inMirror.cells[seenAt * 12 + channel];
        expect(back.cells[row * 12 + channel]).toBe(channel % 6 === 2 ? -told : told);
      }
    });
    expect(back.gate).toEqual(mirrored(inMirror.gate, 4, 2));
  });

  it('of a network that tells left and right alike is what it says of the view itself, within strides', async () => {
    // Head outputs by biases alone are the same everywhere: only the centre changes its sign.
    const still = new Map(
      [...initializeWeights(TINY_SPEC, 2)].map(([name, values]) => [
        name,
        name === 'head.b' ? values.map((_, i) => i + 1) : values.fill(0),
      ]),
    );
    const own = await answers(still);
    const inMirror = await answers(still, mirroredBatch(TINY_SPEC, BATCH), mirrored(GATES, 4));
    const back = turnedBack(TINY_SPEC, BATCH, inMirror, own.attended);
    back.cells.forEach((value, i) => {
      expect(value).toBe(i % 6 === 2 ? -own.cells[i] : own.cells[i]);
    });
  });
});
