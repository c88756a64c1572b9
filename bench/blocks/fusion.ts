/**
 * `node tools/run-typescript.mjs bench/blocks/fusion.ts [--size WxH] [--rounds N] [--shares A,B] [--tile WxPxC] [--model F]`:
 * what it is worth to fuse the layers of a block in workgroup memory. The trunk and the head on WebGPU, four ways in
 * turn, in one run, on Dawn's adapter (hosts/dawn.ts says how to run it without a GPU): see fusion-bench.ts.
 *
 * Every way's cells are compared with the reference before anything is timed; one that is wrong ends the run.
 * `--tile`: threads of a workgroup, places and vec4s of a thread's register tile of the fused kernels.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DeviceHandle, isSoftware, requestAdapter } from '../../src/backends/webgpu/device.ts';
import { kernelShape } from '../../src/backends/webgpu/shapes.ts';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { renderScene } from '../../train/scenes/index.ts';
import { openDawn } from '../hosts/dawn.ts';
import { median, pairedRatio } from '../statistics.ts';
import { clumps } from './clumps.ts';
import { fusedBytes, fusedShape } from './fused-kernel.ts';
import { FusionBench, LANES, type Lane, WAYS, type Way } from './fusion-bench.ts';
import type { ExpectedCells } from './fusion-oracle.ts';

const SCENE_SEED = 500;
const WARMUP_ROUNDS = 2;
/** Of the greatest output: sums in another order, and float16 where it is used. */
const TOLERANCE = { float32: 1e-4, float16: 3e-2 } as const;
/**
 * The fused kernels' tile on an emulated GPU. With the product's 16 places x 2 vec4s they were given up uncompiled there
 * (docs/benchmarks.md): probably barriers make a coroutine of the kernel, whose frame holds all registers.
 */
const SOFTWARE_TILE = '32x8x1';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    size: { type: 'string' },
    rounds: { type: 'string' },
    shares: { type: 'string' },
    tile: { type: 'string' },
    model: { type: 'string' },
  },
});
const [width, height] = (values.size ?? '240x180').split('x').map(Number);
const rounds = Number(values.rounds ?? 20);
const shares = (values.shares ?? '5,10,20,50').split(',').map(Number);
const model = await decodeModel(readFileSync(values.model ?? 'models/people-vs-poles.sacc'));

const { reason } = await openDawn();
const answer = await requestAdapter();
if (reason || 'reason' in answer) throw new Error(reason ?? 'no adapter');
const { info, features, limits } = answer.adapter;
const software = isSoftware(info);
const { maxComputeWorkgroupStorageSize, maxStorageBufferBindingSize, maxBufferSize } = limits;
const requiredFeatures = (['timestamp-query', 'shader-f16'] as const).filter((one) => features.has(one));
const device = await answer.adapter.requestDevice({
  requiredFeatures,
  requiredLimits: { maxComputeWorkgroupStorageSize, maxStorageBufferBindingSize, maxBufferSize },
});
const handle = new DeviceHandle(device, true);
const precision = device.features.has('shader-f16') ? 'float16' : 'float32';
const today = kernelShape(software, precision);
const fused = { ...today, ...tileOf(values.tile ?? (software ? SOFTWARE_TILE : undefined)) };
const { frame } = renderScene(SCENE_SEED, { width, height });
const startMs = performance.now();
const bench = await FusionBench.create(handle, model, frame, { today, fused });
console.log(
  `${info.vendor} ${info.architecture}, ${precision}, ${width}x${height}, ${rounds} rounds; tiles (threads, places, vec4s): ` +
    `today ${tileText(today)}, fused ${tileText(fused)}; workgroup memory ${maxComputeWorkgroupStorageSize} bytes, of which ` +
    `recomputed takes ${bytesOf('recomputed')}, blind ${bytesOf('blind')}; dispatches ` +
    `${WAYS.map((way) => `${way} ${bench.dispatches(way)}`).join(', ')}; loaded in ${((performance.now() - startMs) / 1000).toFixed(1)} s\n`,
);
const head = [
  'attended',
  'stem, ms',
  ...WAYS.map((way) => `${way}, ms`),
  'recomputed / layers',
  'blind / layers',
];
print([...head, 'recomputed / today', 'blind / today', 'off by at most']);
print(Array(head.length + 3).fill('---'));
for (const share of shares) {
  const gates = clumps(bench.grid, share / 100);
  bench.choose(gates);
  const expected = await bench.expected();
  const off: number[] = [];
  for (const way of WAYS) off.push(await check(way, expected));
  const times = await race();
  const over = (way: Way, against: Way) => {
    const { median: middle, p10, p90 } = pairedRatio(times[way], times[against]);
    return `${middle.toFixed(2)} (${p10.toFixed(2)} to ${p90.toFixed(2)})`;
  };
  print([
    `${share}%, ${gates.filter(Boolean).length} blocks`,
    ...LANES.map((lane) => median(times[lane]).toFixed(2)),
    ...[
      over('recomputed', 'layers'),
      over('blind', 'layers'),
      over('recomputed', 'today'),
      over('blind', 'today'),
    ],
    Math.max(...off).toExponential(0),
  ]);
}
const clock = software
  ? 'processor time of the emulated GPU'
  : device.features.has('timestamp-query')
    ? 'timestamps'
    : 'the clock';
console.log(`\nMedians, 10% to 90% of the rounds in brackets, by ${clock}.`);
handle.release();
process.exit(0);

function tileOf(text: string | undefined): { workgroup?: number; places?: number; columns?: number } {
  if (text === undefined) return {};
  const [workgroup, places, columns] = text.split('x').map(Number);
  return { workgroup, places, columns };
}

function tileText({ workgroup, places, columns }: typeof today): string {
  return `${workgroup}x${places}x${columns}`;
}

function bytesOf(halo: 'recomputed' | 'blind'): number {
  return fusedBytes(fusedShape(model.network, halo), precision === 'float16' ? 8 : 16);
}

/** @returns the greatest difference over the greatest output. @throws where it is more than rounding */
async function check(way: Way, { spec, blind }: ExpectedCells): Promise<number> {
  await bench.run('stem');
  await bench.run(way);
  const expected = way === 'blind' ? blind : spec;
  const cells = await bench.cells(way);
  const greatest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const off = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - cells[i])), 0) / greatest;
  if (cells.length === expected.length && off <= TOLERANCE[precision]) return off;
  throw new Error(`${way} is wrong: off by ${off} of the greatest output ${greatest}; nothing is timed`);
}

async function race(): Promise<Record<Lane, number[]>> {
  const times = Object.fromEntries(LANES.map((lane) => [lane, [] as number[]])) as Record<Lane, number[]>;
  for (let round = -WARMUP_ROUNDS; round < rounds; round++) {
    for (let turn = 0; turn < LANES.length; turn++) {
      const lane = LANES[(turn + round + WARMUP_ROUNDS) % LANES.length];
      const { gpuMs, cpuMs } = await bench.run(lane);
      if (round >= 0) times[lane].push(software ? cpuMs : gpuMs);
    }
  }
  return times;
}

function print(cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}
