/**
 * Scores a model on a data set: every metric of `saccadenet evaluate`, for the command line and for training.
 * Definitions are in the files beside this one; a number that the set cannot give is null.
 */
import { DEFAULT_BUDGET, type Policy } from '../../src/attention/select.ts';
import type { Backend, PixelFrame } from '../../src/backends/backend.ts';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import type { Model } from '../../src/network/spec.ts';
import { resizeArea } from '../../src/session/resize.ts';
import { Session } from '../../src/session/session.ts';
import { DEFAULT_MAX_WORKING_PIXELS, workingSize } from '../../src/session/working-size.ts';
import type { Dataset, DatasetImage } from '../data/dataset.ts';
import { readImage, readMask } from '../data/images.ts';
import { AttentionScore } from './attention-score.ts';
import { BASELINE_POLICIES, type BaselinePolicy, baselineGates } from './baseline-gates.ts';
import { DetectionScore } from './detection-score.ts';
import { PixelScore } from './pixel-score.ts';
import { type FrameTruth, LEAST_SCORE } from './rules.ts';

export type EvaluationPolicy = Policy | BaselinePolicy;

/** Null: the set does not label the class, or shows none of it. */
export interface ModelScores {
  images: number;
  personAP50: number | null;
  poleAP30: number | null;
  personF1: number | null;
  poleF1: number | null;
  poleEdgePx: number | null;
  personCalledPole: number | null;
  poleCalledPerson: number | null;
  attended: number;
  fiveByFive: number;
  personPixelRecall: number | null;
  polePixelRecall: number | null;
  personInstanceRecall: number | null;
  poleInstanceRecall: number | null;
  personIoU: number | null;
  poleIoU: number | null;
  macsShare: number;
  gmacs: number;
  /** AP of the same weights with every block attended, minus AP as scored; null where it was not asked for. */
  sparseLoss: { personAP50: number | null; poleAP30: number | null } | null;
  persons: number;
  poles: number;
  /** The threshold of best F1 on this very set: for choosing a model's thresholds, never a score. */
  bestF1: Record<'person' | 'pole', { threshold: number; f1: number } | null>;
}

export interface ScoreOptions {
  /** Default: wasm where it runs, else the reference. */
  readonly backend?: Backend;
  /** Share of blocks, 0..1. Default 0.2. */
  readonly budget?: number;
  /** Default 'static'. */
  readonly policy?: EvaluationPolicy;
  /** Runs every frame a second time, dense, for sparseLoss. Default false. */
  readonly sparseLoss?: boolean;
  /** At most so many images, spread evenly over the set. Default all. */
  readonly maxImages?: number;
  readonly maxWorkingPixels?: number;
  /** For the random policy. Default 1. */
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

const FALLBACK_THRESHOLD = 0.5;

/** wasm where it runs, else the reference. */
export async function defaultBackend(): Promise<Backend> {
  const { wasmBackend } = await import('../../src/backends/wasm/index.ts');
  const wasm = wasmBackend();
  if ((await wasm.unavailable()) === null) return wasm;
  const { referenceBackend } = await import('../../src/backends/reference/index.ts');
  return referenceBackend();
}

/** @throws what the backend and the files throw; the signal's reason when it is aborted. */
export async function scoreModel(
  model: Model,
  dataset: Dataset,
  options: ScoreOptions = {},
): Promise<ModelScores> {
  const { budget = DEFAULT_BUDGET, policy = 'static', signal, seed = 1 } = options;
  const maxWorkingPixels = options.maxWorkingPixels ?? DEFAULT_MAX_WORKING_PIXELS;
  const images = spread(dataset.images, options.maxImages);
  const spec = model.network;
  const threshold = (label: string) => model.scoreThresholds[label] ?? FALLBACK_THRESHOLD;
  const boxes = new DetectionScore(dataset.labelled, threshold);
  const denseBoxes = new DetectionScore(dataset.labelled, threshold);
  const attention = new AttentionScore(dataset.labelled);
  const pixels = new PixelScore(spec, dataset.labelled);
  const session = await Session.create(model, options.backend ?? (await defaultBackend()), {
    scoreThreshold: LEAST_SCORE,
    maxWorkingPixels,
    signal,
  });
  let previous: { sequence: string; frame: PixelFrame } | undefined;
  try {
    for (const [index, image] of images.entries()) {
      const source = readSized(image);
      const truth = frameTruth(image, source, dataset);
      const working = workingSize(source, maxWorkingPixels);
      const frame = resizeArea(source, working);
      const choice = isBaseline(policy)
        ? {
            gates: baselineGates(policy, {
              ...{ spec, working, budget, truth, frame, seed: seed + index },
              previous: previous?.sequence === image.sequence ? previous.frame : undefined,
            }),
          }
        : { budget, policy };
      previous = { sequence: image.sequence, frame };
      const { result, inspection } = await session.trace(source, { ...choice, signal });
      boxes.add(truth, result.detections);
      attention.add(truth, result);
      pixels.add(truth, working, inspection);
      if (options.sparseLoss) {
        const dense = policy === 'dense' ? result : await session.detect(source, { policy: 'dense', signal });
        denseBoxes.add(truth, dense.detections);
      }
      options.onProgress?.(index + 1, images.length);
    }
  } finally {
    session.dispose();
  }
  return {
    images: images.length,
    personAP50: boxes.averagePrecision('person'),
    poleAP30: boxes.averagePrecision('pole'),
    personF1: boxes.f1('person'),
    poleF1: boxes.f1('pole'),
    poleEdgePx: boxes.edgeErrorPx('pole'),
    personCalledPole: boxes.miscalled('person'),
    poleCalledPerson: boxes.miscalled('pole'),
    attended: attention.attended(),
    fiveByFive: attention.fiveByFive(),
    personPixelRecall: attention.pixelRecall('person'),
    polePixelRecall: attention.pixelRecall('pole'),
    personInstanceRecall: attention.instanceRecall('person'),
    poleInstanceRecall: attention.instanceRecall('pole'),
    personIoU: pixels.iou('person'),
    poleIoU: pixels.iou('pole'),
    macsShare: attention.macsShare(),
    gmacs: attention.gmacs(),
    sparseLoss: options.sparseLoss
      ? {
          personAP50: difference(denseBoxes.averagePrecision('person'), boxes.averagePrecision('person')),
          poleAP30: difference(denseBoxes.averagePrecision('pole'), boxes.averagePrecision('pole')),
        }
      : null,
    persons: boxes.positives('person'),
    poles: boxes.positives('pole'),
    bestF1: { person: boxes.bestF1('person'), pole: boxes.bestF1('pole') },
  };
}

/** @throws SaccadeNetError INVALID_OPTION when the picture has another size than its entry: boxes would be off. */
function readSized(image: DatasetImage): PixelFrame {
  const frame = readImage(image.file);
  if (frame.width !== image.width || frame.height !== image.height) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${image.file} is ${frame.width}x${frame.height} but annotations.json has it at ${image.width}x${image.height}; scale the boxes and correct the entry`,
    );
  }
  return frame;
}

/** What is known of an image. @throws SaccadeNetError INVALID_OPTION when picture and mask differ in size. */
function frameTruth(
  image: DatasetImage,
  frame: { width: number; height: number },
  dataset: { readonly partial?: boolean },
): FrameTruth {
  const { width, height } = frame;
  const mask = image.maskFile ? readMask(image.maskFile) : undefined;
  if (mask && (mask.width !== width || mask.height !== height)) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${image.maskFile} is ${mask.width}x${mask.height} but its picture is ${width}x${height}; make the mask anew at the picture's size`,
    );
  }
  return { width, height, annotations: image.annotations, mask, partial: dataset.partial };
}

function isBaseline(policy: EvaluationPolicy): policy is BaselinePolicy {
  return (BASELINE_POLICIES as readonly string[]).includes(policy);
}

/** `count` of the items, evenly spread, in order; all where there are fewer. */
function spread<T>(items: readonly T[], count = Infinity): readonly T[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]);
}

function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}
