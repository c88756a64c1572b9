/**
 * The mean of several runs' weights. Runs that start from one another with the learning rate begun anew end in different
 * places of one wide valley, and its middle may do better on new pictures than its rims: stochastic weight averaging
 * (Izmailov and others 2018). Where it did and where not: docs/experiments/seeing.md.
 */
import { SaccadeNetError } from '../../src/errors/errors.ts';
import type { Model } from '../../src/network/spec.ts';

/**
 * All weights count alike. Thresholds and card are the last model's.
 * @param models at least one, all of the same network spec
 * @throws SaccadeNetError INVALID_OPTION for networks that differ
 */
export function meanModel(models: readonly Model[]): Model {
  const last = models[models.length - 1];
  const spec = JSON.stringify(last.network);
  models.forEach(({ network }, i) => {
    if (JSON.stringify(network) === spec) return;
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `model ${i + 1} has another network than model ${models.length}; the mean is of runs of one network`,
    );
  });
  const weights = new Map(
    [...last.weights].map(([name, { length }]) => {
      const mean = new Float32Array(length);
      for (const model of models) {
        const own = model.weights.get(name)!;
        for (let i = 0; i < length; i++) mean[i] += own[i] / models.length;
      }
      return [name, mean];
    }),
  );
  return { ...last, weights };
}
