/** The reference backend: runs everywhere, slowly. Used only when named, and as the oracle of the tests. */
import { plainModel } from '../../network/genes.ts';
import type { Backend } from '../backend.ts';
import { checkWeights } from '../checks.ts';
import { ReferenceExecutor } from './executor.ts';

export function referenceBackend(): Backend {
  return {
    name: 'reference',
    unavailable: async () => null,
    load: async (model, options) => {
      options?.signal?.throwIfAborted();
      checkWeights(model);
      return new ReferenceExecutor(plainModel(model));
    },
  };
}
