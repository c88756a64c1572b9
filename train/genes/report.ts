/** What the experiment on genes found: CSV, plots and the table of docs/experiments/genes.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { drawPlot, type Line } from '../lenet/plot.ts';

const DOCS = 'docs/experiments';
const MARKS = ['<!-- genes: made by train/genes/run.ts -->', '<!-- /genes -->'];

export interface Row {
  readonly arm: string;
  readonly seed: number;
  /** Bytes asked for; 0 before compression. */
  readonly target: number;
  /** Of the file; before compression 4 a number. */
  readonly bytes: number;
  /** Numbers that are stored and not zero. */
  readonly stored: number;
  readonly testErrorPct: number;
  readonly testLoss: number;
  /** Of the second half of the training before the point. */
  readonly trainLoss: number;
  /** Of processor, from the start of the path. */
  readonly cpuSeconds: number;
}

function writeCsv(rows: readonly Row[]): void {
  const lines = ['arm,seed,targetBytes,bytes,storedNumbers,testErrorPct,testLoss,trainLoss,cpuSeconds'];
  for (const row of rows) {
    lines.push(
      [
        row.arm.replaceAll(',', ''),
        ...[row.seed, row.target, row.bytes, row.stored, row.testErrorPct.toFixed(2)],
        ...[row.testLoss.toFixed(4), row.trainLoss.toFixed(4), row.cpuSeconds.toFixed(0)],
      ].join(','),
    );
  }
  writeFileSync(`${DOCS}/genes.csv`, `${lines.join('\n')}\n`);
}

function writePlot(
  rows: readonly Row[],
  file: string,
  title: string,
  y: string,
  value: (row: Row) => number,
): void {
  const arms = [...new Set(rows.map(({ arm }) => arm))];
  const lines = arms.flatMap((arm, colour) =>
    [...new Set(rows.map(({ seed }) => seed))].map((seed): Line => {
      const own = rows.filter((row) => row.arm === arm && row.seed === seed && row.target > 0);
      return { name: arm, colour, points: own.map((row) => [row.bytes, value(row)]) };
    }),
  );
  writeFileSync(`${DOCS}/${file}`, drawPlot({ title, x: 'bytes of the whole file', y, lines }));
}

/** Mean and deviation over seeds. */
function spread(values: readonly number[], digits: number): string {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  if (values.length === 1) return mean.toFixed(digits);
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
  return `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
}

function tableOf(rows: readonly Row[]): string {
  const lines = [
    '| bytes asked for | kernels | seeds | bytes | stored numbers that are not 0 | test error, % | test loss, nats |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ];
  for (const target of [...new Set(rows.map((row) => row.target))]) {
    for (const arm of [...new Set(rows.map((row) => row.arm))]) {
      const own = rows.filter((row) => row.arm === arm && row.target === target);
      if (own.length === 0) continue;
      const of = (value: (row: Row) => number, digits: number) => spread(own.map(value), digits);
      lines.push(
        `| ${target || 'float32'} | ${arm} | ${own.map(({ seed }) => seed).join(', ')} | ${of((r) => r.bytes, 0)} | ${of((r) => r.stored, 0)} | ${of((r) => r.testErrorPct, 2)} | ${of((r) => r.testLoss, 4)} |`,
      );
    }
  }
  return lines.join('\n');
}

/** A value of an arm and seed at so many bytes, between its two nearest points on a logarithmic scale; none outside. */
function valueAt(points: readonly Row[], bytes: number, value: (row: Row) => number): number | undefined {
  const sorted = [...points].sort((a, b) => a.bytes - b.bytes);
  const after = sorted.findIndex((row) => row.bytes >= bytes);
  if (after < 1) return undefined;
  const [low, high] = [sorted[after - 1], sorted[after]];
  const share = Math.log(bytes / low.bytes) / Math.log(high.bytes / low.bytes);
  return value(low) + share * (value(high) - value(low));
}

/** Genes against plain arms at the bytes of each of their files. */
function comparisonOf(rows: readonly Row[]): string {
  const coded = rows.filter(({ target }) => target > 0);
  const arms = [...new Set(coded.map(({ arm }) => arm))];
  const lines = [
    '| genes | bytes | against | seeds | test error, points | test loss, nats |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  const pairs = arms
    .filter((arm) => arm.startsWith('genes'))
    .flatMap((genes) =>
      [...new Set(coded.map(({ target }) => target))].map((target) => [genes, target] as const),
    );
  for (const [genes, target] of pairs) {
    const own = coded.filter((row) => row.arm === genes && row.target === target);
    for (const arm of arms.filter((one) => !one.startsWith('genes'))) {
      const differences = (value: (row: Row) => number) =>
        own.flatMap((row) => {
          const points = coded.filter((other) => other.arm === arm && other.seed === row.seed);
          const found = valueAt(points, row.bytes, value);
          return found === undefined ? [] : [value(row) - found];
        });
      const [errors, losses] = [(row: Row) => row.testErrorPct, (row: Row) => row.testLoss].map(differences);
      if (errors.length === 0) continue;
      const bytes = spread(
        own.map((row) => row.bytes),
        0,
      );
      lines.push(
        `| ${genes} | ${bytes} | ${arm} | ${errors.length} | ${spread(errors, 2)} | ${spread(losses, 3)} |`,
      );
    }
  }
  return lines.join('\n');
}

/** Every point, and genes against plain at equal bytes. */
export function tablesOf(rows: readonly Row[]): string {
  const heading = "Genes less plain, at the bytes of the genes' files (below 0: genes are better):";
  return `${tableOf(rows)}\n\n${heading}\n\n${comparisonOf(rows)}`;
}

/** @param rows one a point, of every arm and seed */
export function report(rows: readonly Row[]): void {
  writeCsv(rows);
  const title = 'genes against plain convolutions, every seed';
  writePlot(rows, 'genes-error.svg', `Test error: ${title}`, '% test error', (row) => row.testErrorPct);
  writePlot(rows, 'genes-loss.svg', `Test loss: ${title}`, 'nats', (row) => row.testLoss);
  const table = tablesOf(rows);
  const document = `${DOCS}/genes.md`;
  const text = existsSync(document) ? readFileSync(document, 'utf8') : MARKS.join('\n');
  const [before, after] = [text.split(MARKS[0])[0], text.split(MARKS[1])[1] ?? ''];
  writeFileSync(document, `${before}${MARKS[0]}\n\n${table}\n\n${MARKS[1]}${after}`);
  console.log(table);
}
