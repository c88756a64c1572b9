/** The device, and a report as tables and as the cost curve. */
import { costChart } from '../../bench/output/cost-chart.ts';
import { figure } from '../../bench/output/format.ts';
import type { Device } from './device.ts';
import { figuresOf, percent } from './figures.ts';
import { page } from './page.ts';
import type { PageReport } from './report.ts';
import { fillList, fillTable } from './tables.ts';

const CHART_HEIGHT = 340;
/** A phone: names without scope and version. */
const NARROW = 480;

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
  const { shares, stages, stagesNote, start, peers } = figuresOf(report);
  page.report.hidden = false;
  page.runtimesCard.hidden = !peers;
  if (peers) {
    fillTable(page.runtimes, peers.runtimes);
    fillTable(page.faster, peers.faster);
  }
  drawChart(report);
  fillTable(page.shares, shares);
  fillTable(page.stages, stages);
  page.stagesNote.textContent = stagesNote;
  fillList(page.start, start);
  page.json.value = JSON.stringify(report, null, 2);
}

/** Drawn as wide as the page is, so that its words stay as large as the page's. */
export function drawChart(report: PageReport): void {
  const { chart } = figuresOf(report);
  const width = Math.max(
    280,
    Math.round(page.chart.parentElement!.getBoundingClientRect().width - cardPadding()),
  );
  page.chart.setAttribute('viewBox', `0 0 ${width} ${CHART_HEIGHT}`);
  page.chart.setAttribute('height', String(CHART_HEIGHT));
  const peers = chart.peers.map((one) => ({
    ...one,
    label: width < NARROW ? shortLabel(one.label) : one.label,
  }));
  page.chart.innerHTML = costChart({ ...chart, peers }, { width, height: CHART_HEIGHT });
  const words = [
    chart.points.map(({ attended, ms }) => `${percent(attended)}: ${figure(ms)} ms`).join(', '),
    `Dense: ${figure(chart.denseMs)} ms`,
    ...chart.peers.map(({ label, ms }) => `${label}, dense: ${figure(ms)} ms`),
  ];
  page.chart.setAttribute('aria-label', `Milliseconds a frame by blocks attended. ${words.join('. ')}.`);
}

/** '@tensorflow/tfjs-backend-wasm 4.22.0' is 'tfjs-backend-wasm'. */
function shortLabel(label: string): string {
  return label.split(' ')[0].replace(/^@tensorflow\//, '');
}

function cardPadding(): number {
  const { paddingLeft, paddingRight } = getComputedStyle(page.chart.parentElement!);
  return Number.parseFloat(paddingLeft) + Number.parseFloat(paddingRight);
}
