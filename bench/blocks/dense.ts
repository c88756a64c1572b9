/**
 * `node tools/run-typescript.mjs bench/blocks/dense.ts [--size WxH] [--rounds N]`: would a dense kernel of its own pay on WebGPU? The
 * detail network over every block, three ways in turn, in one run, on Dawn's adapter (see hosts/dawn.ts):
 *
 * - listed: as the dense policy runs it, blocks taken from the list;
 * - counted: the same kernel counts the blocks, no list is read;
 * - whole: every convolution runs over its map row by row, without blocks, as a kernel for dense maps alone would.
 */
import { parseArgs } from 'node:util';
import { DeviceHandle, isSoftware, requestAdapter, requestDevice } from '../../src/backends/webgpu/device.ts';
import { FrameMaps } from '../../src/backends/webgpu/maps.ts';
import { type MapStep, type NetworkPlan, planNetwork } from '../../src/backends/webgpu/plan.ts';
import { PRECISIONS } from '../../src/backends/webgpu/precision.ts';
import { kernelShape, listBlocks } from '../../src/backends/webgpu/shapes.ts';
import { type BoundNetwork, bindNetwork, encodeStep, loadNetwork } from '../../src/backends/webgpu/steps.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { randomModel } from '../../train/random-model.ts';
import { openDawn } from '../hosts/dawn.ts';
import { median } from '../statistics.ts';

const MICROSECONDS = 1000;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { size: { type: 'string' }, rounds: { type: 'string' } },
});
const [width, height] = (values.size ?? '240x176').split('x').map(Number);
const rounds = Number(values.rounds ?? 20);
const { reason } = await openDawn();
const answer = await requestAdapter();
if (reason || 'reason' in answer) throw new Error(reason ?? 'no adapter');
const software = isSoftware(answer.adapter.info);
const handle = new DeviceHandle(await requestDevice(answer.adapter), true);
const { device } = handle;
const model = randomModel(peopleVsPoles(), 1);
const plan = planNetwork(model.network);
const shape = kernelShape(software, 'float32');
const limits = { workgroup: shape.workgroup, perDimension: device.limits.maxComputeWorkgroupsPerDimension };

const ways = new Map<string, BoundNetwork>();
const maps = await FrameMaps.create(handle, model.network, plan, { width, height }, 16);
for (const [name, planned] of Object.entries({
  listed: plan,
  counted: withDetail((step) => ({ ...step, tiles: 'map' })),
  whole: withDetail((step) => ({
    ...step,
    tiles: 'map',
    tile: step.kind === 'conv' && step.target.form !== 'list' ? null : step.tile,
  })),
})) {
  const network = await loadNetwork(handle, model, planned, shape, PRECISIONS.float32);
  ways.set(name, bindNetwork(device, network, planned, maps));
}
const blocks = maps.grid.columns * maps.grid.rows;
const all = new Uint8Array(blocks).fill(1);
device.queue.writeBuffer(maps.chosen, 0, maps.chosenWords(listBlocks(all, new Uint8Array(blocks)), all));

const cpu: Record<string, number[]> = {};
const wall: Record<string, number[]> = {};
for (let round = -1; round < rounds; round++) {
  for (const [name, bound] of ways) {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const one of bound.detail) {
      if (one.step.tiles !== 'five') encodeStep(pass, one, one.step.tile ? blocks : 1, limits);
    }
    pass.end();
    const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    const used = process.cpuUsage(startCpu);
    if (round < 0) continue;
    (wall[name] ??= []).push(performance.now() - startMs);
    (cpu[name] ??= []).push((used.user + used.system) / MICROSECONDS);
  }
}
const over = (times: Record<string, number[]>, name: string) =>
  median(times[name].map((ms, i) => ms / times.listed[i])).toFixed(3);
console.log(
  `${answer.adapter.info.vendor} ${answer.adapter.info.architecture}, ${width}x${height}, ${rounds} rounds\n`,
);
console.log(
  '| dense detail network | ms | over listed | CPU ms, least | over listed, CPU |\n| --- | --- | --- | --- | --- |',
);
for (const name of ways.keys()) {
  const least = Math.min(...cpu[name]).toFixed(1);
  console.log(
    `| ${name} | ${median(wall[name]).toFixed(1)} | ${over(wall, name)} | ${least} | ${over(cpu, name)} |`,
  );
}
handle.release();
process.exit(0);

/** The plan with other detail steps, without the 5x5 branches, which dense does not take. */
function withDetail(change: (step: MapStep) => MapStep): NetworkPlan {
  return { ...plan, detail: plan.detail.filter(({ tiles }) => tiles !== 'five').map(change) };
}
