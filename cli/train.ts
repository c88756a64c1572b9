/** `saccadenet train`: trains the network on sets in the data form and writes a .sacc file. */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { decodeModel } from '../src/codec/decode-model.ts';
import { encodeModel } from '../src/codec/encode-model.ts';
import { SaccadeNetError } from '../src/errors/errors.ts';
import { plainModel } from '../src/network/genes.ts';
import { peopleVsPoles } from '../src/network/people-vs-poles.ts';
import type { Model, Weights } from '../src/network/spec.ts';
import { openDataset } from '../train/data/dataset.ts';
import { checkTeacher } from '../train/loop/distillation.ts';
import { meanModel } from '../train/loop/mean-model.ts';
import { narrowed } from '../train/loop/narrow.ts';
import { TEAM_WORKER } from '../train/loop/worker-entry.ts';
import type { Command } from './arguments.ts';
import { ofFile, readBytes } from './model-files.ts';
import { createProgress, type Progress } from './progress.ts';
import { type Encode, finishedFile, openCalibrationSet, validationScores } from './training/calibration.ts';
import { withBiases } from './training/held-file.ts';
import { readTrainOptions, TRAIN_HELP } from './training/options.ts';
import { readTrainingSets } from './training/sets.ts';

/**
 * Of the file that is written while a run goes on: the search for a size takes ten times as long. At 25 dB attention of five
 * layers sees nothing any more.
 */
const CHECKPOINT_SQNR_DB = 40;
/**
 * Below it a block is not worth a look even where the budget would allow it. Gates of a network that trained long are sure
 * of themselves: at 0.3 they left a quarter of the budget unused on a new drive, and 0.04 of person AP with it.
 */
const GATE_THRESHOLD = 0.05;
/** Thresholds of a run that is still going on. */
const SCORE_THRESHOLDS = { person: 0.35, pole: 0.35 };
/** Of the progress bar. */
const TICKS = 1000;

/** tfjs-webgpu looks for navigator.gpu, which Node has only with Dawn. */
async function openGpu(): Promise<void> {
  const { openDawn } = await import('../bench/hosts/dawn.ts');
  const { reason } = await openDawn();
  if (reason) throw new SaccadeNetError('UNSUPPORTED', `--backend webgpu: ${reason}; use --backend wasm`);
}

async function run(argv: string[]): Promise<void> {
  const options = readTrainOptions(argv);
  const { settings, output, bytes, init, teacher, validate } = options;
  // All that can be wrong is looked at before the long work.
  if (options.backend === 'webgpu') await openGpu();
  const modelIn = (file: string) => ofFile(file, () => decodeModel(readBytes(file)));
  const begun = await Promise.all(init.map(async (file) => plainModel(await modelIn(file))));
  const spec = settings.biasesOnly
    ? begun[0].network
    : peopleVsPoles(options.widths, options.genes, options.response);
  const earlier = begun.length > 0 ? meanModel(begun) : undefined;
  const initial = earlier && narrowed(earlier.weights, earlier.network, spec);
  const taughtBy = teacher ? await modelIn(teacher) : undefined;
  if (taughtBy) checkTeacher(spec, taughtBy.network);
  const calibration = openCalibrationSet(options);
  const validation = validate && openDataset(validate.directory, { sequences: validate.sequences });
  const sets = await readTrainingSets(options, spec.labels);
  const team = { backend: options.backend, workers: options.workers, workerFile: TEAM_WORKER };
  // tfjs is needed by this command alone, so that the others start without it.
  if (options.measure) {
    const { printTrainingSpeed } = await import('./training/speed.ts');
    return printTrainingSpeed(spec, sets, settings, options.measure, team);
  }
  const { train } = await import('../train/loop/trainer.ts');
  const modelOf = (weights: Weights): Model => ({
    network: spec,
    weights,
    scoreThresholds: SCORE_THRESHOLDS,
    gateThreshold: GATE_THRESHOLD,
    card: {
      data: sets.map(({ name, weight, pictures }) => ({
        name: basename(name),
        weight,
        pictures: pictures.length,
      })),
      settings,
    },
  });
  const held = settings.biasesOnly ? readBytes(init[0]) : undefined;
  if (held) withBiases(held, begun[0]); // throws now, and not after the run, where biases are coded too
  const encode: Encode = (model, how) => (held ? withBiases(held, model) : encodeModel(model, how));
  let progress: Progress | undefined;
  const fileBytes = (weights: Weights, steps: Readonly<Record<string, number>>) =>
    encodeModel(modelOf(weights), { steps }).length;
  const { weights, steps } = await train(spec, sets, settings, {
    directory: `${output}.run`,
    ...team,
    resume: options.resume,
    initial,
    teacher: taughtBy,
    compression: options.compression && { ...options.compression, fileBytes },
    onStep: ({ step, progress: share, losses, gflops, bytes }) => {
      const done = Math.floor(share * TICKS);
      // A resumed run begins where it stopped; its time left counts from there.
      progress ??= createProgress('training', TICKS, { from: done });
      const size = Number.isNaN(bytes) ? '' : ` ${bytes} bytes`;
      progress.update(
        done,
        `step ${step} loss ${losses.total.toFixed(2)}${size} ${gflops.toFixed(1)} GFLOP/s`,
      );
    },
    onCheckpoint: ({ weights, steps }) =>
      writeFileSync(output, encode(modelOf(weights), steps ? { steps } : { sqnrDb: CHECKPOINT_SQNR_DB })),
    validation: validation && {
      everyMs: validate.everyMinutes * 60_000,
      score: (average) => validationScores(modelOf(average), validation),
    },
  });
  progress?.end();
  const how = steps ? { steps } : held ? {} : { bytes };
  writeFileSync(output, await finishedFile(modelOf(weights), calibration, how, encode));
  process.stdout.write(`wrote ${output}\n`);
}

export const command: Command = {
  name: 'train',
  summary: 'train the network on labelled frames',
  help: TRAIN_HELP,
  run,
};
