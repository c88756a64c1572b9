/**
 * The tfjs backend that training runs on, made ready: wasm with our gradient kernels; webgpu, on which the same graph
 * is made of tfjs's own operations; cpu, slow, for tests.
 */
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { registerJoinKernels } from '../ops/join-places.ts';
import { registerTrainingKernels } from '../ops/wasm-kernels.ts';
import type { TrainingBackend } from './backends.ts';

const ADVICE: Record<TrainingBackend, string> = {
  wasm: 'training needs a Node with WebAssembly SIMD (20 or newer)',
  webgpu: 'it needs navigator.gpu, in Node that of the npm package webgpu, and a GPU that Vulkan finds',
  cpu: 'npm package @tensorflow/tfjs-backend-cpu is missing',
};

/**
 * Starts a backend; `navigator.gpu` must stand before webgpu is started.
 * @throws SaccadeNetError UNSUPPORTED when it cannot start
 */
export async function startTrainingBackend(name: TrainingBackend = 'wasm'): Promise<void> {
  registerTrainingKernels();
  registerJoinKernels();
  tf.enableProdMode();
  const started = await start(name).catch((error: unknown) => error);
  if (started === true) return;
  const reason = started instanceof Error ? `: ${started.message}` : '';
  throw new SaccadeNetError('UNSUPPORTED', `tfjs-backend-${name} did not start${reason}; ${ADVICE[name]}`);
}

async function start(name: TrainingBackend): Promise<boolean> {
  if (name === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
  if (name === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  const started = await tf.setBackend(name);
  await tf.ready();
  return started;
}
