/** Training that goes on from earlier networks: deeper ones, and the mean of several. */
import { describe, expect, it } from 'vitest';
import { referenceBackend } from '../../src/backends/reference/index.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import type { Model, Weights } from '../../src/network/spec.ts';
import { initializeWeights, takeOver } from '../../train/loop/initialize.ts';
import { meanModel } from '../../train/loop/mean-model.ts';
import { randomModel } from '../../train/random-model.ts';
import { randomFrame } from '../conformance/random.ts';
import { TINY_WIDTHS } from '../helpers/tiny-widths.ts';

const SHALLOW = peopleVsPoles({ ...TINY_WIDTHS, attentionDepth: 1 });
const DEEP = peopleVsPoles({ ...TINY_WIDTHS, attentionDepth: 3 });

async function looks(model: Model): Promise<Float32Array> {
  const executor = await referenceBackend().load(model);
  await executor.upload(randomFrame({ width: 96, height: 64 }, 5));
  const { look } = await executor.glance();
  executor.dispose();
  return look;
}

describe('a deeper network', () => {
  const earlier = randomModel(SHALLOW, 3);
  const weights = initializeWeights(DEEP, 4);
  takeOver(earlier.weights, DEEP, weights);

  it('starts where the earlier one ended', async () => {
    const shipped: Weights = new Map([...weights].filter(([name]) => !name.startsWith('scene.')));
    const deeper = { ...randomModel(DEEP, 1), weights: shipped };
    expect(await looks(deeper)).toEqual(await looks(earlier));
  });

  it('keeps its own weights where the earlier one has none of that size', () => {
    const own = initializeWeights(DEEP, 4);
    expect(weights.get('scene.detail.w')).toEqual(own.get('scene.detail.w'));
    const wider = peopleVsPoles({ ...TINY_WIDTHS, attention: [4, 8, 12], attentionDepth: 1 });
    const taken = initializeWeights(DEEP, 4);
    takeOver(randomModel(wider, 3).weights, DEEP, taken);
    expect(taken.get('a4.w')).toEqual(own.get('a4.w'));
  });
});

describe('meanModel', () => {
  const models = [1, 2, 3].map((seed) => randomModel(SHALLOW, seed));

  it('is the mean of all weights; of one model, the model', () => {
    const { weights } = meanModel(models);
    for (const [name, mean] of weights) {
      const wanted = models.map((model) => model.weights.get(name)![1]).reduce((a, b) => a + b) / 3;
      expect(mean[1]).toBeCloseTo(wanted, 6);
    }
    expect(meanModel(models.slice(0, 1)).weights).toEqual(models[0].weights);
  });

  it('has the thresholds of the last model', () => {
    const last = { ...models[2], scoreThresholds: { person: 0.2, pole: 0.9 } };
    expect(meanModel([models[0], last]).scoreThresholds).toEqual(last.scoreThresholds);
  });

  it('refuses networks that differ', () => {
    const other = randomModel(DEEP, 1);
    expect(() => meanModel([other, models[0]])).toThrow(/model 1 has another network than model 2/);
  });
});
