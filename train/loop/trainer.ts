/**
 * The training loop: steps of a team, the weights' moving average, checkpoints and a log. The same settings and seed
 * give the same weights on the same backend, whatever the number of workers; with a time budget the learning rate
 * follows the clock instead.
 */
import { mkdirSync } from 'node:fs';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import type { Model, NetworkSpec, Weights } from '../../src/network/spec.ts';
import type { TrainingBackend } from './backends.ts';
import { type RunState, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { type CompressionSettings, Compressor, type FileBytes } from './compressor.ts';
import { settleGenes } from './gene-weights.ts';
import { initializeWeights, takeOver } from './initialize.ts';
import { drawLearningCurve } from './learning-curve.ts';
import { openLog } from './log.ts';
import type { WeightedPictures } from './mix.ts';
import { learningRate, type OptimizerState, optimize, STEP_RMS, startOptimizer } from './optimizer.ts';
import { biasesOf, flatten, networkWeights, type Parameters, parametersOf, partOf } from './parameters.ts';
import type { TrainSettings } from './settings.ts';
import { teacherFor } from './teacher.ts';
import { startTeam } from './team.ts';
import { withheldWeights, zeroAt } from './withhold.ts';

export interface TrainProgress {
  readonly step: number;
  /** 0..1 */
  readonly progress: number;
  /** Running means. */
  readonly losses: Readonly<Record<string, number>>;
  readonly stepMs: number;
  /** Useful GFLOP/s of the whole step, rendering, waiting and optimiser included: running mean. */
  readonly gflops: number;
  /** Of the file that the last cycle of compression made; NaN before the first. */
  readonly bytes: number;
}

/** What a training ends with. */
export interface Trained {
  readonly weights: Weights;
  /** Quantiser steps by tensor that the weights are whole multiples of; undefined without compression. */
  readonly steps?: Readonly<Record<string, number>>;
}

export interface TrainOptions {
  /** Folder of checkpoints, log.csv and learning-curve.svg. */
  readonly directory: string;
  readonly resume: boolean;
  /** Worker threads; 0 (the default) trains in this thread. */
  readonly workers?: number;
  /** See TeamOptions. */
  readonly workerFile?: URL;
  readonly backend?: TrainingBackend;
  /** Milliseconds between checkpoints; default three minutes. */
  readonly checkpointMs?: number;
  /** Weights to begin from instead of random ones, of layers with genes plain kernels; others are passed over. */
  readonly initial?: Weights;
  readonly onStep?: (progress: TrainProgress) => void;
  /** A model to learn from besides the labels: distillation.ts. */
  readonly teacher?: Model;
  /** Compression inside training; left out: none. */
  readonly compression?: CompressionSettings & { readonly fileBytes: FileBytes };
  /** Called after a checkpoint, with the averaged weights, on their grid where there is one. */
  readonly onCheckpoint?: (average: Trained) => void;
  /** Scores of the averaged weights for the log, every so many milliseconds and at the end; training waits for them. */
  readonly validation?: {
    readonly everyMs: number;
    score(average: Weights): Promise<Record<string, number>>;
  };
}

const CHECKPOINT_MS = 180_000;
const LOG_EVERY_STEPS = 20;
/** Weight of a new step in the log's running means. */
const LOG_SMOOTHING = 0.05;

interface Start {
  readonly run: RunState;
  readonly optimizer: OptimizerState;
}

function beginOrResume(
  spec: NetworkSpec,
  parameters: Parameters,
  settings: TrainSettings,
  options: TrainOptions,
): Start {
  const held = readCheckpoint(options.directory, parameters);
  if (held && !options.resume) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${options.directory} holds a checkpoint at step ${held.run.step}; add --resume to go on from it, or delete the folder`,
    );
  }
  if (held) return held;
  const weights = initializeWeights(spec, settings.seed);
  if (options.initial) takeOver(options.initial, spec, weights);
  const run = { step: 0, elapsedMs: 0, settings: settings as unknown as Record<string, unknown> };
  return { run, optimizer: startOptimizer(flatten(parameters, weights)) };
}

/** Running means by name, the first values counting fully. */
class Means {
  readonly values: Record<string, number> = {};
  #count = 0;

  add(values: Readonly<Record<string, number>>): void {
    const weight = Math.max(LOG_SMOOTHING, 1 / ++this.#count);
    for (const [name, value] of Object.entries(values)) {
      this.values[name] = (this.values[name] ?? value) * (1 - weight) + value * weight;
    }
  }
}

/** Trains to the end of its steps or minutes and returns the averaged weights, compressed where that is asked for. */
export async function train(
  spec: NetworkSpec,
  sets: readonly WeightedPictures[],
  settings: TrainSettings,
  options: TrainOptions,
): Promise<Trained> {
  const { directory, compression } = options;
  const parameters = parametersOf(spec);
  const start = beginOrResume(spec, parameters, settings, options);
  const { run } = start;
  mkdirSync(directory, { recursive: true });
  const log = openLog(directory, run.step);
  const teacher = options.teacher && teacherFor(spec, options.teacher);
  const team = await startTeam(spec, sets, settings, { workers: 0, ...options, teacher });
  const { optimizer } = start;
  const compressor = compression && openCompressor(spec, parameters, compression, start);
  const withheld = withheldWeights(spec, parameters, settings.without);
  const withhold = () => {
    zeroAt(optimizer.weights, withheld);
    zeroAt(optimizer.average, withheld);
  };
  withhold();
  const trained = settings.biasesOnly ? biasesOf(parameters) : parameters;
  const gradient = new Float32Array(parameters.size);
  const means = new Means();
  const speed = new Means();
  const doneBefore = run.elapsedMs;
  const startMs = performance.now();
  let savedMs = startMs;
  const progressOf = () =>
    settings.steps > 0 ? run.step / settings.steps : run.elapsedMs / (settings.minutes * 60_000);
  let rate = 0;
  let validatedMs = startMs;
  const logRow = (more: Record<string, number>) =>
    log({ step: run.step, minutes: run.elapsedMs / 60_000, rate, ...means.values, ...more });
  const validate = async () => {
    if (!options.validation) return;
    logRow(await options.validation.score(average().weights));
    validatedMs = performance.now();
  };
  const decoded = new Float32Array(parameters.size);
  const average = (): Trained => {
    compressor?.decode(optimizer.average, decoded);
    const weights = networkWeights(spec, parameters, compressor ? decoded : optimizer.average);
    return { weights, steps: compressor?.steps };
  };
  const save = () => {
    run.choice = compressor?.choice;
    writeCheckpoint(directory, run, parameters, optimizer);
    drawLearningCurve(directory);
    options.onCheckpoint?.(average());
    savedMs = performance.now();
  };
  try {
    while (progressOf() < 1) {
      const stepStartMs = performance.now();
      const progress = progressOf();
      if (compressor?.isDue(run.step)) {
        const { bytes, loss, price } = await compressor.cycle(team, optimizer, progress);
        logRow({ bytes, codedLoss: loss, price });
      }
      if (compressor) compressor.decode(optimizer.weights, team.weights);
      else team.weights.set(optimizer.weights);
      const { losses, flops } = await team.step(run.step, progress < settings.teachShare, gradient);
      rate = learningRate(settings.peakRate, run.step, progress, settings.warmupSteps);
      compressor?.beforeStep(gradient, settings.batch);
      losses.gradient = optimize(optimizer, trained, gradient, rate);
      settleGenes(spec, (name) =>
        partOf(optimizer.weights, parameters.list.find((one) => one.name === name)!),
      );
      withhold();
      compressor?.afterStep(optimizer, rate * STEP_RMS);
      run.step++;
      run.elapsedMs = doneBefore + performance.now() - startMs;
      means.add(losses);
      const stepMs = performance.now() - stepStartMs;
      speed.add({ stepMs, flops });
      const gflops = speed.values.flops / speed.values.stepMs / 1e6;
      if (run.step % LOG_EVERY_STEPS === 0) logRow({ gflops });
      const bytes = compressor?.bytes ?? Number.NaN;
      options.onStep?.({
        step: run.step,
        progress: progressOf(),
        losses: means.values,
        stepMs,
        gflops,
        bytes,
      });
      if (options.validation && performance.now() - validatedMs >= options.validation.everyMs)
        await validate();
      if (performance.now() - savedMs >= (options.checkpointMs ?? CHECKPOINT_MS)) save();
    }
    await validate();
    save();
    if (!compressor) return average();
    const final = compressor.finish(optimizer.average);
    return { weights: networkWeights(spec, parameters, final), steps: compressor.steps };
  } finally {
    await team.end();
  }
}

/** Of a run that is resumed after its first cycle, the grid stands again. */
function openCompressor(
  spec: NetworkSpec,
  parameters: Parameters,
  { fileBytes, ...settings }: CompressionSettings & { readonly fileBytes: FileBytes },
  { run }: Start,
): Compressor {
  return new Compressor(spec, parameters, settings, fileBytes, run.choice);
}
