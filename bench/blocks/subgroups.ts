/**
 * `node tools/run-typescript.mjs bench/blocks/subgroups.ts [--size WxH] [--rounds N] [--shares A,B] [--lanes N]`: would
 * subgroups pay in the WebGPU convolution? The detail network over clumps of blocks, three ways in turn, in one run, on
 * Dawn's adapter (hosts/dawn.ts): see subgroup-kernel.ts. Cells of every way are compared before anything is timed.
 * `--lanes`: of a subgroup, where the adapter has several sizes.
 */
import { parseArgs } from 'node:util';
import { DeviceHandle, isSoftware, requestAdapter, USAGE } from '../../src/backends/webgpu/device.ts';
import { FrameMaps } from '../../src/backends/webgpu/maps.ts';
import { PipelineCache } from '../../src/backends/webgpu/pipelines.ts';
import { planNetwork, vec4s } from '../../src/backends/webgpu/plan.ts';
import { PRECISIONS } from '../../src/backends/webgpu/precision.ts';
import { kernelShape, listBlocks } from '../../src/backends/webgpu/shapes.ts';
import { bindNetwork, dispatch, encodeStep, loadNetwork } from '../../src/backends/webgpu/steps.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { seededRandom } from '../../train/random.ts';
import { randomModel } from '../../train/random-model.ts';
import { openDawn } from '../hosts/dawn.ts';
import { median, pairedRatio } from '../statistics.ts';
import { clumps } from './clumps.ts';
import { processorMs } from './processor-time.ts';
import { subgroupCode, subgroupThreads, WAYS, type Way } from './subgroup-kernel.ts';

const WARMUP_ROUNDS = 1;
/** Of the greatest cell: sums are the same, a compiler may fuse them otherwise. */
const TOLERANCE = { float32: 1e-5, float16: 3e-2 } as const;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    size: { type: 'string' },
    rounds: { type: 'string' },
    shares: { type: 'string' },
    lanes: { type: 'string' },
  },
});
const [width, height] = (values.size ?? '240x180').split('x').map(Number);
const rounds = Number(values.rounds ?? 10);
const shares = (values.shares ?? '10,20,50').split(',').map(Number);
const { reason } = await openDawn();
const answer = await requestAdapter();
if (reason || 'reason' in answer) throw new Error(reason ?? 'no adapter');
const { info, features, limits } = answer.adapter;
if (!features.has('subgroups')) throw new Error('the adapter has no subgroups');
const { subgroupMinSize = 0, subgroupMaxSize = 0 } = info;
const lanes = Number(values.lanes ?? subgroupMinSize);
if (values.lanes === undefined && subgroupMinSize !== subgroupMaxSize) {
  throw new Error(`subgroups are ${subgroupMinSize} to ${subgroupMaxSize} lanes here: give --lanes`);
}
const wanted = (['subgroups', 'shader-f16', 'timestamp-query'] as const).filter((one) => features.has(one));
const { maxBufferSize, maxStorageBufferBindingSize } = limits;
const device = await answer.adapter.requestDevice({
  requiredFeatures: wanted,
  requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
});
const handle = new DeviceHandle(device, true);
const software = isSoftware(info);
const precision = features.has('shader-f16') && !software ? 'float16' : 'float32';
const shape = kernelShape(software, precision);
const form = PRECISIONS[precision];
const model = randomModel(peopleVsPoles(), 1);
const plan = planNetwork(model.network);
const maps = await FrameMaps.create(handle, model.network, plan, { width, height }, form.vec4Bytes);
const network = await loadNetwork(handle, model, plan, shape, form);
const { detail } = bindNetwork(device, network, plan, maps);
// 5x5 branches are the same kernel: 3x3 everywhere.
const steps = detail.filter(({ step }) => step.tiles !== 'five');
const perDimension = device.limits.maxComputeWorkgroupsPerDimension;
const kernels = new Map<Way, GPUComputePipeline>();
for (const way of WAYS) {
  const code = subgroupCode(way, shape, lanes);
  kernels.set(way, await PipelineCache.of(device).compile(way, code, { WORKGROUP: shape.workgroup }));
}
const random = seededRandom(3);
for (const { source } of [plan.scale, ...plan.attention, ...plan.detail]) {
  const buffer = maps.buffer(source);
  const noise = Float32Array.from({ length: (4 * buffer.size) / form.vec4Bytes }, () => random() - 0.5);
  device.queue.writeBuffer(buffer, 0, form.pack(noise));
}
console.log(
  `${info.description || `${info.vendor} ${info.architecture}`}, ${precision}, ${width}x${height}, ${rounds} rounds, ` +
    `subgroups of ${lanes}, tile ${shape.places} places x ${4 * shape.columns} channels, workgroups of ${shape.workgroup}\n`,
);
console.log('| attended | today, ms | lanes / today | broadcast / today | off by at most |');
console.log('| --- | --- | --- | --- | --- |');
for (const share of shares) {
  const gates = clumps(maps.grid, share / 100);
  const blocks = gates.filter(Boolean).length;
  const all = listBlocks(gates, new Uint8Array(gates.length));
  device.queue.writeBuffer(maps.chosen, 0, maps.chosenWords(all, gates));
  const cells = new Map<Way, Float32Array>();
  for (const way of WAYS) cells.set(way, await cellsOf(way, blocks));
  const off = difference(cells);
  const times = new Map<Way, number[]>(WAYS.map((way) => [way, []]));
  for (let round = -WARMUP_ROUNDS; round < rounds; round++) {
    for (let turn = 0; turn < WAYS.length; turn++) {
      const way = WAYS[(turn + round + WARMUP_ROUNDS) % WAYS.length];
      const ms = await run(way, blocks);
      if (round >= 0) times.get(way)!.push(ms);
    }
  }
  const today = times.get('today')!;
  const over = (way: Way) => {
    const { median: middle, p10, p90 } = pairedRatio(times.get(way)!, today);
    return `${middle.toFixed(2)} (${p10.toFixed(2)} to ${p90.toFixed(2)})`;
  };
  console.log(
    `| ${share}%, ${blocks} blocks | ${median(today).toFixed(1)} | ${over('lanes')} | ${over('broadcast')} | ${off.toExponential(0)} |`,
  );
}
console.log(
  `\nMedians, 10% to 90% of the rounds in brackets, by ${software ? 'processor time of the emulated GPU' : 'the clock'}.`,
);
handle.release();
process.exit(0);

/** @returns ms of the detail network */
async function run(way: Way, blocks: number): Promise<number> {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const bound of steps) {
    const { step, group } = bound;
    if (step.kind !== 'conv') {
      encodeStep(pass, bound, blocks, { workgroup: shape.workgroup, perDimension });
      continue;
    }
    const places = step.tile!.width * step.tile!.height;
    const sizes = { places, outputs: vec4s(step.layer.outputs) };
    pass.setPipeline(kernels.get(way)!);
    pass.setBindGroup(0, group);
    const threads = subgroupThreads(way, shape, lanes, blocks, sizes);
    dispatch(pass, threads, { workgroup: shape.workgroup, perDimension });
  }
  pass.end();
  const [startMs, startCpuMs] = [performance.now(), processorMs()];
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
  return software ? processorMs() - startCpuMs : performance.now() - startMs;
}

/** What the head gives of the blocks. */
async function cellsOf(way: Way, blocks: number): Promise<Float32Array> {
  await run(way, blocks);
  const { bytes: whole } = maps.layout(plan.cells);
  const bytes = (whole / (maps.grid.columns * maps.grid.rows)) * blocks;
  const staging = device.createBuffer({ size: bytes, usage: USAGE.mapRead | USAGE.copyTarget });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(maps.buffer(plan.cells), 0, staging, 0, bytes);
  encoder.clearBuffer(maps.buffer(plan.cells));
  device.queue.submit([encoder.finish()]);
  const content = form.unpack(await handle.readStaging(staging, bytes));
  staging.destroy();
  return Float32Array.from(content);
}

/** @returns the greatest difference over the greatest cell. @throws where it is more than rounding */
function difference(cells: ReadonlyMap<Way, Float32Array>): number {
  const expected = cells.get('today')!;
  const greatest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let most = 0;
  for (const [way, got] of cells) {
    const off = expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - got[i])), 0) / greatest;
    if (!(off <= TOLERANCE[precision])) throw new Error(`${way} is wrong: off by ${off} of ${greatest}`);
    most = Math.max(most, off);
  }
  return most;
}
