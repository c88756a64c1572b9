/** scoreModel as the trainer calls it: a model in memory, a set on disk. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { referenceBackend } from '../../src/backends/reference/index.ts';
import { openDataset } from '../../train/data/dataset.ts';
import { recordModel, scoreModel } from '../../train/metrics/score-model.ts';
import { randomModel } from '../../train/random-model.ts';
import { makeSampleFiles, type SampleFiles } from '../cli/sample-files.ts';
import { EVEN_NET } from '../conformance/nets.ts';

let files: SampleFiles;
beforeAll(() => {
  files = makeSampleFiles();
});
afterAll(() => rmSync(files.directory, { recursive: true, force: true }));

const model = randomModel(EVEN_NET, 2);

describe('scoreModel', () => {
  it('tells progress and leaves sparse loss out unless asked', async () => {
    const told: string[] = [];
    const scores = await scoreModel(model, openDataset(files.data), {
      onProgress: (done, total) => told.push(`${done}/${total}`),
    });
    expect(told).toEqual(['1/3', '2/3', '3/3']);
    expect(scores).toMatchObject({ images: 3, persons: 3, poles: 3, sparseLoss: null });
  });

  it('gives the same figures on the reference backend and on the default one', async () => {
    const dataset = openDataset(files.data, { sequences: ['S2'] });
    const scores = await scoreModel(model, dataset);
    const reference = await scoreModel(model, dataset, { backend: referenceBackend() });
    for (const key of ['attended', 'personPixelRecall', 'polePixelRecall', 'gmacs', 'macsShare'] as const) {
      expect(reference[key]).toBe(scores[key]);
    }
    expect(reference.personIoU).toBeCloseTo(scores.personIoU ?? -1, 2);
  });

  it('does not score a class that the set does not label', async () => {
    const file = join(files.data, 'annotations.json');
    const whole = readFileSync(file, 'utf8');
    try {
      writeFileSync(file, JSON.stringify({ ...JSON.parse(whole), info: { labelled: ['person'] } }));
      const scores = await scoreModel(model, openDataset(files.data), { sparseLoss: true });
      expect(scores.personAP50).not.toBeNull();
      expect(scores.personPixelRecall).not.toBeNull();
      const { poleAP30, poleF1, polePixelRecall, poleInstanceRecall, poleIoU, sparseLoss } = scores;
      expect([poleAP30, poleF1, polePixelRecall, poleInstanceRecall, poleIoU]).toEqual(Array(5).fill(null));
      expect(sparseLoss?.poleAP30).toBeNull();
    } finally {
      writeFileSync(file, whole);
    }
  });

  it.each(['random', 'motion', 'static'] as const)(
    'gives the same records in shares (%s)',
    async (policy) => {
      const dataset = openDataset(files.data);
      const whole = await recordModel(model, dataset, { policy });
      const shares = await Promise.all(
        [0, 1].map((index) => recordModel(model, dataset, { policy, shard: { index, count: 2 } })),
      );
      expect(shares.map(({ length }) => length)).toEqual([1, 2]);
      expect(shares.flat()).toEqual(whole);
    },
  );

  it('stops with the reason of its signal', async () => {
    const controller = new AbortController();
    const scoring = scoreModel(model, openDataset(files.data), {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(scoring).rejects.toThrow('enough');
  });

  it('refuses a mask that is not of the size of its picture', async () => {
    const dataset = openDataset(files.data);
    const [image] = dataset.images;
    const wrong = { ...dataset, images: [{ ...image, file: join(files.pictures, 'wide.png'), width: 80 }] };
    const { writePng } = await import('../../train/data/images.ts');
    writePng(wrong.images[0].file, { width: 80, height: 48, data: new Uint8Array(80 * 48 * 4) });
    await expect(scoreModel(model, wrong)).rejects.toThrow(/64x48 but its picture is 80x48/);
  });
});
