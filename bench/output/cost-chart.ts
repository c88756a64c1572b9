/**
 * The cost of a frame against the share of blocks attended, as SVG elements with classes and no colours: the picture
 * of the documents and the demo's page style them alike. Drawn at the size given, one unit a CSS px. Pure.
 *
 * Classes: grid, axis, tick, macs (line of the executed MACs), measured, range (the spread), point, dense, peer, label.
 */

export interface CostPoint {
  /** Share of the blocks, 0..1. */
  readonly attended: number;
  readonly ms: number;
  /** The spread that is drawn. */
  readonly lowMs: number;
  readonly highMs: number;
  /** Executed MACs over those of the dense network. */
  readonly macsShare: number;
}

export interface CostChart {
  readonly points: readonly CostPoint[];
  /** What the spread is: 'p10 to p90'. */
  readonly spread: string;
  /** Our own dense path: what the MAC line is drawn from. */
  readonly denseMs: number;
  /** The same dense network elsewhere. */
  readonly peers: readonly { readonly label: string; readonly ms: number }[];
}

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

const MARGIN = { left: 52, right: 18, top: 14, bottom: 42 } as const;
/** Peers that take longer than this many times our dense path stand above the chart, in words: the curve is the subject. */
const MOST_TIMES_DENSE = 1.7;
const X_TICKS = [0, 0.25, 0.5, 0.75, 1];
const LABEL_HEIGHT = 15;
/** A phone: words are short there. */
const NARROW = 480;

/** @returns the elements; the caller puts them into an <svg> with this viewBox. */
export function costChart(
  { points, spread, denseMs, peers }: CostChart,
  { width, height }: ChartSize,
): string {
  const near = peers.filter(({ ms }) => ms <= MOST_TIMES_DENSE * denseMs);
  const far = peers.filter((peer) => !near.includes(peer));
  const top = MARGIN.top + far.length * LABEL_HEIGHT;
  const mostMs = Math.max(denseMs, ...points.map(({ highMs }) => highMs), ...near.map(({ ms }) => ms));
  const step = niceStep(mostMs / 4);
  const yMost = Math.ceil((mostMs * 1.04) / step) * step;
  const x = (share: number) => round(MARGIN.left + share * (width - MARGIN.left - MARGIN.right));
  const y = (ms: number) => round(height - MARGIN.bottom - (ms / yMost) * (height - MARGIN.bottom - top));
  const sorted = [...points].sort((a, b) => a.attended - b.attended);
  const path = (of: (point: CostPoint) => number) =>
    sorted.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.attended)} ${y(of(point))}`).join(' ');
  const parts: string[] = [];

  for (let ms = 0; ms <= yMost + step / 2; ms += step) {
    parts.push(line(ms === 0 ? 'axis' : 'grid', x(0), y(ms), x(1), y(ms)));
    parts.push(text('tick', x(0) - 8, y(ms) + 4, Number(ms.toPrecision(3)), 'end'));
  }
  for (const share of X_TICKS) {
    parts.push(text('tick', x(share), height - MARGIN.bottom + 18, `${100 * share}%`, 'middle'));
  }
  parts.push(text('tick', x(0.5), height - 6, 'blocks attended', 'middle'));
  parts.push(text('tick', x(0) + 6, top + 4, 'ms a frame'));

  far.forEach(({ label, ms }, i) => {
    const at = MARGIN.top + i * LABEL_HEIGHT;
    const times = `${(ms / denseMs).toFixed(1)} × ${width < NARROW ? 'dense' : 'our dense path'}`;
    parts.push(text('label peer-label', x(1), at, `↑ ${label}: ${milliseconds(ms)} ms, ${times}`, 'end'));
  });
  let lastY = Number.POSITIVE_INFINITY;
  for (const { label, ms } of [...near].sort((a, b) => a.ms - b.ms)) {
    parts.push(line('peer', x(0), y(ms), x(1), y(ms)));
    const labelY = Math.min(y(ms) - 5, lastY - LABEL_HEIGHT);
    parts.push(text('label peer-label', x(1), labelY, `${label}, dense: ${milliseconds(ms)} ms`, 'end'));
    lastY = labelY;
  }

  parts.push(`<path class="macs" d="${path(({ macsShare }) => macsShare * denseMs)}"/>`);
  for (const { attended, lowMs, highMs } of sorted) {
    parts.push(line('range', x(attended), y(lowMs), x(attended), y(highMs)));
  }
  parts.push(`<path class="measured" d="${path(({ ms }) => ms)}"/>`);
  for (const { attended, ms } of sorted) {
    parts.push(`<circle class="point" cx="${x(attended)}" cy="${y(ms)}" r="4"/>`);
  }
  parts.push(diamond(x(1), y(denseMs)));
  parts.push(...legend(x(0) + 10, top + 26, denseMs, spread));
  return parts.join('\n');
}

/** Top left, where a curve that grows with attention is not. */
function legend(left: number, top: number, denseMs: number, spread: string): string[] {
  const rows = [
    {
      mark: (at: number) =>
        `<path class="measured" d="M${left} ${at} h24"/><circle class="point" cx="${left + 12}" cy="${at}" r="4"/>`,
      label: `measured, ${spread}`,
    },
    {
      mark: (at: number) => `<path class="macs" d="M${left} ${at} h24"/>`,
      label: 'dense path × executed MACs',
    },
    { mark: (at: number) => diamond(left + 12, at), label: `our dense path: ${milliseconds(denseMs)} ms` },
  ];
  return rows.flatMap(({ mark, label }, i) => {
    const at = round(top + i * (LABEL_HEIGHT + 3));
    return [mark(at), text('label', left + 34, at + 4, label)];
  });
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough) ?? 10);
}

function milliseconds(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : String(Number(ms.toPrecision(2)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function line(name: string, x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="${name}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

function diamond(x: number, y: number): string {
  return `<path class="dense" d="M${x} ${round(y - 6)} l6 6 l-6 6 l-6 -6 z"/>`;
}

function text(name: string, x: number, y: number, content: string | number, anchor = 'start'): string {
  const escaped = String(content).replace(/[&<>]/g, (one) => `&#${one.charCodeAt(0)};`);
  return `<text class="${name}" x="${x}" y="${y}" text-anchor="${anchor}">${escaped}</text>`;
}
