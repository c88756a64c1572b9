/** The wasm backend: SIMD kernels on one thread, in Node, pages and workers. */
import { SaccadeNetError } from '../../errors/errors.ts';
import { plainModel } from '../../network/genes.ts';
import type { Backend } from '../backend.ts';
import { checkWeights } from '../checks.ts';
import { Arena } from './arena.ts';
import { WasmExecutor } from './executor.ts';
import { instantiateKernels, kernelsUnavailable } from './kernels.ts';

export function wasmBackend(): Backend {
  return {
    name: 'wasm',
    unavailable: kernelsUnavailable,
    load: async (model, options) => {
      options?.signal?.throwIfAborted();
      checkWeights(model);
      const plain = plainModel(model);
      const reason = await kernelsUnavailable();
      if (reason !== null) throw new SaccadeNetError('UNSUPPORTED', `${reason} Use another backend.`);
      const arena = new Arena();
      const kernels = await instantiateKernels(arena.memory);
      options?.signal?.throwIfAborted();
      return new WasmExecutor(plain, arena, kernels);
    },
  };
}
