/**
 * The training loop: batches, steps, the weights' moving average, checkpoints and a log. The same settings and
 * seed give the same weights on the same backend; with a time budget the learning rate follows the clock instead.
 */
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { type NetworkSpec, type Weights, weightShapes } from '../../src/network/spec.ts';
import { mixSeed } from '../random.ts';
import { makeBatch, type PictureSource, type ViewSize } from './batch.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { initializeWeights } from './initialize.ts';
import { learningRate, type OptimizerState, optimize, startOptimizer } from './optimizer.ts';
import { auxiliaryHeads, trainStep } from './step.ts';
import { assignVariables, makeVariables } from './variables.ts';

export interface TrainSettings {
  readonly seed: number;
  /** The run ends after so many steps, or, where 0, after `minutes`. */
  readonly steps: number;
  readonly minutes: number;
  readonly batch: number;
  readonly view: ViewSize;
  readonly peakRate: number;
  readonly warmupSteps: number;
  /** Share of blocks that the detail network sees by attention, and at random besides. */
  readonly budget: number;
  readonly explore: number;
  /** First share of the run in which blocks with objects are shown to the detail network. */
  readonly teachShare: number;
  /** Chance of the 5x5 branch in training. */
  readonly five: number;
  /** Reward for a skipped block, nats. */
  readonly lambda: number;
}

export const TRAIN_SETTINGS: TrainSettings = {
  seed: 1,
  steps: 0,
  minutes: 60,
  batch: 4,
  view: { width: 320, height: 240 },
  peakRate: 3e-3,
  warmupSteps: 60,
  budget: 0.2,
  explore: 0.05,
  teachShare: 0.12,
  five: 0.3,
  lambda: 0.3,
};

export interface TrainProgress {
  readonly step: number;
  /** 0..1 */
  readonly progress: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly stepMs: number;
}

export interface TrainOptions {
  /** Folder of checkpoints and log.csv. */
  readonly directory: string;
  readonly resume: boolean;
  /** Milliseconds between checkpoints; default three minutes. */
  readonly checkpointMs?: number;
  /** Weights to begin from instead of random ones. */
  readonly initial?: Weights;
  readonly onStep?: (progress: TrainProgress) => void;
  /** Called after a checkpoint, with the averaged weights. */
  readonly onCheckpoint?: (average: Weights) => void;
}

const CHECKPOINT_MS = 180_000;
const LOG_EVERY_STEPS = 20;
/** Weight of a new step in the log's running means. */
const LOG_SMOOTHING = 0.05;

function beginOrResume(spec: NetworkSpec, settings: TrainSettings, options: TrainOptions) {
  const held = readCheckpoint(options.directory);
  if (held && !options.resume) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${options.directory} holds a checkpoint at step ${held.run.step}; add --resume to go on from it, or delete the folder`,
    );
  }
  if (held) return held;
  const weights = initializeWeights(spec, auxiliaryHeads(spec), settings.seed);
  for (const [name, data] of options.initial ?? []) if (weights.has(name)) weights.set(name, data.slice());
  const run = { step: 0, elapsedMs: 0, settings: settings as unknown as Record<string, unknown> };
  return { run, optimizer: startOptimizer(weights) };
}

/** The averaged weights that belong to the network (auxiliary heads left out). */
function shippedWeights(spec: NetworkSpec, state: OptimizerState): Weights {
  return new Map(weightShapes(spec).map(({ name }) => [name, state.average.get(name)!]));
}

/** Trains to the end of its steps or minutes and returns the averaged weights. */
export function train(
  spec: NetworkSpec,
  source: PictureSource,
  settings: TrainSettings,
  options: TrainOptions,
): Weights {
  const { run, optimizer } = beginOrResume(spec, settings, options);
  const variables = makeVariables(spec, optimizer);
  mkdirSync(options.directory, { recursive: true });
  const log = join(options.directory, 'log.csv');
  const means: Record<string, number> = {};
  const doneBefore = run.elapsedMs;
  const startMs = performance.now();
  let savedMs = startMs;
  const progressOf = () =>
    settings.steps > 0 ? run.step / settings.steps : run.elapsedMs / (settings.minutes * 60_000);
  const save = () => {
    writeCheckpoint(options.directory, run, optimizer);
    options.onCheckpoint?.(shippedWeights(spec, optimizer));
    savedMs = performance.now();
  };
  try {
    while (progressOf() < 1) {
      const stepStartMs = performance.now();
      const progress = progressOf();
      const batch = makeBatch(spec, source, settings.batch, settings.view, settings.seed, run.step);
      const choice = { ...settings, teach: progress < settings.teachShare };
      const { gradients, losses } = trainStep(
        spec,
        variables,
        batch,
        choice,
        mixSeed(settings.seed, run.step),
      );
      const rate = learningRate(settings.peakRate, run.step, progress, settings.warmupSteps);
      losses.gradient = optimize(optimizer, gradients, rate);
      assignVariables(variables, optimizer);
      run.step++;
      run.elapsedMs = doneBefore + performance.now() - startMs;
      for (const [name, value] of Object.entries(losses)) {
        const weight = Math.max(LOG_SMOOTHING, 1 / run.step);
        means[name] = (means[name] ?? value) * (1 - weight) + value * weight;
      }
      const stepMs = performance.now() - stepStartMs;
      if (run.step % LOG_EVERY_STEPS === 0) appendLog(log, run.step, run.elapsedMs, rate, means);
      options.onStep?.({ step: run.step, progress: progressOf(), losses: means, stepMs });
      if (performance.now() - savedMs >= (options.checkpointMs ?? CHECKPOINT_MS)) save();
    }
    save();
  } finally {
    for (const variable of variables.values()) variable.dispose();
  }
  return shippedWeights(spec, optimizer);
}

function appendLog(
  file: string,
  step: number,
  elapsedMs: number,
  rate: number,
  means: Record<string, number>,
): void {
  const names = Object.keys(means);
  if (!existsSync(file)) writeFileSync(file, `step,minutes,rate,${names.join(',')}\n`);
  const values = names.map((name) => means[name].toFixed(4));
  appendFileSync(
    file,
    `${step},${(elapsedMs / 60_000).toFixed(2)},${rate.toExponential(3)},${values.join(',')}\n`,
  );
}
