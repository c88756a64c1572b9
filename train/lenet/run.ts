/**
 * The digits experiment, the long part: trains a net, compresses it in the loop and afterwards, and keeps every net
 * that results in out/lenet (weights, steps). report.ts codes and scores them. What is there already is kept, so a run
 * that was stopped goes on after the last stop that it kept.
 *
 *     node tools/run-typescript.mjs train/lenet/run.ts net=lenet-300-100 seed=1 [pictures=still] [arms=loop,after,tuned,longer]
 */
import { existsSync, mkdirSync } from 'node:fs';
import { normal, seededRandom } from '../random.ts';
import { architecture, type NetName, parametersOf } from './architecture.ts';
import { compressAfter, type PathPlan, type PathPoint, type PathState, runStop } from './compress-path.ts';
import { openDigits } from './digits.ts';
import { type Arm, type Key, keepPoint, pointFile, readState, writeState } from './kept.ts';
import { type Passes, SparsePasses, WholePasses } from './passes.ts';
import { PLANS } from './plans.ts';
import { trainDigits } from './train-digits.ts';

const args = Object.fromEntries(process.argv.slice(2).map((text) => text.split('='))) as Record<
  string,
  string
>;
const net = args.net as NetName;
if (!(net in PLANS)) throw new Error(`net=${net}: give lenet-300-100 or lenet-5`);
const pictures = args.pictures ?? 'moved';
if (pictures !== 'moved' && pictures !== 'still')
  throw new Error(`pictures=${pictures}: give moved or still`);
const key: Key = { net, seed: Number(args.seed ?? 1), pictures };
const whole = architecture(net);
const { list, size } = parametersOf(whole);
const plan = PLANS[net];
const { training, validation } = openDigits();
const shift = pictures === 'moved' ? plan.shift : 0;

const started = performance.now();
const log = (text: string) => {
  const { user, system } = process.cpuUsage();
  const seconds = Math.round((performance.now() - started) / 1000);
  const label = `${net} ${key.seed} ${pictures}`;
  console.log(`[${seconds} s, ${Math.round((user + system) / 1e6)} s of processor] ${label}: ${text}`);
};

/** He normal weights, biases 0. */
function initialWeights(): Float32Array {
  const random = seededRandom(key.seed);
  const vector = new Float32Array(size);
  for (const { shape, offset, size: count } of list) {
    if (shape.length === 1) continue;
    const deviation = Math.sqrt(2 / (shape[0] * shape[1] * shape[2]));
    for (let i = 0; i < count; i++) vector[offset + i] = normal(random) * deviation;
  }
  return vector;
}

/** In percent, of the digits that choices are made by. */
function validationError(passes: Passes): string {
  const all = Int32Array.from({ length: validation.count }, (_, i) => i);
  return (100 * passes.score(validation, all).error).toFixed(2);
}

function keep(arm: Arm, bytes: number, point: PathPoint): void {
  keepPoint(key, arm, bytes, point);
  const live = point.vector.reduce((count, w) => count + Number(w !== 0), 0);
  const ratio = ((4 * size) / point.bytes).toFixed(0);
  const passes = new SparsePasses(whole);
  passes.setVector(point.vector);
  const error = validationError(passes);
  log(`${arm} ${bytes}: ${point.bytes} bytes, ${ratio}x, ${live} weights, validation error ${error}%`);
}

function train(state: PathState, stage: 'dense' | 'longer', epochs: number): void {
  const { peakRate } = plan;
  const passes = new WholePasses(whole);
  trainDigits(passes, training, state.fine, state.curvature, { epochs, peakRate, seed: key.seed, shift });
  writeState(key, stage, state, 1);
  passes.setWeights(state.fine);
  log(`${stage}: validation error ${validationError(passes)}%`);
}

/** The trained net, from its file where there is one. */
function dense(): PathState {
  const kept = readState(key, 'dense', whole);
  if (kept) return kept.state;
  const state: PathState = { net: whole, fine: initialWeights(), curvature: new Float32Array(size) };
  train(state, 'dense', plan.denseEpochs);
  return state;
}

async function loop(pathPlan: PathPlan): Promise<void> {
  const { state, done } = readState(key, 'loop', whole) ?? { state: dense(), done: 0 };
  for (const [i, stop] of plan.stops.entries()) {
    if (i < done) continue;
    keep('loop', stop.bytes, await runStop(state, training, stop, pathPlan, log));
    writeState(key, 'loop', state, i + 1);
  }
}

mkdirSync('out/lenet', { recursive: true });
const pathPlan: PathPlan = { peakRate: plan.peakRate, seed: key.seed, shift, worth: plan.worth };
for (const arm of (args.arms ?? 'loop,after,tuned,longer').split(',') as (Arm | 'longer')[]) {
  if (arm === 'loop') await loop(pathPlan);
  else if (arm === 'longer') {
    if (!readState(key, 'longer', whole)) train(dense(), 'longer', plan.longerEpochs);
  } else {
    for (const bytes of plan.after) {
      if (existsSync(pointFile(key, arm, bytes))) continue;
      const epochs = plan.tunedEpochs;
      const point =
        arm === 'after'
          ? await compressAfter(dense(), training, bytes)
          : await runStop(dense(), training, { bytes, epochs, search: false }, pathPlan, log);
      keep(arm, bytes, point);
    }
  }
}
