/** A model run over the frames of a data set, one after the other: what every measure of evaluation begins with. */
import { DEFAULT_BUDGET, type Policy } from '../../src/attention/select.ts';
import type { Backend, PixelFrame } from '../../src/backends/backend.ts';
import type { Size } from '../../src/network/geometry.ts';
import type { Model } from '../../src/network/spec.ts';
import { resizeArea } from '../../src/session/resize.ts';
import { type DetectOptions, Session, type Trace } from '../../src/session/session.ts';
import { StreamState } from '../../src/session/stream-state.ts';
import { DEFAULT_MAX_WORKING_PIXELS, workingSize } from '../../src/session/working-size.ts';
import { STEP_MS } from '../../src/tracking/settings.ts';
import type { Dataset, DatasetImage } from '../data/dataset.ts';
import { BASELINE_POLICIES, type BaselinePolicy, baselineGates } from './baseline-gates.ts';
import { type FrameTruth, LEAST_SCORE } from './rules.ts';
import { type CorruptionLevel, frameTruth, shownFrame } from './shown-frame.ts';

export type EvaluationPolicy = Policy | BaselinePolicy;

export interface RunOptions {
  /** Default: wasm where it runs, else the reference. */
  readonly backend?: Backend;
  /** Share of blocks, 0..1. Default 0.2. */
  readonly budget?: number;
  /** Default 'static'. */
  readonly policy?: EvaluationPolicy;
  /** At most so many images, spread evenly over the set. Default all. */
  readonly maxImages?: number;
  readonly maxWorkingPixels?: number;
  /** As `FrameOptions.conditioning`. */
  readonly conditioning?: boolean;
  /** What is done to every picture before it is shown. Default nothing. */
  readonly corruption?: CorruptionLevel;
  /** Only the share `index` of `count` of these images, in runs of neighbours. Default all. */
  readonly shard?: { readonly index: number; readonly count: number };
  /**
   * The images of a sequence are consecutive frames, 15 a second: detections become tracks, and the policy `saccade`
   * goes by what was seen before. Not with `shard`. Default false.
   */
  readonly video?: boolean;
  /** For the random policy. Default 1. */
  readonly seed?: number;
  /** Images that are done, of the total. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** A frame and what the model made of it, at scores from LEAST_SCORE on. */
export interface FrameRun {
  readonly image: DatasetImage;
  readonly source: PixelFrame;
  readonly truth: FrameTruth;
  readonly working: Size;
  readonly trace: Trace;
  /** The same model on this frame with every block attended. */
  dense(): Promise<Trace>;
  /** The same model and budget on this frame alone, by the policy `static`. */
  single(): Promise<Trace>;
  /** The same model, budget and policy on another frame of this size, without memory of others. */
  again(frame: PixelFrame): Promise<Trace>;
}

/** wasm where it runs, else the reference. */
export async function defaultBackend(): Promise<Backend> {
  const { wasmBackend } = await import('../../src/backends/wasm/index.ts');
  const wasm = wasmBackend();
  if ((await wasm.unavailable()) === null) return wasm;
  const { referenceBackend } = await import('../../src/backends/reference/index.ts');
  return referenceBackend();
}

/** @throws what the backend and the files throw; the signal's reason when it is aborted. */
export async function* runModel(
  model: Model,
  dataset: Dataset,
  options: RunOptions = {},
): AsyncGenerator<FrameRun, void, undefined> {
  const { budget = DEFAULT_BUDGET, policy = 'static', signal, seed = 1, corruption } = options;
  const maxWorkingPixels = options.maxWorkingPixels ?? DEFAULT_MAX_WORKING_PIXELS;
  const all = spread(dataset.images, options.maxImages);
  const { index: shard, count } = options.shard ?? { index: 0, count: 1 };
  const start = Math.floor((shard * all.length) / count);
  const images = all.slice(start, Math.floor(((shard + 1) * all.length) / count));
  const session = await Session.create(model, options.backend ?? (await defaultBackend()), {
    scoreThreshold: LEAST_SCORE,
    maxWorkingPixels,
    conditioning: options.conditioning,
    signal,
  });
  const asPrevious = (image: DatasetImage, source: PixelFrame) => ({
    sequence: image.sequence,
    frame: resizeArea(source, workingSize(source, maxWorkingPixels)),
  });
  let previous =
    policy === 'motion' && start > 0
      ? asPrevious(all[start - 1], shownFrame(all[start - 1], corruption))
      : undefined;
  let stream: StreamState | undefined;
  let frameOfStream = 0;
  try {
    for (const [index, image] of images.entries()) {
      if (options.video && images[index - 1]?.sequence !== image.sequence) {
        stream = new StreamState();
        frameOfStream = 0;
      }
      const source = shownFrame(image, corruption);
      const truth = frameTruth(image, source, dataset);
      const working = workingSize(source, maxWorkingPixels);
      const before = previous?.sequence === image.sequence ? previous.frame : undefined;
      const choose = (seen: PixelFrame): DetectOptions => {
        if (!isBaseline(policy)) return { budget, policy };
        const frame = resizeArea(seen, working);
        const context = { working, budget, truth, frame, seed: seed + start + index, previous: before };
        return { gates: baselineGates(policy, { spec: model.network, ...context }) };
      };
      const again = (frame: PixelFrame) => session.trace(frame, { ...choose(frame), signal });
      const timestampMs = frameOfStream++ * STEP_MS;
      const trace = stream
        ? await session.trace(source, { ...choose(source), stream, timestampMs, signal })
        : await again(source);
      const single = () => session.trace(source, { budget, policy: 'static', signal });
      const dense = () =>
        policy === 'dense' ? Promise.resolve(trace) : session.trace(source, { policy: 'dense', signal });
      yield { image, source, truth, working, trace, dense, single, again };
      if (policy === 'motion') previous = asPrevious(image, source);
      options.onProgress?.(index + 1, images.length);
    }
  } finally {
    session.dispose();
  }
}

function isBaseline(policy: EvaluationPolicy): policy is BaselinePolicy {
  return (BASELINE_POLICIES as readonly string[]).includes(policy);
}

/** `count` of the items, evenly spread, in order; all where there are fewer. */
function spread<T>(items: readonly T[], count = Infinity): readonly T[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]);
}
