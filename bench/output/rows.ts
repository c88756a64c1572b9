/** What tables and pictures of a report share: names of rows, ratios, the curve. The demo's page shows them too. Pure. */
import type { BenchReport, OurEntry, PeerEntry } from '../report.ts';
import type { CostChart } from './cost-chart.ts';
import { percent, ranged } from './format.ts';

/** 'share 10%', 'default, 20%', 'dense'. */
export function rowTitle({ policy, share, name }: OurEntry): string {
  if (policy === 'dense') return 'dense';
  return name.endsWith(' static') ? `default, ${percent(share)}` : `share ${percent(share)}`;
}

/** 'onnxruntime-web 1.30.0 wasm'. */
export function peerTitle({ name, version, backend }: PeerEntry): string {
  return [name, version, ...(name.endsWith(backend) ? [] : [backend])].filter(Boolean).join(' ');
}

/** How many times faster ours is than each, with the spread over the rounds; the first row is the head. */
export function fasterRows({ ours, ratios }: BenchReport): string[][] {
  const names = [...new Set(Object.keys(ratios).map((key) => key.slice(key.indexOf('/') + 1)))];
  const rows = ours.map((one) => [
    rowTitle(one),
    ...names.map((name) => {
      const ratio = ratios[`${one.name}/${name}`];
      if (!ratio) return '1';
      return ranged({ median: 1 / ratio.median, p5: 1 / ratio.p95, p95: 1 / ratio.p5 });
    }),
  ]);
  return [['times faster than', ...names], ...rows];
}

/** What the cost chart draws of a report. */
export function curveOf({ ours, peers }: BenchReport): CostChart {
  const dense = ours[ours.length - 1];
  const points = ours.slice(0, -1).map(({ attended, msMedian, msP10, msP90, gmacs }) => ({
    attended,
    ms: msMedian,
    lowMs: msP10,
    highMs: msP90,
    macsShare: gmacs / dense.gmacs,
  }));
  return {
    points,
    spread: 'p10 to p90',
    denseMs: dense.msMedian,
    peers: peers.flatMap((one) =>
      one.msMedian === undefined ? [] : [{ label: peerTitle(one), ms: one.msMedian }],
    ),
  };
}
