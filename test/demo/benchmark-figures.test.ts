/** What the benchmark page makes of a report: pure, on reports made by hand. */
import { expect, it } from 'vitest';
import { figuresOf } from '../../demo/benchmark/figures.ts';
import type { NetReport, PeersReport } from '../../demo/benchmark/report.ts';
import { REPORT } from '../bench/hand-made-report.ts';

const HEAD = {
  report: 'saccadenet benchmark page',
  date: '2026-01-01T00:00:00Z',
  device: {
    userAgent: 'test',
    cores: 2,
    backends: { webgpu: { available: true }, wasm: { available: true } },
  },
  rounds: 3,
} as const;

const PEERS: PeersReport = { ...HEAD, bench: REPORT };

const row = (attended: number, p50Ms: number) => ({
  ...{ p50Ms, p95Ms: p50Ms, p99Ms: p50Ms, attended, macs: 1e6 * p50Ms, realised: 0.9 },
  stages: { detailMs: 1.5 },
  readbackBytes: 3900,
});
const NET: NetReport = {
  ...HEAD,
  model: { name: 'test', parameters: 10, fileBytes: 20 },
  createMs: 30,
  benchmark: {
    ...{ backend: 'webgpu', width: 96, height: 64, firstFrameMs: 40, pipelines: 8 },
    foveated: row(0.2, 3),
    dense: row(1, 10),
    shares: [{ share: 0.1, ...row(0.1, 2) }],
  },
  backendBytes: 5e6,
};

it('a runtime that ran has figures, one that did not has its reason in their place', () => {
  const { runtimes } = figuresOf(PEERS).peers!;
  const [head, , , ran, absent] = runtimes;
  expect(ran.length).toBe(head.length);
  expect(ran[0]).toBe('peer 9.8 webgpu');
  expect(ran[head.indexOf('p50 ms')]).toBe('40.0');
  expect(ran[head.indexOf('Outputs apart')]).toBe('2e-5');
  expect(absent).toEqual(['absent webgpu', 'Did not run: no such GPU, sadly']);
});

it('ratios say how many times faster ours is, the curve has a line of each peer that ran', () => {
  const { peers, chart } = figuresOf(PEERS);
  expect(peers!.faster[0]).toEqual(['SaccadeNet', 'our dense path', 'peer']);
  expect(peers!.faster[1]).toEqual(['10 %', '5.00 (5.00 to 5.00)', '20.0 (20.0 to 20.0)']);
  expect(chart.peers).toEqual([{ label: 'peer 9.8 webgpu', ms: 40 }]);
  expect(chart.denseMs).toBe(10);
});

it.each([
  ['alone', NET, '3.90 kB'],
  ['beside others', PEERS, '3.96 kB'],
] as const)('%s: pipelines and bytes read back are told of a GPU', (_, report, read) => {
  const { shares, start } = figuresOf(report);
  expect(start['GPU pipelines']).toBe('8');
  expect(shares[0].at(-1)).toBe('Read back');
  for (const line of shares.slice(1)) expect(line.at(-1)).toBe(read);
});

it('without others there is nothing of them', () => {
  const figures = figuresOf(NET);
  expect(figures.peers).toBeUndefined();
  expect(figures.chart.peers).toEqual([]);
  expect(figures.shares.map(([title]) => title)).toEqual(['Blocks', '10 %', 'foveated, 20 %', 'dense']);
});
