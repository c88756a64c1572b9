/** What `saccadenet train` is told: its help, and its options read and checked. */
import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import {
  type GeneWidths,
  type NetworkResponse,
  peopleVsPoles,
  SHIPPED_RESPONSE,
  SHIPPED_WIDTHS,
  type Widths,
} from '../../src/network/people-vs-poles.ts';
import { AUGMENTS, augmentNamed } from '../../train/data/augment-settings.ts';
import { TRAINING_BACKENDS, type TrainingBackend } from '../../train/loop/backends.ts';
import type { CompressionSettings } from '../../train/loop/compressor.ts';
import { TRAIN_SETTINGS, type TrainSettings } from '../../train/loop/settings.ts';
import { JOINED, joinedNamed } from '../../train/loop/withhold.ts';
import {
  listOption,
  noPositionals,
  numberOption,
  parseOptions,
  requiredOption,
  UsageError,
} from '../arguments.ts';

export const DEFAULT_BYTES = 220_000;
const VALIDATE_MINUTES = 10;
const COMPRESS_EVERY = 250;
/** What draws weights to zero where only --bytes says how large the file gets. */
const DEFAULT_LAMBDA = 3e-7;

export const TRAIN_HELP = `Usage: saccadenet train --data DIR[:weight]... -o out.sacc [options]

Trains people-vs-poles on folders in the data form (annotations.json, images/, masks/) with tfjs and writes the
averaged weights as a .sacc file. Checkpoints, log.csv and learning-curve.svg go to out.sacc.run/; a stopped run
goes on with --resume.

  --data DIR[:weight]         a set and how often it is drawn (default weight 1); may be given more than once
  --people-free DIR[:weight]  a set of streets without people, for false alarms and as background of people pasted in;
                              its labels are not used; may be given more than once
  --marks FILE                poles that were marked by hand in sets that do not label them (train/marks/poles.json)
  --sequences A,B             only these sequences (of the sets that have them)
  --exclude-sequences A,B     all but these
  -o, --out FILE              the .sacc file
  --minutes M                 length of the run by the clock (default ${TRAIN_SETTINGS.minutes})
  --steps N                   length of the run in steps: repeatable to the bit by its seed
  --scenes W                  mix in procedural street scenes with this weight
  --canyons SHARE             of these so many, 0 to 1, are narrow streets between high fronts, where posts stand before
                              walls of their own colour (default 0)
  --init FILE                 start from the weights of a .sacc file: the detail network goes by attention at once;
                              given several times: from their mean; of a wider network: from the channels that carry most
  --biases-only               train the biases alone of the one file that --init names, and its network: what is coded in it
                              stays, and so does its size (the last step of compression in training)
  --attention-depth N         residual layers of the attention network at block resolution (default ${SHIPPED_WIDTHS.attentionDepth})
  --channels A,B,C,D,E,F,G    widths: attention's three strides, the detail network's two, the coarse surround, the trunk
                              (default ${channelsOf(SHIPPED_WIDTHS)})
  --no-five                   no 5x5 kernels: every attended block takes 3x3 (a twelfth of a 48 kB file)
  --downsample N              the attention network sees the frame at 1/N of its size: 2 (default) or 4
  --half-saturation LEVEL     the network's response to light: level, 1 to 65536, at which it is half of its height without
                              bounds (default ${SHIPPED_RESPONSE.halfSaturation}; small: steep in the dark)
  --linear-share S            and what share of it is linear beside that, 0 to 1 (default ${SHIPPED_RESPONSE.linearShare})
  --teacher FILE              learn from what this .sacc file answers too (distillation): small files come nearer to what
                              they are made from; a step takes one forward pass more
  --teacher-everywhere        the teacher attends to every block, and attention learns where that finds something; a
                              step takes twice as long
  --genes LOCAL+LONG          residual layers (but that with 5x5 kernels of its own) take their kernels from a dictionary
                              of LOCAL 3x3 and LONG 5x5 patterns, e.g. 12+4, trained with the rest; not on webgpu
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
  --validate DIR              score the weights on this set while training goes on (log.csv and learning curve)
  --validate-sequences A,B    only these sequences of it
  --validate-every M          minutes between (default ${VALIDATE_MINUTES})
  --bytes N                   size of the .sacc file (default ${DEFAULT_BYTES}; with compression in training: what
                              --rate-lambda makes of it)
  --rate-lambda L             compress inside training: nats of the total loss that a bit of the file is worth (try
                              1e-6); 0 (default): plain training, compressed at the end
  --compress-every N          steps between two cycles of compression (default ${COMPRESS_EVERY}); the best of several
                              candidates is decoded and trained on. With --bytes N the file reaches N at two fifths
  --attention-weight W        of an error of attention's weights beside one of the detail network's, where bits are shared
                              out (default 1)
  --agreement W               reward for answering a corrupted view like the clean one (default ${TRAIN_SETTINGS.agreement})
  --gate-weight W             weight of the gates' losses beside the detail network's (default ${TRAIN_SETTINGS.gateWeight})
  --look-weight LABEL:W       of blocks that show this label in the gates' losses (default 1); may be given several times
  --scene-weight W            weight of the auxiliary heads that name the scene (default ${TRAIN_SETTINGS.sceneWeight}); 0 spends the bits of a
                              small file on what is shipped
  --without A,B               ablations: withhold ${JOINED.join(', ')} from the detail network
  --augment NAME              ${Object.keys(AUGMENTS).join(', ')} (default all)
  --permissive-only           leave out pictures whose terms do not allow any use
  --seed S                    (default ${TRAIN_SETTINGS.seed})
`;

const OPTIONS = {
  data: { type: 'string', multiple: true },
  'people-free': { type: 'string', multiple: true },
  marks: { type: 'string' },
  sequences: { type: 'string' },
  'exclude-sequences': { type: 'string' },
  out: { type: 'string', short: 'o' },
  minutes: { type: 'string' },
  steps: { type: 'string' },
  scenes: { type: 'string' },
  canyons: { type: 'string' },
  init: { type: 'string', multiple: true },
  'biases-only': { type: 'boolean' },
  'attention-depth': { type: 'string' },
  channels: { type: 'string' },
  'no-five': { type: 'boolean' },
  downsample: { type: 'string' },
  'half-saturation': { type: 'string' },
  'linear-share': { type: 'string' },
  teacher: { type: 'string' },
  'teacher-everywhere': { type: 'boolean' },
  genes: { type: 'string' },
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
  'attention-weight': { type: 'string' },
  'gate-weight': { type: 'string' },
  'look-weight': { type: 'string', multiple: true },
  'scene-weight': { type: 'string' },
  without: { type: 'string' },
  augment: { type: 'string' },
  'permissive-only': { type: 'boolean' },
  'rate-lambda': { type: 'string' },
  'compress-every': { type: 'string' },
  'calibrate-data': { type: 'string' },
  'calibrate-sequences': { type: 'string' },
  validate: { type: 'string' },
  'validate-sequences': { type: 'string' },
  'validate-every': { type: 'string' },
  bytes: { type: 'string' },
  seed: { type: 'string' },
} as const;

/** A set and how often it is drawn. */
export interface WeightedFolder {
  readonly directory: string;
  readonly weight: number;
}

/** A set of which some sequences may be taken. */
export interface ScoredFolder {
  readonly directory: string;
  readonly sequences?: string[];
}

export interface TrainCommandOptions {
  readonly data: readonly WeightedFolder[];
  readonly peopleFree: readonly WeightedFolder[];
  /** A file of poles marked by hand. */
  readonly marks?: string;
  readonly sequences?: string[];
  readonly excludeSequences?: string[];
  readonly permissiveOnly: boolean;
  /** Weight of the procedural scenes; 0: none. */
  readonly scenes: number;
  /** Share of them in a narrow street, 0..1. */
  readonly canyons: number;
  readonly settings: TrainSettings;
  /** The .sacc file; '' with `measure`. */
  readonly output: string;
  readonly bytes: number;
  /** Compression inside training. */
  readonly compression?: CompressionSettings;
  readonly widths: Widths;
  /** Of the dictionary; left out: plain convolutions. */
  readonly genes?: GeneWidths;
  readonly response: NetworkResponse;
  /** .sacc files to start from, from their mean; none: random weights. */
  readonly init: readonly string[];
  /** A .sacc file to learn from besides the labels. */
  readonly teacher?: string;
  readonly resume: boolean;
  readonly backend: TrainingBackend;
  readonly workers: number;
  /** Steps to measure instead of training. */
  readonly measure?: number;
  readonly calibrate?: ScoredFolder;
  readonly validate?: ScoredFolder & { readonly everyMinutes: number };
}

/** @throws UsageError for bad usage, Error for folders that are none */
export function readTrainOptions(argv: string[]): TrainCommandOptions {
  const { values, positionals } = parseOptions(argv, OPTIONS);
  noPositionals(positionals);
  const measure = numberOption('measure', values.measure, { min: 1, integer: true });
  const output = measure ? '' : requiredOption('out', values.out, '-o model.sacc');
  if (!values.data && !values.scenes)
    throw new UsageError('--data is missing; give a folder in the data form, or --scenes 1');
  const data = (values.data ?? []).map((text) => weightedFolder('data', text));
  const peopleFree = (values['people-free'] ?? []).map((text) => weightedFolder('people-free', text));
  const settings = settingsFrom(
    values as Record<string, string | undefined>,
    values['look-weight'] ?? [],
    values.init !== undefined,
  );
  const bytes = numberOption('bytes', values.bytes, { min: 1000, integer: true });
  const backend = TRAINING_BACKENDS.find((known) => known === (values.backend ?? 'wasm'));
  if (!backend) {
    const known = TRAINING_BACKENDS.join(', ');
    throw new UsageError(`--backend is '${values.backend}'; give one of ${known}`);
  }
  if (existsSync(output) && statSync(output).isDirectory())
    throw new Error(`-o ${output} is a folder; give a file, as in -o ${output}/model.sacc`);
  if (values['teacher-everywhere'] && values.teacher === undefined)
    throw new UsageError('--teacher-everywhere needs a teacher; give --teacher FILE');
  if (values['biases-only']) checkBiasesOnly(values);
  const scored = (name: 'calibrate' | 'validate', directory: string) => ({
    directory,
    sequences: listOption(`${name}-sequences`, values[`${name}-sequences`]),
  });
  const everyMinutes =
    numberOption('validate-every', values['validate-every'], { min: 0 }) ?? VALIDATE_MINUTES;
  return {
    data,
    peopleFree,
    marks: values.marks,
    sequences: listOption('sequences', values.sequences),
    excludeSequences: listOption('exclude-sequences', values['exclude-sequences']),
    permissiveOnly: Boolean(values['permissive-only']),
    scenes: numberOption('scenes', values.scenes, { min: 0 }) ?? 0,
    canyons: numberOption('canyons', values.canyons, { min: 0, max: 1 }) ?? 0,
    settings,
    output,
    bytes: bytes ?? DEFAULT_BYTES,
    compression: compressionFrom(values, bytes),
    widths: widthsFrom(values),
    genes: genesFrom(values.genes, backend),
    response: responseFrom(values),
    init: values.init ?? [],
    teacher: values.teacher,
    resume: Boolean(values.resume),
    backend,
    workers:
      numberOption('workers', values.workers, { min: 0, max: 256, integer: true }) ?? availableParallelism(),
    measure,
    calibrate: values['calibrate-data'] ? scored('calibrate', values['calibrate-data']) : undefined,
    validate: values.validate ? { ...scored('validate', values.validate), everyMinutes } : undefined,
  };
}

/** What says how a network is made or coded has no say where one is only finished. */
const HELD_WITH_BIASES = [
  'attention-depth',
  'channels',
  'no-five',
  'downsample',
  'genes',
  'half-saturation',
  'linear-share',
  'bytes',
  'rate-lambda',
  'compress-every',
  'attention-weight',
  'without',
];

function checkBiasesOnly(values: Readonly<Record<string, unknown>>): void {
  if ((values.init as string[] | undefined)?.length !== 1)
    throw new UsageError('--biases-only needs one file to go on from; give --init FILE');
  const other = HELD_WITH_BIASES.find((name) => values[name] !== undefined);
  if (other)
    throw new UsageError(`--biases-only keeps the network and the file of --init; leave --${other} away`);
}

function compressionFrom(
  values: {
    readonly 'rate-lambda'?: string;
    readonly 'compress-every'?: string;
    readonly 'attention-weight'?: string;
  },
  targetBytes: number | undefined,
): CompressionSettings | undefined {
  const rateLambda = numberOption('rate-lambda', values['rate-lambda'], { min: 0 });
  const every = numberOption('compress-every', values['compress-every'], { min: 1, integer: true });
  if (rateLambda === 0 || (rateLambda === undefined && every === undefined)) return undefined;
  if (rateLambda === undefined && targetBytes === undefined) {
    throw new UsageError('--compress-every needs --rate-lambda L or --bytes N: what is the size worth?');
  }
  return {
    rateLambda: rateLambda ?? DEFAULT_LAMBDA,
    everySteps: every ?? COMPRESS_EVERY,
    targetBytes,
    attentionWeight: numberOption('attention-weight', values['attention-weight'], { min: 1e-6 }),
  };
}

/** The widths as `--channels` tells them. */
function channelsOf({ attention, stem, features, trunk }: Widths): number[] {
  return [...attention, ...stem, features, trunk];
}

/** Multiples of 4: the runtimes compute four channels at a time, and others would cost as much as the next. */
function channelsFrom(text: string): Pick<Widths, 'attention' | 'stem' | 'features' | 'trunk'> {
  const counts = /^\d{1,3}(,\d{1,3}){6}$/.test(text) ? text.split(',').map(Number) : [];
  if (counts.length === 0 || counts.some((count) => count === 0 || count % 4 !== 0))
    throw new UsageError(
      `--channels is '${text}'; give seven multiples of 4, as in --channels ${channelsOf(SHIPPED_WIDTHS)}`,
    );
  const [a, b, c, s, t, features, trunk] = counts;
  return { attention: [a, b, c], stem: [s, t], features, trunk };
}

/** Those of the shipped network, but for what is told. */
function widthsFrom(
  values: Partial<Record<'attention-depth' | 'channels' | 'downsample', string>> & { 'no-five'?: boolean },
): Widths {
  const depth = numberOption('attention-depth', values['attention-depth'], {
    min: 0,
    max: 16,
    integer: true,
  });
  const { downsample = '2' } = values;
  if (downsample !== '2' && downsample !== '4')
    throw new UsageError(`--downsample is '${downsample}'; give 2 or 4`);
  return {
    ...SHIPPED_WIDTHS,
    ...(values.channels === undefined ? {} : channelsFrom(values.channels)),
    attentionDepth: depth ?? SHIPPED_WIDTHS.attentionDepth,
    downsample: downsample === '2' ? 2 : 4,
    fiveByFive: !values['no-five'],
  };
}

/** That of the shipped network, but for what is told. */
function responseFrom(values: Partial<Record<'half-saturation' | 'linear-share', string>>): NetworkResponse {
  const { 'half-saturation': level, 'linear-share': share } = values;
  return {
    halfSaturation:
      numberOption('half-saturation', level, { min: 1, max: 65_536 }) ?? SHIPPED_RESPONSE.halfSaturation,
    linearShare: numberOption('linear-share', share, { min: 0, max: 1 }) ?? SHIPPED_RESPONSE.linearShare,
  };
}

/** LOCAL+LONG, two whole numbers that are not both 0. */
function genesFrom(text: string | undefined, backend: TrainingBackend): GeneWidths | undefined {
  if (text === undefined) return undefined;
  const [local, long] = /^\d{1,3}\+\d{1,3}$/.test(text) ? text.split('+').map(Number) : [0, 0];
  if (local + long === 0) throw new UsageError(`--genes is '${text}'; give two counts, as in --genes 12+4`);
  if (backend === 'webgpu') throw new UsageError('--genes needs --backend wasm or cpu');
  return { local, long };
}

/** DIR or DIR:weight. */
function weightedFolder(option: string, text: string): WeightedFolder {
  const cut = text.lastIndexOf(':');
  const whole = existsSync(text) || cut < 0;
  const directory = whole ? text : text.slice(0, cut);
  const weight = whole ? 1 : (numberOption(option, text.slice(cut + 1), { min: 0 }) ?? 1);
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new Error(`--${option} ${directory} is no folder; give one with annotations.json and images/`);
  }
  return { directory, weight };
}

/** Each LABEL:W. */
function lookWeightsFrom(texts: readonly string[]): Record<string, number> {
  const { labels } = peopleVsPoles();
  const entries = texts.map((text) => {
    const [label, weight = ''] = text.split(':');
    if (!labels.includes(label))
      throw new UsageError(
        `--look-weight is '${text}'; give ${labels.join(' or ')} and a weight, as in pole:1.5`,
      );
    return [label, numberOption('look-weight', weight, { min: 0 }) ?? 1] as const;
  });
  return Object.fromEntries(entries);
}

function settingsFrom(
  values: Record<string, string | undefined>,
  looks: readonly string[],
  goesOn: boolean,
): TrainSettings {
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
    gateWeight: number('gate-weight', TRAIN_SETTINGS.gateWeight, { min: 0 }),
    lookWeights: lookWeightsFrom(looks),
    sceneWeight: number('scene-weight', TRAIN_SETTINGS.sceneWeight, { min: 0 }),
    teacherEverywhere: Boolean(values['teacher-everywhere']),
    biasesOnly: Boolean(values['biases-only']),
    without: (listOption('without', values.without) ?? []).map(joinedNamed),
    augment: augmentNamed(values.augment ?? 'all'),
    // Attention that has learned needs no teacher.
    teachShare: goesOn ? 0 : TRAIN_SETTINGS.teachShare,
  };
}
