/** The benchmark's form and its statistics; never its timings. */
import { describe, expect, it } from 'vitest';
import { createGemm } from '../../bench/gemm.ts';
import { runBench } from '../../bench/run-bench.ts';
import { pairedRatio, quantile } from '../../bench/statistics.ts';
import { DEFAULT_BUDGET } from '../../src/attention/select.ts';
import { denseMacs } from '../../src/network/geometry.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET } from '../conformance/nets.ts';

describe('statistics', () => {
  it('interpolates quantiles', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([5], 0.9)).toBe(5);
    expect(quantile([0, 10], 0.1)).toBe(1);
  });

  it('pairs ratios by round', () => {
    expect(pairedRatio([1, 4, 9], [1, 2, 3])).toMatchObject({ median: 2 });
  });
});

it('the GEMM yardstick measures something', async () => {
  const gemm = await createGemm();
  expect(gemm.measure()).toBeGreaterThan(0.01);
});

it('reports the keys of the contract, and the network it timed', async () => {
  const size = { width: 96, height: 64 };
  const rounds: number[] = [];
  const report = await runBench({
    model: randomModel(EVEN_NET, 9),
    weights: 'test',
    peers: true,
    rounds: 2,
    size,
    onRound: (done) => rounds.push(done),
  });
  expect(rounds).toEqual([1, 2, 3, 4, 5]);
  expect(report.frame).toEqual(size);
  expect(report.ours.map(({ backend, policy }) => `${backend} ${policy}`)).toEqual([
    'wasm static',
    'wasm dense',
  ]);
  const [fixed, dense] = report.ours;
  expect(fixed.attended).toBe(Math.floor(DEFAULT_BUDGET * 24) / 24);
  expect(dense.attended).toBe(1);
  expect(dense.gmacs).toBeCloseTo(denseMacs(EVEN_NET, size) / 1e9, 9);
  expect(report.peers).toMatchObject([
    { name: 'onnxruntime-web', backend: 'wasm', threads: 1, gmacs: dense.gmacs },
  ]);
  expect(report.peers[0].version).toMatch(/^\d+\.\d+/);
  for (const entry of [...report.ours, ...report.peers]) {
    expect(Number(entry.msP10)).toBeLessThanOrEqual(Number(entry.msMedian));
    expect(Number(entry.msMedian)).toBeLessThanOrEqual(Number(entry.msP90));
  }
  expect(Object.keys(report.ratios)).toEqual([
    'wasm static/wasm dense',
    'wasm static/onnxruntime-web wasm',
    'wasm dense/onnxruntime-web wasm',
  ]);
});
