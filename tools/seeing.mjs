// `node tools/seeing.mjs --data ../shared/data [--only folds,budgets,corruptions,ablations,small]`: scores the folds on the
// CamVid drives that they did not see and puts the tables of docs/experiments/seeing.md in place. About twenty minutes on
// two idle cores. Needs the build. The ablations' table is of docs/experiments/seeing/ablations.csv (tools/ablations.mjs).
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { place } from './place.mjs';
import { explain, ROOT, SetupError } from './setup.mjs';

const DOCUMENT = 'docs/experiments/seeing.md';
const DRIVES = ['0001TP', '0006R0', '0016E5'];
const ABLATIONS = 'docs/experiments/seeing/ablations.csv';

/** Rows of the budgets' table: what is attended to, and the options that say so. */
const POLICIES = [
  ...[5, 10, 15, 20, 30].map((percent) => [`attention, ${percent}%`, ['--budget', String(percent / 100)]]),
  ['everything', ['--policy', 'dense']],
  ['oracle, 20%', ['--policy', 'oracle']],
  ['random, 20%', ['--policy', 'random']],
  ['centre, 20%', ['--policy', 'centre']],
];

const TABLES = { folds, budgets, corruptions, ablations, small };

/** Networks of the table `small`: how their folds' names begin, and what they are. */
const NETWORKS = [
  ['', 'people-vs-poles'],
  ['narrow-', 'narrower, before compression'],
  ['small-', 'narrower, compressed in training'],
];

const { values } = parseArgs({ options: { data: { type: 'string' }, only: { type: 'string' } } });

try {
  if (!values.data) throw new SetupError('--data is needed: the folder of the sets.');
  const only = values.only?.split(',') ?? Object.keys(TABLES);
  const unknown = only.find((name) => !Object.hasOwn(TABLES, name));
  if (unknown)
    throw new SetupError(`There is no table '${unknown}'; there are ${Object.keys(TABLES).join(', ')}.`);
  for (const name of only) {
    const table = TABLES[name]();
    place(DOCUMENT, name, table);
    console.log(`${table}\n`);
  }
} catch (error) {
  explain(error);
}

/** Figures of the folds, pooled and by drive, with what is wanted. */
function folds() {
  const scores = evaluate();
  const { intervals } = scores;
  const of = (value, [low, high]) => `${fixed(value)} (${fixed(low)} to ${fixed(high)})`;
  const { sparseLoss } = scores;
  const pooled = [
    ['person AP50 (95%)', of(scores.personAP50, intervals.personAP50), '0.40, aim 0.50'],
    ['pole AP30 (95%)', of(scores.poleAP30, intervals.poleAP30), '0.35, aim 0.40'],
    ['lost to sparsity, person', of(sparseLoss.personAP50, intervals.sparseLoss.personAP50), '0.01'],
    ['lost to sparsity, pole', of(sparseLoss.poleAP30, intervals.sparseLoss.poleAP30), '0.02'],
    ['pixels attended, person, pole', pair(scores.personPixelRecall, scores.polePixelRecall), '0.95, 0.85'],
    ['things attended, person, pole', pair(scores.personInstanceRecall, scores.poleInstanceRecall), ''],
    [
      'person called pole, pole called person',
      pair(scores.personCalledPole, scores.poleCalledPerson),
      '0.03, 0.07',
    ],
    [
      'pixel IoU, person, pole',
      pair(scores.personIoU, scores.poleIoU),
      'ENet 0.31, 0.22; FC-DenseNet103 0.60, 0.38',
    ],
    ['median edge error of poles, px', scores.poleEdgePx.toFixed(2), '1.5'],
    ['blocks attended; GMAC', `${percent(scores.attended)}; ${fixed(scores.gmacs)}`, '20%; 0.45'],
  ];
  const drives = scores.folds.map(({ sequences, images, personAP50, poleAP30, gmacs }) => [
    sequences.join(', '),
    images,
    ...[personAP50, poleAP30, gmacs].map(fixed),
  ]);
  return [
    markdown(
      [`${scores.images} frames, ${scores.persons} people, ${scores.poles} poles`, 'measured', 'wanted'],
      pooled,
    ),
    markdown(['drive left out', 'frames', 'person AP50', 'pole AP30', 'GMAC'], drives),
  ].join('\n\n');
}

/** The first study's table (what it called F1 is that of the map of cells), with what chooses the blocks. */
function budgets() {
  const rows = POLICIES.map(([name, options]) => {
    const scores = evaluate(options);
    return [
      name,
      percent(scores.attended),
      fixed(scores.gmacs),
      `${fixed(scores.personPixelRecall)} / ${fixed(scores.personInstanceRecall)}`,
      `${fixed(scores.polePixelRecall)} / ${fixed(scores.poleInstanceRecall)}`,
      pair(f1(scores.personIoU), f1(scores.poleIoU)),
      pair(scores.personAP50, scores.poleAP30),
    ];
  });
  return markdown(
    [
      ...[
        'blocks by',
        'attended',
        'GMAC',
        'person pixels / things attended',
        'pole pixels / things attended',
      ],
      ...['F1 of cells, person, pole', 'AP, person, pole'],
    ],
    rows,
  );
}

/** All folds under the corruptions, 20 frames of each drive. */
function corruptions() {
  const options = ['--corruptions', '--severities', '1,3,5', '--max-images', '20'];
  const { corruption, personAP50, poleAP30 } = evaluate(options);
  const { testedOnly, kinds } = corruption;
  const parts = [
    ['person mPC, rPC', ({ mPC, rPC }) => pair(mPC.person, rPC.person), '0.18, 0.45'],
    ['pole mPC, rPC', ({ mPC, rPC }) => pair(mPC.pole, rPC.pole), ''],
    ['mask IoU', ({ maskIoU }) => fixed(maskIoU), '0.6'],
    ['attention recall kept', ({ attentionRecallKept }) => fixed(attentionRecallKept), '0.8'],
  ];
  const rows = Object.entries(kinds).map(([kind, { mPC, maskIoU, attentionRecallKept }]) => [
    kind.replaceAll('_', ' '),
    ...[mPC.person, mPC.pole, maskIoU, attentionRecallKept].map(fixed),
  ]);
  return [
    markdown(
      [`clean: ${pair(personAP50, poleAP30)}`, 'all kinds', 'kinds never trained on', 'wanted'],
      parts.map(([name, of, wanted]) => [name, of(corruption), of(testedOnly), wanted]),
    ),
    markdown(['kind', 'person AP50', 'pole AP30', 'mask IoU', 'recall kept'], rows),
  ].join('\n\n');
}

/** Narrower networks at the default budget, and the compressed one against what it was compressed from, paired. */
function small() {
  const against = (prefix) => evaluate(['--against', folding(prefix)], 'small-');
  const own = against('narrow-');
  const rows = NETWORKS.map(([prefix, name]) => {
    const scores = prefix === 'small-' ? own : evaluate([], prefix);
    const bytes = DRIVES.map((drive) => statSync(join(ROOT, fold(drive, prefix))).size);
    return [
      name,
      Math.max(...bytes).toLocaleString('en-US'),
      fixed(scores.gmacs),
      pair(scores.personAP50, scores.poleAP30),
      pair(scores.sparseLoss.personAP50, scores.sparseLoss.poleAP30),
      pair(scores.personPixelRecall, scores.polePixelRecall),
      pair(scores.personCalledPole, scores.poleCalledPerson),
      scores.poleEdgePx.toFixed(2),
    ];
  });
  const [[, wide], [, narrow], [, compressed]] = NETWORKS;
  const loss = (name, { difference }) => {
    const of = ({ value, interval: [low, high] }) => `${signed(value)} (${signed(low)} to ${signed(high)})`;
    return [`${compressed}, less ${name}`, of(difference.personAP50), of(difference.poleAP30)];
  };
  const losses = [loss(narrow, own.against), loss(wide, against('').against)];
  return [
    markdown(
      [
        ...['network', 'bytes', 'GMAC', 'AP, person, pole', 'lost to sparsity', 'pixels attended'],
        ...['called the other name', 'edge error of poles, px'],
      ],
      rows,
    ),
    markdown(['paired difference (95%)', 'person AP50', 'pole AP30'], losses),
  ].join('\n\n');
}

/** Means over seeds, and every run. */
function ablations() {
  const file = join(ROOT, ABLATIONS);
  if (!existsSync(file)) throw new SetupError(`${ABLATIONS} is missing; make it with tools/ablations.mjs.`);
  const [head, ...runs] = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const names = [...new Set(runs.map(([name]) => name))];
  const rows = names.map((name) => {
    const own = runs.filter(([first]) => first === name);
    const columns = head.slice(3).map((_, i) => own.map((run) => Number(run[i + 3])));
    return [name, own.length, ...columns.map(meanAndSpread)];
  });
  return markdown(['without', 'seeds', ...head.slice(3)], rows);
}

function meanAndSpread(numbers) {
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  if (numbers.length === 1) return fixed(mean);
  return `${fixed(mean)} (${fixed(Math.min(...numbers))} to ${fixed(Math.max(...numbers))})`;
}

function fold(drive, prefix) {
  return `models/folds/${prefix}without-${drive}.sacc`;
}

/** The folds as `--folds` takes them. @param prefix of their names */
function folding(prefix) {
  return DRIVES.map((drive) => `${fold(drive, prefix)}=${drive}`).join(',');
}

/** @returns {Record<string, any>} figures of `saccadenet evaluate`, all folds pooled */
function evaluate(options = [], prefix = '') {
  const data = join(values.data, 'camvid/train');
  const command = ['evaluate', '--data', data, '--json', '--folds', folding(prefix), ...options];
  console.error(`saccadenet ${command.join(' ')}`);
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'bin', 'saccadenet.js'), ...command], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new SetupError('An evaluation failed: see its message above.');
  return JSON.parse(stdout.toString());
}

function markdown(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function fixed(value) {
  return value.toFixed(3);
}

function signed(value) {
  return `${value < 0 ? '-' : '+'}${fixed(Math.abs(value))}`;
}

function pair(a, b) {
  return `${fixed(a)}, ${fixed(b)}`;
}

function percent(share) {
  return `${(100 * share).toFixed(1)}%`;
}

/** Of a set of cells, from its intersection over union with the true set. */
function f1(iou) {
  return (2 * iou) / (1 + iou);
}
