/**
 * The last results as two small charts over one time: the share of blocks looked at, and the time a frame took. Frames
 * with an alert are marked. Drawn as wide as it is shown, so that its words stay as large as the page's.
 */
import type { Result } from 'saccadenet';
import { attendedShare, milliseconds, percent } from './figures.ts';

const POINTS = 120;
const LANE_HEIGHT = 62;
const LANE_GAP = 26;
const HEAD = 20;
const LABELS_WIDTH = 52;
/** The text alternative changes no more often than this: it is read aloud. */
const DESCRIBE_EVERY_MS = 1000;

interface Point {
  readonly share: number;
  readonly ms: number;
  readonly alert: boolean;
}

interface Lane {
  readonly title: string;
  readonly className: string;
  readonly of: (point: Point) => number;
  readonly text: (value: number) => string;
  /** The least that the lane's height stands for. */
  readonly least: number;
}

const LANES: readonly Lane[] = [
  { title: 'Blocks looked at', className: 'share', of: ({ share }) => share, text: percent, least: 0.1 },
  { title: 'Time a frame', className: 'ms', of: ({ ms }) => ms, text: milliseconds, least: 10 },
];

export class Timeline {
  readonly #chart: SVGSVGElement;
  readonly #title: SVGTitleElement;
  readonly #drawing: SVGGElement;
  #points: Point[] = [];
  #describedMs = Number.NEGATIVE_INFINITY;

  constructor(chart: SVGSVGElement) {
    this.#chart = chart;
    this.#title = chart.querySelector<SVGTitleElement>('title')!;
    this.#drawing = chart.querySelector('g')!;
    this.draw();
  }

  add(result: Result): void {
    this.#points.push({
      share: attendedShare(result),
      ms: result.timings.totalMs,
      alert: (result.alerts?.length ?? 0) > 0,
    });
    if (this.#points.length > POINTS) this.#points.shift();
    this.draw();
  }

  clear(): void {
    this.#points = [];
    this.draw();
  }

  draw(): void {
    const width = Math.max(240, Math.round(this.#chart.getBoundingClientRect().width));
    const height = LANES.length * (HEAD + LANE_HEIGHT) + LANE_GAP;
    this.#chart.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.#chart.setAttribute('height', String(height));
    this.#drawing.innerHTML = LANES.map((lane, i) =>
      this.#lane(lane, i * (HEAD + LANE_HEIGHT + LANE_GAP), width),
    ).join('');
    const nowMs = performance.now();
    if (nowMs - this.#describedMs < DESCRIBE_EVERY_MS && this.#points.length > 1) return;
    this.#describedMs = nowMs;
    this.#title.textContent = describePoints(this.#points);
  }

  #lane({ title, className, of, text, least }: Lane, top: number, width: number): string {
    const values = this.#points.map(of);
    const most = Math.max(least, ...values);
    const last = values.at(-1);
    const [floor, plotWidth] = [top + HEAD + LANE_HEIGHT, width - LABELS_WIDTH];
    const x = (i: number) => ((POINTS - values.length + i) / (POINTS - 1)) * plotWidth;
    const y = (value: number) => floor - (value / most) * LANE_HEIGHT;
    const at = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`);
    const alerts = this.#points.map((point, i) =>
      point.alert && className === 'share'
        ? `<circle class="alert" cx="${x(i).toFixed(1)}" cy="${(floor + 6).toFixed(1)}" r="2.5" />`
        : '',
    );
    const line =
      at.length > 1
        ? `<path class="area ${className}" d="M${x(0).toFixed(1)},${floor} L${at.join(' L')} L${plotWidth},${floor} Z" /><polyline class="line ${className}" points="${at.join(' ')}" />`
        : '';
    return `<text class="name" x="0" y="${top + 12}">${title}</text>
<text class="now" x="${width}" y="${top + 12}">${last === undefined ? '–' : text(last)}</text>
<line class="grid" x1="0" x2="${plotWidth}" y1="${top + HEAD}" y2="${top + HEAD}" />
<line class="grid" x1="0" x2="${plotWidth}" y1="${floor}" y2="${floor}" />
<text class="tick" x="${width}" y="${top + HEAD + 8}">${text(most)}</text>
<text class="tick" x="${width}" y="${floor}">0</text>${line}${alerts.join('')}`;
  }
}

/** The chart in a sentence. */
export function describePoints(points: readonly Point[]): string {
  if (points.length === 0) return 'Time line of the last frames: none yet.';
  const range = (values: number[], text: (value: number) => string) =>
    `${text(Math.min(...values))} to ${text(Math.max(...values))}, now ${text(values[values.length - 1])}`;
  const shares = range(
    points.map(({ share }) => share),
    percent,
  );
  const times = range(
    points.map(({ ms }) => ms),
    milliseconds,
  );
  const alerts = points.filter(({ alert }) => alert).length;
  return `Time line of the last ${points.length} frames. Blocks looked at: ${shares}. Time a frame: ${times}. Frames with an alert: ${alerts}.`;
}
