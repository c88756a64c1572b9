/**
 * What is set after training, on data: how many attended blocks take 5x5 kernels, and the scores that count.
 * Training ranks blocks by what 5x5 kernels are worth to them; at which rank to stop is a matter of budget.
 */
import { selectGates } from '../../src/attention/select.ts';
import { GATE_SKIP, type Model } from '../../src/network/spec.ts';
import { resizeArea } from '../../src/session/resize.ts';
import { DEFAULT_MAX_WORKING_PIXELS, workingSize } from '../../src/session/working-size.ts';
import type { Dataset } from '../data/dataset.ts';
import { readImage } from '../data/images.ts';
import { defaultBackend } from '../metrics/run-model.ts';
import { scoreModel } from '../metrics/score-model.ts';

export interface CalibrationOptions {
  /** At most so many images, spread over the set. */
  readonly maxImages: number;
  readonly onProgress?: (done: number) => void;
}

/** Budget at which the models of this project are used by default. */
const BUDGET = 0.2;

/**
 * The model with its 5x5 bias moved so that `share` of the attended blocks of the set take 5x5 kernels; none do where the
 * network has no such kernels.
 */
export async function balanceFive(
  model: Model,
  dataset: Dataset,
  share: number,
  options: CalibrationOptions,
): Promise<Model> {
  if (!model.network.detail.trunk.some(({ fiveByFive }) => fiveByFive)) return withoutFive(model);
  const executor = await (await defaultBackend()).load(model);
  const logits: number[] = [];
  const every = Math.max(1, Math.floor(dataset.images.length / options.maxImages));
  try {
    for (const [index, image] of dataset.images.entries()) {
      if (index % every !== 0) continue;
      const source = readImage(image.file);
      await executor.upload(resizeArea(source, workingSize(source, DEFAULT_MAX_WORKING_PIXELS)));
      const glance = await executor.glance();
      const gates = selectGates(glance, { budget: BUDGET, threshold: model.gateThreshold, policy: 'static' });
      gates.forEach((gate, block) => {
        if (gate !== GATE_SKIP) logits.push(glance.five[block]);
      });
      options.onProgress?.(index / every);
    }
  } finally {
    executor.dispose();
  }
  if (logits.length === 0) return model;
  logits.sort((a, b) => b - a);
  const level = logits[Math.min(logits.length - 1, Math.floor(share * logits.length))];
  const name = `${model.network.attention.gate.name}.b`;
  const [look, five] = model.weights.get(name)!;
  return { ...model, weights: new Map([...model.weights, [name, Float32Array.of(look, five - level)]]) };
}

/** The model whose five logit is -1 everywhere. */
function withoutFive(model: Model): Model {
  const { name } = model.network.attention.gate;
  const weights = model.weights.get(`${name}.w`)!.map((weight, i) => (i % 2 === 0 ? weight : 0));
  const [look] = model.weights.get(`${name}.b`)!;
  return {
    ...model,
    weights: new Map([...model.weights, [`${name}.w`, weights], [`${name}.b`, Float32Array.of(look, -1)]]),
  };
}

/** The score thresholds of best F1 on the set; the model's own where the set does not label a class. */
export async function bestThresholds(
  model: Model,
  dataset: Dataset,
  options: CalibrationOptions,
): Promise<Record<string, number>> {
  const { bestF1 } = await scoreModel(model, dataset, options);
  const chosen = Object.entries(bestF1).flatMap(([label, best]) =>
    best ? [[label, best.threshold] as const] : [],
  );
  return { ...model.scoreThresholds, ...Object.fromEntries(chosen) };
}
