/** `saccadenet train`: trains the network on sets in the data form and writes a .sacc file. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { decodeModel } from '../src/codec/decode-model.ts';
import { type EncodeOptions, encodeModel } from '../src/codec/encode-model.ts';
import { SaccadeNetError } from '../src/errors/errors.ts';
import { peopleVsPoles } from '../src/network/people-vs-poles.ts';
import type { Model, NetworkSpec, Weights } from '../src/network/spec.ts';
import { AUGMENTS, augmentNamed } from '../train/data/augment-settings.ts';
import { type Dataset, type DatasetImage, openDataset } from '../train/data/dataset.ts';
import { readBackdrop, readPicture, type TruePicture } from '../train/data/instances.ts';
import { TRAINING_BACKENDS, type TrainingBackend } from '../train/loop/backends.ts';
import type { WeightedPictures } from '../train/loop/mix.ts';
import { TRAIN_SETTINGS, type TrainSettings } from '../train/loop/settings.ts';
import { shareArrays } from '../train/loop/share-arrays.ts';
import type { TeamOptions } from '../train/loop/team.ts';
import { TEAM_WORKER } from '../train/loop/worker-entry.ts';
import {
  type Command,
  listOption,
  noPositionals,
  numberOption,
  parseOptions,
  requiredOption,
  UsageError,
} from './arguments.ts';
import { ofFile, readBytes } from './model-files.ts';
import { createProgress, type Progress } from './progress.ts';

const DEFAULT_BYTES = 190_000;

const HELP = `Usage: saccadenet train --data DIR[:weight]... -o out.sacc [options]

Trains people-vs-poles on folders in the data form (annotations.json, images/, masks/) with tfjs and writes the
averaged weights as a .sacc file. Checkpoints and log.csv go to out.sacc.run/; a stopped run goes on with --resume.

  --data DIR[:weight]         a set and how often it is drawn (default weight 1); may be given more than once
  --people-free DIR[:weight]  a set of streets without people, for false alarms and as background of people pasted in;
                              its labels are not used; may be given more than once
  --sequences A,B             only these sequences (of the sets that have them)
  --exclude-sequences A,B     all but these
  -o, --out FILE              the .sacc file
  --minutes M                 length of the run by the clock (default ${TRAIN_SETTINGS.minutes})
  --steps N                   length of the run in steps: repeatable to the bit by its seed
  --scenes W                  mix in procedural street scenes with this weight
  --init FILE                 start from the weights of a .sacc file
  --resume                    go on from the checkpoint
  --backend NAME              wasm (default), webgpu (needs a GPU; in Node also npm package webgpu) or cpu (slow)
  --measure N                 train N steps, write nothing, tell the speed
  --workers N                 threads that share out the parts of a step (default: one a core; 0: this thread only)
  --part N                    views of one part: their losses are normalised together (default ${TRAIN_SETTINGS.part})
  --batch N                   views a step (default ${TRAIN_SETTINGS.batch})
  --rate R                    peak learning rate (default ${TRAIN_SETTINGS.peakRate})
  --budget B                  share of blocks attended in training (default ${TRAIN_SETTINGS.budget})
  --gate-lambda G             reward for a skipped block, nats (default ${TRAIN_SETTINGS.lambda})
  --calibrate-data DIR        choose the score thresholds (best F1) on this set instead of the training data
  --calibrate-sequences A,B   only these sequences of it
  --bytes N                   size of the .sacc file (default ${DEFAULT_BYTES})
  --agreement W               reward for answering a corrupted view like the clean one (default ${TRAIN_SETTINGS.agreement})
  --augment NAME              ${Object.keys(AUGMENTS).join(', ')} (default all)
  --permissive-only           leave out pictures whose terms do not allow any use
  --seed S                    (default ${TRAIN_SETTINGS.seed})
`;

/** Of the file that is written while a run goes on: the search for a size takes ten times as long. */
const CHECKPOINT_SQNR_DB = 25;
/** Scenes that are rendered before training and drawn from; enough that none is learned by heart. */
const SCENES = 400;
/** Images that the thresholds are chosen on, spread over the set. */
const CALIBRATION_IMAGES = 120;
/** Below it a block is not worth a look even where the budget would allow it: no less AP on training drives and scenes. */
const GATE_THRESHOLD = 0.3;
/** Share of the attended blocks that take 5x5 kernels. */
const FIVE_SHARE = 0.25;
/** Thresholds of a run that is still going on. */
const SCORE_THRESHOLDS = { person: 0.35, pole: 0.35 };

const OPTIONS = {
  data: { type: 'string', multiple: true },
  'people-free': { type: 'string', multiple: true },
  sequences: { type: 'string' },
  'exclude-sequences': { type: 'string' },
  out: { type: 'string', short: 'o' },
  minutes: { type: 'string' },
  steps: { type: 'string' },
  scenes: { type: 'string' },
  init: { type: 'string' },
  resume: { type: 'boolean' },
  backend: { type: 'string' },
  measure: { type: 'string' },
  workers: { type: 'string' },
  part: { type: 'string' },
  batch: { type: 'string' },
  rate: { type: 'string' },
  budget: { type: 'string' },
  'gate-lambda': { type: 'string' },
  agreement: { type: 'string' },
  augment: { type: 'string' },
  'permissive-only': { type: 'boolean' },
  'rate-lambda': { type: 'string' },
  'compress-every': { type: 'string' },
  'calibrate-data': { type: 'string' },
  'calibrate-sequences': { type: 'string' },
  bytes: { type: 'string' },
  seed: { type: 'string' },
} as const;

function parseData(text: string): { directory: string; weight: number } {
  const cut = text.lastIndexOf(':');
  if (existsSync(text) || cut < 0) return { directory: text, weight: 1 };
  const weight = numberOption('data', text.slice(cut + 1), { min: 0 });
  return { directory: text.slice(0, cut), weight: weight ?? 1 };
}

/** Sequences that a set has none of are no error when several sets are given. */
function openSet(
  directory: string,
  only: string[] | undefined,
  without: string[] | undefined,
  permissiveOnly: boolean,
): Dataset | null {
  const names = new Set(openDataset(directory, { permissiveOnly }).images.map(({ sequence }) => sequence));
  const known = (list: string[] | undefined) => list?.filter((name) => names.has(name));
  const kept = known(only);
  if (only && kept?.length === 0) return null;
  return openDataset(directory, { sequences: kept, excludeSequences: known(without), permissiveOnly });
}

/** A misspelt name must not put a held-out drive into training. @throws SaccadeNetError INVALID_OPTION for one that no set has */
function checkSequences(directories: readonly string[], named: readonly string[]): void {
  const known = new Set(directories.flatMap((d) => openDataset(d).images.map(({ sequence }) => sequence)));
  for (const name of named) {
    if (known.has(name)) continue;
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `no set of --data has a sequence '${name}'; they have ${[...known].filter(Boolean).join(', ')}`,
    );
  }
}

async function readSets(
  values: Record<string, unknown>,
  labels: readonly string[],
): Promise<WeightedPictures[]> {
  const only = listOption('sequences', values.sequences as string | undefined);
  const without = listOption('exclude-sequences', values['exclude-sequences'] as string | undefined);
  const given = (values.data as string[] | undefined) ?? [];
  checkSequences(
    given.map((text) => parseData(text).directory),
    [...(only ?? []), ...(without ?? [])],
  );
  const permissiveOnly = Boolean(values['permissive-only']);
  const sets: WeightedPictures[] = [];
  const add = (text: string, set: Dataset | null, read: (image: DatasetImage) => TruePicture) => {
    if (!set) return;
    const progress = createProgress(`reading ${set.directory}`, set.images.length);
    const pictures = set.images.map((image, i) => {
      progress.update(i + 1);
      return shareArrays(read(image));
    });
    progress.end();
    sets.push({ name: set.directory, weight: parseData(text).weight, pictures });
  };
  for (const text of given) {
    const set = openSet(parseData(text).directory, only, without, permissiveOnly);
    add(text, set, (image) => readPicture(set as Dataset, image, labels));
  }
  for (const text of (values['people-free'] as string[] | undefined) ?? []) {
    const set = openDataset(parseData(text).directory, { permissiveOnly });
    add(text, set, (image) => readBackdrop(image, labels));
  }
  return sets;
}

async function renderScenes(
  weight: number,
  seed: number,
  labels: readonly string[],
): Promise<WeightedPictures> {
  const { scenePicture } = await import('../train/data/scene-pictures.ts');
  const progress = createProgress('rendering scenes', SCENES);
  const pictures = Array.from({ length: SCENES }, (_, i) => {
    progress.update(i + 1);
    return shareArrays(scenePicture(seed * 100_000 + i, labels));
  });
  progress.end();
  return { name: 'procedural scenes', weight, pictures };
}

function settingsFrom(values: Record<string, string | undefined>): TrainSettings {
  const number = (
    name: string,
    otherwise: number,
    range: { min?: number; max?: number; integer?: boolean },
  ) => numberOption(name, values[name], range) ?? otherwise;
  return {
    ...TRAIN_SETTINGS,
    seed: number('seed', TRAIN_SETTINGS.seed, { integer: true }),
    steps: number('steps', TRAIN_SETTINGS.steps, { min: 1, integer: true }),
    minutes: number('minutes', TRAIN_SETTINGS.minutes, { min: 0.01 }),
    batch: number('batch', TRAIN_SETTINGS.batch, { min: 1, max: 64, integer: true }),
    part: number('part', TRAIN_SETTINGS.part, { min: 1, max: 64, integer: true }),
    peakRate: number('rate', TRAIN_SETTINGS.peakRate, { min: 0, max: 1 }),
    budget: number('budget', TRAIN_SETTINGS.budget, { min: 0, max: 1 }),
    lambda: number('gate-lambda', TRAIN_SETTINGS.lambda, { min: 0 }),
    agreement: number('agreement', TRAIN_SETTINGS.agreement, { min: 0 }),
    augment: augmentNamed(values.augment ?? 'all'),
  };
}

/** The set that thresholds are chosen on; null where only scenes are trained on. */
function calibrationSet(values: Record<string, unknown>): Dataset | null {
  const list = (name: string) => listOption(name, values[name] as string | undefined);
  const other = values['calibrate-data'] as string | undefined;
  const permissiveOnly = Boolean(values['permissive-only']);
  if (other) return openDataset(other, { sequences: list('calibrate-sequences'), permissiveOnly });
  const [first] = ((values.data as string[] | undefined) ?? []).map(parseData);
  return first
    ? openSet(first.directory, list('sequences'), list('exclude-sequences'), permissiveOnly)
    : null;
}

/** The model with its 5x5 share and thresholds set on the data; what is scored for it is the coded model. */
async function calibrated(model: Model, dataset: Dataset | null, bytes: number): Promise<Model> {
  if (!dataset) return model;
  const { balanceFive, bestThresholds } = await import('../train/loop/calibrate.ts');
  const maxImages = Math.min(CALIBRATION_IMAGES, dataset.images.length);
  const progress = createProgress('calibrating', maxImages);
  const options = { maxImages, onProgress: (done: number) => progress.update(done) };
  const balanced = await balanceFive(model, dataset, FIVE_SHARE, options);
  const coded = await decodeModel(encodeModel(balanced, { bytes }));
  const scoreThresholds = await bestThresholds(coded, dataset, options);
  progress.end();
  return { ...balanced, scoreThresholds };
}

/** The backend of that name, with navigator.gpu in place where it wants one. */
async function trainingBackend(name: string): Promise<TrainingBackend> {
  const backend = TRAINING_BACKENDS.find((known) => known === name);
  if (!backend) throw new UsageError(`--backend is '${name}'; give one of ${TRAINING_BACKENDS.join(', ')}`);
  if (backend === 'webgpu') {
    const { openDawn } = await import('../bench/hosts/dawn.ts');
    const { reason } = await openDawn();
    if (reason) throw new SaccadeNetError('UNSUPPORTED', `--backend webgpu: ${reason}; use --backend wasm`);
  }
  return backend;
}

/** `--measure`: useful GFLOP/s of training, beside those of a plain matrix product in the same run. */
async function measure(
  spec: NetworkSpec,
  sets: readonly WeightedPictures[],
  settings: TrainSettings,
  steps: number,
  team: TeamOptions,
): Promise<void> {
  const { measureTraining } = await import('../train/loop/measure.ts');
  const { createGemm } = await import('../bench/gemm.ts');
  const gemm = await createGemm();
  const progress = createProgress('measuring', steps);
  const onStep = (done: number) => progress.update(done);
  const report = await measureTraining(spec, sets, settings, steps, {
    ...team,
    yardstick: gemm.measure,
    onStep,
  });
  progress.end();
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}

async function run(argv: string[]): Promise<void> {
  const { values, positionals } = parseOptions(argv, OPTIONS);
  noPositionals(positionals);
  const measured = numberOption('measure', values.measure, { min: 1, integer: true });
  const output = measured ? '' : requiredOption('out', values.out, '-o model.sacc');
  for (const name of ['rate-lambda', 'compress-every'] as const) {
    if (values[name]) throw new UsageError(`--${name} is not built yet; --bytes sets the size of the file`);
  }
  if (!values.data && !values.scenes)
    throw new UsageError('--data is missing; give a folder in the data form, or --scenes 1');
  for (const { directory } of (values.data ?? []).map(parseData)) {
    if (!existsSync(directory) || !statSync(directory).isDirectory()) {
      throw new Error(`--data ${directory} is no folder; give one with annotations.json and images/`);
    }
  }
  const settings = settingsFrom(values as Record<string, string | undefined>);
  const bytes = numberOption('bytes', values.bytes, { min: 1000 }) ?? DEFAULT_BYTES;
  const spec = peopleVsPoles();
  // All that can be wrong is looked at before the long work.
  const backend = await trainingBackend(values.backend ?? 'wasm');
  if (existsSync(output) && statSync(output).isDirectory())
    throw new Error(`-o ${output} is a folder; give a file, as in -o ${output}/model.sacc`);
  const { init } = values;
  const initial = init ? (await ofFile(init, () => decodeModel(readBytes(init)))).weights : undefined;
  // Opened now, so that a wrong folder is told before the training and not after it.
  const calibration = calibrationSet(values);
  const sets = await readSets(values, spec.labels);
  const scenes = numberOption('scenes', values.scenes, { min: 0 }) ?? 0;
  if (!(scenes > 0) && !sets.some(({ weight, pictures }) => weight > 0 && pictures.length > 0)) {
    throw new Error(
      'no picture is left to train on; check --sequences, --exclude-sequences and the weights behind --data',
    );
  }
  if (scenes > 0) sets.push(await renderScenes(scenes, settings.seed, spec.labels));

  const workers =
    numberOption('workers', values.workers, { min: 0, max: 256, integer: true }) ?? availableParallelism();
  const team = { backend, workers, workerFile: TEAM_WORKER };
  if (measured) return measure(spec, sets, settings, measured, team);
  // tfjs is needed by this command alone, so that the others start without it.
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
  const write = (model: Model, options: EncodeOptions) => writeFileSync(output, encodeModel(model, options));
  const TICKS = 1000;
  let progress: Progress | undefined;
  const weights = await train(spec, sets, settings, {
    directory: `${output}.run`,
    ...team,
    resume: Boolean(values.resume),
    initial,
    onStep: ({ step, progress: share, losses, gflops }) => {
      const done = Math.floor(share * TICKS);
      // A resumed run begins where it stopped; its time left counts from there.
      progress ??= createProgress('training', TICKS, { from: done });
      progress.update(done, `step ${step} loss ${losses.total.toFixed(2)} ${gflops.toFixed(1)} GFLOP/s`);
    },
    onCheckpoint: (average) => write(modelOf(average), { sqnrDb: CHECKPOINT_SQNR_DB }),
  });
  progress?.end();
  write(await calibrated(modelOf(weights), calibration, bytes), { bytes });
  process.stdout.write(`wrote ${output}\n`);
}

export const command: Command = {
  name: 'train',
  summary: 'train the network on labelled frames',
  help: HELP,
  run,
};
