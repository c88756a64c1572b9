/**
 * `node tools/run-typescript.mjs bench/blocks/dense-wasm.ts [--size WxH] [--rounds N]`: would a dense path of its own pay
 * on wasm? Trunk layers (3x3, residual, ReLU) over every cell of the frame, two ways in turn, in one run:
 *
 * - listed: as the dense policy runs them, all blocks from the list, maps in slots, tiles of 4x4 cells;
 * - whole: as the attention network's layers run, maps row by row, bands of tiles of 6x6, which make a fifth fewer
 *   products; blocks of 4x4 cells do not divide into such tiles, whole maps do.
 *
 * Networks that differ in `LAYERS` such layers and in nothing else are timed, and the difference taken.
 */
import { parseArgs } from 'node:util';
import type { Executor } from '../../src/backends/backend.ts';
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import { peopleVsPoles, SHIPPED_WIDTHS } from '../../src/network/people-vs-poles.ts';
import { type ConvLayer, FRAME_CHANNELS, GATE_THREE, type NetworkSpec } from '../../src/network/spec.ts';
import { randomModel } from '../../train/random-model.ts';
import { benchFrame } from '../frames.ts';
import { median, pairedRatio } from '../statistics.ts';
import { processorMs } from './processor-time.ts';

const LAYERS = 8;
const BLOCK = peopleVsPoles().block;
const WARMUP_ROUNDS = 3;
const WIDTH = SHIPPED_WIDTHS.trunk;
/** Of the layers that bring the whole maps down to blocks afterwards. */
const NARROW = 8;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { size: { type: 'string' }, rounds: { type: 'string' } },
});
const [width, height] = (values.size ?? '480x360').split('x').map(Number);
const rounds = Number(values.rounds ?? 30);
const frame = benchFrame({ width, height }, 1);
const all = new Uint8Array(Math.ceil(width / BLOCK) * Math.ceil(height / BLOCK)).fill(GATE_THREE);

const deep = await ready(LAYERS + 1);
const shallow = await ready(1);
const times = { listed: [] as number[], whole: [] as number[] };
for (let round = -WARMUP_ROUNDS; round < rounds; round++) {
  const spent = { listed: 0, whole: 0 };
  for (const [executor, sign] of round % 2 === 0 ? [deep, shallow] : [shallow, deep]) {
    spent.whole += sign * (await timed(() => executor.glance()));
    spent.listed += sign * (await timed(() => executor.inspect(all)));
  }
  if (round < 0) continue;
  times.listed.push(spent.listed);
  times.whole.push(spent.whole);
}
const { median: middle, p10, p90 } = pairedRatio(times.whole, times.listed);
console.log(
  `${width}x${height}, ${LAYERS} layers of ${WIDTH} channels, ${rounds} rounds, processor time: listed ` +
    `${median(times.listed).toFixed(1)} ms, whole ${median(times.whole).toFixed(1)} ms; whole over listed ` +
    `${middle.toFixed(3)} (${p10.toFixed(3)} to ${p90.toFixed(3)}), of least times ` +
    `${(Math.min(...times.whole) / Math.min(...times.listed)).toFixed(3)}`,
);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = processorMs();
  await work();
  return processorMs() - startMs;
}

/** An executor that has the frame, and the sign of its time in the difference. @param depth layers of either kind */
async function ready(depth: number): Promise<readonly [Executor, number]> {
  const executor = await wasmBackend().load(randomModel(specOf(depth), 1));
  await executor.upload(frame);
  await executor.glance();
  return [executor, depth > LAYERS ? 1 : -1];
}

/** `depth` layers over cells in the detail network's trunk, and as many in the attention network. */
function specOf(depth: number): NetworkSpec {
  const plain = peopleVsPoles({ ...SHIPPED_WIDTHS, trunkDepth: depth });
  const layer = (name: string, stride: 1 | 2, inputs: number, outputs: number): ConvLayer => {
    const residual = stride === 1 && inputs === outputs;
    return {
      name,
      kernel: 3,
      stride,
      inputs,
      outputs,
      activation: 'relu',
      ...(residual ? { residual } : {}),
    };
  };
  return {
    ...plain,
    attention: {
      ...plain.attention,
      layers: [
        layer('a1', 2, FRAME_CHANNELS, WIDTH),
        ...Array.from({ length: depth }, (_, i) => layer(`w${i}`, 1, WIDTH, WIDTH)),
        layer('a2', 2, WIDTH, NARROW),
        layer('a3', 2, NARROW, NARROW),
      ],
      gate: { ...plain.attention.gate, inputs: NARROW },
      features: { ...plain.attention.features, inputs: NARROW },
    },
  };
}
