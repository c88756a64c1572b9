/**
 * The report as one flat table, a row a contender, for spreadsheets and for comparison across machines and releases.
 * Fields with commas, quotes or line ends are quoted (RFC 4180). Pure.
 */
import type { BenchReport } from '../report.ts';
import type { Spread } from '../statistics.ts';

type Cell = string | number | boolean | undefined;

/** Columns of every row; stages follow as `stage_<name>`. */
const COLUMNS = [
  'saccadenet',
  'gpu',
  'cpu',
  'host',
  'backend',
  'kind',
  'name',
  'version',
  'policy',
  'share',
  'attended',
  'five_by_five',
  'width',
  'height',
  'blocks',
  'gmacs',
  'rounds',
  'ms_p50',
  'ms_p10',
  'ms_p90',
  'ms_p95',
  'ms_p99',
  'load_ms',
  'first_ms',
  'readback_bytes',
  'gpu_bytes',
  'pipelines',
  'wasm_bytes',
  'gflops',
  'of_gemm',
  'realised_p50',
  'realised_p5',
  'realised_p95',
  'detail_of_roofline',
  'times_faster_than_dense_p50',
  'difference_gates',
  'difference_cells',
  'reason',
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], Cell>> & {
  readonly stages?: Readonly<Record<string, number>>;
};

export function reportCsv(report: BenchReport): string {
  const rows = reportRows(report);
  const stages = [...new Set(rows.flatMap((row) => Object.keys(row.stages ?? {})))];
  const head = [...COLUMNS, ...stages.map((name) => `stage_${snake(name)}`)];
  const lines = rows.map((row) => [
    ...COLUMNS.map((column) => row[column]),
    ...stages.map((name) => row.stages?.[name]),
  ]);
  return [head, ...lines].map((line) => `${line.map(field).join(',')}\n`).join('');
}

function reportRows(report: BenchReport): Row[] {
  const { machine, host, backend, frame, rounds, ratios, yardsticks } = report;
  const common: Row = {
    saccadenet: report.version,
    gpu: machine.gpu,
    cpu: machine.cpu,
    host: machine.browser ?? `${host} ${machine.node ?? ''}`.trim(),
    backend,
    rounds,
  };
  const dense = report.ours[report.ours.length - 1]?.name;
  const yardstick = (name: string, gflops: number | undefined, version?: string): Row => ({
    ...common,
    kind: 'yardstick',
    name,
    gflops,
    version,
  });
  return [
    yardstick('wasm SIMD GEMM 256x256x288', report.gemmGflops),
    ...(yardsticks
      ? [
          yardstick('FMA kernel', yardsticks.fmaGflops),
          yardstick(`copy kernel: ${yardsticks.copyGbPerSecond.toFixed(2)} GB/s`, undefined),
        ]
      : []),
    ...report.ours.map((one): Row => {
      const faster = ratios[`${one.name}/${dense}`];
      return {
        ...common,
        ...timing(one),
        kind: 'ours',
        name: one.name,
        version: report.version,
        policy: one.policy,
        share: one.share,
        attended: one.attended,
        five_by_five: one.fiveByFive,
        pipelines: one.pipelines,
        ...frame,
        blocks: one.blocks,
        gflops: one.gflops.median,
        of_gemm: one.ofGemm.median,
        ...realised(one.realised),
        detail_of_roofline: one.detailOfRoofline,
        times_faster_than_dense_p50: faster ? 1 / faster.median : 1,
        stages: one.stages,
      };
    }),
    ...report.peers.map(
      (one): Row => ({
        ...common,
        ...timing(one),
        ...frame,
        kind: 'peer',
        name: one.name,
        version: one.version,
        policy: 'dense',
        gflops: one.msMedian === undefined ? undefined : (2 * one.gmacs * 1000) / one.msMedian,
        difference_gates: one.maxAbsDifference?.gates,
        difference_cells: one.maxAbsDifference?.cells,
        reason: one.reason,
      }),
    ),
    ...report.resolutions.map(
      (one): Row => ({
        ...common,
        kind: 'resolution',
        name: `${one.blocks} blocks attended`,
        version: report.version,
        policy: 'static',
        width: one.width,
        height: one.height,
        attended: one.attended,
        blocks: one.blocks,
        gmacs: one.gmacs,
        ms_p50: one.msMedian,
        stages: one.stages,
      }),
    ),
  ];
}

type Timed = Partial<Omit<BenchReport['ours'][number], 'name' | 'backend'>>;

function timing(one: Timed): Row {
  return {
    gmacs: one.gmacs,
    ms_p50: one.msMedian,
    ms_p10: one.msP10,
    ms_p90: one.msP90,
    ms_p95: one.msP95,
    ms_p99: one.msP99,
    load_ms: one.loadMs,
    first_ms: one.firstMs,
    readback_bytes: one.readbackBytes,
    gpu_bytes: one.gpuBytes,
    wasm_bytes: one.wasmBytes,
  };
}

function realised({ median, p5, p95 }: Spread): Row {
  return { realised_p50: median, realised_p5: p5, realised_p95: p95 };
}

/** 'uploadMs' to 'upload_ms'. */
function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const SIGNIFICANT_DIGITS = 6;

function field(cell: Cell): string {
  if (cell === undefined || (typeof cell === 'number' && !Number.isFinite(cell))) return '';
  const text = typeof cell === 'number' ? String(Number(cell.toPrecision(SIGNIFICANT_DIGITS))) : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
