/**
 * Policies against budgets on clips: every frame is uploaded and glanced at once, and every pair of policy and budget
 * inspects it with its own gates and its own memory. Single frames (`static`) and tracks are scored alike.
 */
import { STILL } from '../../src/attention/affine.ts';
import { FINE_SCALE, greyPicture, greyPictures } from '../../src/attention/grey.ts';
import type { SaccadeWeights } from '../../src/attention/saccade.ts';
import { prioritised, selectGates } from '../../src/attention/select.ts';
import type { Backend, PixelFrame } from '../../src/backends/backend.ts';
import { decodeCells } from '../../src/detection/decode.ts';
import { blockGrid } from '../../src/network/geometry.ts';
import type { Model } from '../../src/network/spec.ts';
import type { Detection } from '../../src/result.ts';
import { conditioned } from '../../src/session/conditioning.ts';
import { resizeArea } from '../../src/session/resize.ts';
import { detectionsInFrame, trackedDetections } from '../../src/session/stream-frame.ts';
import { motionOf, type StreamFrame, StreamState } from '../../src/session/stream-state.ts';
import { DEFAULT_MAX_WORKING_PIXELS, workingSize } from '../../src/session/working-size.ts';
import { STEP_MS } from '../../src/tracking/settings.ts';
import type { ShownTrack } from '../../src/tracking/track.ts';
import type { Dataset } from '../data/dataset.ts';
import { type BaselinePolicy, baselineGates } from './baseline-gates.ts';
import type { FrameTruth } from './rules.ts';
import { LEAST_SCORE } from './rules.ts';
import { type CorruptionLevel, frameTruth, shownFrame } from './shown-frame.ts';

/**
 * `static`: single frames as `detect` sees them; all others keep tracks. `glance`: the gates of `static`, with tracks.
 * `hindsight`: the gates of `saccade`, every frame as the next one shows it.
 */
export type SweepPolicy = 'static' | 'glance' | 'saccade' | 'hindsight' | BaselinePolicy;
export const SWEEP_POLICIES: readonly SweepPolicy[] = [
  ...(['static', 'glance', 'saccade', 'hindsight', 'random', 'centre', 'motion', 'oracle'] as const),
];

const MOST_DETECTIONS = 100;

export interface Contestant {
  readonly policy: SweepPolicy;
  /** Share of blocks, 0..1. */
  readonly budget: number;
  /** Of `saccade` and `hindsight`. */
  readonly weights?: SaccadeWeights;
}

/** A frame as one contestant saw it. */
export interface SweepFrame {
  readonly contestant: number;
  readonly sequence: string;
  /** In its sequence. */
  readonly index: number;
  readonly truth: FrameTruth;
  readonly gates: Uint8Array;
  readonly columns: number;
  /** Side of a block in px of the frame. */
  readonly blockPx: number;
  readonly detections: readonly Detection[];
}

export interface SweepOptions {
  readonly backend: Backend;
  readonly seed?: number;
  /** As `FrameOptions.conditioning`. Default true. */
  readonly conditioning?: boolean;
  /** What is done to every picture before it is shown. Default nothing. */
  readonly corruption?: CorruptionLevel;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Calls `onFrame` for every frame and contestant, for each of these in the frames' order. @throws what the backend and the files throw */
export async function sweepPolicies(
  model: Model,
  dataset: Dataset,
  contestants: readonly Contestant[],
  options: SweepOptions,
  onFrame: (frame: SweepFrame) => void,
): Promise<void> {
  const { network, gateThreshold } = model;
  const executor = await options.backend.load(model);
  const { seed = 1, conditioning = true, corruption, onProgress } = options;
  let states: StreamState[] = [];
  let last:
    | {
        readonly sequence: string;
        readonly frame: StreamFrame;
        readonly pixels: PixelFrame;
      }
    | undefined;
  let index = 0;
  let camera = STILL;
  /** Frames of `hindsight` that wait for the next one. */
  const waiting = new Map<number, SweepFrame>();
  const letGo = () => {
    for (const frame of waiting.values()) onFrame(frame);
    waiting.clear();
  };
  try {
    for (const [done, image] of dataset.images.entries()) {
      const source = shownFrame(image, corruption);
      const { width } = source;
      const working = workingSize(source, DEFAULT_MAX_WORKING_PIXELS);
      const pixels = resizeArea(source, working);
      const truth = frameTruth(image, source, dataset);
      const goesOn = last?.sequence === image.sequence;
      if (!goesOn) {
        letGo();
        states = contestants.map(({ weights }) => new StreamState(weights));
        index = 0;
        camera = STILL;
      }
      const grid = blockGrid(network, working);
      const base = {
        ...greyPictures(greyPicture(pixels, FINE_SCALE)),
        working,
        grid,
        blockPx: network.block,
        timestampMs: index * STEP_MS,
      };
      const motion = motionOf(goesOn ? last?.frame : undefined, base, camera);
      camera = motion.camera;
      const frame: StreamFrame = { ...base, motion };
      // Every frame is measured, as a still is; a stream takes a second's first one for all.
      const { frame: seen = pixels } = await conditioned(() => pixels, { conditioning });
      await executor.upload(seen);
      const glance = await executor.glance();
      const look = glance.look.slice();
      const five = glance.five.slice();
      for (const [number, { policy, budget }] of contestants.entries()) {
        const priors = policy === 'static' ? undefined : states[number].begin({ ...frame, budget });
        const moves = policy === 'saccade' || policy === 'hindsight';
        const own = moves ? prioritised(look, priors, true) : look;
        const gates =
          moves || policy === 'static' || policy === 'glance'
            ? selectGates(
                { ...grid, look: own, five },
                { budget, threshold: gateThreshold, policy: 'static' },
              )
            : baselineGates(policy, {
                ...{ spec: network, working, budget, seed: seed + done, truth, frame: pixels },
                previous: goesOn ? last?.pixels : undefined,
              });
        const inspection = await executor.inspect(gates);
        const found = decodeCells(network, working, inspection, {
          scoreThreshold: () => LEAST_SCORE,
          maxDetections: MOST_DETECTIONS,
        });
        const outcome = policy === 'static' ? null : states[number].end(gates, found, () => LEAST_SCORE, own);
        const inSource = (tracks: readonly ShownTrack[]) =>
          detectionsInFrame(trackedDetections(tracks, working, MOST_DETECTIONS), working, source);
        const seenFrame: SweepFrame = {
          contestant: number,
          sequence: image.sequence,
          index,
          truth,
          gates,
          columns: grid.columns,
          blockPx: (network.block * width) / working.width,
          detections: outcome ? inSource(outcome.tracks) : detectionsInFrame(found, working, source),
        };
        if (policy !== 'hindsight') {
          onFrame(seenFrame);
          continue;
        }
        const before = waiting.get(number);
        if (before) onFrame({ ...before, detections: inSource(outcome?.hindsight?.tracks ?? []) });
        waiting.set(number, seenFrame);
      }
      last = { sequence: image.sequence, frame, pixels };
      index++;
      onProgress?.(done + 1, dataset.images.length);
    }
    letGo();
  } finally {
    executor.dispose();
  }
}
