/**
 * The experiment on genes: a small net for digits with plain convolutions and with genes, three seeds, compressed in
 * the loop to the same bytes. Paths that are done are kept in out/genes, so a run that was stopped goes on; then the
 * CSV, the plots and the table of docs/experiments/genes.md.
 *
 *     node tools/run-typescript.mjs train/genes/run.ts
 *     node tools/run-typescript.mjs train/genes/run.ts seeds=1 steps=400,160,160,160,200    # only prints
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { openDigits } from '../lenet/digits.ts';
import { digitNet, geneLayersOf } from './digit-net.ts';
import { Form } from './form.ts';
import { type PathPlan, walkPath } from './path.ts';
import { type Row, report, tablesOf } from './report.ts';
import { SmallPasses, shrink } from './small-digits.ts';

const FOLDER = 'out/genes';
const SEEDS = [1, 2, 3];
const WIDE = digitNet(16, 32);
/** With fewer channels: few bytes are better spent on a small net than on the remains of a large one. */
const NARROW = digitNet(8, 24);
const ARMS = {
  plain: { net: WIDE, genes: [] },
  genes: { net: WIDE, genes: geneLayersOf(WIDE, 8, 8) },
  'plain, fewer channels': { net: NARROW, genes: [] },
  'genes, fewer channels': { net: NARROW, genes: geneLayersOf(NARROW, 8, 8) },
};
const STOPS = [2000, 1400, 1000, 750];
/** Before the first stop, and after each. */
const STEPS = '240,70,70,70,90';
/** Digits that are learned from, and tested on. */
const COUNTS = [30_000, 10_000];

const args = Object.fromEntries(process.argv.slice(2).map((text) => text.split('='))) as Record<
  string,
  string | undefined
>;
const [denseSteps, ...after] = (args.steps ?? STEPS).split(',').map(Number);
const plan: Omit<PathPlan, 'seed'> = {
  denseSteps,
  stops: STOPS.map((bytes, i) => ({ bytes, steps: after[i] })),
};
const folder = args.steps ? `${FOLDER}-${args.steps.replaceAll(',', '-')}` : FOLDER;
const all = openDigits();
const [training, test] = [all.training, all.test].map((digits, i) => shrink(digits, COUNTS[i]));

async function walk(arm: keyof typeof ARMS, seed: number): Promise<Row[]> {
  const rows: Row[] = [];
  const started = process.cpuUsage();
  const { net, genes } = ARMS[arm];
  const passes = new SmallPasses(net);
  for await (const point of walkPath(new Form(net, genes), passes, training, { ...plan, seed })) {
    passes.setWeights(point.vector);
    const scored = passes.score(test);
    const { user, system } = process.cpuUsage(started);
    const row: Row = {
      arm,
      seed,
      target: point.target ?? 0,
      bytes: point.file?.length ?? 4 * point.live,
      stored: point.live,
      testErrorPct: 100 * scored.error,
      testLoss: scored.loss,
      trainLoss: point.loss,
      cpuSeconds: (user + system) / 1e6,
    };
    console.log(JSON.stringify(row));
    rows.push(row);
  }
  return rows;
}

mkdirSync(folder, { recursive: true });
const rows: Row[] = [];
for (const seed of args.seeds?.split(',').map(Number) ?? SEEDS) {
  for (const arm of Object.keys(ARMS) as (keyof typeof ARMS)[]) {
    if (args.arms && !args.arms.split(';').includes(arm)) continue;
    const file = `${folder}/${arm.replace(/\W+/g, '-')}-${seed}.json`;
    if (!existsSync(file)) writeFileSync(file, JSON.stringify(await walk(arm, seed)));
    rows.push(...(JSON.parse(readFileSync(file, 'utf8')) as Row[]));
  }
}
if (args.steps) console.log(tablesOf(rows));
else report(rows);
