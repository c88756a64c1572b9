/** The report as tables that read well in a terminal and in a document alike. Pure. */
import type { BenchReport, OurEntry } from '../report.ts';
import { sizeText } from '../resolutions.ts';
import { bytes, figure, percent, ranged } from './format.ts';
import { fasterRows, peerTitle, rowTitle } from './rows.ts';

/** Rows of cells as a markdown table; the first row is the head. Columns are padded to equal width. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [head, ...body] = rows;
  return [line(head), rule, ...body.map(line)].join('\n');
}

export function reportMarkdown(report: BenchReport): string {
  const parts = [headline(report), curve(report), stages(report), start(report)];
  if (report.peers.length > 0) parts.push(peers(report), table(fasterRows(report)));
  if (report.resolutions.length > 0) parts.push(resolutions(report));
  return `${parts.join('\n\n')}\n`;
}

function headline({ machine, frame, backend, rounds, seconds, yardsticks, ...report }: BenchReport): string {
  const where = machine.browser ?? `Node ${machine.node}`;
  const rows = [
    `saccadenet ${report.version}, ${backend}, ${sizeText(frame)}, ${rounds} rounds in ${figure(seconds)} s, weights: ${report.weights}`,
    `${machine.cpu}, ${machine.cores} cores, ${where}; SIMD GEMM 256x256x288 in wasm: ${figure(report.gemmGflops)} GFLOP/s`,
  ];
  if (machine.gpu)
    rows.push(`GPU: ${machine.gpu}${machine.softwareGpu ? ' (emulated on the processor)' : ''}`);
  if (yardsticks) {
    rows[rows.length - 1] +=
      `; copy kernel ${figure(yardsticks.copyGbPerSecond)} GB/s, FMA kernel ${figure(yardsticks.fmaGflops)} GFLOP/s`;
  }
  return rows.join('\n');
}

function curve({ ours, backend, yardsticks }: BenchReport): string {
  const dense = ours[ours.length - 1];
  const head = [
    'ours',
    '5x5',
    'GMAC',
    'ms p50',
    'p95',
    'p99',
    'frames/s',
    'of dense',
    'of its MACs',
    'realised',
  ];
  const rows = ours.map((one) => [
    rowTitle(one),
    percent(one.fiveByFive),
    figure(one.gmacs),
    figure(one.msMedian),
    figure(one.msP95),
    figure(one.msP99),
    figure(one.fps),
    figure(one.msMedian / dense.msMedian),
    figure(one.gmacs / dense.gmacs),
    ranged(one.realised),
  ]);
  const last = yardsticks
    ? {
        title: 'detail of roofline',
        cell: (one: OurEntry) => (one.detailOfRoofline ? percent(one.detailOfRoofline) : '–'),
      }
    : { title: `of the GEMM (${backend})`, cell: (one: OurEntry) => figure(one.ofGemm.median) };
  return table([[...head, last.title], ...rows.map((row, i) => [...row, last.cell(ours[i])])]);
}

function stages({ ours }: BenchReport): string {
  const names = [...new Set(ours.flatMap((one) => Object.keys(one.stages)))];
  const head = ['stages, ms p50', ...names.map((name) => name.replace(/Ms$/, ''))];
  const cells = (one: OurEntry) => names.map((name) => (name in one.stages ? figure(one.stages[name]) : '–'));
  return table([head, ...ours.map((one) => [rowTitle(one), ...cells(one)])]);
}

function start({ ours, peers: others, backend }: BenchReport): string {
  const head = [
    'start and memory',
    'load ms',
    'first frame ms',
    'read back',
    'GPU memory',
    'wasm memory',
    'pipelines',
  ];
  const shown = ours.filter(({ policy, name }) => policy === 'dense' || name.endsWith(' static'));
  const entries = [
    ...shown.map((one) => ({ title: `saccadenet ${rowTitle(one)}`, ...one })),
    ...others
      .filter(({ reason }) => !reason)
      .map((one) => ({ title: peerTitle(one), pipelines: undefined, ...one })),
  ];
  const rows = entries.map((one) => [
    one.title,
    figure(one.loadMs!),
    figure(one.firstMs!),
    backend === 'webgpu' ? bytes(one.readbackBytes!) : '–',
    backend === 'webgpu' ? bytes(one.gpuBytes!) : '–',
    bytes(one.wasmBytes!),
    String(one.pipelines ?? '–'),
  ]);
  return table([head, ...rows]);
}

function peers({ peers: entries }: BenchReport): string {
  const head = [
    'peers, dense network',
    'ms p50',
    'p95',
    'p99',
    'greatest difference of outputs',
    'greatest output',
  ];
  const rows = entries.map((one) => {
    if (one.reason) return [peerTitle(one), 'not run', '', '', one.reason, ''];
    const { maxAbsDifference: apart, maxAbs } = one;
    return [
      peerTitle(one),
      figure(one.msMedian!),
      figure(one.msP95!),
      figure(one.msP99!),
      `gates ${apart!.gates.toExponential(1)}, cells ${apart!.cells.toExponential(1)}`,
      `gates ${figure(maxAbs!.gates)}, cells ${figure(maxAbs!.cells)}`,
    ];
  });
  return table([head, ...rows]);
}

function resolutions({ resolutions: entries }: BenchReport): string {
  const head = [
    'frame',
    'blocks',
    'attended',
    'GMAC',
    'ms p50',
    'input',
    'down-sampling',
    'attention',
    'select to boxes',
    'over the first',
  ];
  const rows = entries.map((one) => [
    sizeText(one),
    String(one.blocks),
    percent(one.attended),
    figure(one.gmacs),
    figure(one.msMedian),
    figure(one.stages.uploadMs ?? one.stages.inputMs ?? Number.NaN),
    one.stages.inputMs === undefined ? figure(one.stages.downsampleMs ?? Number.NaN) : 'with input',
    figure(one.stages.attentionMs ?? Number.NaN),
    figure(one.blockMs),
    ranged(one.ratio),
  ]);
  return table([head, ...rows]);
}
