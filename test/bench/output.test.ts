/** Statistics, and the report as tables, CSV and picture: pure, on a report made by hand. */
import { describe, expect, it } from 'vitest';
import { difference } from '../../bench/compare-outputs.ts';
import { costChart } from '../../bench/output/cost-chart.ts';
import { reportCsv } from '../../bench/output/csv.ts';
import { bytes, figure, percent, ranged } from '../../bench/output/format.ts';
import { reportMarkdown, table } from '../../bench/output/markdown.ts';
import { drawCurve } from '../../bench/output/picture.ts';
import { detailRooflineMs } from '../../bench/roofline.ts';
import { medians, pairedRatio, quantile, spread } from '../../bench/statistics.ts';
import { placeDetail, placeMacs } from '../../src/network/geometry.ts';
import { EVEN_NET } from '../conformance/nets.ts';
import { REPORT } from './hand-made-report.ts';

describe('statistics', () => {
  it('interpolates quantiles', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([5], 0.9)).toBe(5);
    expect(quantile([0, 10], 0.1)).toBe(1);
    expect(spread([0, 10])).toEqual({ median: 5, p5: 0.5, p10: 1, p90: 9, p95: 9.5 });
  });

  it('pairs ratios by round', () => {
    expect(pairedRatio([1, 4, 9], [1, 2, 3])).toMatchObject({ median: 2 });
  });

  it('takes medians of the stages that every frame has', () => {
    expect(medians([{ a: 1, b: 2 }, { a: 3 }, { a: 8 }])).toEqual({ a: 3 });
    expect(medians([])).toEqual({});
  });
});

describe('comparison of outputs', () => {
  const ours = { gates: Float32Array.of(1, -4), cells: Float32Array.of(0.5, 2) };

  it('gives the greatest difference and the greatest value', () => {
    const theirs = { gates: Float32Array.of(1.5, -4), cells: Float32Array.of(0.5, 1) };
    expect(difference(ours, theirs)).toEqual({
      maxAbsDifference: { gates: 0.5, cells: 1 },
      maxAbs: { gates: 4, cells: 2 },
    });
  });

  it('refuses outputs of another size', () => {
    expect(() => difference(ours, { ...ours, cells: new Float32Array(3) })).toThrow(
      '3 values of cells, ours 2',
    );
  });
});

describe('roofline of the detail network', () => {
  const size = { width: 32, height: 32 };
  const gates = Uint8Array.of(1, 0, 0, 2);

  it('is the MACs over the rate of multiplications where memory is free', () => {
    const free = { copyGbPerSecond: Number.POSITIVE_INFINITY, fmaGflops: 2 };
    const macs = placeDetail(EVEN_NET).reduce((sum, { layer, stride }) => {
      const places = (EVEN_NET.block / stride) ** 2;
      return sum + places * (placeMacs(layer, false) + placeMacs(layer, true));
    }, 0);
    expect(detailRooflineMs(EVEN_NET, size, gates, free)).toBeCloseTo(macs / 1e6, 9);
  });

  it('is the traffic over the rate of copies where multiplications are free, and nothing without blocks', () => {
    const free = { copyGbPerSecond: 1, fmaGflops: Number.POSITIVE_INFINITY };
    expect(detailRooflineMs(EVEN_NET, size, gates, free)).toBeGreaterThan(0.01);
    expect(detailRooflineMs(EVEN_NET, size, new Uint8Array(4), free)).toBe(0);
  });
});

describe('numbers', () => {
  it('have three significant digits', () => {
    expect([0.2234, 4.149, 37.44, 152.3, 0, Number.NaN].map(figure)).toEqual([
      '0.223',
      '4.15',
      '37.4',
      '152',
      '0.00',
      '–',
    ]);
    expect(percent(0.0855)).toBe('8.6%');
    expect([0, 340, 12_000, 3.4e6].map(bytes)).toEqual(['0', '340 B', '12.0 kB', '3.40 MB']);
    expect(ranged({ median: 1, p5: 0.5, p95: 2 })).toBe('1.00 (0.500 to 2.00)');
  });
});

describe('tables', () => {
  it('pads columns to one width', () => {
    expect(
      table([
        ['a', 'long head'],
        ['cell', 'b'],
      ]),
    ).toBe('| a    | long head |\n| ---- | --------- |\n| cell | b         |');
  });

  it('tells of every row, of yardsticks, and of peers that did not run', () => {
    const text = reportMarkdown(REPORT);
    for (const part of [
      'share 10%',
      'default, 20%',
      'Some <GPU>; copy kernel 400 GB/s, FMA kernel 10000 GFLOP/s',
      'peer 9.8 webgpu',
      'gates 1.0e-5, cells 2.0e-5',
      'no such GPU, sadly',
      '20.0 (20.0 to 20.0)',
      '3.96 kB',
      '| pipelines |',
    ]) {
      expect(text).toContain(part);
    }
    const widths = text
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|').length);
    expect(Math.min(...widths)).toBeGreaterThan(4);
  });
});

describe('CSV', () => {
  const lines = reportCsv(REPORT).trimEnd().split('\n');
  const columns = lines[0].split(',');
  const parse = (line: string) =>
    [...line.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)]
      .slice(0, columns.length)
      .map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);

  it('has a row a contender, each with the GPU and all columns', () => {
    const rows = lines.slice(1).map(parse);
    expect(rows.map((row) => row[columns.indexOf('kind')])).toEqual([
      ...['yardstick', 'yardstick', 'yardstick', 'ours', 'ours', 'ours', 'peer', 'peer', 'resolution'],
    ]);
    for (const row of rows) {
      expect(row).toHaveLength(columns.length);
      expect(row[columns.indexOf('gpu')]).toBe('Some <GPU>');
      expect(row[columns.indexOf('cpu')]).toBe('CPU "X", 2 GHz');
    }
  });

  it('has times, stages and reasons in their columns', () => {
    const [, , , , , share10] = [undefined, ...lines.map(parse)];
    const cell = (row: string[], column: string) => row[columns.indexOf(column)];
    expect(cell(share10!, 'ms_p50')).toBe('2');
    expect(cell(share10!, 'stage_detail_ms')).toBe('2');
    expect(cell(share10!, 'times_faster_than_dense_p50')).toBe('5');
    const absent = parse(lines[8]);
    expect(cell(absent, 'reason')).toBe('no such GPU, sadly');
    expect(cell(absent, 'ms_p50')).toBe('');
  });
});

describe('picture', () => {
  it('is one SVG with the MAC line, the points, both themes, and names escaped', () => {
    const svg = drawCurve(REPORT);
    expect(svg).toMatch(/^<svg [\s\S]+<\/svg>\n$/);
    expect(svg.match(/<path class="macs" d="M[^"]+ L/g)).toHaveLength(1);
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).toContain('Some &#60;GPU&#62;');
    expect(svg).toContain('↑ peer 9.8 webgpu: 40 ms, 4.0 × our dense path');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('draws what it is given to scale', () => {
    const point = (attended: number, ms: number) => ({
      attended,
      ms,
      lowMs: ms,
      highMs: ms,
      macsShare: attended,
    });
    const chart = { points: [point(0, 0), point(1, 10)], spread: '', denseMs: 10, peers: [] };
    const svg = costChart(chart, { width: 400, height: 300 });
    const [first, last] = [
      ...svg.matchAll(/<circle class="point" cx="([\d.]+)" cy="([\d.]+)" r="4"\/>/g),
    ].map(([, x, y]) => [Number(x), Number(y)]);
    const [, macs] = /<path class="macs" d="([^"]+)"/.exec(svg)!;
    expect(macs).toBe(`M${first[0]} ${first[1]} L${last[0]} ${last[1]}`); // measured as the MACs say
    expect(last[0]).toBeGreaterThan(first[0] + 300);
    expect(last[1]).toBeLessThan(first[1] - 150);
  });
});
