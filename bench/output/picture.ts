/** The cost curve of a report as an SVG file of its own, for documents: it follows the reader's light or dark theme. Pure. */

import type { BenchReport } from '../report.ts';
import { sizeText } from '../resolutions.ts';
import { costChart } from './cost-chart.ts';
import { figure } from './format.ts';
import { curveOf } from './rows.ts';

const WIDTH = 760;
const CHART_HEIGHT = 380;
const HEAD_HEIGHT = 62;
const PADDING = 16;

const STYLE = `
  svg { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
    --card: #ffffff; --edge: #dde1e8; --text: #171b22; --muted: #596273; --grid: #e6e9ee; --accent: #2f5bd7; --macs: #b4541a; }
  @media (prefers-color-scheme: dark) {
    svg { --card: #171b21; --edge: #2a313b; --text: #e9ecf1; --muted: #9aa4b4; --grid: #2a313b; --accent: #8caaff; --macs: #ffb077; } }
  .card { fill: var(--card); stroke: var(--edge); }
  text { fill: var(--text); } .tick, .sub, .peer-label { fill: var(--muted); } .title { font-size: 17px; font-weight: 650; }
  .tick, .label, .sub { font-size: 12px; }
  .grid { stroke: var(--grid); } .axis { stroke: var(--muted); }
  .measured { fill: none; stroke: var(--accent); stroke-width: 2.5; } .point { fill: var(--accent); } .range { stroke: var(--accent); stroke-width: 2; opacity: 0.55; }
  .macs { fill: none; stroke: var(--macs); stroke-width: 2; stroke-dasharray: 6 5; }
  .dense { fill: var(--card); stroke: var(--text); stroke-width: 2; }
  .peer { stroke: var(--muted); stroke-width: 1.5; stroke-dasharray: 2 4; }
`;

export function drawCurve(report: BenchReport): string {
  const { machine, frame, backend, rounds } = report;
  const width = WIDTH + 2 * PADDING;
  const height = CHART_HEIGHT + HEAD_HEIGHT + PADDING;
  const where = machine.gpu
    ? `${machine.gpu}${machine.softwareGpu ? ' (emulated)' : ''}`
    : `${machine.cpu}, one thread`;
  const chart = costChart(curveOf(report), { width: WIDTH, height: CHART_HEIGHT });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<style>${STYLE}</style>
<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="12"/>
<text class="title" id="title" x="${PADDING + 4}" y="32">Cost of a frame against attention: ${backend}, ${sizeText(frame)}</text>
<text class="sub" x="${PADDING + 4}" y="51">${escaped(where)}; ${rounds} interleaved rounds; SIMD GEMM of the same run ${figure(report.gemmGflops)} GFLOP/s</text>
<g transform="translate(${PADDING} ${HEAD_HEIGHT})">
${chart}
</g>
</svg>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (one) => `&#${one.charCodeAt(0)};`);
}
