/**
 * Who computes the gradient of a step: this thread, or worker threads that share a step's parts out.
 *
 * Part i is worker i mod N's. Every part has a slot for its gradient in shared memory, and the slots are summed in
 * the order of the parts: so the sum is the same for every number of workers, to the bit. A worker that has handed
 * in its parts renders its views of the next step while the others finish and the optimiser works.
 */
import { Worker } from 'node:worker_threads';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import type { NetworkSpec } from '../../src/network/spec.ts';
import { startTrainingBackend } from './backend.ts';
import type { TrainingBackend } from './backends.ts';
import type { Teacher } from './distillation.ts';
import type { WeightedPictures } from './mix.ts';
import { parametersOf } from './parameters.ts';
import { PartTrainer, partsOf } from './part.ts';
import type { TrainSettings } from './settings.ts';
import { shareArrays } from './share-arrays.ts';
import type { StepResult } from './step.ts';
import { TEAM_ROLE, type TeamOrder, type TeamReply, type TeamWork } from './team-messages.ts';
import { TEAM_WORKER } from './worker-entry.ts';

export interface Team {
  /** Worker threads; 0: this thread. */
  readonly workers: number;
  /** Vector that the team reads before each step; the optimiser works on it in place. */
  readonly weights: Float32Array;
  /** The gradient of the whole batch, written into `gradient`; losses are the parts' means. */
  step(step: number, teach: boolean, gradient: Float32Array): Promise<StepResult>;
  end(): Promise<void>;
}

export interface TeamOptions {
  /** Worker threads; 0 computes in this thread. More than there are parts in a batch would have nothing to do. */
  readonly workers: number;
  /** Default wasm; the others compute in this thread. */
  readonly backend?: TrainingBackend;
  /** A network to learn from besides the labels. */
  readonly teacher?: Teacher;
  /** The file that workers run; default: the one that worker-entry.ts is bundled into. */
  readonly workerFile?: URL;
}

export async function startTeam(
  spec: NetworkSpec,
  sets: readonly WeightedPictures[],
  settings: TrainSettings,
  options: TeamOptions,
): Promise<Team> {
  const { backend = 'wasm' } = options;
  const workers = backend === 'wasm' ? Math.min(options.workers, partsOf(settings).length) : 0;
  if (workers <= 0) {
    await startTrainingBackend(backend);
    return soloTeam(spec, sets, settings, options.teacher);
  }
  return workerTeam(spec, sets, settings, workers, options);
}

function soloTeam(
  spec: NetworkSpec,
  sets: readonly WeightedPictures[],
  settings: TrainSettings,
  teacher: Teacher | undefined,
): Team {
  const trainer = new PartTrainer(spec, sets, settings, teacher);
  const { size } = parametersOf(spec);
  const weights = new Float32Array(size);
  const slots = partsOf(settings).map(() => new Float32Array(size));
  return {
    workers: 0,
    weights,
    async step(step, teach, gradient) {
      trainer.setWeights(weights);
      const results = [];
      for (const [part, slot] of slots.entries()) {
        results.push(await trainer.compute({ step, part, teach }, slot));
      }
      return merge(settings, slots, results, gradient);
    },
    async end() {
      trainer.dispose();
    },
  };
}

async function workerTeam(
  spec: NetworkSpec,
  sets: readonly WeightedPictures[],
  settings: TrainSettings,
  count: number,
  { teacher, workerFile = TEAM_WORKER }: TeamOptions,
): Promise<Team> {
  const { size } = parametersOf(spec);
  const weights = new Float32Array(new SharedArrayBuffer(size * 4));
  const slots = partsOf(settings).map(() => new Float32Array(new SharedArrayBuffer(size * 4)));
  const shared = shareArrays(sets);
  const threads = Array.from({ length: count }, (_, worker) => {
    const parts = slots.map((_, part) => part).filter((part) => part % count === worker);
    const work: TeamWork = { role: TEAM_ROLE, spec, sets: shared, settings, teacher, weights, slots, parts };
    return new Worker(workerFile, { workerData: work });
  });
  /** Sends an order to all and gathers their replies; the first that fails fails all. */
  const ask = (order: TeamOrder) =>
    Promise.all(threads.map((thread) => reply(thread, order))).then((replies) => replies.flat());
  const end = async () => {
    await Promise.all(threads.map((thread) => thread.terminate()));
  };
  try {
    await ask({ kind: 'start' });
  } catch (error) {
    await end();
    throw error;
  }
  return {
    workers: count,
    weights,
    async step(step, teach, gradient) {
      const results: StepResult[] = [];
      for (const { part, result } of await ask({ kind: 'step', step, teach })) results[part] = result;
      return merge(settings, slots, results, gradient);
    },
    end,
  };
}

function reply(thread: Worker, order: TeamOrder): Promise<Extract<TeamReply, { ok: true }>['results']> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      settle();
      reject(new SaccadeNetError('WORKER_CRASHED', `a training worker failed: ${reason}`));
    };
    const onError = (error: unknown) =>
      fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const onExit = (code: number) => fail(`it ended with code ${code}`);
    const onMessage = (message: TeamReply) => {
      if (!message.ok) return fail(message.reason);
      settle();
      resolve(message.results);
    };
    const settle = () => thread.off('error', onError).off('exit', onExit).off('message', onMessage);
    thread.on('error', onError).on('exit', onExit).on('message', onMessage);
    thread.postMessage(order);
  });
}

/** Means over the views of the batch, summed in the order of the parts. */
function merge(
  settings: TrainSettings,
  slots: readonly Float32Array[],
  results: readonly StepResult[],
  gradient: Float32Array,
): StepResult {
  const losses: Record<string, number> = {};
  gradient.fill(0);
  for (const [i, { size }] of partsOf(settings).entries()) {
    const share = size / settings.batch;
    const slot = slots[i];
    for (let k = 0; k < gradient.length; k++) gradient[k] += share * slot[k];
    for (const [name, value] of Object.entries(results[i].losses)) {
      losses[name] = (losses[name] ?? 0) + share * value;
    }
  }
  return { losses, flops: results.reduce((sum, { flops }) => sum + flops, 0) };
}
