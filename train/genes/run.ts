/**
 * The experiment on genes: a small net for digits with plain convolutions and with genes, three seeds, compressed in
 * the loop to the same bytes. Paths that are done are kept in out/genes, so a run that was stopped goes on; then the
 * CSV, the plots and the table of docs/experiments/genes.md.
 *
 *     node tools/run-typescript.mjs train/genes/run.ts
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parametersOf } from '../lenet/architecture.ts';
import { openDigits } from '../lenet/digits.ts';
import { SparsePasses, WholePasses } from '../lenet/passes.ts';
import { geneLayersOf, NET } from './digit-net.ts';
import { Form } from './form.ts';
import { type PathPlan, walkPath } from './path.ts';
import { type Row, report } from './report.ts';

const FOLDER = 'out/genes';
const SEEDS = [1, 2, 3];
const ARMS = {
  plain: [],
  genes: geneLayersOf({ local: 8, long: 8, three: 12 }),
  'genes, local only': geneLayersOf({ local: 16, long: 0, three: 12 }),
};
const PLAN: Omit<PathPlan, 'seed'> = {
  denseEpochs: 1.5,
  stops: [
    { bytes: 3200, epochs: 0.75 },
    { bytes: 2200, epochs: 0.75 },
    { bytes: 1500, epochs: 0.75 },
    { bytes: 1000, epochs: 1 },
  ],
};

const args = Object.fromEntries(process.argv.slice(2).map((text) => text.split('='))) as Record<
  string,
  string | undefined
>;
const { training, test } = openDigits();
const first = (count: number) => Int32Array.from({ length: count }, (_, i) => i);

async function walk(arm: keyof typeof ARMS, seed: number): Promise<Row[]> {
  const rows: Row[] = [];
  const started = process.cpuUsage();
  const passes = new SparsePasses(NET);
  for await (const point of walkPath(new Form(NET, ARMS[arm]), new WholePasses(NET), training, {
    ...PLAN,
    seed,
  })) {
    passes.setVector(point.vector);
    const scored = passes.score(test, first(test.count));
    const { user, system } = process.cpuUsage(started);
    const row: Row = {
      arm,
      seed,
      target: point.target ?? 0,
      bytes: point.file?.length ?? 4 * parametersOf(NET).size,
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

mkdirSync(FOLDER, { recursive: true });
const rows: Row[] = [];
for (const seed of args.seeds?.split(',').map(Number) ?? SEEDS) {
  for (const arm of Object.keys(ARMS) as (keyof typeof ARMS)[]) {
    if (args.arms && !args.arms.split(';').includes(arm)) continue;
    const file = `${FOLDER}/${arm.replace(/\W+/g, '-')}-${seed}.json`;
    if (!existsSync(file)) writeFileSync(file, JSON.stringify(await walk(arm, seed)));
    rows.push(...(JSON.parse(readFileSync(file, 'utf8')) as Row[]));
  }
}
report(rows);
