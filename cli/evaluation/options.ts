/** The options of `saccadenet evaluate`, read and checked before anything is opened. */
import { DEFAULT_BUDGET, POLICIES } from '../../src/attention/select.ts';
import type { BackendName } from '../../src/backends/backend.ts';
import { CORRUPTION_KINDS, type CorruptionKind, SEVERITIES } from '../../train/data/corruptions/index.ts';
import { BASELINE_POLICIES } from '../../train/metrics/baseline-gates.ts';
import type { CorruptionChoice } from '../../train/metrics/corrupt-run.ts';
import type { EvaluationPolicy } from '../../train/metrics/run-model.ts';
import type { CorruptionLevel } from '../../train/metrics/shown-frame.ts';
import { SWEEP_POLICIES, type SweepPolicy } from '../../train/metrics/sweep-policies.ts';
import {
  choiceOption,
  listOption,
  noPositionals,
  numberOption,
  parseOptions,
  requiredOption,
  UsageError,
} from '../arguments.ts';
import { BACKEND_NAMES } from '../open-session.ts';
import { foldParts, type Part } from './parts.ts';

/** One side of a comparison: models, and how they are used. */
export interface Contender {
  readonly parts: readonly Part[];
  readonly budget?: number;
  readonly policy?: EvaluationPolicy;
  /** Default true. */
  readonly conditioning?: boolean;
}

export interface EvaluateOptions {
  readonly directory: string;
  readonly own: Contender;
  /** What `own` is compared with, on the same images. */
  readonly against?: Contender;
  readonly backend?: BackendName;
  /** Only pictures whose terms allow any use. */
  readonly permissiveOnly: boolean;
  readonly maxImages?: number;
  /** What is done to every picture before it is shown. */
  readonly corruption?: CorruptionLevel;
  readonly corruptions?: CorruptionChoice;
  readonly diagnose: boolean;
  readonly pictures?: string;
  readonly maxPictures: number;
  /** Processes that share the images. */
  readonly jobs: number;
  /** The images of a sequence are consecutive frames. */
  readonly video: boolean;
  /** Policies against budgets, instead of one evaluation. */
  readonly sweep?: Sweep;
  readonly json: boolean;
}

export interface Sweep {
  readonly budgets: readonly number[];
  readonly policies: readonly SweepPolicy[];
  /** So many draws of the weights of `saccade` join. */
  readonly draws: number;
  /** Counts how soon the person of `scenes --appear` is attended. */
  readonly appearance: boolean;
}

export const DEFAULT_MAX_PICTURES = 24;
const POLICY_NAMES: readonly EvaluationPolicy[] = [...POLICIES, ...BASELINE_POLICIES];

export const EVALUATE_HELP = `Usage: saccadenet evaluate --data DIR [options]

Scores a model on labelled frames: DIR holds annotations.json (COCO), images/ and, optional, masks/.

  --data DIR               the labelled set
  --sequences A,B          only these sequences
  --exclude-sequences A,B  all sequences but these
  --model F                a .sacc file; default: the shipped model
  --folds F=A,G=B+C        several models, each on the sequences that it was not trained on; the detections of all
                           make one AP, and every fold is told too
  --budget B               share of blocks that may be attended, 0..1; default ${DEFAULT_BUDGET}
  --policy P               static, saccade, dense: as the network is used; random, centre, motion, oracle: blocks
                           chosen without the attention network, for comparison; default static
  --backend B              wasm, reference or webgpu; default wasm
  --permissive-only        leave out pictures whose terms do not allow any use
  --max-images N           at most N images (of each fold), spread evenly
  --against F              another model, or folds as in --folds, on the same images: AP and its difference
  --against-policy P       ... with this policy (and the same models where --against is left away)
  --against-budget B       ... with this budget
  --no-conditioning        noisy, blocky and flat frames are not treated; --against-no-conditioning: in the comparison alone
  --diagnose               why things are missed, what false alarms are, AP at other IoUs
  --corrupt KIND:SEVERITY  every picture is shown so corrupted, clips too: gaussian_noise:3, fog:5
  --corruptions            mPC and rPC over 15 corruptions at 5 severities; 75 runs a frame
  --kinds A,B              only these corruptions
  --severities 1,3,5       only these severities
  --pictures DIR           annotated frames, the worst first, and a page of them
  --max-pictures N         default ${DEFAULT_MAX_PICTURES}
  --video                  the images of a sequence are consecutive frames at 15 Hz: tracks, and flicker against single
                           frames at equal recall; --policy saccade goes by what was seen before
  --budgets A,B            with --video: AP of policies against budgets, one table
  --policies A,B           ... of these: ${SWEEP_POLICIES.join(', ')};
                           static is single frames, glance static's gates with tracks, all others keep tracks;
                           hindsight is saccade, every frame as the next one shows it
  --fit N                  ... and saccade with N random draws of its weights (seeded), which the table names
  --appearance             ... and how soon the person of \`scenes --appear\` is attended
  --jobs N                 processes beside each other; default 1
  --json                   all figures as one JSON object on stdout

What the figures mean
  personAP50, poleAP30     COCO average precision at IoU 0.5 (person) and 0.3 (pole shafts, widened to 8 px)
  personF1, poleF1         at the thresholds stored in the model
  poleEdgePx               median error of the left and right edges of matched poles, px
  personCalledPole, ...    of the things that were hit, the share called by the other name
  attended, fiveByFive     mean share of all blocks that was looked at, and that took the 5x5 branch
  ...PixelRecall           share of the class's mask pixels that lie in attended blocks
  ...InstanceRecall        share of the things with at least half their pixels in attended blocks
  personIoU, poleIoU       pixel IoU of the detail network's cell map
  macsShare, gmacs         MACs of a frame against the dense network's; MACs of a frame in 1e9
  sparseLoss               AP with every block attended, minus AP as scored
  intervals                95%, by drawing blocks of 5 neighbouring images again 1000 times; differences are paired
  mPC, rPC                 mean AP over corruptions and severities, and that over the clean AP
  flicker                  of tracks at the recall of single frames: fragments (found to missed and back) a track and a
                           100 frames, deviation of centre and height along a track, lag; flickerSingle: of single frames;
                           flickerHindsight: of tracks, every frame as the next one shows it;
                           flickerKnownMotion: their deviations by the best filter that is told the true motion
  maskIoU                  agreement of the attended blocks with the clean frame's
  attentionRecallKept      recall of mask pixels on corrupted frames over that on clean ones
A figure is null where the set does not label the class. bestF1 is for choosing thresholds, not a score.
`;

/** @throws UsageError for bad usage */
export function readEvaluateOptions(argv: readonly string[]): EvaluateOptions {
  const { values, positionals } = parseOptions(argv, {
    data: { type: 'string' },
    sequences: { type: 'string' },
    'exclude-sequences': { type: 'string' },
    model: { type: 'string' },
    folds: { type: 'string' },
    budget: { type: 'string' },
    policy: { type: 'string' },
    backend: { type: 'string' },
    'permissive-only': { type: 'boolean' },
    'max-images': { type: 'string' },
    against: { type: 'string' },
    'against-policy': { type: 'string' },
    'against-budget': { type: 'string' },
    'no-conditioning': { type: 'boolean' },
    'against-no-conditioning': { type: 'boolean' },
    diagnose: { type: 'boolean' },
    corrupt: { type: 'string' },
    corruptions: { type: 'boolean' },
    kinds: { type: 'string' },
    severities: { type: 'string' },
    pictures: { type: 'string' },
    'max-pictures': { type: 'string' },
    video: { type: 'boolean' },
    budgets: { type: 'string' },
    policies: { type: 'string' },
    appearance: { type: 'boolean' },
    fit: { type: 'string' },
    jobs: { type: 'string' },
    json: { type: 'boolean' },
  });
  noPositionals(positionals);
  const video = videoOptions(values);
  const budget = numberOption('budget', values.budget, { min: 0, max: 1 });
  const policy = choiceOption('policy', values.policy, POLICY_NAMES);
  const sequences = listOption('sequences', values.sequences);
  const excludeSequences = listOption('exclude-sequences', values['exclude-sequences']);
  if (values.folds !== undefined && (values.model ?? sequences ?? excludeSequences) !== undefined) {
    throw new UsageError('--folds names models and sequences itself; leave --model and --sequences away');
  }
  const parts =
    values.folds === undefined
      ? [{ model: values.model, sequences, excludeSequences }]
      : foldParts('folds', values.folds);
  const againstPolicy = choiceOption('against-policy', values['against-policy'], POLICY_NAMES);
  const againstBudget = numberOption('against-budget', values['against-budget'], { min: 0, max: 1 });
  const conditioning = values['no-conditioning'] ? false : undefined;
  const againstConditioning = values['against-no-conditioning'] ? false : conditioning;
  const compared =
    values.against !== undefined ||
    againstPolicy !== undefined ||
    againstBudget !== undefined ||
    againstConditioning !== conditioning;
  return {
    directory: requiredOption('data', values.data, 'saccadenet evaluate --data DIR'),
    own: { parts, budget, policy, conditioning },
    against: compared
      ? {
          parts: againstParts(values.against, parts),
          budget: againstBudget ?? budget,
          policy: againstPolicy ?? policy,
          conditioning: againstConditioning,
        }
      : undefined,
    backend: choiceOption('backend', values.backend, BACKEND_NAMES),
    permissiveOnly: values['permissive-only'] ?? false,
    maxImages: numberOption('max-images', values['max-images'], { min: 1, integer: true }),
    corruption: corruptionLevel(values),
    corruptions: corruptionChoice(values),
    diagnose: values.diagnose ?? false,
    pictures: values.pictures,
    maxPictures:
      numberOption('max-pictures', values['max-pictures'], { min: 1, integer: true }) ?? DEFAULT_MAX_PICTURES,
    jobs: numberOption('jobs', values.jobs, { min: 1, max: 64, integer: true }) ?? 1,
    video: values.video ?? false,
    sweep: video,
    json: values.json ?? false,
  };
}

/** What --video goes with. @returns the sweep that was asked for */
function videoOptions(values: {
  video?: boolean;
  budgets?: string;
  policies?: string;
  appearance?: boolean;
  fit?: string;
  jobs?: string;
  corruptions?: boolean;
  'max-images'?: string;
  folds?: string;
}): Sweep | undefined {
  const budgets = listOption('budgets', values.budgets);
  const policies = listOption('policies', values.policies);
  if (!values.video) {
    if (budgets ?? policies ?? values.fit ?? values.appearance)
      throw new UsageError('--budgets, --policies, --fit and --appearance are for clips: give --video too');
    return undefined;
  }
  if (values.corruptions) throw new UsageError('--corruptions are of single frames: leave --video away');
  for (const name of ['jobs', 'max-images'] as const)
    if (values[name] !== undefined)
      throw new UsageError(`--${name} would cut the clips of --video; leave it away`);
  if (!budgets && !policies && !values.fit && !values.appearance) return undefined;
  if (values.folds !== undefined)
    throw new UsageError('--budgets compares policies of one model, not --folds');
  for (const policy of policies ?? []) choiceOption('policies', policy, SWEEP_POLICIES);
  return {
    budgets: (budgets ?? [String(DEFAULT_BUDGET)]).map(
      (text) => numberOption('budgets', text, { min: 0, max: 1 }) ?? DEFAULT_BUDGET,
    ),
    policies: (policies as SweepPolicy[] | undefined) ?? SWEEP_POLICIES,
    draws: numberOption('fit', values.fit, { min: 1, max: 1000, integer: true }) ?? 0,
    appearance: values.appearance ?? false,
  };
}

/** Another model on the same parts, or folds of its own; the same models where none is named. */
function againstParts(text: string | undefined, parts: readonly Part[]): readonly Part[] {
  if (text === undefined) return parts;
  if (text.includes('=')) return foldParts('against', text);
  return parts.map((part) => ({ ...part, model: text }));
}

function corruptionLevel({
  corrupt,
  corruptions,
}: {
  corrupt?: string;
  corruptions?: boolean;
}): CorruptionLevel | undefined {
  if (corrupt === undefined) return undefined;
  if (corruptions)
    throw new UsageError('--corruptions are of clean pictures: leave --corrupt or --corruptions away');
  const [kind, severity, ...rest] = corrupt.split(':');
  if (severity === undefined || rest.length > 0)
    throw new UsageError(`--corrupt needs a kind and a severity, as in gaussian_noise:3, not '${corrupt}'`);
  return {
    kind: choiceOption('corrupt', kind, CORRUPTION_KINDS) as CorruptionKind,
    severity: numberOption('corrupt', severity, { min: 1, max: 5, integer: true }) ?? 1,
  };
}

function corruptionChoice(values: {
  corruptions?: boolean;
  kinds?: string;
  severities?: string;
}): CorruptionChoice | undefined {
  const kinds = listOption('kinds', values.kinds);
  const severities = listOption('severities', values.severities);
  if (!values.corruptions) {
    if (kinds ?? severities) throw new UsageError('--kinds and --severities need --corruptions');
    return undefined;
  }
  for (const kind of kinds ?? []) choiceOption('kinds', kind, CORRUPTION_KINDS);
  return {
    kinds: (kinds as CorruptionKind[] | undefined) ?? CORRUPTION_KINDS,
    severities:
      severities?.map((text) => numberOption('severities', text, { min: 1, max: 5, integer: true }) ?? 1) ??
      SEVERITIES,
  };
}
