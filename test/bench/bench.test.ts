/** The benchmark's form; never its timings. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createGemm } from '../../bench/gemm.ts';
import type { BenchReport } from '../../bench/report.ts';
import { runBench } from '../../bench/run-bench.ts';
import { DEFAULT_BUDGET } from '../../src/attention/select.ts';
import { denseMacs } from '../../src/network/geometry.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET } from '../conformance/nets.ts';

const MACHINE = { cpu: 'test', cores: 1, memoryGb: 1, platform: 'test' };
const SIZE = { width: 96, height: 64 };
const BLOCKS = 24;

it('the GEMM yardstick measures something', async () => {
  const gemm = await createGemm();
  expect(gemm.measure()).toBeGreaterThan(0.01);
});

describe('a run of everything on wasm, with three rounds', () => {
  const progress: string[] = [];
  let report: BenchReport;
  beforeAll(async () => {
    report = await runBench(
      {
        version: '1.2.3',
        model: randomModel(EVEN_NET, 9),
        weights: 'test',
        backend: 'wasm',
        host: 'node',
        peers: true,
        rounds: 3, // odd, so that a median is one of the rounds
        size: SIZE,
        shares: [0, 0.25, 1],
      },
      MACHINE,
      { onProgress: (done, total, note) => progress.push(`${done}/${total} ${note}`) },
    );
  });

  it('reports the keys of the contract', () => {
    expect(report.frame).toEqual(SIZE);
    expect(report.machine).toEqual(MACHINE);
    expect(report.ours.map(({ name, policy }) => `${name}: ${policy}`)).toEqual([
      'wasm 0%: static',
      'wasm 25%: static',
      'wasm 100%: static',
      'wasm static: static',
      'wasm dense: dense',
    ]);
    for (const entry of [...report.ours, ...report.peers.filter(({ reason }) => !reason)]) {
      expect(entry.msP10).toBeLessThanOrEqual(entry.msMedian!);
      expect(entry.msMedian).toBeLessThanOrEqual(entry.msP90!);
      expect(entry.msP90).toBeLessThanOrEqual(entry.msP95!);
      expect(entry.msP95).toBeLessThanOrEqual(entry.msP99!);
      expect(entry.firstMs).toBeGreaterThan(0);
      expect(entry.loadMs).toBeGreaterThan(0);
    }
    for (const { fps, msMedian } of report.ours) expect(fps * msMedian).toBeCloseTo(1000, 6);
  });

  it('attends exactly the share it names, whatever the frame', () => {
    const blocks = report.ours.map(({ attended }) => Math.round(attended * BLOCKS));
    expect(blocks).toEqual([0, 6, 24, Math.floor(DEFAULT_BUDGET * BLOCKS), 24]);
  });

  it('counts the MACs: all blocks with 3x3 kernels are the dense network', () => {
    const [none, quarter, all, , dense] = report.ours;
    expect(dense.gmacs).toBeCloseTo(denseMacs(EVEN_NET, SIZE) / 1e9, 12);
    expect(all.gmacs).toBeCloseTo(dense.gmacs, 12);
    expect(all.fiveByFive).toBe(0);
    expect(none.gmacs).toBeLessThan(quarter.gmacs);
    expect(report.denseGmacs).toBe(dense.gmacs);
  });

  it('realised is the speed-up over dense against the ratio of MACs', () => {
    const dense = report.ours[report.ours.length - 1];
    expect(dense.realised).toMatchObject({ median: 1, p5: 1, p95: 1 });
    const quarter = report.ours[1];
    const { median } = report.ratios['wasm 25%/wasm dense'];
    expect(quarter.realised.median).toBeCloseTo((1 / median) * (quarter.gmacs / dense.gmacs), 9);
  });

  it('the peers compute what ours computes', () => {
    const ran = report.peers.filter(({ reason }) => reason === undefined);
    expect(ran.map(({ name, backend, threads }) => `${name} ${backend} ${threads}`)).toEqual([
      'onnxruntime-web wasm 1',
      '@tensorflow/tfjs-backend-wasm wasm 1',
    ]);
    for (const { version, gmacs, maxAbsDifference, maxAbs } of ran) {
      expect(version).toMatch(/^\d+\.\d+/);
      expect(gmacs).toBe(report.denseGmacs);
      expect(maxAbs!.cells).toBeGreaterThan(0.1);
      expect(maxAbsDifference!.cells).toBeLessThan(1e-3 * maxAbs!.cells);
      expect(maxAbsDifference!.gates).toBeLessThan(1e-3 * maxAbs!.gates);
    }
  });

  it('a peer that cannot run here is in the table, with the reason', () => {
    expect(report.peers.filter(({ reason }) => reason)).toEqual([
      {
        name: '@litertjs/core',
        backend: 'wasm',
        gmacs: report.denseGmacs,
        reason: 'runs in browsers only: --host chromium',
      },
    ]);
  });

  it('has a ratio of every row of ours to our dense path and to every peer that ran', () => {
    const rows = ['wasm 0%', 'wasm 25%', 'wasm 100%', 'wasm static'];
    const peers = ['onnxruntime-web wasm', '@tensorflow/tfjs-backend-wasm'];
    expect(Object.keys(report.ratios)).toEqual([
      ...rows.map((row) => `${row}/wasm dense`),
      ...peers.flatMap((peer) => [...rows, 'wasm dense'].map((row) => `${row}/${peer}`)),
    ]);
    for (const { p5, p10, median, p90, p95 } of Object.values(report.ratios)) {
      expect([p5, p10, median, p90, p95]).toEqual([p5, p10, median, p90, p95].sort((a, b) => a - b));
    }
  });

  it('attends to as many blocks at every resolution', () => {
    expect(report.resolutions.map(({ width, height, blocks }) => `${width}x${height} ${blocks}`)).toEqual([
      '480x360 69',
      '960x720 69',
      '1920x1080 69',
    ]);
    const [small, middle, large] = report.resolutions;
    expect(small.attended).toBe(0.1);
    expect(middle.attended).toBeCloseTo(69 / 2700, 9);
    expect(large.gmacs).toBeGreaterThan(middle.gmacs);
    expect(small.ratio).toMatchObject({ p5: 1, median: 1, p95: 1 });
  });

  it('tells the memory that wasm holds, counted alike for ours and for peers', () => {
    for (const { wasmBytes, gpuBytes } of [...report.ours, ...report.peers.slice(0, 2)]) {
      expect(wasmBytes).toBeGreaterThan(50_000);
      expect(gpuBytes).toBe(0);
    }
  });

  it('tells how far it is, to the end', () => {
    expect(progress[0]).toBe(`1/${progress.length} loading`);
    expect(progress[progress.length - 1]).toBe(`${progress.length}/${progress.length} resolutions`);
  });

  it('leaves WebAssembly as it was', () => {
    expect(WebAssembly.instantiate.toString()).toMatch(/native code/);
    expect(new WebAssembly.Memory({ initial: 1 })).toBeInstanceOf(WebAssembly.Memory);
  });
});

it('stops between two rounds when it is aborted', async () => {
  const controller = new AbortController();
  const plan = {
    version: '1.2.3',
    model: randomModel(EVEN_NET, 9),
    weights: 'test',
    backend: 'wasm',
    host: 'node',
    peers: false,
    size: SIZE,
    shares: [0.1],
  } as const;
  const onProgress = () => controller.abort(new Error('enough'));
  await expect(runBench(plan, MACHINE, { onProgress, signal: controller.signal })).rejects.toThrow('enough');
});
