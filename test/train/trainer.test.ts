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
import { makeBatch } from '../../train/loop/batch.ts';
import { codedLayers } from '../../train/loop/compressor.ts';
import { initializeWeights } from '../../train/loop/initialize.ts';
import { mixPictures, type WeightedPictures } from '../../train/loop/mix.ts';
import { optimize, startOptimizer } from '../../train/loop/optimizer.ts';
import { assignVariables, flatten, makeVariables, parametersOf } from '../../train/loop/parameters.ts';
import { TRAIN_SETTINGS, type TrainSettings } from '../../train/loop/settings.ts';
import { trainStep } from '../../train/loop/step.ts';
import { type TrainOptions, train } from '../../train/loop/trainer.ts';
import { bundleModule } from '../helpers/bundle-module.ts';
import { TINY_WIDTHS } from '../helpers/tiny-widths.ts';

const SPEC = peopleVsPoles(TINY_WIDTHS);

const SETTINGS: TrainSettings = {
  ...TRAIN_SETTINGS,
  batch: 4,
  part: 1,
  view: { width: 160, height: 128 },
  warmupSteps: 4,
  steps: 3,
};

function flat(weights: Weights): number[] {
  return [...weights.values()].flatMap((data) => [...data]);
}

describe('train', () => {
  let sets: WeightedPictures[];
  let workerFile: URL;
  const root = mkdtempSync(join(tmpdir(), 'saccadenet-train-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const folder = () => mkdtempSync(join(root, 'run-'));
  const run = async (settings: TrainSettings, options: Partial<TrainOptions> = {}) =>
    flat(
      (await train(SPEC, sets, settings, { directory: folder(), resume: false, workerFile, ...options }))
        .weights,
    );

  beforeAll(async () => {
    const set = openDataset(new URL('../fixtures/scenes', import.meta.url).pathname);
    const pictures: TruePicture[] = set.images.map((image) => readPicture(set, image, SPEC.labels));
    sets = [{ name: 'fixtures', weight: 1, pictures }];
    workerFile = await bundleModule('train/loop/worker-entry.ts');
  });

  it('gives the same weights for the same seed and any number of workers, others for another seed', async () => {
    const first = await run(SETTINGS);
    for (const workers of [1, 3]) expect(await run(SETTINGS, { workers })).toEqual(first);
    expect(await run({ ...SETTINGS, steps: 1, seed: 2 })).not.toEqual(await run({ ...SETTINGS, steps: 1 }));
  });

  it('compresses on the way: ends within the bytes that it is told, on the grid, fewer weights left', async () => {
    const levels = (weights: Weights, steps: Readonly<Record<string, number>>) =>
      Object.entries(steps).flatMap(([name, step]) => [...weights.get(name)!].map((w) => w / step));
    // A byte a weight that is left.
    const fileBytes = (weights: Weights, steps: Readonly<Record<string, number>>) =>
      levels(weights, steps).filter((level) => level !== 0).length;
    const all = codedLayers(SPEC, parametersOf(SPEC)).reduce((sum, { size }) => sum + size, 0);
    const targetBytes = Math.round(all / 4);
    const compressed = (attentionWeight?: number) => {
      const compression = { rateLambda: 1e-9, everySteps: 2, targetBytes, fileBytes, attentionWeight };
      return train(
        SPEC,
        sets,
        { ...SETTINGS, steps: 6 },
        { directory: folder(), resume: false, compression },
      );
    };
    const { weights, steps } = await compressed();
    expect(fileBytes(weights, steps!)).toBeLessThanOrEqual(targetBytes);
    expect(fileBytes(weights, steps!)).toBeGreaterThan(targetBytes / 2);
    for (const level of levels(weights, steps!))
      expect(Math.abs(level - Math.round(level))).toBeLessThan(1e-5);
    const ofAttention = (of: Weights) => of.get('a5.w')!.filter((w) => w !== 0).length;
    const cheap = await compressed(1 / 16);
    expect(fileBytes(cheap.weights, cheap.steps!)).toBeLessThanOrEqual(targetBytes);
    expect(ofAttention(cheap.weights)).toBeLessThan(ofAttention(weights));
  });

  it('goes on from a checkpoint as if it had not stopped, and refuses to overwrite one', async () => {
    const settings = { ...SETTINGS, warmupSteps: 1000 };
    const whole = await run(settings);
    const directory = folder();
    let steps = 0;
    const stopped = run(settings, {
      directory,
      workers: 2,
      checkpointMs: 0,
      onStep: () => {
        if (++steps === 2) throw new Error('stopped');
      },
    });
    await expect(stopped).rejects.toThrow('stopped');
    await expect(run(SETTINGS, { directory })).rejects.toThrow(/--resume/);
    expect(await run(settings, { directory, resume: true })).toEqual(whole);
  });

  it('withholds the surround: weights that read it stay zero, those beside them learn', async () => {
    const { weights } = await train(
      SPEC,
      sets,
      { ...SETTINGS, without: ['surround'] },
      { directory: folder(), resume: false },
    );
    const [first] = SPEC.detail.trunk;
    const stem = SPEC.detail.stem[1].outputs;
    const squares = { stem: 0, surround: 0, coordinates: 0 };
    weights.get(`${first.name}.w`)!.forEach((w, i) => {
      const input = Math.floor(i / first.outputs) % first.inputs;
      const part = input < stem ? 'stem' : input < stem + TINY_WIDTHS.features ? 'surround' : 'coordinates';
      squares[part] += w * w;
    });
    expect(squares.surround).toBe(0);
    expect(Math.min(squares.stem, squares.coordinates)).toBeGreaterThan(0);
  });

  it('trains biases alone where it is told to: weights stay to the bit', async () => {
    const initial = initializeWeights(SPEC, 7);
    const { weights } = await train(
      SPEC,
      sets,
      { ...SETTINGS, biasesOnly: true, teachShare: 0 },
      { directory: folder(), resume: false, initial },
    );
    let changed = 0;
    for (const [name, data] of weights) {
      if (!name.endsWith('.b')) expect(data, name).toEqual(initial.get(name));
      else if (data.some((value, i) => value !== initial.get(name)![i])) changed++;
    }
    expect(changed).toBeGreaterThan(5);
  });

  it('a checkpoint of another network is refused', async () => {
    const directory = folder();
    await run({ ...SETTINGS, steps: 1 }, { directory });
    const other = peopleVsPoles({ ...TINY_WIDTHS, trunk: 12 });
    const resumed = train(other, sets, SETTINGS, { directory, resume: true });
    await expect(resumed).rejects.toThrow(/another network/);
  });

  it('a worker that fails fails the training with its reason', async () => {
    const broken = [
      { ...sets[0], pictures: [{ ...sets[0].pictures[0], rgb: null as unknown as Uint8Array }] },
    ];
    const failed = train(SPEC, broken, SETTINGS, {
      directory: folder(),
      resume: false,
      workers: 2,
      workerFile,
    });
    await expect(failed).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
  });

  it('learns a batch that it sees again and again', async () => {
    await startTrainingBackend();
    const parameters = parametersOf(SPEC);
    const batch = makeBatch(SPEC, mixPictures(sets), 2, SETTINGS.view, 1, 1);
    const state = startOptimizer(flatten(parameters, initializeWeights(SPEC, 1)));
    const variables = makeVariables(parameters, state.weights);
    const gradient = new Float32Array(parameters.size);
    const choice = { ...SETTINGS, teach: true };
    const totals = Array.from({ length: 60 }, () => {
      const input = { spec: SPEC, parameters, variables, batch, options: choice, seed: 5 };
      const { losses } = trainStep(input, gradient);
      optimize(state, parameters, gradient, 5e-3);
      assignVariables(variables, parameters, state.weights);
      return losses.total;
    });
    expect(totals[0]).toBeGreaterThan(1);
    expect(totals[59]).toBeLessThan(0.7 * totals[0]);
  });
});
