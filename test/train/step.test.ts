/** A whole training step: its gradient on the wasm backend against that of tfjs on cpu; what it reaches and leaves. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error A plain script, without types.
import { softwareAdapterEnvironment } from '../../tools/soak/dawn.mjs';
import { startTrainingBackend } from '../../train/loop/backend.ts';
import { parametersOf, partOf } from '../../train/loop/parameters.ts';
import { bundleModule } from '../helpers/bundle-module.ts';
import { relativeError, TINY_SPEC, tinyStep } from '../helpers/tiny-step.ts';

/** Dawn reads where the adapter lies when a process starts, so this is a process of its own. */
async function webgpuStep(): Promise<
  Pick<Awaited<ReturnType<typeof tinyStep>>, 'losses' | 'flops' | 'gradient'>
> {
  const program = await bundleModule('test/helpers/webgpu-step.ts');
  const env = { ...process.env, ...softwareAdapterEnvironment() };
  const run = spawnSync(process.execPath, [fileURLToPath(program)], {
    env,
    maxBuffer: 2 ** 26,
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(run.stderr);
  const { losses, flops, gradient } = JSON.parse(run.stdout);
  return { losses, flops, gradient: Float32Array.from(gradient) };
}

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

  it('has them on webgpu too, composed of other operations', async () => {
    const webgpu = await webgpuStep();
    for (const [name, value] of Object.entries(wasm.losses))
      expect(webgpu.losses[name]).toBeCloseTo(value, 3);
    expect(relativeError(webgpu.gradient, wasm.gradient)).toBeLessThan(1e-3);
    expect(webgpu.flops).toBe(wasm.flops);
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

  it('learns nothing from a teacher that answers the same, and something from another', async () => {
    await startTrainingBackend('wasm');
    const same = await tinyStep(false, TINY_SPEC, 1);
    expect(same.losses.teacher).toBeCloseTo(0, 6);
    expect(relativeError(same.gradient, wasm.gradient)).toBeLessThan(1e-6);
    const other = await tinyStep(false, TINY_SPEC, 2);
    expect(other.losses.teacher).toBeGreaterThan(1e-4);
    expect(other.losses.total).toBeCloseTo(wasm.losses.total + other.losses.teacher, 4);
    expect(relativeError(other.gradient, wasm.gradient)).toBeGreaterThan(1e-4);
    expect(await tinyStep(true, TINY_SPEC, 2)).toEqual(other);
  });

  it('learns of other blocks from a teacher that attends to every block, in both ways of reading values', async () => {
    await startTrainingBackend('wasm');
    const there = await tinyStep(false, TINY_SPEC, 2);
    const everywhere = await tinyStep(false, TINY_SPEC, 2, true);
    expect(everywhere.losses.teacher).not.toBeCloseTo(there.losses.teacher, 3);
    expect(everywhere.losses.gate).toBe(there.losses.gate);
    expect(await tinyStep(true, TINY_SPEC, 2, true)).toEqual(everywhere);
  });

  it('leaves no tensor behind', async () => {
    await startTrainingBackend('wasm');
    const before = tf.memory().numTensors;
    await tinyStep(false, TINY_SPEC, 2);
    await tinyStep(true, TINY_SPEC, 2, true);
    expect(tf.memory().numTensors).toBe(before);
  });
});
