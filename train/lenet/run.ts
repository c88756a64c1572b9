/**
 * The digits experiment, the long part: trains the nets, compresses them in the loop and afterwards, and keeps every
 * net that results in out/lenet (weights, steps). report.ts codes and scores them. What is there already is kept, so a
 * run that was stopped goes on.
 *
 *     node tools/run-typescript.mjs train/lenet/run.ts net=lenet-300-100 seed=1
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { normal, seededRandom } from '../random.ts';
import { architecture, type NetName, parametersOf } from './architecture.ts';
import { compressAfter, type PathPlan, type PathState, runStop, type Stop } from './compress-path.ts';
import { openDigits } from './digits.ts';
import { SparsePasses, WholePasses } from './passes.ts';
import { trainDigits } from './train-digits.ts';

const FOLDER = 'out/lenet';
const PLANS: Record<NetName, { denseEpochs: number; stops: string; after: string }> = {
  'lenet-300-100': {
    denseEpochs: 4,
    stops: '30000:.4,20000:.4,14000:.8,10000:1.5,7500:2:1,6000:3,5000:4:1,4200:5,3600:5:1',
    after: '20000,14000,10000,7500',
  },
  'lenet-5': {
    denseEpochs: 2,
    stops: '40000:.05,24000:.05,14000:.1,9000:.3,6500:.5,5000:1:1,3800:1.5,3000:2:1,2400:2,2000:2:1,1600:2',
    after: '24000,14000,9000',
  },
};

const args = Object.fromEntries(process.argv.slice(2).map((text) => text.split('='))) as Record<
  string,
  string
>;
const name = args.net as NetName;
if (!(name in PLANS)) throw new Error(`net=${name}: give lenet-300-100 or lenet-5`);
const seed = Number(args.seed ?? 1);
const { training, test } = openDigits();
const net = architecture(name);
const { list, size } = parametersOf(net);
const plan: PathPlan = {
  peakRate: Number(args.rate ?? 1.5e-3),
  seed,
  shift: Number(args.shift ?? 0),
  worth: Number(args.worth ?? 0.05),
};
const stops: Stop[] = (args.stops ?? PLANS[name].stops).split(',').map((text) => {
  const [bytes, epochs, search] = text.split(':').map(Number);
  return { bytes, epochs, search: search === 1 };
});
const tag = args.tag ? `-${args.tag}` : '';
const started = performance.now();
const log = (text: string) => {
  const { user, system } = process.cpuUsage();
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`[${seconds} s, ${Math.round((user + system) / 1e6)} s of processor] ${name} ${seed}: ${text}`);
};

/** He normal weights, biases 0. */
function initialWeights(): Float32Array {
  const random = seededRandom(seed);
  const vector = new Float32Array(size);
  for (const { shape, offset, size: count } of list) {
    if (shape.length === 1) continue;
    const deviation = Math.sqrt(2 / (shape[0] * shape[1] * shape[2]));
    for (let i = 0; i < count; i++) vector[offset + i] = normal(random) * deviation;
  }
  return vector;
}

function testError(vector: Float32Array): number {
  const passes = new SparsePasses(net);
  passes.setVector(vector);
  return passes.score(
    test,
    Int32Array.from({ length: test.count }, (_, i) => i),
  ).error;
}

function readFloats(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function writeFloats(file: string, ...vectors: Float32Array[]): void {
  writeFileSync(file, Buffer.concat(vectors.map((v) => Buffer.from(v.buffer, v.byteOffset, v.byteLength))));
}

mkdirSync(FOLDER, { recursive: true });
const denseFile = `${FOLDER}/${name}-${seed}.f32`;
const state: PathState = { net, fine: new Float32Array(size), curvature: new Float32Array(size) };
if (existsSync(denseFile)) {
  const all = readFloats(denseFile);
  state.fine = all.slice(0, size);
  state.curvature = all.slice(size);
} else {
  state.fine = initialWeights();
  const epochs = Number(args.dense ?? PLANS[name].denseEpochs);
  trainDigits(new WholePasses(net), training, state.fine, state.curvature, {
    epochs,
    peakRate: 1.5e-3,
    seed,
  });
  writeFloats(denseFile, state.fine, state.curvature);
}
log(`dense: test error ${(100 * testError(state.fine)).toFixed(2)}%`);
// Goes on from a net that an earlier run kept: its decoded weights and their steps.
if (args.start) {
  const all = readFloats(args.start);
  state.fine = all.slice(0, size);
  state.choice = { saliency: 'curvature', greed: 0.05, steps: [...all.slice(size)] };
}
const keep = (
  arm: string,
  bytes: number,
  point: { vector: Float32Array; steps: readonly number[]; bytes: number },
) => {
  writeFloats(
    `${FOLDER}/${name}-${seed}-${arm}${tag}-${bytes}.f32`,
    point.vector,
    Float32Array.from(point.steps),
  );
  const ratio = (4 * size) / point.bytes;
  const live = point.vector.reduce((count, w) => count + Number(w !== 0), 0);
  log(
    `${arm} ${bytes}: ${point.bytes} bytes, ${ratio.toFixed(0)}x, ${live} weights, test error ${(100 * testError(point.vector)).toFixed(2)}%`,
  );
};
if (args.arm !== 'loop') {
  for (const bytes of (args.after ?? PLANS[name].after).split(',').map(Number)) {
    if (!existsSync(`${FOLDER}/${name}-${seed}-after-${bytes}.f32`))
      keep('after', bytes, await compressAfter(state, training, bytes));
  }
}
if (args.arm !== 'after')
  for (const stop of stops) keep('loop', stop.bytes, await runStop(state, training, stop, plan, log));
