/**
 * The digits experiment, the short part: every net that run.ts kept is coded to a .sacc file, decoded again, and what
 * the file decodes to is scored; then the CSV, the plots and the tables of docs/experiments/compression.md.
 *
 * Choices are made by the digits held out for it. Of each path one point is chosen, and only chosen points (and the
 * nets before compression) see the test digits.
 *
 *     node tools/run-typescript.mjs train/lenet/report.ts
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { architecture, type NetName, parametersOf } from './architecture.ts';
import { openDigits } from './digits.ts';
import { type Key, keptPoints } from './kept.ts';
import { decodeNet, encodeNet } from './net-file.ts';
import { type Passes, type Score, SparsePasses, WholePasses } from './passes.ts';
import { drawPlot, type Line } from './plot.ts';
import { chosenTable, csvOf, pointTable, type Row } from './report-tables.ts';

const DOCS = 'docs/experiments';
/** Training digits that the gap is measured on: as many as are held out. */
const TRAIN_COUNT = 10_000;
/** What is asked for: error, in percent. And what papers say that they reached: ratio, error in percent. */
const GOALS: Record<NetName, number> = { 'lenet-300-100': 2, 'lenet-5': 1 };
const PAPERS: Record<NetName, readonly (readonly [string, number, number])[]> = {
  'lenet-300-100': [['Deep Compression (test)', 40, 1.58]],
  'lenet-5': [
    ['Deep Compression (test)', 39, 0.74],
    ['MIRACLE (test)', 1110, 0.96],
  ],
};

const { training, validation, test } = openDigits();
const first = (count: number) => Int32Array.from({ length: count }, (_, i) => i);
const sizeOf = (net: NetName) => parametersOf(architecture(net)).size;

function passesOf(net: NetName, arm: Row['arm'], vector: Float32Array): Passes {
  if (arm === 'dense' || arm === 'longer') {
    const passes = new WholePasses(architecture(net));
    passes.setWeights(vector);
    return passes;
  }
  const passes = new SparsePasses(architecture(net));
  passes.setVector(vector);
  return passes;
}

function scored(
  { net, seed, pictures }: Key,
  arm: Row['arm'],
  target: number,
  bytes: number,
  vector: Float32Array,
): Row {
  const passes = passesOf(net, arm, vector);
  return {
    net,
    seed,
    pictures,
    arm,
    target,
    bytes,
    ratio: (4 * sizeOf(net)) / bytes,
    live: vector.reduce((count, w) => count + Number(w !== 0), 0),
    validation: passes.score(validation, first(validation.count)),
    train: passes.score(training, first(TRAIN_COUNT)),
    vector,
  };
}

const isFloat = ({ arm }: Row) => arm === 'dense' || arm === 'longer';

/** Of each path the smallest file whose error on the held-out digits is within the goal. */
function choose(rows: readonly Row[]): Row[] {
  const best = new Map<string, Row>();
  for (const row of rows) {
    if (isFloat(row) || 100 * row.validation.error > GOALS[row.net]) continue;
    const path = [row.net, row.seed, row.pictures, row.arm].join();
    const found = best.get(path);
    if (!found || row.bytes < found.bytes) best.set(path, row);
  }
  return [...best.values()];
}

const { points, floats } = keptPoints();
const rows: Row[] = [];
for (const point of points) {
  const bytes = encodeNet(architecture(point.net), point.vector, point.steps);
  writeFileSync(point.fileName, bytes);
  const { vector } = await decodeNet(bytes);
  rows.push(scored(point, point.arm, point.target, bytes.length, vector));
}
for (const net of floats) {
  const bytes = 4 * sizeOf(net.net);
  rows.push(scored(net, net.stage, bytes, bytes, net.vector));
}
const tested = new Map<Row, Score>();
for (const row of [...choose(rows), ...rows.filter(isFloat)]) {
  tested.set(row, passesOf(row.net, row.arm, row.vector).score(test, first(test.count)));
}
rows.sort(
  (a, b) =>
    a.net.localeCompare(b.net) ||
    a.pictures.localeCompare(b.pictures) ||
    a.arm.localeCompare(b.arm) ||
    a.seed - b.seed ||
    b.target - a.target,
);
writeFileSync(`${DOCS}/compression-digits.csv`, csvOf(rows, tested));

const KINDS = [
  ['loop', 'moved', 'in the loop'],
  ['after', 'moved', 'after training'],
  ['tuned', 'moved', 'after, trained on'],
  ['loop', 'still', 'in the loop, still'],
] as const;

/** A line for each seed of each kind. */
function lines(net: NetName, value: (row: Row) => number): Line[] {
  return KINDS.flatMap(([arm, pictures, name], colour) =>
    [...new Set(rows.map((row) => row.seed))].flatMap((seed) => {
      const own = rows.filter(
        (row) => row.net === net && row.arm === arm && row.pictures === pictures && row.seed === seed,
      );
      const points = own.map((row) => [row.bytes, value(row)] as const);
      return points.length > 0 ? [{ name, colour, points, dots: points.length === 1 }] : [];
    }),
  );
}

const tables: string[] = [];
for (const net of Object.keys(GOALS) as NetName[]) {
  const own = rows.filter((row) => row.net === net);
  if (own.length === 0) continue;
  writeFileSync(
    `${DOCS}/compression-${net}.svg`,
    drawPlot({
      title: `${net}: error on held-out digits against the size of the file, every seed`,
      x: 'bytes of the whole file',
      y: '% error',
      lines: lines(net, (row) => 100 * row.validation.error),
      levels: [
        { name: `${GOALS[net]}%: the goal`, y: GOALS[net] },
        ...own
          .filter((row) => isFloat(row) && row.pictures === 'moved' && row.seed === 1)
          .map((row) => ({
            name: row.arm === 'dense' ? 'float32, seed 1' : 'the same, longer',
            y: 100 * row.validation.error,
          })),
      ],
      marks: PAPERS[net].map(([name, ratio, y]) => ({ name, x: (4 * sizeOf(net)) / ratio, y })),
      yMax: 3 * GOALS[net],
    }),
  );
  writeFileSync(
    `${DOCS}/compression-${net}-gap.svg`,
    drawPlot({
      title: `${net}: loss on held-out digits minus loss on training digits`,
      x: 'bytes of the whole file',
      y: 'nats',
      lines: lines(net, (row) => row.validation.loss - row.train.loss),
    }),
  );
  tables.push(`### ${net}\n`, chosenTable(own, tested, GOALS[net]), '', pointTable(own), '');
}
const document = `${DOCS}/compression.md`;
const MARKS = ['<!-- digits: made by train/lenet/report.ts -->', '<!-- /digits -->'];
const text = existsSync(document) ? readFileSync(document, 'utf8') : `${MARKS.join('\n')}\n`;
const [before, after] = [text.split(MARKS[0])[0], text.split(MARKS[1])[1] ?? ''];
writeFileSync(document, `${before}${MARKS[0]}\n\n${tables.join('\n')}\n${MARKS[1]}${after}`);
console.log(tables.join('\n'));
