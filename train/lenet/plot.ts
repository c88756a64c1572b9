/** Line plots of an experiment as SVG: logarithmic x, linear y; on no background, for light and dark surroundings. */

export interface Line {
  readonly name: string;
  /** Index of the colour; lines of one kind share one. */
  readonly colour: number;
  readonly points: readonly (readonly [number, number])[];
  /** Points alone, no line between them. */
  readonly dots?: boolean;
}

export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
  /** Named horizontal lines. */
  readonly levels?: readonly { readonly name: string; readonly y: number }[];
  /** Named points of others. */
  readonly marks?: readonly { readonly name: string; readonly x: number; readonly y: number }[];
  readonly yMax?: number;
}

const WIDTH = 720;
const HEIGHT = 300;
const LEFT = 56;
const RIGHT = 150;
const TOP = 34;
const BOTTOM = 44;
const COLOURS = [
  ['#1f6fb2', '#6cb6ff'],
  ['#c2551c', '#f69d50'],
  ['#2a8554', '#57c785'],
  ['#8250b4', '#c297ff'],
] as const;

const STYLE = `text{font:11px system-ui,sans-serif;fill:#3d4650}.t{font-weight:600}.g{stroke:#3d4650;stroke-opacity:.18}.l{stroke:#3d4650;stroke-dasharray:4 4}
path{fill:none;stroke-width:1.6}.m{fill:#3d4650}
${COLOURS.map(([light], i) => `.c${i}{stroke:${light}}circle.c${i},text.c${i}{fill:${light};stroke:none}`).join('')}
@media (prefers-color-scheme:dark){text,.m{fill:#c3ccd5}.g,.l{stroke:#c3ccd5}${COLOURS.map(([, dark], i) => `.c${i}{stroke:${dark}}circle.c${i},text.c${i}{fill:${dark};stroke:none}`).join('')}}`;

/** 1, 2 and 5 times each power of ten between two bounds. */
function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    for (const factor of [1, 2, 5])
      if (factor * power >= low && factor * power <= high) ticks.push(factor * power);
  }
  return ticks;
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1000 ? `${value / 1000} k` : String(value);
}

export function drawPlot({ title, x, y, lines, levels = [], marks = [], yMax }: Plot): string {
  const xs = [...lines.flatMap(({ points }) => points.map((p) => p[0])), ...marks.map((mark) => mark.x)];
  const ys = [...lines.flatMap(({ points }) => points.map((p) => p[1])), ...levels.map((level) => level.y)];
  const [low, high] = [Math.min(...xs) / 1.15, Math.max(...xs) * 1.15];
  const top = yMax ?? Math.max(...ys) * 1.05;
  const bottom = Math.min(0, ...ys);
  const px = (value: number) =>
    LEFT + ((WIDTH - LEFT - RIGHT) * Math.log(value / low)) / Math.log(high / low);
  const py = (value: number) =>
    TOP + (HEIGHT - TOP - BOTTOM) * (1 - (Math.max(bottom, Math.min(top, value)) - bottom) / (top - bottom));
  const at = (value: number) => value.toFixed(1);
  const parts: string[] = [];
  for (const tick of logTicks(low, high)) {
    parts.push(`<path class="g" d="M${at(px(tick))} ${TOP}V${HEIGHT - BOTTOM}"/>`);
    parts.push(
      `<text x="${at(px(tick))}" y="${HEIGHT - BOTTOM + 15}" text-anchor="middle">${short(tick)}</text>`,
    );
  }
  for (let i = 0; i <= 5; i++) {
    const value = bottom + ((top - bottom) * i) / 5;
    parts.push(`<path class="g" d="M${LEFT} ${at(py(value))}H${WIDTH - RIGHT}"/>`);
    parts.push(
      `<text x="${LEFT - 6}" y="${at(py(value) + 4)}" text-anchor="end">${Number(value.toPrecision(2))}</text>`,
    );
  }
  for (const level of levels) {
    parts.push(`<path class="l" d="M${LEFT} ${at(py(level.y))}H${WIDTH - RIGHT}"/>`);
    parts.push(`<text x="${WIDTH - RIGHT + 6}" y="${at(py(level.y) + 4)}">${level.name}</text>`);
  }
  const named = new Map<string, number>();
  for (const { name, colour, points, dots } of lines) {
    if (!dots)
      parts.push(
        `<path class="c${colour}" d="M${points.map(([a, b]) => `${at(px(a))} ${at(py(b))}`).join('L')}"/>`,
      );
    for (const [a, b] of points)
      parts.push(`<circle class="c${colour}" cx="${at(px(a))}" cy="${at(py(b))}" r="2.4"/>`);
    named.set(name, colour);
  }
  for (const mark of marks) {
    parts.push(`<circle class="m" cx="${at(px(mark.x))}" cy="${at(py(mark.y))}" r="3"/>`);
    parts.push(`<text x="${at(px(mark.x) + 5)}" y="${at(py(mark.y) - 5)}">${mark.name}</text>`);
  }
  [...named].forEach(([name, colour], i) => {
    parts.push(`<text class="c${colour}" x="${WIDTH - RIGHT + 6}" y="${TOP + 14 * i + 8}">${name}</text>`);
  });
  parts.push(`<text class="t" x="${LEFT}" y="18">${title}</text>`);
  parts.push(`<text x="${LEFT}" y="${HEIGHT - 8}">${x}</text><text x="4" y="${TOP - 6}">${y}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}"><style>${STYLE}</style>${parts.join('')}</svg>\n`;
}
