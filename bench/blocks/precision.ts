/**
 * `node tools/run-typescript.mjs bench/blocks/precision.ts [--size WxH] [--frames N] [--rounds N] [--as-gpu] [--model F]`:
 * what float16 does to results and to time on WebGPU, on Dawn's adapter (hosts/dawn.ts). Frames are procedural streets.
 * `--as-gpu`: kernels are cut as for a GPU on an emulated one too.
 *
 * - float32 is what the others are compared with;
 * - float16 stores maps and weights in 16 bits and adds four products in them: only where the adapter has `shader-f16`;
 * - float16-emulated rounds what is stored, and adds in 32 bits: anywhere.
 *
 * Maps are compared with the same gates, so that a difference is rounding and nothing else; gates and detections as a
 * page gets them, each way with its own gates. Exits 1 where a map is off by more than MOST_OFF of its greatest value.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { PixelFrame } from '../../src/backends/backend.ts';
import { isSoftware, requestAdapter, requestDevice } from '../../src/backends/webgpu/device.ts';
import type { WebgpuExecutor } from '../../src/backends/webgpu/executor.ts';
import { type WebgpuBackend, webgpuBackend } from '../../src/backends/webgpu/index.ts';
import type { PrecisionName } from '../../src/backends/webgpu/precision.ts';
import { boxIou } from '../../src/boxes.ts';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { placeDetail } from '../../src/network/geometry.ts';
import type { Result } from '../../src/result.ts';
import { Session } from '../../src/session/session.ts';
import { renderScene } from '../../train/scenes/index.ts';
import { openDawn } from '../hosts/dawn.ts';
import { median, pairedRatio } from '../statistics.ts';
import { clumps } from './clumps.ts';
import { processorMs } from './processor-time.ts';

const SCENE_SEED = 900;
/** The stated bound, of a map's greatest value. */
const MOST_OFF = 0.01;
const SHARE = 0.2;
/** A detection of one way is one of the other from this overlap on. */
const SAME_IOU = 0.5;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    size: { type: 'string' },
    frames: { type: 'string' },
    rounds: { type: 'string' },
    'as-gpu': { type: 'boolean' },
    model: { type: 'string' },
  },
});
const [width, height] = (values.size ?? '240x180').split('x').map(Number);
const rounds = Number(values.rounds ?? 10);
const model = await decodeModel(readFileSync(values.model ?? 'models/people-vs-poles.sacc'));
const frames = Array.from(
  { length: Number(values.frames ?? 20) },
  (_, i): PixelFrame => renderScene(SCENE_SEED + i, { width, height }).frame,
);

const { reason } = await openDawn();
const answer = await requestAdapter();
if (reason || 'reason' in answer) throw new Error(reason ?? 'no adapter');
const { info, features } = answer.adapter;
const software = isSoftware(info);
const ways: PrecisionName[] = [
  'float32',
  'float16-emulated',
  ...(features.has('shader-f16') ? (['float16'] as const) : []),
];
console.log(
  `${info.description || `${info.vendor} ${info.architecture}`}${values['as-gpu'] ? ', kernels as for a GPU' : ''}, ${width}x${height}, ${frames.length} frames, ${rounds} rounds\n`,
);

const { attention } = model.network;
const names = [
  ...['input', ...attention.layers.map(({ name }) => name), attention.gate.name, attention.features.name],
  ...['join', ...placeDetail(model.network).map(({ layer }) => layer.name)],
];
const off = await compareMaps();
const runs = await compareResults();
const plain = runs.get('float32')!;
console.log(
  '| precision | a map off by at most | in | gates that differ | detections | of float32 lost, new | score off by at most | edge off by at most, px | ms | over float32 |',
);
console.log(`|${' --- |'.repeat(10)}`);
for (const way of ways) {
  const { results, ms } = runs.get(way)!;
  const apart = difference(plain.results, results);
  const { median: middle, p10, p90 } = pairedRatio(ms, plain.ms);
  console.log(
    `| ${[
      way,
      off.get(way)!.worst.toExponential(1),
      off.get(way)!.name || '-',
      `${apart.gates} of ${apart.blocks}`,
      apart.detections,
      `${apart.lost}, ${apart.added}`,
      apart.score.toFixed(4),
      apart.edgePx.toFixed(2),
      median(ms).toFixed(2),
      `${middle.toFixed(2)} (${p10.toFixed(2)} to ${p90.toFixed(2)})`,
    ].join(' | ')} |`,
  );
}
const clock = software ? 'processor time of the emulated GPU' : 'the clock';
console.log(
  `\nBudget ${SHARE}; medians, 10% to 90% of the rounds in brackets, of a frame in turn, by ${clock}.`,
);
process.exit([...off.values()].some(({ worst }) => worst > MOST_OFF) ? 1 : 0);

async function backendOf(precision: PrecisionName): Promise<WebgpuBackend> {
  if (!values['as-gpu']) return webgpuBackend({ precision });
  const adapter = await requestAdapter();
  if ('reason' in adapter) throw new Error(adapter.reason);
  const device = await requestDevice(adapter.adapter);
  const unknown = { vendor: '', architecture: '', device: '', description: '', isFallbackAdapter: false };
  Object.defineProperty(device, 'adapterInfo', { value: unknown });
  return webgpuBackend({ device, precision });
}

/** Of every way: where it is off most from float32, over the greatest value of that map, of all frames. */
async function compareMaps(): Promise<Map<PrecisionName, { worst: number; name: string }>> {
  const executors = new Map<PrecisionName, WebgpuExecutor>();
  for (const way of ways) executors.set(way, await (await backendOf(way)).load(model));
  const found = new Map(ways.map((way) => [way, { worst: 0, name: '' }]));
  for (const frame of frames) {
    const maps = new Map<PrecisionName, Float32Array[]>();
    for (const [way, executor] of executors) {
      await executor.upload(frame);
      await executor.inspect(clumps(await executor.glance(), SHARE));
      const read: Float32Array[] = [];
      for (const name of names) read.push((await executor.read(name)).data);
      maps.set(way, read);
    }
    for (const way of ways) {
      names.forEach((name, i) => {
        const expected = maps.get('float32')![i];
        const got = maps.get(way)![i];
        const greatest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const apart = expected.reduce((most, value, at) => Math.max(most, Math.abs(value - got[at])), 0);
        // A value that is no number compares as less: it is off without bounds.
        const worst = got.every(Number.isFinite) ? apart / greatest : Number.POSITIVE_INFINITY;
        if (worst > found.get(way)!.worst) found.set(way, { worst, name });
      });
    }
  }
  for (const executor of executors.values()) executor.dispose();
  return found;
}

/** Frames as a page has them detected, the ways in turn; times of the first frame. */
async function compareResults(): Promise<Map<PrecisionName, { results: Result[]; ms: number[] }>> {
  const sessions = new Map<PrecisionName, Session>();
  const runs = new Map(ways.map((way) => [way, { results: [] as Result[], ms: [] as number[] }]));
  for (const way of ways) {
    sessions.set(way, await Session.create(model, await backendOf(way), { budget: SHARE }));
  }
  for (const frame of frames) {
    for (const [way, session] of sessions) runs.get(way)!.results.push(await session.detect(frame));
  }
  const order = [...sessions];
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < order.length; turn++) {
      const [way, session] = order[(turn + round) % order.length];
      const [startMs, startCpuMs] = [performance.now(), processorMs()];
      await session.detect(frames[0]);
      runs.get(way)!.ms.push(software ? processorMs() - startCpuMs : performance.now() - startMs);
    }
  }
  for (const session of sessions.values()) session.dispose();
  return runs;
}

function difference(expected: readonly Result[], got: readonly Result[]) {
  const apart = { gates: 0, blocks: 0, detections: 0, lost: 0, added: 0, score: 0, edgePx: 0 };
  got.forEach(({ attention: { gates }, detections }, i) => {
    const left = [...expected[i].detections];
    const others = expected[i].attention.gates;
    apart.gates += gates.filter((gate, block) => gate !== others[block]).length;
    apart.blocks += gates.length;
    apart.detections += detections.length;
    for (const { label, box, score } of detections) {
      const at = left.findIndex((one) => one.label === label && boxIou(one.box, box) >= SAME_IOU);
      if (at < 0) {
        apart.added++;
        continue;
      }
      const [same] = left.splice(at, 1);
      const edges = [
        same.box.x - box.x,
        same.box.y - box.y,
        same.box.x + same.box.width - box.x - box.width,
        same.box.y + same.box.height - box.y - box.height,
      ];
      apart.score = Math.max(apart.score, Math.abs(same.score - score));
      apart.edgePx = Math.max(apart.edgePx, ...edges.map(Math.abs));
    }
    apart.lost += left.length;
  });
  return apart;
}
