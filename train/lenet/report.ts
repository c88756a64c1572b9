/**
 * The digits experiment, the short part: every net that run.ts kept is coded to a .sacc file, decoded again, and what
 * the file decodes to is scored; then the CSV, the plots and the tables of docs/experiments/compression.md.
 *
 *     node tools/run-typescript.mjs train/lenet/report.ts
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { architecture, type NetName, parametersOf } from './architecture.ts';
import { openDigits } from './digits.ts';
import { decodeNet, encodeNet } from './net-file.ts';
import { type Score, SparsePasses } from './passes.ts';
import { drawPlot, type Line } from './plot.ts';

const FOLDER = 'out/lenet';
const DOCS = 'docs/experiments';
const FILE = /^(lenet-300-100|lenet-5)-(\d+)-(after|loop)([a-z-]*)-(\d+)\.f32$/;
/** Training digits that the gap is measured on: as many as test digits. */
const TRAIN_COUNT = 10_000;
/** What is asked for: error, in percent, and ratio against float32. */
const GOALS: Record<NetName, { readonly error: number; readonly ratio: number }> = {
  'lenet-300-100': { error: 2, ratio: 100 },
  'lenet-5': { error: 1, ratio: 200 },
};
const NETS = Object.keys(GOALS) as NetName[];

interface Row {
  readonly net: NetName;
  readonly seed: number;
  readonly arm: string;
  readonly target: number;
  readonly bytes: number;
  readonly ratio: number;
  readonly live: number;
  readonly test: Score;
  readonly train: Score;
}

function readFloats(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

const { training, test } = openDigits();
const first = (count: number) => Int32Array.from({ length: count }, (_, i) => i);

function scored(
  net: NetName,
  seed: number,
  arm: string,
  target: number,
  bytes: number,
  vector: Float32Array,
): Row {
  const whole = architecture(net);
  const passes = new SparsePasses(whole);
  passes.setVector(vector);
  return {
    net,
    seed,
    arm,
    target,
    bytes,
    ratio: (4 * parametersOf(whole).size) / bytes,
    live: vector.reduce((count, w) => count + Number(w !== 0), 0),
    test: passes.score(test, first(test.count)),
    train: passes.score(training, first(TRAIN_COUNT)),
  };
}

const rows: Row[] = [];
for (const file of readdirSync(FOLDER).sort()) {
  const [, name, seed, arm, tag, target] = FILE.exec(file) ?? [];
  if (!name) continue;
  const net = name as NetName;
  const { size } = parametersOf(architecture(net));
  const all = readFloats(`${FOLDER}/${file}`);
  const bytes = encodeNet(architecture(net), all.slice(0, size), [...all.slice(size)]);
  const { vector } = await decodeNet(bytes);
  writeFileSync(`${FOLDER}/${file.replace('.f32', '.sacc')}`, bytes);
  rows.push(scored(net, Number(seed), arm + tag, Number(target), bytes.length, vector));
}
for (const net of NETS) {
  for (const seed of new Set(rows.filter((row) => row.net === net).map((row) => row.seed))) {
    const file = `${FOLDER}/${net}-${seed}.f32`;
    if (!existsSync(file)) continue;
    const { size } = parametersOf(architecture(net));
    rows.push(scored(net, seed, 'uncompressed', 4 * size, 4 * size, readFloats(file).slice(0, size)));
  }
}
rows.sort(
  (a, b) =>
    a.net.localeCompare(b.net) || a.arm.localeCompare(b.arm) || a.seed - b.seed || b.target - a.target,
);

const percent = ({ error }: Score) => (100 * error).toFixed(2);
const csv = ['net,seed,arm,targetBytes,bytes,ratio,weights,testErrorPct,testLoss,trainErrorPct,trainLoss'];
for (const { net, seed, arm, target, bytes, ratio, live, test: t, train } of rows) {
  csv.push(
    [
      net,
      seed,
      arm,
      target,
      bytes,
      ratio.toFixed(1),
      live,
      percent(t),
      t.loss.toFixed(4),
      percent(train),
      train.loss.toFixed(4),
    ].join(','),
  );
}
writeFileSync(`${DOCS}/compression-digits.csv`, `${csv.join('\n')}\n`);

const ARMS = ['loop', 'after', 'uncompressed', 'loop-long', 'loop-shift'];
const NAMES: Record<string, string> = {
  loop: 'in the loop',
  after: 'after training',
  uncompressed: 'float32',
  'loop-long': 'loop, trained longer',
  'loop-shift': 'loop, moved pictures',
};
function lines(net: NetName, value: (row: Row) => number): Line[] {
  return ARMS.flatMap((arm, i) =>
    [...new Set(rows.map((row) => row.seed))].flatMap((seed) => {
      const own = rows.filter((row) => row.net === net && row.arm === arm && row.seed === seed);
      const points = own.map((row) => [row.bytes, value(row)] as const);
      return points.length > 0
        ? [{ name: NAMES[arm], colour: Math.min(i, 3), points, dots: points.length === 1 }]
        : [];
    }),
  );
}
const tables: string[] = [];
for (const net of NETS) {
  const own = rows.filter((row) => row.net === net);
  if (own.length === 0) continue;
  const goal = GOALS[net];
  writeFileSync(
    `${DOCS}/compression-${net}.svg`,
    drawPlot({
      title: `${net}: test error against the size of the file, every seed`,
      x: 'bytes of the whole file',
      y: '% test error',
      lines: lines(net, (row) => 100 * row.test.error),
      levels: [{ name: `${goal.error}%: the goal's error`, y: goal.error }],
      yMax: 3 * goal.error,
    }),
  );
  writeFileSync(
    `${DOCS}/compression-${net}-gap.svg`,
    drawPlot({
      title: `${net}: loss on test digits minus loss on training digits`,
      x: 'bytes of the whole file',
      y: 'nats',
      lines: lines(net, (row) => row.test.loss - row.train.loss),
    }),
  );
  const targets = [...new Set(own.map((row) => `${row.arm} ${row.target}`))];
  tables.push(
    `### ${net}\n`,
    '| how | seeds | bytes | ratio to float32 | weights left | test error, % | training error, % | gap of the losses, nats |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...targets.map((key) => {
      const group = own.filter((row) => `${row.arm} ${row.target}` === key);
      const spread = (value: (row: Row) => number, digits: number) => {
        const values = group.map(value);
        const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
        if (values.length === 1) return mean.toFixed(digits);
        const deviation = Math.sqrt(
          values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1),
        );
        return `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
      };
      return `| ${NAMES[group[0].arm] ?? group[0].arm} | ${group.map(({ seed }) => seed).join(', ')} | ${spread((r) => r.bytes, 0)} | ${spread((r) => r.ratio, 0)} | ${spread((r) => r.live, 0)} | ${spread((r) => 100 * r.test.error, 2)} | ${spread((r) => 100 * r.train.error, 2)} | ${spread((r) => r.test.loss - r.train.loss, 4)} |`;
    }),
    '',
  );
  for (const arm of ['loop', 'after']) {
    const best = own
      .filter((row) => row.arm.startsWith(arm) && 100 * row.test.error <= goal.error)
      .sort((a, b) => a.bytes - b.bytes)[0];
    const found = best
      ? `${best.bytes} bytes, ${best.ratio.toFixed(0)} times smaller than float32, ${percent(best.test)}% (seed ${best.seed})`
      : 'none reached it';
    tables.push(`Smallest file ${NAMES[arm]} with an error of at most ${goal.error}%: ${found}.`, '');
  }
}
const document = `${DOCS}/compression.md`;
const MARKS = ['<!-- digits: made by train/lenet/report.ts -->', '<!-- /digits -->'];
const text = existsSync(document) ? readFileSync(document, 'utf8') : `${MARKS.join('\n')}\n`;
const [before, after] = [text.split(MARKS[0])[0], text.split(MARKS[1])[1] ?? ''];
writeFileSync(document, `${before}${MARKS[0]}\n\n${tables.join('\n')}\n${MARKS[1]}${after}`);
console.log(tables.join('\n'));
