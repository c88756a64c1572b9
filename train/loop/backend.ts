/** The tfjs backend that training runs on, made ready: wasm with our gradient kernels, or another by name. */
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { registerJoinKernels } from '../ops/join-places.ts';
import { registerTrainingKernels } from '../ops/wasm-kernels.ts';

/** @throws SaccadeNetError UNSUPPORTED when the backend cannot start. */
export async function startTrainingBackend(): Promise<void> {
  registerTrainingKernels();
  registerJoinKernels();
  tf.enableProdMode();
  if (!(await tf.setBackend('wasm'))) {
    throw new SaccadeNetError(
      'UNSUPPORTED',
      'tfjs-backend-wasm did not start; training needs a Node with WebAssembly SIMD (20 or newer)',
    );
  }
  await tf.ready();
}
