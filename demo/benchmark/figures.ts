/** A report as the page shows it, whichever kind it is: rows of text and the points of the curve. Pure. */
import type { CostChart } from '../../bench/output/cost-chart.ts';
import { bytes, figure, ranged } from '../../bench/output/format.ts';
import { curveOf, fasterRows, peerTitle } from '../../bench/output/rows.ts';
import type { OurEntry, PeerEntry } from '../../bench/report.ts';
import type { NetReport, PageReport, PeersReport } from './report.ts';
import type { Table } from './tables.ts';

const STAGE_NAMES: Readonly<Record<string, string>> = {
  conditioningMs: 'Conditioning',
  uploadMs: 'Input',
  inputMs: 'Input',
  downsampleMs: 'Down-sampling',
  attentionMs: 'Attention',
  selectMs: 'Selection',
  detailMs: 'Detail',
  candidatesMs: 'Candidates',
  decodeMs: 'Boxes',
  readbackMs: 'Wait',
};

/** All that the page shows of a report. */
export interface Figures {
  readonly chart: CostChart;
  readonly shares: Table;
  readonly stages: Table;
  readonly stagesNote: string;
  readonly start: Readonly<Record<string, string>>;
  /** Only where others ran. */
  readonly peers?: { readonly runtimes: Table; readonly faster: Table };
}

/** What our rows have in both kinds of report. */
interface Row {
  readonly title: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly realised: string;
  /** Of a frame, back from the GPU. */
  readonly readbackBytes?: number;
  readonly stages: Readonly<Record<string, number>>;
}

export function figuresOf(report: PageReport): Figures {
  return 'bench' in report ? besidePeers(report) : alone(report);
}

function alone({ benchmark, createMs, backendBytes, pageHeapBytes }: NetReport): Figures {
  const { foveated, dense, shares, backend, firstFrameMs, pipelines } = benchmark;
  const row = (title: string, one: typeof dense): Row => ({ title, ...one, realised: figure(one.realised) });
  const rows = [
    ...shares.map((one) => row(percent(one.attended), one)),
    row(`foveated, ${percent(foveated.attended)}`, foveated),
    row('dense', dense),
  ];
  const points = shares.map(({ attended, p50Ms, p95Ms, macs }) => ({
    attended,
    ms: p50Ms,
    lowMs: p50Ms,
    highMs: p95Ms,
    macsShare: macs / dense.macs,
  }));
  return {
    chart: { points, spread: 'p50 to p95', denseMs: dense.p50Ms, peers: [] },
    ...tablesOf(rows),
    stagesNote:
      backend === 'webgpu'
        ? 'By the GPU’s own timestamps, where the browser offers them; Wait is the host’s, from handing a frame over to its reply.'
        : 'By the clock of the thread that computes.',
    start: {
      'Until a net takes frames': `${figure(createMs)} ms`,
      'First frame': `${figure(firstFrameMs)} ms`,
      'Weights and maps': bytes(backendBytes),
      ...(pipelines === undefined ? {} : { 'GPU pipelines': String(pipelines) }),
      ...(pageHeapBytes === undefined ? {} : { 'Page’s own heap': bytes(pageHeapBytes) }),
    },
  };
}

function besidePeers({ bench }: PeersReport): Figures {
  const { ours, peers, backend, gemmGflops, yardsticks } = bench;
  const onGpu = backend === 'webgpu';
  const rows = ours.map(
    (one): Row => ({
      title: titleOf(one),
      p50Ms: one.msMedian,
      p95Ms: one.msP95,
      p99Ms: one.msP99,
      realised: ranged(one.realised),
      ...(onGpu ? { readbackBytes: one.readbackBytes } : {}),
      stages: one.stages,
    }),
  );
  const [foveated, dense] = ours.slice(-2);
  const [[, ...names], ...ratios] = fasterRows(bench);
  return {
    chart: curveOf(bench),
    ...tablesOf(rows),
    stagesNote: onGpu
      ? 'By the GPU’s own timestamps where the browser offers them, else by the clock of the thread that computes.'
      : 'By the clock of the thread that computes.',
    start: {
      'Until a session takes frames': `${figure(foveated.loadMs)} ms`,
      'First frame': `${figure(foveated.firstMs)} ms`,
      'Weights and maps': bytes(foveated.sessionBytes),
      ...(foveated.pipelines === undefined ? {} : { 'GPU pipelines': String(foveated.pipelines) }),
      'Matrix product in wasm': `${figure(gemmGflops)} GFLOP/s`,
      ...(yardsticks
        ? {
            'Copy on the GPU': `${figure(yardsticks.copyGbPerSecond)} GB/s`,
            'Multiply-add on the GPU': `${figure(yardsticks.fmaGflops)} GFLOP/s`,
          }
        : {}),
    },
    peers: {
      runtimes: runtimeTable([foveated, dense], peers, onGpu),
      faster: [
        ['SaccadeNet', ...names.map((name) => (name === dense.name ? 'our dense path' : name))],
        ...ratios.map(([, ...times], i) => [rows[i].title, ...times]),
      ],
    },
  };
}

function titleOf({ policy, share, name }: OurEntry): string {
  if (policy === 'dense') return 'dense';
  return name.endsWith(' static') ? `default, ${percent(share)}` : percent(share);
}

function tablesOf(rows: readonly Row[]): Pick<Figures, 'shares' | 'stages'> {
  const dense = rows[rows.length - 1];
  const reads = rows.some(({ readbackBytes }) => readbackBytes !== undefined);
  const stages = Object.keys(STAGE_NAMES).filter((name) => rows.some((row) => name in row.stages));
  return {
    shares: [
      [
        'Blocks',
        ...['p50 ms', 'p95 ms', 'p99 ms', 'Frames/s', 'Of dense', 'Realised'],
        ...(reads ? ['Read back'] : []),
      ],
      ...rows.map(({ title, p50Ms, p95Ms, p99Ms, realised, readbackBytes }) => [
        title,
        ...[p50Ms, p95Ms, p99Ms, 1000 / p50Ms, p50Ms / dense.p50Ms].map(figure),
        realised,
        ...(reads ? [readbackBytes === undefined ? '–' : bytes(readbackBytes)] : []),
      ]),
    ],
    stages: [
      ['Blocks', ...stages.map((name) => STAGE_NAMES[name])],
      ...rows.map(({ title, stages: ms }) => [
        title,
        ...stages.map((name) => (name in ms ? figure(ms[name]) : '–')),
      ]),
    ],
  };
}

/** Ours and the others in the same columns; one that could not run says why. */
function runtimeTable(ours: readonly OurEntry[], peers: readonly PeerEntry[], onGpu: boolean): Table {
  const cells = (one: Partial<OurEntry & PeerEntry>) => [
    ...[one.msMedian, one.msP95, one.msP99, one.loadMs, one.firstMs].map((ms) => figure(ms ?? Number.NaN)),
    bytes((one.gpuBytes ?? 0) + (one.wasmBytes ?? 0)),
    ...(onGpu ? [bytes(one.readbackBytes ?? Number.NaN)] : []),
  ];
  return [
    [
      'Runtime',
      ...['p50 ms', 'p95 ms', 'p99 ms', 'Start ms', 'First ms', 'Memory'],
      ...(onGpu ? ['Read back'] : []),
      'Outputs apart',
    ],
    ...ours.map((one) => [`SaccadeNet, ${titleOf(one)}`, ...cells(one), '–']),
    ...peers.map((one) => {
      if (one.reason !== undefined) return [peerTitle(one), `Did not run: ${one.reason}`];
      const { gates, cells: cell } = one.maxAbsDifference ?? { gates: Number.NaN, cells: Number.NaN };
      return [peerTitle(one), ...cells(one), Math.max(gates, cell).toExponential(0)];
    }),
  ];
}

/** As the demo writes it: '10 %'. */
export function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
