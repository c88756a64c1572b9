/** The report as tables and as the cost curve. */
import type { Benchmark } from 'saccadenet';
import { costChart } from '../../bench/output/cost-chart.ts';
import type { Device } from './device.ts';
import type { PageReport } from './measure.ts';
import { page } from './page.ts';

const CHART_HEIGHT = 340;
const STAGE_NAMES: Readonly<Record<string, string>> = {
  uploadMs: 'Input',
  downsampleMs: 'Down-sampling',
  attentionMs: 'Attention',
  selectMs: 'Selection',
  detailMs: 'Detail',
  decodeMs: 'Boxes',
  readbackMs: 'Wait',
};

export function showDevice(device: Device): void {
  const { webgpu, wasm } = device.backends;
  const offered = (one: { available: boolean; reason?: string }) =>
    one.available ? 'yes' : `no: ${one.reason}`;
  fillList(page.device, {
    GPU: device.gpu
      ? `${device.gpu}${device.softwareGpu ? ' (emulated on the processor)' : ''}`
      : 'none offered',
    WebGPU: offered(webgpu),
    'wasm SIMD': offered(wasm),
    'Processor cores': String(device.cores),
    ...(device.memoryGb === undefined ? {} : { Memory: `${device.memoryGb} GB or more` }),
  });
}

export function showReport(report: PageReport): void {
  const { benchmark, createMs, backendBytes, pageHeapBytes } = report;
  page.report.hidden = false;
  drawChart(benchmark);
  const rows = rowsOf(benchmark);
  fillTable(page.shares, [
    ['Blocks', 'p50 ms', 'p95 ms', 'p99 ms', 'Frames/s', 'Of dense', 'Realised'],
    ...rows.map(({ title, p50Ms, p95Ms, p99Ms, realised }) => [
      title,
      ...[p50Ms, p95Ms, p99Ms, 1000 / p50Ms].map(figure),
      ...[p50Ms / benchmark.dense.p50Ms, realised].map(ratio),
    ]),
  ]);
  const stages = Object.keys(STAGE_NAMES).filter((name) => rows.some((row) => name in row.stages));
  fillTable(page.stages, [
    ['Blocks', ...stages.map((name) => STAGE_NAMES[name])],
    ...rows.map(({ title, stages: ms }) => [
      title,
      ...stages.map((name) => (name in ms ? figure(ms[name]) : '–')),
    ]),
  ]);
  page.stagesNote.textContent =
    benchmark.backend === 'webgpu'
      ? 'By the GPU’s own timestamps, where the browser offers them; Wait is the host’s, from handing a frame over to its reply.'
      : 'By the clock of the thread that computes.';
  fillList(page.start, {
    'Until a net takes frames': `${figure(createMs)} ms`,
    'First frame': `${figure(benchmark.firstFrameMs)} ms`,
    'Weights and maps': megabytes(backendBytes),
    ...(pageHeapBytes === undefined ? {} : { 'Page’s own heap': megabytes(pageHeapBytes) }),
  });
  page.json.value = JSON.stringify(report, null, 2);
}

/** Drawn as wide as the page is, so that its words stay as large as the page's. */
export function drawChart(benchmark: Benchmark): void {
  const { dense, shares } = benchmark;
  const width = Math.max(
    280,
    Math.round(page.chart.parentElement!.getBoundingClientRect().width - cardPadding()),
  );
  const points = shares.map(({ attended, p50Ms, p95Ms, macs }) => ({
    attended,
    ms: p50Ms,
    lowMs: p50Ms,
    highMs: p95Ms,
    macsShare: macs / dense.macs,
  }));
  const chart = { points, spread: 'p50 to p95', denseMs: dense.p50Ms, peers: [] };
  page.chart.setAttribute('viewBox', `0 0 ${width} ${CHART_HEIGHT}`);
  page.chart.setAttribute('height', String(CHART_HEIGHT));
  page.chart.innerHTML = costChart(chart, { width, height: CHART_HEIGHT });
  const words = points.map(({ attended, ms }) => `${percent(attended)}: ${figure(ms)} ms`).join(', ');
  page.chart.setAttribute(
    'aria-label',
    `Milliseconds a frame by blocks attended. ${words}. Dense: ${figure(dense.p50Ms)} ms.`,
  );
}

function cardPadding(): number {
  const { paddingLeft, paddingRight } = getComputedStyle(page.chart.parentElement!);
  return Number.parseFloat(paddingLeft) + Number.parseFloat(paddingRight);
}

function rowsOf({ foveated, dense, shares }: Benchmark) {
  return [
    ...shares.map((row) => ({ title: percent(row.attended), ...row })),
    { title: `foveated, ${percent(foveated.attended)}`, ...foveated },
    { title: 'dense', ...dense },
  ];
}

function fillTable(table: HTMLTableElement, [head, ...body]: readonly (readonly string[])[]): void {
  const row = (cells: readonly string[], scope: 'col' | 'row') => {
    const line = document.createElement('tr');
    for (const [i, text] of cells.entries()) {
      const cell = document.createElement(scope === 'col' || i === 0 ? 'th' : 'td');
      if (cell.tagName === 'TH') cell.setAttribute('scope', scope);
      cell.textContent = text;
      line.append(cell);
    }
    return line;
  };
  const [top, rest] = [document.createElement('thead'), document.createElement('tbody')];
  top.append(row(head, 'col'));
  rest.append(...body.map((cells) => row(cells, 'row')));
  table.replaceChildren(top, rest);
}

function fillList(list: HTMLDListElement, entries: Readonly<Record<string, string>>): void {
  const items = Object.entries(entries).map(([term, text]) => {
    const item = document.createElement('div');
    for (const [name, content] of [
      ['dt', term],
      ['dd', text],
    ]) {
      const part = document.createElement(name);
      part.textContent = content;
      item.append(part);
    }
    return item;
  });
  list.replaceChildren(...items);
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value.toFixed(Math.abs(value) < 100 ? 1 : 0);
}

function ratio(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : '–';
}

function megabytes(count: number): string {
  return `${figure(count / 1e6)} MB`;
}
