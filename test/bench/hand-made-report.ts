/** A report of a benchmark made by hand: figures that can be told apart. */
import { ourRows } from '../../bench/ours.ts';
import type { BenchReport, OurEntry } from '../../bench/report.ts';

/** A spread of none. */
const flat = (value: number) => ({ median: value, p5: value, p10: value, p90: value, p95: value });

function ourEntry(name: string, share: number, msMedian: number): OurEntry {
  const [row] = ourRows('webgpu', [share]);
  return {
    ...row,
    name,
    policy: name.endsWith('dense') ? 'dense' : 'static',
    attended: share,
    fiveByFive: 0,
    blocks: 100,
    gmacs: 0.1 + share,
    msMedian,
    msP10: msMedian,
    msP90: msMedian,
    msP95: msMedian,
    msP99: msMedian,
    fps: 1000 / msMedian,
    gflops: flat(1),
    ofGemm: flat(0.5),
    realised: flat(0.9),
    stages: { detailMs: 2, selectMs: 0.25 },
    loadMs: 7,
    firstMs: 9,
    readbackBytes: 3960,
    gpuBytes: 2e6,
    wasmBytes: 0,
    sessionBytes: 2e6,
    pipelines: 8,
    detailOfRoofline: 0.4,
  };
}

/** Our rows, a peer that ran and one that did not. */
export const REPORT: BenchReport = {
  version: '1.2.3',
  machine: { cpu: 'CPU "X", 2 GHz', cores: 2, memoryGb: 4, platform: 'test', node: 'v20', gpu: 'Some <GPU>' },
  host: 'node',
  backend: 'webgpu',
  gemmGflops: 50,
  yardsticks: { copyGbPerSecond: 400, fmaGflops: 10_000 },
  frame: { width: 480, height: 360 },
  weights: 'test',
  rounds: 3,
  seconds: 1,
  denseGmacs: 1.1,
  ours: [ourEntry('webgpu 10%', 0.1, 2), ourEntry('webgpu static', 0.2, 3), ourEntry('webgpu dense', 1, 10)],
  peers: [
    {
      ...{ name: 'peer', version: '9.8', backend: 'webgpu', threads: 1, gmacs: 1.1, msMedian: 40, msP10: 39 },
      ...{
        msP90: 41,
        msP95: 42,
        msP99: 43,
        loadMs: 1,
        firstMs: 2,
        readbackBytes: 1,
        gpuBytes: 1,
        wasmBytes: 1,
      },
      maxAbsDifference: { gates: 1e-5, cells: 2e-5 },
      maxAbs: { gates: 10, cells: 20 },
    },
    { name: 'absent', backend: 'webgpu', gmacs: 1.1, reason: 'no such GPU, sadly' },
  ],
  resolutions: [
    {
      ...{ width: 480, height: 360, blocks: 10, attended: 0.1, gmacs: 0.2, msMedian: 2, blockMs: 1 },
      stages: { inputMs: 0.1, attentionMs: 0.2, detailMs: 0.9 },
      ratio: flat(1),
    },
  ],
  ratios: {
    'webgpu 10%/webgpu dense': flat(0.2),
    'webgpu static/webgpu dense': flat(0.3),
    'webgpu 10%/peer': flat(0.05),
  },
};
