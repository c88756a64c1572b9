/** log.csv of a run: running means of the losses and the speed, a line every few steps. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const LOG_FILE = 'log.csv';

export type LogRow = Readonly<Record<string, number>>;

/** Reads a log back; empty where there is none. A line that was cut short by a crash is left out. */
export function readLog(directory: string): LogRow[] {
  const file = join(directory, LOG_FILE);
  if (!existsSync(file)) return [];
  const [head, ...lines] = readFileSync(file, 'utf8').split('\n');
  const names = head.split(',');
  return lines
    .map((line) => line.split(','))
    .filter((cells) => cells.length === names.length)
    .map((cells) => Object.fromEntries(names.map((name, i) => [name, Number(cells[i])])));
}

function text(rows: readonly LogRow[], names: readonly string[]): string {
  const number = (name: string, value: number) => {
    if (name === 'step') return String(value);
    return name === 'rate' || name === 'price' ? value.toExponential(3) : value.toFixed(4);
  };
  return rows
    .map((row) => `${names.map((name) => number(name, row[name] ?? Number.NaN)).join(',')}\n`)
    .join('');
}

/**
 * Opens the log of a run that stands at `step`; lines of later steps, which a resumed run makes anew, are dropped.
 * @returns adds a line; the first line's names are the columns
 */
export function openLog(directory: string, step: number): (row: LogRow) => void {
  const file = join(directory, LOG_FILE);
  const kept = readLog(directory).filter((row) => row.step <= step);
  let names: string[] | undefined = kept.length > 0 ? Object.keys(kept[0]) : undefined;
  writeFileSync(file, names ? `${names.join(',')}\n${text(kept, names)}` : '');
  return (row) => {
    if (!names || Object.keys(row).some((name) => !names?.includes(name))) {
      const before = names ? readLog(directory) : [];
      names = [...new Set([...(names ?? []), ...Object.keys(row)])];
      writeFileSync(file, `${names.join(',')}\n${text(before, names)}`);
    }
    appendFileSync(file, text([row], names));
  };
}
