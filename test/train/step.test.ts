/** A whole training step: its gradient on the wasm backend against that of tfjs on cpu; what it reaches and leaves. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTrainingBackend } from '../../train/loop/backend.ts';
import { parametersOf, partOf } from '../../train/loop/parameters.ts';
import { relativeError, TINY_SPEC, tinyStep } from '../helpers/tiny-step.ts';

describe('a training step', () => {
  let wasm: Awaited<ReturnType<typeof tinyStep>>;
  beforeAll(async () => {
    await startTrainingBackend('wasm');
    wasm = await tinyStep(false);
  });

  it('has the losses and the gradient that tfjs computes on its cpu backend', async () => {
    await startTrainingBackend('cpu');
    const cpu = await tinyStep(false);
    for (const [name, value] of Object.entries(cpu.losses)) expect(wasm.losses[name]).toBeCloseTo(value, 4);
    expect(relativeError(wasm.gradient, cpu.gradient)).toBeLessThan(1e-4);
    expect(cpu.flops).toBe(wasm.flops);
  });

  it('is the same where values are read later', async () => {
    await startTrainingBackend('wasm');
    const later = await tinyStep(true);
    expect(later.losses).toEqual(wasm.losses);
    expect(later.gradient).toEqual(wasm.gradient);
    expect(later.flops).toBe(wasm.flops);
  });

  it('reaches every weight of both networks and of the scene heads', () => {
    for (const parameter of parametersOf(TINY_SPEC).list) {
      expect(
        partOf(wasm.gradient, parameter).some((g) => g !== 0),
        parameter.name,
      ).toBe(true);
    }
  });

  it('leaves no tensor behind', async () => {
    await startTrainingBackend('wasm');
    const before = tf.memory().numTensors;
    await tinyStep(false);
    await tinyStep(true);
    expect(tf.memory().numTensors).toBe(before);
  });
});
