/** The command line as a user meets it: exit codes, what is on stdout, what is on stderr. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDetect } from '../../cli/main.ts';
import { readImage } from '../../train/data/images.ts';
import { runCommand as run } from '../helpers/run-command.ts';
import { FRAME, makeSampleFiles, type SampleFiles } from './sample-files.ts';

let files: SampleFiles;
beforeAll(() => {
  files = makeSampleFiles();
});
afterAll(() => rmSync(files.directory, { recursive: true, force: true }));

describe('saccadenet', () => {
  it('prints help and version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    const help = await run('--help');
    expect(help.code).toBe(0);
    for (const name of [
      'detect',
      'evaluate',
      'inspect',
      'compress',
      'decompress',
      'train',
      'export',
      'scenes',
      'bench',
    ]) {
      expect(help.stdout).toContain(`\n  ${name} `);
    }
  });

  /** Options by command, as the contract names them. */
  const OPTIONS = {
    detect: ['model', 'backend', 'budget', 'policy', 'score', 'video', 'json', 'out'],
    evaluate: ['data', 'sequences', 'exclude-sequences', 'model', 'budget', 'policy', 'json'],
    inspect: ['json'],
    compress: ['rate-lambda', 'sqnr', 'bytes', 'json'],
    decompress: ['out'],
    train: [
      ...['data', 'sequences', 'exclude-sequences', 'init', 'resume', 'minutes', 'gate-lambda', 'seed'],
      'out',
    ],
    export: ['onnx', 'safetensors'],
    scenes: ['out', 'frames', 'seed', 'video'],
    bench: ['peers', 'json'],
  };

  it.each(Object.entries(OPTIONS))('%s has its own help, whatever else is given', async (name, options) => {
    const { code, stdout, stderr } = await run(name, '--nonsense', '--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Usage: saccadenet ${name} `));
    for (const option of options) expect(stdout).toContain(`--${option}`);
  });

  it.each<[string, string[], RegExp]>([
    ['no command', [], /no command/],
    ['an unknown command', ['find'], /'find'.*detect/],
    ['an unknown option', ['detect', 'a.jpg', '--fast'], /--fast.*--budget/],
    ['no picture', ['detect'], /no picture/],
    ['a budget that is no share', ['detect', 'a.jpg', '--budget', '1.5'], /--budget.*'1.5'/],
    ['a negative score', ['detect', 'a.jpg', '--score', '-1'], /--score.*'-1'/],
    ['an unknown policy', ['detect', 'a.jpg', '--policy', 'oracle'], /--policy.*static.*'oracle'/],
    ['an option without its value', ['evaluate', '--data'], /--data/],
    ['no data', ['evaluate'], /--data is missing/],
    ['a stray word', ['evaluate', 'x', '--data', 'y'], /'x'/],
    ['training without a file to write', ['train', '--data', 'x'], /--out is missing.*-o model\.sacc/],
    [
      'biases of no file',
      ['train', '-o', 'x.sacc', '--scenes', '1', '--biases-only'],
      /--biases-only needs one file to go on from; give --init FILE/,
    ],
    [
      'biases of a file and another size of it',
      ['train', '-o', 'x.sacc', '--scenes', '1', '--biases-only', '--init', 'a.sacc', '--bytes', '47000'],
      /--biases-only keeps the network and the file of --init; leave --bytes away/,
    ],
    [
      'genes without long-range patterns named',
      ['train', '-o', 'x.sacc', '--scenes', '1', '--genes', '12'],
      /--genes is '12'; give two counts/,
    ],
    [
      'widths that are none',
      ['train', '-o', 'x.sacc', '--scenes', '1', '--channels', '16,24,40,16,24,16,41'],
      /--channels is '16,24,40,16,24,16,41'; give seven multiples of 4/,
    ],
    [
      'another size of frame',
      ['train', '-o', 'x.sacc', '--scenes', '1', '--downsample', '3'],
      /--downsample is '3'; give 2 or 4/,
    ],
    [
      'a response of no width',
      ['train', '-o', 'x.sacc', '--scenes', '1', '--half-saturation', '0'],
      /--half-saturation needs a number at least 1 and at most 65536, not '0'/,
    ],
    [
      'a linear share of more than all',
      ['train', '-o', 'x.sacc', '--scenes', '1', '--linear-share', '1.5'],
      /--linear-share needs a number at least 0 and at most 1, not '1.5'/,
    ],
    [
      'genes on webgpu',
      ['train', '-o', 'x.sacc', '--scenes', '1', '--genes', '8+4', '--backend', 'webgpu'],
      /--genes needs --backend wasm or cpu/,
    ],
    [
      'compression within training',
      ['train', '-o', 'x.sacc', '--scenes', '1', '--compress-every', '9'],
      /--compress-every needs --rate-lambda L or --bytes N/,
    ],
  ])('exits 2 with one line for %s', async (_, argv, message) => {
    const { code, stdout, stderr } = await run(...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^saccadenet: [^\n]+\n$/);
    expect(stderr).toMatch(message);
  });

  it('exits 1 with one line for files that are not there or not what they should be', async () => {
    const text = join(files.directory, 'text.jpg');
    writeFileSync(text, 'no picture');
    const movie = join(files.directory, 'movie.mp4');
    writeFileSync(movie, '');
    const picture = join(files.pictures, 'a.jpg');
    for (const [argv, message] of [
      [['detect', join(files.directory, 'none.jpg'), '--model', files.model], /none\.jpg does not exist/],
      [['detect', text, '--model', files.model], /text\.jpg is neither JPEG nor PNG/],
      [['detect', movie, '--model', files.model], /ffmpeg -i movie\.mp4 movie\.y4m/],
      [['detect', files.data, '--model', files.model], /holds no \.jpg or \.png/],
      [['detect', picture, '--model', join(files.directory, 'none.sacc')], /cannot read the model/],
      [['detect', picture, '--model', picture], /./],
      [['evaluate', '--data', files.pictures, '--model', files.model], /no data set/],
      [['evaluate', '--data', files.data, '--sequences', 'S9', '--model', files.model], /S9.*S1/],
    ] as const) {
      const { code, stdout, stderr } = await run(...argv);
      expect([code, stdout], stderr).toEqual([1, '']);
      expect(stderr).toMatch(/^saccadenet: [^\n]+\n$/);
      expect(stderr).toMatch(message);
    }
  });
});

describe('saccadenet detect', () => {
  it('prints one JSON line a picture, gates in rows', async () => {
    const { code, stdout, stderr } = await run(
      ...['detect', files.pictures, '--model', files.model, '--json', '--budget', '0.5'],
    );
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ file }) => file)).toEqual(
      ['a.jpg', 'b.png'].map((name) => join(files.pictures, name)),
    );
    for (const line of lines) {
      expect(line).toMatchObject({ ...FRAME, macs: {}, timings: {} });
      expect(line).not.toHaveProperty('frame');
      const { gates, priority, columns, rows } = line.attention;
      expect(gates).toHaveLength(rows);
      expect(gates.every((row: number[]) => row.length === columns)).toBe(true);
      expect(priority[0]).toHaveLength(columns);
      expect(gates.flat().filter((gate: number) => gate > 0).length).toBeLessThanOrEqual(
        (columns * rows) / 2,
      );
      for (const { score } of line.detections) expect(score).toBeGreaterThanOrEqual(0.01);
    }
  });

  it('counts the frames of a directory with --video', async () => {
    const { stdout } = await run('detect', files.pictures, '--model', files.model, '--json', '--video');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ frame }) => frame)).toEqual([0, 1]);
    expect(lines[1].timestampMs).toBeGreaterThan(lines[0].timestampMs);
  });

  it('--hindsight prints of a frame of a clip what the next one tells of it', async () => {
    const lines = async (...more: string[]) =>
      (await run('detect', files.pictures, '--model', files.model, '--json', ...more)).stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    const [first, second] = await lines('--video');
    expect(second.hindsight.detections.length).toBeGreaterThan(0);
    const late = await lines('--video', '--hindsight');
    expect(late.map(({ detections }) => detections)).toEqual([
      second.hindsight.detections,
      second.detections,
    ]);
    expect(late[0].attention).toEqual(first.attention);
    for (const line of late) expect(line).not.toHaveProperty('hindsight');
    expect(first.detections).not.toEqual(second.hindsight.detections);
    const { code, stderr } = await run('detect', files.pictures, '--model', files.model, '--hindsight');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/give --video too/)]);
  });

  it('--hindsight loses no frame before one that cannot be read', async () => {
    const frames = join(files.directory, 'torn');
    mkdirSync(frames);
    copyFileSync(join(files.pictures, 'b.png'), join(frames, '1.png'));
    writeFileSync(join(frames, '2.png'), 'torn');
    const { code, stdout, stderr } = await run(
      ...['detect', frames, '--model', files.model, '--json', '--video', '--hindsight'],
    );
    expect([code, stderr]).toEqual([1, expect.stringMatching(/2\.png/)]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout).file).toMatch(/1\.png$/);
  });

  it('writes annotated pictures and a summary', async () => {
    const out = join(files.directory, 'out');
    const { code, stdout } = await run('detect', files.pictures, '--model', files.model, '--out', out);
    expect(code).toBe(0);
    expect(readdirSync(out)).toEqual(['a.png', 'b.png']);
    const picture = readImage(join(out, 'a.png'));
    expect([picture.width, picture.height]).toEqual([2 * FRAME.width, 2 * FRAME.height]);
    expect(stdout).toMatch(
      /a\.jpg: .*looked at \d+% of blocks, -?\d+% of MACs saved, \d+ ms; treated, since it is noisy, blocky or flat -> /,
    );
    expect(stdout).toMatch(/\n2 frames on (wasm|reference): /);
  });

  it('says how noisy pictures were treated, and leaves them as they are where that is asked for', async () => {
    const picture = ['detect', join(files.pictures, 'b.png'), '--model', files.model, '--json'];
    const treatment = async (...more: string[]) =>
      JSON.parse((await run(...picture, ...more)).stdout).treatment;
    expect(await treatment()).toMatchObject({ outliers: false, smoothing: expect.closeTo(0.98, 1) });
    expect(await treatment('--no-conditioning')).toBeUndefined();
  });

  it('lets others have a turn between frames, so that a closed output ends the work', async () => {
    const picture = join(files.pictures, 'a.jpg');
    let frames = 0;
    let turnAfter = 0;
    await runDetect({
      inputs: [picture, picture, picture],
      model: files.model,
      quiet: true,
      onFrame: () => {
        frames++;
        if (frames === 1)
          setImmediate(() => {
            turnAfter = frames;
          });
      },
    });
    expect([turnAfter, frames]).toEqual([1, 3]);
  });

  it('keeps pictures of one name apart', async () => {
    const out = join(files.directory, 'twice');
    const picture = join(files.pictures, 'a.jpg');
    const summary = await runDetect({ inputs: [picture, picture], model: files.model, out, quiet: true });
    expect(summary.pictures).toEqual([join(out, 'a.png'), join(out, 'a-2.png')]);
    expect(summary.frames).toBe(2);
    expect(summary.macsSaved).toBeLessThan(1);
  });
});

describe('saccadenet evaluate', () => {
  const KEYS = [
    ...['images', 'personAP50', 'poleAP30', 'personF1', 'poleF1', 'poleEdgePx', 'personCalledPole'],
    ...['poleCalledPerson', 'attended', 'fiveByFive', 'personPixelRecall', 'polePixelRecall'],
    ...[
      'personInstanceRecall',
      'poleInstanceRecall',
      'personIoU',
      'poleIoU',
      'macsShare',
      'gmacs',
      'sparseLoss',
    ],
  ];

  it('prints every figure as JSON', async () => {
    const { code, stdout, stderr } = await run(
      'evaluate',
      '--data',
      files.data,
      '--model',
      files.model,
      '--json',
    );
    expect([code, stderr]).toEqual([0, '']);
    const scores = JSON.parse(stdout);
    for (const key of KEYS) expect(scores).toHaveProperty(key);
    expect(scores.images).toBe(3);
    expect(scores.sparseLoss).toHaveProperty('personAP50');
    expect(scores.attended).toBeLessThanOrEqual(0.2);
  });

  it('takes the sequences it is told to', async () => {
    const evaluate = async (...more: string[]) => {
      const { stdout } = await run(
        'evaluate',
        '--data',
        files.data,
        '--model',
        files.model,
        '--json',
        ...more,
      );
      return JSON.parse(stdout).images;
    };
    expect(await evaluate('--sequences', 'S2')).toBe(1);
    expect(await evaluate('--exclude-sequences', 'S2')).toBe(2);
    expect(await evaluate('--max-images', '2')).toBe(2);
  });

  it('forces gates for the policies without attention', async () => {
    const evaluate = async (policy: string, budget: string) => {
      const { stdout } = await run(
        ...['evaluate', '--data', files.data, '--model', files.model, '--json'],
        ...['--policy', policy, '--budget', budget],
      );
      return JSON.parse(stdout);
    };
    expect(await evaluate('oracle', '1')).toMatchObject({ personPixelRecall: 1, polePixelRecall: 1 });
    for (const policy of ['random', 'centre']) {
      expect(await evaluate(policy, '0.5')).toMatchObject({ attended: 0.5, fiveByFive: 0 });
    }
    expect((await evaluate('motion', '0.5')).attended).toBe(0.5);
    const dense = await evaluate('dense', '0.2');
    expect(dense).toMatchObject({ attended: 1, personInstanceRecall: 1 });
    expect(dense.macsShare).toBeCloseTo(1, 6);
    for (const loss of Object.values(dense.sparseLoss)) expect(loss).toBe(0);
  });

  it('prints a table for people', async () => {
    const { stdout } = await run('evaluate', '--data', files.data, '--model', files.model);
    expect(stdout).toMatch(/ground truth +3 +3\n/);
    expect(stdout).toMatch(/3 images; looked at \d+\.\d% of the blocks/);
  });
});
