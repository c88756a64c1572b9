/** `saccadenet evaluate` beyond one model's scores: folds, comparisons, diagnosis, corruptions, pictures. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeModel } from '../../src/codec/encode-model.ts';
import { corruptFrame, corruptionRandom } from '../../train/data/corruptions/index.ts';
import { readImage, writePng } from '../../train/data/images.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET } from '../conformance/nets.ts';
import { runCommand } from '../helpers/run-command.ts';
import { makeSampleFiles, type SampleFiles } from './sample-files.ts';

let files: SampleFiles;
let other: string;
beforeAll(() => {
  files = makeSampleFiles();
  other = join(files.directory, 'other.sacc');
  writeFileSync(other, encodeModel(randomModel(EVEN_NET, 5)));
});
afterAll(() => rmSync(files.directory, { recursive: true, force: true }));

async function evaluate(...argv: string[]) {
  const { code, stdout, stderr } = await runCommand('evaluate', '--data', files.data, '--json', ...argv);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('folds', () => {
  it('of one model are that model on all its sequences', async () => {
    const whole = await evaluate('--model', files.model);
    const folds = await evaluate('--folds', `${files.model}=S1,${files.model}=S2`);
    const { folds: byFold, intervals, ...pooled } = folds;
    const { intervals: _, ...plain } = whole;
    expect(pooled).toEqual(plain);
    expect(byFold.map(({ images, sequences }: never) => [images, sequences])).toEqual([
      [2, ['S1']],
      [1, ['S2']],
    ]);
    expect(intervals.unit).toMatch(/5 neighbouring images/);
  });

  it('run every model on its own sequences only', async () => {
    const { folds } = await evaluate('--folds', `${files.model}=S1,${other}=S2`);
    const alone = await evaluate('--model', other, '--sequences', 'S2');
    expect(folds[1]).toMatchObject({ model: other, personAP50: alone.personAP50, gmacs: alone.gmacs });
    const both = await evaluate('--folds', `${files.model}=S1+S2`);
    expect(both.images).toBe(3);
  });

  it.each([
    [['--folds', 'x.sacc'], /--folds needs a model and its held-out sequences.*not 'x.sacc'/],
    [['--folds', 'x.sacc=A,y.sacc=A'], /names sequence A twice/],
    [['--folds', 'x.sacc=A', '--model', 'y.sacc'], /leave --model and --sequences away/],
    [['--kinds', 'fog'], /need --corruptions/],
    [['--corrupt', 'fog'], /as in gaussian_noise:3, not 'fog'/],
    [['--corrupt', 'hail:3'], /--corrupt needs one of gaussian_noise/],
    [['--corrupt', 'fog:6'], /--corrupt needs a whole number at least 1 and at most 5/],
    [['--corrupt', 'fog:3', '--corruptions'], /leave --corrupt or --corruptions away/],
    [['--corruptions', '--kinds', 'hail'], /--kinds needs one of gaussian_noise/],
    [['--corruptions', '--severities', '0'], /--severities needs a whole number at least 1/],
    [['--against-policy', 'guess'], /--against-policy needs one of static/],
  ])('%j is bad usage', async (argv, message) => {
    const { code, stderr } = await runCommand('evaluate', '--data', files.data, ...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('comparisons', () => {
  it('with conditioning and without', async () => {
    const treated = await evaluate('--model', files.model);
    const raw = await evaluate('--model', files.model, '--no-conditioning');
    const both = await evaluate('--model', files.model, '--against-no-conditioning');
    expect(raw.attentionRecall ?? raw.gmacs, 'the pictures are noise').not.toEqual(treated.gmacs);
    expect(both).toMatchObject({ personAP50: treated.personAP50, personIoU: treated.personIoU });
    expect(both.against).toMatchObject({ personAP50: raw.personAP50, personIoU: raw.personIoU });
  });

  it('with the dense policy are the sparse loss, the other way round', async () => {
    const scores = await evaluate('--model', files.model, '--against-policy', 'dense');
    expect(scores.against.attended).toBe(1);
    expect(scores.against.difference.poleAP30.value).toBeCloseTo(-scores.sparseLoss.poleAP30, 12);
  });

  it('with another model take the same images', async () => {
    const scores = await evaluate('--model', files.model, '--against', other, '--sequences', 'S1');
    const alone = await evaluate('--model', other, '--sequences', 'S1');
    expect(scores.against).toMatchObject({ images: 2, poleAP30: alone.poleAP30, attended: alone.attended });
    expect(scores.against.difference.poleAP30.value).toBeCloseTo(scores.poleAP30 - alone.poleAP30, 12);
  });

  it('with folds do not mind the order they are named in', async () => {
    const folds = [`${other}=S2`, `${other}=S1`];
    const scores = await evaluate('--model', files.model, '--against', folds.join(','));
    const turned = await evaluate('--model', files.model, '--against', folds.reverse().join(','));
    expect(scores.against).toEqual(turned.against);
    const { stderr, code } = await runCommand(
      ...['evaluate', '--data', files.data, '--model', files.model, '--against', `${other}=S2`],
    );
    expect([code, stderr]).toEqual([1, expect.stringMatching(/same images: 3 and 1/)]);
  });
});

describe('corruptions', () => {
  it('give the figures of every kind that was asked for', async () => {
    const { corruption, personAP50 } = await evaluate(
      ...['--model', files.model, '--corruptions', '--kinds', 'brightness,frost', '--severities', '1,5'],
    );
    expect(Object.keys(corruption.kinds)).toEqual(['brightness', 'frost']);
    expect(corruption.severities).toEqual([1, 5]);
    for (const key of ['mPC', 'rPC', 'maskIoU', 'attentionRecallKept', 'trained', 'testedOnly']) {
      expect(corruption).toHaveProperty(key);
    }
    expect(corruption.maskIoU).toBeLessThanOrEqual(1);
    expect(corruption.mPC.person).toBeCloseTo(corruption.rPC.person * personAP50, 9);
    const { mPC } = corruption.kinds.frost;
    expect(corruption.testedOnly.mPC).toEqual(mPC);
  });

  it('are the same every time, and in a table for people', async () => {
    const argv = ['--model', files.model, '--corruptions', '--kinds', 'frost', '--severities', '3'];
    expect((await evaluate(...argv)).corruption).toEqual((await evaluate(...argv)).corruption);
    const { stdout } = await runCommand('evaluate', '--data', files.data, ...argv);
    expect(stdout).toMatch(/corruption +person mPC +rPC +pole mPC/);
    expect(stdout).toMatch(/\nfrost +\d/);
  });
});

describe('pictures that are all shown corrupted', () => {
  const argv = () => ['--model', other, '--corrupt', 'contrast:5'];

  it('score as a set of such pictures does, not as the clean one', async () => {
    const noisy = join(files.directory, 'noisy');
    cpSync(files.data, noisy, { recursive: true });
    for (const name of readdirSync(join(noisy, 'images'))) {
      const file = join(noisy, 'images', name);
      const random = corruptionRandom(name, 'gaussian_noise', 4);
      writePng(file, corruptFrame('gaussian_noise', 4, readImage(file), random));
    }
    const shown = await evaluate('--model', other, '--corrupt', 'gaussian_noise:4');
    const { stdout } = await runCommand('evaluate', '--data', noisy, '--json', '--model', other);
    expect(shown).toEqual(JSON.parse(stdout));
    expect(shown).not.toEqual(await evaluate('--model', other));
  });

  it('are so for every policy of a sweep', async () => {
    const sweep = async (...more: string[]) =>
      (await evaluate('--model', other, '--video', '--budgets', '0.2', ...more)).sweep;
    const [clean, shown] = [await sweep(), await sweep('--corrupt', 'contrast:5')];
    const single = await evaluate(...argv(), '--budget', '0.2');
    const own = shown.find(({ policy }: { policy: string }) => policy === 'static');
    expect(own).toMatchObject({ personAP50: single.personAP50, poleAP30: single.poleAP30 });
    expect(shown).not.toEqual(clean);
  });

  it('are drawn so, under a title that says it', async () => {
    const drawn = async (name: string, ...more: string[]) => {
      const folder = join(files.directory, name);
      await evaluate('--model', files.model, '--pictures', folder, ...more);
      const pictures = readdirSync(folder).filter((file) => file.endsWith('.jpg'));
      const levels = pictures.flatMap((file) =>
        [...readImage(join(folder, file)).data].filter((_, i) => i % 4 < 3),
      );
      const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
      const variance = levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / levels.length;
      return { variance, page: readFileSync(join(folder, 'index.html'), 'utf8') };
    };
    const clean = await drawn('clean');
    const shown = await drawn('corrupted', '--corrupt', 'contrast:5');
    expect(shown.variance).toBeLessThan(0.8 * clean.variance);
    expect(shown.page).toMatch(/under contrast 5/);
    expect(clean.page).not.toMatch(/under contrast/);
  });
});

describe('diagnosis and pictures', () => {
  it('tells why for both labels', async () => {
    const { diagnosis, persons } = await evaluate('--model', files.model, '--diagnose');
    for (const label of ['person', 'pole']) {
      for (const key of ['at', 'gains', 'misses', 'falseAlarms', 'sizes', 'edges']) {
        expect(diagnosis[label]).toHaveProperty(key);
      }
    }
    const { sizes, misses } = diagnosis.person;
    const counts = Object.values(sizes) as { truths: number; hits: number }[];
    expect(counts.reduce((sum, { truths }) => sum + truths, 0)).toBe(persons);
    const missed = (Object.values(misses) as number[]).reduce((sum, count) => sum + count, 0);
    expect(counts.reduce((sum, { truths, hits }) => sum + truths - hits, 0)).toBe(missed);
    const { stdout } = await runCommand(
      'evaluate',
      '--data',
      files.data,
      '--model',
      files.model,
      '--diagnose',
    );
    expect(stdout).toMatch(/missed at the threshold +\d/);
  });

  it('writes the worst frames and a page of them', async () => {
    const folder = join(files.directory, 'failures');
    await evaluate('--model', files.model, '--pictures', folder, '--max-pictures', '2');
    const written = readdirSync(folder);
    expect(written).toHaveLength(3);
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    for (const name of written.filter((one) => one !== 'index.html')) expect(page).toContain(`src="${name}"`);
    expect(page).toMatch(/2 frames with the most errors of 3/);
    // The sample set declares no licence.
    expect(page).toMatch(/allow no publication/);
    expect(page).not.toContain(files.directory);
  });

  it('leaves out pictures that allow no publication where it is asked to', async () => {
    const { code, stderr } = await runCommand(
      ...['evaluate', '--data', files.data, '--model', files.model, '--permissive-only'],
    );
    expect([code, stderr]).toEqual([1, expect.stringMatching(/allows any use/)]);
  });
});

describe('clips', () => {
  it('--video tells flicker of tracks and of single frames', async () => {
    const evaluation = await evaluate(
      ...['--model', files.model, '--video', '--policy', 'saccade', '--budget', '0.5'],
    );
    const { flicker, flickerHindsight, flickerSingle, flickerKnownMotion, flickerThreshold } = evaluation;
    const { sparseLoss, attended } = evaluation;
    for (const label of ['person', 'pole']) {
      for (const side of [flicker, flickerHindsight, flickerSingle]) {
        expect(Object.keys(side[label])).toEqual(
          expect.arrayContaining([
            ...['tracks', 'trackedShare', 'fragmentsPerTrack', 'fragmentsPer100Frames'],
            ...['centerJitterPx', 'heightJitterPct', 'lagFrames'],
          ]),
        );
      }
      expect(Object.keys(flickerKnownMotion[label])).toEqual(['centerJitterPx', 'heightJitterPct']);
      expect(flickerThreshold[label]).toBeGreaterThan(0);
    }
    expect(sparseLoss).toBeNull();
    expect(attended).toBeLessThanOrEqual(0.5);
  });

  it('--budgets makes a table of policies, in which static is what evaluate says', async () => {
    const { sweep } = await evaluate(
      '--model',
      files.model,
      '--video',
      '--budgets',
      '0.25,0.5',
      '--fit',
      '1',
    );
    expect(sweep).toHaveLength(2 * 9);
    const half = sweep.find(
      (row: { policy: string; budget: number }) => row.policy === 'static' && row.budget === 0.5,
    );
    const alone = await evaluate('--model', files.model, '--budget', '0.5');
    expect(half.attended).toBeCloseTo(alone.attended, 6);
    expect([half.personAP50, half.poleAP30]).toEqual([alone.personAP50, alone.poleAP30]);
    const attendedBy = (policy: string) =>
      sweep.flatMap((row: { policy: string; attended: number }) =>
        row.policy === policy ? [row.attended] : [],
      );
    // The same looks, read a frame later; the drawn weights are a row of `saccade` too.
    expect(attendedBy('saccade')).toEqual(expect.arrayContaining(attendedBy('hindsight')));
    for (const { budget, attended } of sweep) expect(attended).toBeLessThanOrEqual(budget);
    expect(sweep.at(-1).weights.track).toBeGreaterThan(0);
  });

  it.each([
    [['--budgets', '0.1'], /give --video too/],
    [['--video', '--corruptions'], /leave --video away/],
    [['--video', '--jobs', '2'], /would cut the clips/],
    [['--video', '--budgets', '0.1', '--policies', 'guess'], /--policies needs one of static/],
  ])('%j is bad usage', async (argv, message) => {
    const { code, stderr } = await runCommand('evaluate', '--data', files.data, ...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
