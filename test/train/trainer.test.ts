/** The loop: it learns, the same seed gives the same weights, and a stopped run goes on as if it had not stopped. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import type { Weights } from '../../src/network/spec.ts';
import { openDataset } from '../../train/data/dataset.ts';
import { readPicture, type TruePicture } from '../../train/data/instances.ts';
import { startTrainingBackend } from '../../train/loop/backend.ts';
import { makeBatch, type PictureSource } from '../../train/loop/batch.ts';
import { initializeWeights } from '../../train/loop/initialize.ts';
import { mixPictures } from '../../train/loop/mix.ts';
import { optimize, startOptimizer } from '../../train/loop/optimizer.ts';
import { auxiliaryHeads, trainStep } from '../../train/loop/step.ts';
import { TRAIN_SETTINGS, type TrainSettings, train } from '../../train/loop/trainer.ts';
import { assignVariables, makeVariables } from '../../train/loop/variables.ts';

const SPEC = peopleVsPoles({
  attention: [4, 8, 8],
  attentionDepth: 1,
  stem: [4, 8],
  features: 4,
  trunk: 8,
  trunkDepth: 1,
});

const SETTINGS: TrainSettings = {
  ...TRAIN_SETTINGS,
  batch: 2,
  view: { width: 160, height: 128 },
  warmupSteps: 4,
  steps: 6,
};

function flat(weights: Weights): number[] {
  return [...weights.values()].flatMap((data) => [...data]);
}

describe('train', () => {
  let source: PictureSource;
  const root = mkdtempSync(join(tmpdir(), 'saccadenet-train-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const folder = () => mkdtempSync(join(root, 'run-'));
  const run = (settings: TrainSettings, directory = folder(), resume = false) =>
    train(SPEC, source, settings, { directory, resume });

  beforeAll(async () => {
    await startTrainingBackend();
    const set = openDataset(new URL('../fixtures/scenes', import.meta.url).pathname);
    const pictures: TruePicture[] = set.images.map((image) => readPicture(set, image, SPEC.labels));
    source = mixPictures([{ name: 'fixtures', weight: 1, pictures }]);
  });

  it('gives the same weights for the same seed, others for another', () => {
    const first = flat(run(SETTINGS));
    expect(flat(run(SETTINGS))).toEqual(first);
    expect(flat(run({ ...SETTINGS, seed: 2 }))).not.toEqual(first);
  });

  it('goes on from a checkpoint as if it had not stopped, and refuses to overwrite one', () => {
    const whole = flat(run({ ...SETTINGS, warmupSteps: 1000 }));
    const directory = folder();
    let steps = 0;
    expect(() =>
      train(
        SPEC,
        source,
        { ...SETTINGS, warmupSteps: 1000 },
        {
          directory,
          resume: false,
          checkpointMs: 0,
          onStep: () => {
            if (++steps === 4) throw new Error('stopped');
          },
        },
      ),
    ).toThrow('stopped');
    expect(() => run(SETTINGS, directory)).toThrow(/--resume/);
    expect(flat(run({ ...SETTINGS, warmupSteps: 1000 }, directory, true))).toEqual(whole);
  });

  it('learns a batch that it sees again and again', () => {
    const batch = makeBatch(SPEC, source, 2, SETTINGS.view, 1, 1);
    const state = startOptimizer(initializeWeights(SPEC, auxiliaryHeads(SPEC), 1));
    const variables = makeVariables(SPEC, state);
    const choice = { ...SETTINGS, teach: true };
    const totals = Array.from({ length: 60 }, () => {
      const { gradients, losses } = trainStep(SPEC, variables, batch, choice, 5);
      optimize(state, gradients, 5e-3);
      assignVariables(variables, state);
      return losses.total;
    });
    expect(totals[0]).toBeGreaterThan(1);
    expect(totals[59]).toBeLessThan(0.7 * totals[0]);
  });
});
