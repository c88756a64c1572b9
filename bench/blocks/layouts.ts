/**
 * `node tools/run-typescript.mjs bench/blocks/layouts.ts [--rounds N]`: NHWC or NCHWc4 on wasm? A trunk layer (3x3, 56 to
 * 56 channels, residual, ReLU) of a 480x352 frame over the blocks attended, both layouts by Winograd's tiles and directly,
 * all in turn in one run. Outputs are compared before anything is timed; a difference beyond rounding ends the run.
 */
import { parseArgs } from 'node:util';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { seededRandom, shuffle } from '../../train/random.ts';
import { median, pairedRatio } from '../statistics.ts';
import { clumps } from './clumps.ts';
import { LayoutBench, WAYS, type Way } from './layout-bench.ts';

const GRID = { columns: 30, rows: 22 };
const SHARES = [5, 10, 20, 50];
const SEED = 1;
const TOLERANCE = 1e-4;
const WARMUP_ROUNDS = 5;
const RATIOS: readonly (readonly [Way, Way])[] = [
  ['NHWC tiles', 'product'],
  ['NCHWc4 tiles', 'product'],
  ['NCHWc4 tiles', 'NHWC tiles'],
  ['NCHWc4 direct', 'NHWC direct'],
];

const { values } = parseArgs({ args: process.argv.slice(2), options: { rounds: { type: 'string' } } });
const rounds = Number(values.rounds ?? 60);
const channels = peopleVsPoles().detail.trunk[1].outputs;
const order = [...WAYS];
const random = seededRandom(SEED);
const bench = await LayoutBench.create(GRID, channels, SEED);
console.log(`3x3, ${channels} to ${channels} channels, ${rounds} rounds\n`);
console.log(
  `| attended | ${WAYS.map((way) => `${way}, ms`).join(' | ')} | ${RATIOS.map(([way, against]) => `${way} / ${against}`).join(' | ')} |`,
);
console.log(`|${' --- |'.repeat(WAYS.length + RATIOS.length + 1)}`);
for (const share of SHARES) {
  const gates = clumps(GRID, share / 100);
  bench.choose(gates);
  check();
  const times = Object.fromEntries(WAYS.map((way) => [way, [] as number[]])) as Record<Way, number[]>;
  for (let round = -WARMUP_ROUNDS; round < rounds; round++) {
    // Whoever runs after a way with the same weights finds them in the cache.
    shuffle(order, random);
    for (const way of order) {
      const ms = bench.run(way);
      if (round >= 0) times[way].push(ms);
    }
  }
  const ratio = (way: Way, against: Way) => {
    const least = Math.min(...times[way]) / Math.min(...times[against]);
    return `${pairedRatio(times[way], times[against]).median.toFixed(2)}, ${least.toFixed(2)}`;
  };
  const cells = [
    `${share}%, ${gates.filter(Boolean).length} blocks`,
    ...WAYS.map((way) => median(times[way]).toFixed(2)),
    ...RATIOS.map(([way, against]) => ratio(way, against)),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
console.log('\nProcessor time, medians; ratios: median of the rounds, then least over least.');

/** @throws where a way gives other outputs than the product's */
function check(): void {
  bench.run(WAYS[0]);
  const expected = bench.outputs(WAYS[0]);
  const greatest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const way of WAYS.slice(1)) {
    bench.run(way);
    const outputs = bench.outputs(way);
    const off =
      expected.reduce((most, value, i) => Math.max(most, Math.abs(value - outputs[i])), 0) / greatest;
    if (!(greatest > 0 && off <= TOLERANCE))
      throw new Error(`${way} is wrong: off by ${off}; nothing is timed`);
  }
}
