/**
 * `node tools/run-typescript.mjs bench/blocks/wide-tiles.ts [--size WxH] [--rounds N]`: what do tiles of 6x6 save where
 * blocks lie in clumps (src/backends/wasm/block-clumps.ts)? The trunk's 3x3 layers of the shipped widths over the same
 * blocks, one by one and in clumps with what is left one by one, in turn in one run.
 */
import { parseArgs } from 'node:util';
import { Arena } from '../../src/backends/wasm/arena.ts';
import { CLUMP_SIDE } from '../../src/backends/wasm/block-clumps.ts';
import { instantiateKernels } from '../../src/backends/wasm/kernels.ts';
import { type BlockList, planFor, type Step } from '../../src/backends/wasm/plan.ts';
import { packModel } from '../../src/backends/wasm/weights.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { GATE_FIVE, GATE_SKIP, GATE_THREE } from '../../src/network/spec.ts';
import { seededRandom, shuffle } from '../../train/random.ts';
import { randomModel } from '../../train/random-model.ts';
import { median, pairedRatio } from '../statistics.ts';
import { clumps as gatesOf } from './clumps.ts';
import { processorMs } from './processor-time.ts';

const SHARES = [10, 20, 35, 50, 75, 100];
const SEED = 1;
const WARMUP_ROUNDS = 3;
const WAYS = ['single', 'clumps'] as const;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { size: { type: 'string' }, rounds: { type: 'string' } },
});
const [width, height] = (values.size ?? '480x360').split('x').map(Number);
const rounds = Number(values.rounds ?? 40);
const spec = peopleVsPoles();
const arena = new Arena();
const kernels = await instantiateKernels(arena.memory);
const plan = planFor(spec, { width, height }, packModel(arena, randomModel(spec, SEED)), arena);
const layers = plan.detail.filter(({ wide }) => wide !== null);
const random = seededRandom(SEED);

console.log(`${width}x${height}, ${layers.length} layers, ${rounds} rounds, processor time\n`);
console.log('| attended | clumps | blocks in none | one by one, ms | in clumps, ms | clumps over single |');
console.log(`|${' --- |'.repeat(6)}`);
for (const share of SHARES) {
  const gates = gatesOf(plan.grid, share / 100);
  const all = take(gates);
  plan.clumps.find(gates, GATE_THREE, GATE_FIVE, plan.lists.all.clumps, plan.lists.all.singles);
  const { clumps, singles } = plan.clumps;
  const times = { single: [] as number[], clumps: [] as number[] };
  const order = [...WAYS];
  for (let round = -WARMUP_ROUNDS; round < rounds; round++) {
    shuffle(order, random);
    for (const way of order) {
      const startMs = processorMs();
      for (const { own, wide, side } of layers) {
        if (way === 'single') run(own, plan.lists.all, all, side);
        else {
          run(wide!, plan.lists.all.clumps, clumps, CLUMP_SIDE);
          run(own, plan.lists.all.singles, singles, side);
        }
      }
      if (round >= 0) times[way].push(processorMs() - startMs);
    }
  }
  const { median: middle, p10, p90 } = pairedRatio(times.clumps, times.single);
  const cells = [
    ...[`${share}%, ${all} blocks`, clumps, singles],
    ...[median(times.single).toFixed(2), median(times.clumps).toFixed(2)],
    `${middle.toFixed(3)} (${p10.toFixed(3)} to ${p90.toFixed(3)})`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

function run({ descriptor }: Step, { address }: BlockList, count: number, side: number): void {
  kernels.convolveTiles(descriptor, address, count, side, side, plan.scratch);
}

/** Gives the attended blocks their slots and lists them. @returns how many */
function take(gates: Uint8Array): number {
  const { columns } = plan.grid;
  let count = 0;
  plan.slots.fill(-1);
  gates.forEach((gate, block) => {
    if (gate === GATE_SKIP) return;
    const [x, y] = [block % columns, Math.floor(block / columns)];
    plan.slots[(y + 1) * (columns + 2) + x + 1] = count;
    plan.lists.all.entries.set([x, y], 2 * count++);
  });
  return count;
}
