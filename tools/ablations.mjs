// `node tools/ablations.mjs --data ../shared/data --out out/ablations [--steps 1200] [--only NAME,...]`: trains the
// network with and without one thing at a time, on the same short schedule, and scores each on the CamVid drive that none
// of them saw. Runs that are there already are not made again. Writes docs/experiments/seeing/ablations.csv and prints it
// as a table. Needs the build; 1200 steps take four to eight minutes a run.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { explain, ROOT, SetupError } from './setup.mjs';

const HELD_OUT = '0006R0';
const TABLE = 'docs/experiments/seeing/ablations.csv';
const DEFAULT_STEPS = 1200;
/** Of the corrupted frames: every kind, one severity, evenly spread. */
const CORRUPTIONS = ['--corruptions', '--severities', '3', '--max-images', '20'];

/** Residual layers of attention where a run does not say otherwise: the network that the table was made with. */
const ATTENTION_DEPTH = ['--attention-depth', '3'];

/** What is left out, and the seeds it is trained with; the two main claims have three. */
const ABLATIONS = [
  { name: 'all', seeds: [1, 2, 3], options: [] },
  { name: 'no corruption reward', seeds: [1, 2, 3], options: ['--agreement', '0'] },
  { name: 'no reward for zeros', seeds: [1], options: ['--gate-lambda', '0'] },
  { name: 'no coarse surround', seeds: [1], options: ['--without', 'surround'] },
  { name: 'no coordinates', seeds: [1], options: ['--without', 'coordinates'] },
  { name: 'no procedural scenes', seeds: [1], options: ['--scenes', '0'] },
  { name: 'attention sees a quarter', seeds: [1], options: ['--downsample', '4'] },
  { name: 'one residual layer in attention', seeds: [1], options: ['--attention-depth', '1'] },
  { name: 'five residual layers in attention', seeds: [1], options: ['--attention-depth', '5'] },
];

/** Columns of the table, from `evaluate --json` of the whole drive and of its corrupted frames. */
const COLUMNS = {
  personAP50: ({ scores }) => scores.personAP50,
  poleAP30: ({ scores }) => scores.poleAP30,
  personLost: ({ scores }) => scores.sparseLoss.personAP50,
  poleLost: ({ scores }) => scores.sparseLoss.poleAP30,
  personPixels: ({ scores }) => scores.personPixelRecall,
  polePixels: ({ scores }) => scores.polePixelRecall,
  attended: ({ scores }) => scores.attended,
  gmacs: ({ scores }) => scores.gmacs,
  personRPC: ({ corrupted }) => corrupted.corruption.rPC.person,
  poleRPC: ({ corrupted }) => corrupted.corruption.rPC.pole,
  maskIoU: ({ corrupted }) => corrupted.corruption.maskIoU,
  recallKept: ({ corrupted }) => corrupted.corruption.attentionRecallKept,
  testedOnlyMaskIoU: ({ corrupted }) => corrupted.corruption.testedOnly.maskIoU,
  testedOnlyRecallKept: ({ corrupted }) => corrupted.corruption.testedOnly.attentionRecallKept,
};

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    out: { type: 'string' },
    steps: { type: 'string', default: String(DEFAULT_STEPS) },
    only: { type: 'string' },
  },
});

try {
  if (!values.data || !values.out) {
    throw new SetupError('--data and --out are needed: the folder of the sets, and one for the runs.');
  }
  mkdirSync(values.out, { recursive: true });
  const wanted = values.only?.split(',');
  for (const { name, seeds, options } of ABLATIONS) {
    if (wanted && !wanted.includes(name)) continue;
    for (const seed of seeds) run(name, seed, options);
  }
  write();
} catch (error) {
  explain(error);
}

function resultFile(name, seed) {
  return join(values.out, `${name.replaceAll(' ', '-')}-${seed}.json`);
}

function run(name, seed, options) {
  const file = resultFile(name, seed);
  if (existsSync(file)) return;
  const model = file.replace('.json', '.sacc');
  const set = (folder, weight) => `${join(values.data, folder)}:${weight}`;
  const resume = existsSync(`${model}.run`) ? ['--resume'] : [];
  if (!existsSync(model) || resume.length > 0) {
    saccadenet(
      [
        'train',
        '--data',
        set('camvid/train', 1),
        '--data',
        set('pennfudan', 0.12),
        '--data',
        set('tudped', 0.12),
      ],
      ['--data', set('walkcam', 0.12), '--data', set('coco', 0.08), '--data', set('carla_person', 0.05)],
      [
        '--people-free',
        set('utilpoles', 0.12),
        '--scenes',
        '1',
        '--exclude-sequences',
        HELD_OUT,
        '--part',
        '4',
      ],
      ['--workers', '0', '--steps', values.steps, '--seed', String(seed), '-o', model],
      [...ATTENTION_DEPTH, ...options, ...resume],
    );
  }
  const evaluate = ['evaluate', '--data', join(values.data, 'camvid/train'), '--sequences', HELD_OUT];
  const scored = (...more) =>
    JSON.parse(saccadenet([...evaluate, '--model', model, '--json', ...more]).toString());
  const result = {
    name,
    seed,
    steps: Number(values.steps),
    scores: scored(),
    corrupted: scored(...CORRUPTIONS),
  };
  writeFileSync(file, JSON.stringify(result));
}

function saccadenet(...parts) {
  const options = parts.flat();
  console.error(`saccadenet ${options.join(' ')}`);
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'bin', 'saccadenet.js'), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new SetupError('A run failed: see its message above.');
  return stdout;
}

/** All results that are there, a line each. */
function write() {
  const results = ABLATIONS.flatMap(({ name, seeds }) =>
    seeds.map((seed) => resultFile(name, seed)).filter(existsSync),
  ).map((file) => JSON.parse(readFileSync(file, 'utf8')));
  const rows = results.map((result) => [
    result.name,
    result.seed,
    result.steps,
    ...Object.values(COLUMNS).map((of) => of(result).toFixed(3)),
  ]);
  const head = ['without', 'seed', 'steps', ...Object.keys(COLUMNS)];
  mkdirSync(join(ROOT, TABLE, '..'), { recursive: true });
  writeFileSync(join(ROOT, TABLE), [head, ...rows].map((row) => `${row.join(',')}\n`).join(''));
  console.log([head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n'));
}
