/**
 * What is remembered of one stream between its frames: where was looked, what moved, tracks. Knows neither backend nor
 * network; a frame is `begin` (before its gates are chosen) and `end` (when its detections are known), one after the
 * other. `begin` for the same frame again, after a lost device, gives the same again. All lengths in working px.
 */
import { type Affine, STILL, stillness } from '../attention/affine.ts';
import { BlockMemory } from '../attention/block-memory.ts';
import { boxMotion } from '../attention/box-motion.ts';
import { cameraMotion } from '../attention/camera-motion.ts';
import { refineCamera } from '../attention/camera-refinement.ts';
import type { GreyPictures } from '../attention/grey.ts';
import { type MotionAlert, motionAlerts } from '../attention/motion-alerts.ts';
import { motionEnergy } from '../attention/motion-energy.ts';
import { novelty } from '../attention/novelty.ts';
import {
  type Expected,
  SACCADE_WEIGHTS,
  type SaccadeWeights,
  type Stir,
  saccadePriors,
} from '../attention/saccade.ts';
import { DEFAULT_BUDGET } from '../attention/select.ts';
import type { Size } from '../network/geometry.ts';
import type { Box } from '../result.ts';
import { Hysteresis } from '../tracking/hysteresis.ts';
import { STEP_MS } from '../tracking/settings.ts';
import type { Observation, ShownTrack, Track } from '../tracking/track.ts';
import { Tracker } from '../tracking/tracker.ts';
import { StreamConditioning } from './conditioning.ts';

/** A frame as the state sees it. */
export interface StreamFrame extends GreyPictures {
  readonly working: Size;
  readonly grid: { readonly columns: number; readonly rows: number };
  readonly blockPx: number;
  readonly timestampMs: number;
  /** Share of the blocks that may be looked at, 0..1. Default 0.2. */
  readonly budget?: number;
  /** Whether what moves by itself draws the eye and gives alerts. Default true. */
  readonly drawnByMotion?: boolean;
  /** Where somebody reckoned it already: several policies on one clip. */
  readonly motion?: Motion;
}

export interface Motion extends Stir {
  readonly camera: Affine;
}

export interface StreamOutcome {
  /** Those that are shown, falling score. */
  readonly tracks: readonly ShownTrack[];
  /** The frame before, as this one shows it: missing where there was none. */
  readonly hindsight?: { readonly timestampMs: number; readonly tracks: readonly ShownTrack[] };
  readonly alerts: readonly MotionAlert[];
  /** Where the eye went in the last frames, oldest first: the attended block of highest priority of each. */
  readonly scanPath: readonly Fixation[];
}

export interface Fixation {
  readonly x: number;
  readonly y: number;
  readonly timestampMs: number;
}

/** A gap longer than this is another scene, steps. */
const LONGEST_GAP = 30;
const MAX_TRACKS = 300;
const SCAN_PATH_FRAMES = 32;
/** From this stillness on a frame is of a standing camera, and so much trust in it grows a step: a car ahead, or the own bonnet, stands too. */
const STANDS = 0.5;
const TRUST_A_STEP = 0.1;
/** Share of a frame's energy in what a block is used to. */
const HABIT = 0.2;

interface Pending {
  readonly frame: StreamFrame;
  readonly priors: Float32Array;
  readonly motion: Motion;
}

export class StreamState {
  /** How its frames are treated before anything of this sees them. */
  readonly conditioning = new StreamConditioning();
  readonly #weights: SaccadeWeights;
  #tracker!: Tracker;
  #hysteresis = new Hysteresis();
  #hindsightHysteresis = new Hysteresis();
  #memory: BlockMemory | undefined;
  #habit: Float32Array = new Float32Array(0);
  #last: StreamFrame | undefined;
  #lastGates = new Uint8Array(0);
  #camera: Affine = STILL;
  /** 0..1: for how long the camera has stood. */
  #standing = 0;
  #pending: Pending | undefined;
  #scanPath: Fixation[] = [];
  #nextId = 1;

  constructor(weights: SaccadeWeights = SACCADE_WEIGHTS) {
    this.#weights = weights;
    this.#forget();
  }

  /** The camera's motion into the frame that was begun. */
  get camera(): Affine {
    return this.#camera;
  }

  get tracks(): readonly Track[] {
    return this.#tracker.tracks;
  }

  /** @returns priors for the look logits, [rows, columns] */
  begin(frame: StreamFrame): Float32Array {
    if (this.#pending?.frame.timestampMs === frame.timestampMs) return this.#pending.priors;
    const { grid, blockPx, timestampMs, working } = frame;
    const last = this.#last;
    const steps = last ? (timestampMs - last.timestampMs) / STEP_MS : 1;
    const goesOn =
      last?.working.width === working.width && last.working.height === working.height && steps <= LONGEST_GAP;
    if (!goesOn) this.#forget();
    this.#memory ??= new BlockMemory(grid.columns, grid.rows, blockPx);
    const motion =
      (goesOn && frame.motion) ||
      motionOf(goesOn ? last : undefined, frame, this.#camera, this.#standing === 1);
    const { camera, energy } = motion;
    this.#camera = camera;
    const standing = stillness(camera, working);
    this.#standing = standing < STANDS ? 0 : Math.min(1, this.#standing + steps * TRUST_A_STEP);
    this.#tracker.predict(camera, steps, (box, guess) =>
      goesOn && last ? boxMotion(last, frame, box, guess) : null,
    );
    this.#memory.step(this.#camera, steps, energy);
    const tracks = this.#tracker.tracks.map(
      ({ box, score, label, uncertaintyPx, coasted, settings }): Expected => ({
        box: grown(box, uncertaintyPx),
        ...{ score, label, coasted, rest: settings.rest },
      }),
    );
    const priors = saccadePriors(
      this.#memory,
      motion,
      tracks,
      { blockPx, still: this.#stillness, budget: frame.budget ?? DEFAULT_BUDGET },
      frame.drawnByMotion === false
        ? { ...this.#weights, motion: 0, stillMotion: 0, novelty: 0 }
        : this.#weights,
    );
    this.#pending = { frame, priors, motion };
    return priors;
  }

  /**
   * @param observations detections of the attended blocks, working px
   * @param threshold least score at which a track comes up
   * @param priority by which the gates were chosen; default: the priors
   */
  end(
    gates: Uint8Array,
    observations: readonly Observation[],
    threshold: (label: string) => number,
    priority?: Float32Array,
  ): StreamOutcome {
    const { frame, priors, motion } = this.#pending as Pending;
    const { energy } = motion;
    this.#pending = undefined;
    const { grid, blockPx } = frame;
    const alerts =
      this.#last && frame.drawnByMotion !== false
        ? motionAlerts(motion, this.#habit, grid, blockPx, this.#stillness)
        : [];
    this.#habit =
      this.#habit.length === energy.length
        ? this.#habit.map((value, i) => value + HABIT * (energy[i] - value))
        : energy;
    this.#tracker.update(observations, (box) => shareAttended(gates, grid, blockPx, box));
    const hindsight = this.#hindsight(threshold);
    const fixation = fixationOf(gates, priority ?? priors, grid, blockPx);
    if (fixation) this.#scanPath.push({ ...fixation, timestampMs: frame.timestampMs });
    if (this.#scanPath.length > SCAN_PATH_FRAMES) this.#scanPath.shift();
    this.#memory?.look(gates);
    this.#last = frame;
    this.#lastGates = gates.slice();
    const tracks = this.#hysteresis.show(this.#tracker.tracks, threshold);
    return { tracks, ...(hindsight ? { hindsight } : {}), alerts, scanPath: this.#scanPath.slice() };
  }

  #hindsight(threshold: (label: string) => number): StreamOutcome['hindsight'] {
    const last = this.#last;
    if (!last) return undefined;
    const { timestampMs, grid, blockPx } = last;
    const lookedAt = (box: Box) => shareAttended(this.#lastGates, grid, blockPx, box);
    const tracks = this.#hindsightHysteresis.show(this.#tracker.hindsight(lookedAt), threshold);
    return { timestampMs, tracks };
  }

  /** 1 where the camera has stood for a while, 0 where it moves. */
  get #stillness(): number {
    return this.#standing ** 3;
  }

  /** Numbers of tracks go on. */
  #forget(): void {
    this.#tracker = new Tracker({ maxTracks: MAX_TRACKS, nextId: () => this.#nextId++ });
    this.#hysteresis = new Hysteresis();
    this.#hindsightHysteresis = new Hysteresis();
    this.#memory = undefined;
    this.#camera = STILL;
    this.#standing = 0;
    this.#last = undefined;
    this.#scanPath = [];
    this.#habit = new Float32Array(0);
  }
}

/**
 * @param guess the camera's motion before
 * @param stood whether it had stood for so long that nothing is drawn by novelty: as long as it goes on standing none is sought
 */
export function motionOf(
  last: StreamFrame | undefined,
  frame: StreamFrame,
  guess: Affine,
  stood = false,
): Motion {
  const { grey, grid, blockPx } = frame;
  const none = new Float32Array(grid.columns * grid.rows);
  if (!last) return { camera: STILL, energy: none, novelty: none };
  const coarse = cameraMotion(last.grey, grey, guess);
  const camera =
    coarse !== STILL && last.fine && frame.fine ? refineCamera(last.fine, frame.fine, coarse) : coarse;
  return {
    camera,
    energy: motionEnergy(last.grey, grey, camera, grid, blockPx),
    novelty:
      stood && stillness(camera, frame.working) >= STANDS
        ? none
        : novelty(last, frame, camera, grid, blockPx),
  };
}

function grown({ x, y, width, height }: Box, by: number): Box {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

/** Share of a box's area in attended blocks, of what lies in the frame; 0 where nothing does. */
export function shareAttended(
  gates: Uint8Array,
  { columns, rows }: StreamFrame['grid'],
  blockPx: number,
  box: Box,
): number {
  let [area, seen] = [0, 0];
  const right = box.x + Math.max(1, box.width);
  const foot = box.y + Math.max(1, box.height);
  for (let row = Math.max(0, Math.floor(box.y / blockPx)); row < Math.min(rows, foot / blockPx); row++) {
    const tall = Math.min(foot, (row + 1) * blockPx) - Math.max(box.y, row * blockPx);
    for (
      let column = Math.max(0, Math.floor(box.x / blockPx));
      column < Math.min(columns, right / blockPx);
      column++
    ) {
      const wide = Math.min(right, (column + 1) * blockPx) - Math.max(box.x, column * blockPx);
      area += tall * wide;
      if (gates[row * columns + column] > 0) seen += tall * wide;
    }
  }
  return area > 0 ? seen / area : 0;
}

function fixationOf(
  gates: Uint8Array,
  priority: Float32Array,
  { columns }: StreamFrame['grid'],
  blockPx: number,
): { x: number; y: number } | null {
  let best = -1;
  for (let i = 0; i < gates.length; i++) {
    if (gates[i] > 0 && (best < 0 || priority[i] > priority[best])) best = i;
  }
  if (best < 0) return null;
  return { x: ((best % columns) + 0.5) * blockPx, y: (Math.floor(best / columns) + 0.5) * blockPx };
}
