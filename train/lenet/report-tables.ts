/** Rows of the digits experiment as CSV and as tables. */
import type { Arm, FloatNet, Key } from './kept.ts';
import type { Score } from './passes.ts';

export interface Row extends Key {
  readonly arm: Arm | FloatNet['stage'];
  /** Bytes that were asked for. */
  readonly target: number;
  readonly bytes: number;
  /** Against float32. */
  readonly ratio: number;
  /** Weights that are not zero. */
  readonly live: number;
  /** On the digits that choices are made by, and on as many training digits, unmoved. */
  readonly validation: Score;
  readonly train: Score;
  readonly vector: Float32Array;
}

const NAMES: Record<Row['arm'], string> = {
  loop: 'in the loop',
  after: 'after training',
  tuned: 'after training, trained on',
  dense: 'float32',
  longer: 'float32, trained on',
};

function percent({ error }: Score): string {
  return (100 * error).toFixed(2);
}

/** @param tested scores on the test digits, of the rows that were tested */
export function csvOf(rows: readonly Row[], tested: ReadonlyMap<Row, Score>): string {
  const head =
    'net,seed,pictures,arm,targetBytes,bytes,ratio,weights,heldOutErrorPct,heldOutLoss,trainErrorPct,trainLoss,testErrorPct';
  const lines = rows.map((row) => {
    const { net, seed, pictures, arm, target, bytes, ratio, live, validation, train } = row;
    const found = tested.get(row);
    return [
      net,
      seed,
      pictures,
      arm,
      target,
      bytes,
      ratio.toFixed(1),
      live,
      percent(validation),
      validation.loss.toFixed(4),
      percent(train),
      train.loss.toFixed(4),
      found ? percent(found) : '',
    ].join(',');
  });
  return `${[head, ...lines].join('\n')}\n`;
}

/** What was chosen without the test digits, and what it makes of them. */
export function chosenTable(rows: readonly Row[], tested: ReadonlyMap<Row, Score>, goal: number): string {
  const lines = rows.flatMap((row) => {
    const found = tested.get(row);
    if (!found) return [];
    const { arm, pictures, seed, bytes, ratio, live, validation } = row;
    return [
      `| ${NAMES[arm]} | ${pictures} | ${seed} | ${bytes} | ${ratio.toFixed(0)} | ${live} | ${percent(validation)} | ${percent(found)} |`,
    ];
  });
  return [
    `Of each path the smallest file with a held-out error of at most ${goal}%, and float32:`,
    '',
    '| how | pictures | seed | bytes | ratio to float32 | weights left | held-out error, % | test error, % |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

function spread(values: readonly number[], digits: number): string {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  if (values.length === 1) return mean.toFixed(digits);
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return `${mean.toFixed(digits)} ± ${Math.sqrt(squares / (values.length - 1)).toFixed(digits)}`;
}

/** Every point, the seeds of one taken together: mean and standard deviation. */
export function pointTable(rows: readonly Row[]): string {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = [row.pictures, row.arm, row.target].join();
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const lines = [...groups.values()].map((group) => {
    const each = (value: (row: Row) => number, digits: number) => spread(group.map(value), digits);
    const cells = [
      NAMES[group[0].arm],
      group[0].pictures,
      group.map(({ seed }) => seed).join(' '),
      each((row) => row.bytes, 0),
      each((row) => row.ratio, 0),
      each((row) => row.live, 0),
      each((row) => 100 * row.validation.error, 2),
      each((row) => 100 * row.train.error, 2),
      each((row) => row.validation.loss - row.train.loss, 4),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    'Every point:',
    '',
    '| how | pictures | seeds | bytes | ratio | weights left | held-out error, % | training error, % | gap of the losses, nats |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}
