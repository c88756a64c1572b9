/**
 * learning-curve.svg of a run: the losses, and what else a run is watched by, over its steps. Drawn from log.csv, on
 * no background, in colours for light and for dark surroundings.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LogRow, readLog } from './log.ts';

const CURVE_FILE = 'learning-curve.svg';

interface Panel {
  readonly title: string;
  readonly names: readonly string[];
  readonly height: number;
  /** Logarithmic upwards. */
  readonly log: boolean;
}

const PANELS: readonly Panel[] = [
  {
    title: 'losses (running means)',
    names: ['total', 'score', 'dice', 'box', 'overlap', 'quality', 'gate', 'scene', 'agreement'],
    height: 260,
    log: true,
  },
  { title: 'held-out score', names: ['validPersonAP50', 'validPoleAP30'], height: 110, log: false },
  { title: 'gradient norm', names: ['gradient'], height: 80, log: true },
  { title: 'learning rate', names: ['rate'], height: 60, log: false },
  { title: 'useful GFLOP/s', names: ['gflops'], height: 60, log: false },
];

/** px */
const WIDTH = 760;
const LEFT = 64;
const RIGHT = 88;
const GAP = 44;
const LABEL_HEIGHT = 13;
const MOST_POINTS = 400;

/** One pair a line, in order: on light, on dark. */
const COLOURS = [
  ['#1a1f24', '#f0f3f6'],
  ['#1f6fb2', '#6cb6ff'],
  ['#c2551c', '#f69d50'],
  ['#2a8554', '#57c785'],
  ['#8250b4', '#c297ff'],
  ['#a12f5c', '#ff8fb3'],
  ['#7d6608', '#dbc04b'],
  ['#0e7d86', '#4fd1d9'],
  ['#5f6b76', '#9aa7b4'],
] as const;

const STYLE = `
text { font: 11px system-ui, sans-serif; fill: #3d4650 }
.title { font-weight: 600 }
.grid { stroke: #3d4650; stroke-opacity: .16 }
path { fill: none; stroke-width: 1.5; stroke-linejoin: round }
${COLOURS.map(([light], i) => `.c${i} { stroke: ${light} } text.c${i} { fill: ${light}; stroke: none }`).join('\n')}
@media (prefers-color-scheme: dark) {
text { fill: #c3ccd5 } .grid { stroke: #c3ccd5 }
${COLOURS.map(([, dark], i) => `.c${i} { stroke: ${dark} } text.c${i} { fill: ${dark}; stroke: none }`).join('\n')}
}`;

type Scale = (value: number) => number;

/** Round values between two bounds: 1, 2 or 5 times a power of ten. */
function ticks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const length = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length }, (_, i) => (first + i) * step);
}

/** 1, 2 and 5 times each power of ten between two bounds. */
function logTicks(low: number, high: number): number[] {
  const powers = ticks(Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)), 100).filter(
    Number.isInteger,
  );
  const all = powers.flatMap((power) => [1, 2, 5].map((factor) => factor * 10 ** power));
  return all.filter((value) => value >= low * 0.999 && value <= high * 1.001);
}

function numberText(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.01) return value.toExponential().replace('e-', 'e−');
  return Number(value.toPrecision(4)).toLocaleString('en').replace('-', '−');
}

/** Moves labels apart that would overlap, keeping their order; all stay above `bottom`. */
function spread(wanted: readonly number[], bottom: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const placed = [...wanted];
  order.forEach((i, k) => {
    if (k > 0) placed[i] = Math.max(placed[i], placed[order[k - 1]] + LABEL_HEIGHT);
  });
  let limit = bottom;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i], limit);
    limit = placed[i] - LABEL_HEIGHT;
  }
  return placed;
}

interface Line {
  readonly name: string;
  readonly colour: number;
  readonly points: readonly { readonly step: number; readonly value: number }[];
}

function linesOf({ names, log }: Panel, rows: readonly LogRow[]): Line[] {
  return names
    .map((name, colour) => ({
      name,
      colour,
      points: rows
        .map((row) => ({ step: row.step, value: row[name] }))
        .filter(({ value }) => Number.isFinite(value) && (!log || value > 0)),
    }))
    .filter(({ points }) => points.length > 0);
}

function panelSvg(panel: Panel, lines: readonly Line[], top: number, x: Scale): string {
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  const low = panel.log ? least * 0.95 : Math.min(0, least);
  const high = most > low ? most * (panel.log ? 1.05 : 1) : low + 1;
  const bend = panel.log ? Math.log : (value: number) => value;
  const bottom = top + panel.height;
  const y: Scale = (value) => bottom - (panel.height * (bend(value) - bend(low))) / (bend(high) - bend(low));
  const marks = panel.log && high / low > 3 ? logTicks(low, high) : ticks(low, high, panel.height / 30);
  const grid = marks.map(
    (value) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/>` +
      `<text x="${LEFT - 8}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${numberText(value)}</text>`,
  );
  const ends = spread(
    lines.map(({ points }) => y(points[points.length - 1].value)),
    bottom,
  );
  const drawn = lines.map(({ name, colour, points }, i) => {
    const path = points.map(({ step, value }) => `${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join('L');
    const last = points[points.length - 1].value;
    const text = `${name} ${numberText(Number(last.toPrecision(3)))}`;
    return (
      `<path class="c${colour}" d="M${path}"/>` +
      `<text class="c${colour}" x="${WIDTH - RIGHT + 6}" y="${(ends[i] + 4).toFixed(1)}">${text}</text>`
    );
  });
  return [`<text class="title" x="${LEFT}" y="${top - 8}">${panel.title}</text>`, ...grid, ...drawn].join(
    '\n',
  );
}

/** At most so many rows, the last one among them. */
function thinned(rows: readonly LogRow[]): LogRow[] {
  const every = Math.ceil(rows.length / MOST_POINTS);
  return rows.filter((_, i) => i % every === 0 || i === rows.length - 1);
}

/** The picture of a log. @param rows at least one */
export function learningCurve(rows: readonly LogRow[]): string {
  const kept = thinned(rows);
  const last = kept[kept.length - 1];
  const x: Scale = (step) => LEFT + ((WIDTH - LEFT - RIGHT) * step) / last.step;
  let top = GAP;
  const parts: string[] = [];
  for (const panel of PANELS) {
    const lines = linesOf(panel, panel.names.some((name) => name.startsWith('valid')) ? rows : kept);
    if (lines.length === 0) continue;
    parts.push(panelSvg(panel, lines, top, x));
    top += panel.height + GAP;
  }
  const axis = ticks(0, last.step, 8).map(
    (step) =>
      `<text x="${x(step).toFixed(1)}" y="${top - GAP + 16}" text-anchor="middle">${numberText(step)}</text>`,
  );
  const clock = Number.isFinite(last.minutes) ? `, ${last.minutes.toFixed(1)} minutes` : '';
  const caption = `<text x="${LEFT}" y="${top - 12}">steps; ${last.step} so far${clock}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" role="img">`,
    '<title>Learning curve</title>',
    `<style>${STYLE}</style>`,
    ...parts,
    ...axis,
    caption,
    '</svg>\n',
  ].join('\n');
}

/** Draws the log of a run beside it; a run without a line yet has no picture. */
export function drawLearningCurve(directory: string): void {
  const rows = readLog(directory);
  if (rows.length > 0) writeFileSync(join(directory, CURVE_FILE), learningCurve(rows));
}
