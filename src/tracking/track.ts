/**
 * One thing through time. What is stable of a tall thin thing is filtered: its axis, its foot and its height; top and
 * sides follow. Units: working px, steps of STEP_MS.
 *
 * Label: evidence of every label is summed with the scores, older evidence counting less. A live track takes another
 * label only when that one's evidence outweighs its own by LABEL_MARGIN, and keeps a record of it.
 */
import type { Affine } from '../attention/affine.ts';
import type { BoxMotion, MotionGuess } from '../attention/box-motion.ts';
import type { Box, LabelChange } from '../result.ts';
import { EndJump } from './end-jump.ts';
import { LineFilter } from './line-filter.ts';
import { type TrackSettings, trackSettings } from './settings.ts';
import { Tremble } from './tremble.ts';

/** What a frame says of a place. */
export interface Observation {
  readonly label: string;
  readonly score: number;
  /** Working px. */
  readonly box: Box;
}

/** What a result says of a track. */
export type ShownTrack = Pick<Track, 'id' | 'label' | 'score' | 'box' | 'ageFrames' | 'labelChanges'>;

export type MotionOf = (box: Box, guess: MotionGuess) => BoxMotion | null;

/** Older evidence of a label, by frame with an observation. */
const EVIDENCE_KEPT = 0.9;
/** The other label's evidence must be this many times the own one's... */
const LABEL_MARGIN = 1.5;
/** ...and as much as two sure observations. */
const LABEL_LEAST = 1;
/** A thing is looked at whole from this share of its box on. */
export const WHOLE = 0.9;
/** What is seen of a hardly looked at thing still counts so much. */
const LEAST_WEIGHT = 0.2;
/** Speed of things not known yet: px a step, and share of the height. */
const UNKNOWN_SPEED_PX = 2;
const UNKNOWN_SPEED_SHARE = 0.03;
/** Growth of things not known yet, share of the height a step. */
const UNKNOWN_GROWTH = 0.03;
/** Faster growth is not believed. */
const MOST_GROWTH = 0.1;
/** Of weaker tracks the motion is not sought on the finer picture. */
const LEAST_REGISTERED = 0.1;
/** Growth less than this is hardly told from none. */
const LEAST_GROWTH = 0.003;

export class Track {
  readonly id: number;
  readonly labelChanges: LabelChange[] = [];
  readonly #evidence: Record<string, number> = {};
  readonly #axis: LineFilter;
  readonly #middle: LineFilter;
  /** Natural logarithm of the height in px: what comes nearer grows by a share. */
  readonly #tall: LineFilter;
  readonly #tremble = new Tremble();
  readonly #jumps = [new EndJump(), new EndJump()] as const;
  #label: string;
  #settings: TrackSettings;
  #width: number;
  /** Smoothed, 0..1. */
  score: number;
  /** Frames since its birth, that one not counted. */
  ageFrames = 0;
  /** Frames with an observation. */
  hits = 1;
  /** Steps since the last observation. */
  coasted = 0;
  /** As it was a frame ago; missing at its birth. @property scale of the camera's motion since */
  #before: { readonly box: Box; readonly scale: number } | undefined;

  constructor(id: number, { label, score, box }: Observation) {
    this.id = id;
    this.#label = label;
    this.#settings = trackSettings(label);
    this.#evidence[label] = score;
    this.score = score * this.#settings.birth;
    const speed = UNKNOWN_SPEED_PX + UNKNOWN_SPEED_SHARE * box.height;
    const noise = this.#noise(box);
    this.#axis = new LineFilter(box.x + box.width / 2, noise.axis, speed);
    this.#middle = new LineFilter(box.y + box.height / 2, noise.middle, speed);
    this.#tall = new LineFilter(Math.log(Math.max(1, box.height)), noise.tall, UNKNOWN_GROWTH);
    this.#width = box.width;
  }

  get label(): string {
    return this.#label;
  }

  get settings(): TrackSettings {
    return this.#settings;
  }

  get box(): Box {
    const height = Math.exp(this.#tall.place);
    const { place: x } = this.#axis;
    return { x: x - this.#width / 2, y: this.#middle.place - height / 2, width: this.#width, height };
  }

  /** Its box of a frame ago, in px of that frame, with what was seen since; missing at its birth. */
  get boxBefore(): Box | undefined {
    if (!this.#before) return undefined;
    const { box, scale } = this.#before;
    const height = box.height * Math.exp(this.#tall.hindsight);
    return {
      ...{ x: box.x + this.#axis.hindsight / scale, width: box.width, height },
      y: box.y + (box.height - height) / 2 + this.#middle.hindsight / scale,
    };
  }

  /** Deviation of the axis, px: how far from its box it may be. */
  get uncertaintyPx(): number {
    return this.#axis.deviation;
  }

  /**
   * One frame on.
   * @param camera where the last frame's px are now
   * @param motionOf how far what is in a box went, about a guess; null where that is not to be seen
   */
  predict(camera: Affine, steps: number, motionOf: MotionOf = () => null): void {
    this.ageFrames++;
    this.coasted += steps;
    const { box } = this;
    const { place: x } = this.#axis;
    const { place: y } = this.#middle;
    const scale = Math.sqrt(Math.abs(camera.xx * camera.yy - camera.xy * camera.yx));
    this.#before = { box, scale };
    // The camera's part first; what is left is the thing's own velocity.
    const gone = {
      x: (camera.xx - 1) * x + camera.xy * y + camera.x,
      y: camera.yx * x + (camera.yy - 1) * y + camera.y,
    };
    this.#axis.place += gone.x;
    this.#middle.place += gone.y;
    this.#tall.place += Math.log(scale);
    this.#width *= scale;
    const own = { x: this.#axis.velocity, y: this.#middle.velocity };
    const { driftPx, driftShare, driftSpeed, growthDrift, growthSpeed, patchDoubt } = this.#settings;
    const motion = motionOf(box, {
      ...{ x: gone.x + own.x * steps, y: gone.y + own.y * steps },
      scale: scale * Math.exp(this.#tall.velocity * steps),
      closely: this.#settings.registered && this.score >= LEAST_REGISTERED,
    });
    // At a steady approach the height goes with 1 / distance, and so does how far the thing is from where the camera heads.
    const growth = this.#growth(Math.log(scale) / steps);
    this.#tall.velocity += growth * growth * steps;
    for (const place of [this.#axis, this.#middle]) place.velocity *= 1 + 2 * growth * steps;
    this.#width *= Math.exp(this.#tall.velocity * steps);
    if (motion) {
      this.#axis.correctVelocity((motion.x - gone.x) / steps, patchDoubt * motion.deviationX);
      this.#middle.correctVelocity((motion.y - gone.y) / steps, patchDoubt * motion.deviationY);
    }
    const speed = Math.hypot(gone.x / steps + own.x, gone.y / steps + own.y);
    const drift = driftPx + driftShare * box.height + driftSpeed * speed;
    this.#axis.predict(steps, drift);
    this.#middle.predict(steps, drift * this.#settings.middleDrift);
    this.#tall.predict(steps, growthDrift + (growthSpeed * speed) / box.height);
  }

  /** It was seen. @param share of its box that was looked at, 0..1: what is seen in part counts less */
  observe({ label, score, box }: Observation, share = 1): void {
    const weight = Math.max(LEAST_WEIGHT, share);
    this.hits++;
    this.coasted = 0;
    const { rise, fall, widthGain, doubt, axisReach } = this.#settings;
    const trust = weight / (1 + doubt * Math.max(0, 1 - score / this.score));
    this.score += (score > this.score ? rise : fall * share) * (score - this.score);
    this.#axis.correct(box.x + box.width / 2, this.#noise(this.box).axis / trust, axisReach);
    // What was looked at in part ends where the look did.
    if (share >= WHOLE) this.#followJumps(box);
    this.#observeEnds(box, trust);
    // The first looks count more than the later ones.
    this.#width += weight * Math.max(widthGain, 1 / this.hits) * (box.width - this.#width);
    this.#weigh(label, score);
  }

  /** Top and foot err apart from each other, and far: each is limited for itself before middle and height are told. */
  #observeEnds(seen: Box, trust: number): void {
    const { y, height } = this.box;
    const { endNoisePx, endNoiseShare, topReach, footReach } = this.#settings;
    const usual = endNoisePx + endNoiseShare * height;
    const ends = [seen.y, seen.y + seen.height];
    const surprises = [ends[0] - y, ends[1] - y - height];
    this.#tremble.look(surprises, usual);
    const deviation = Math.hypot(usual, this.#middle.deviation);
    const [top, foot] = [topReach, footReach].map((reach, i) =>
      Math.max(-reach * deviation, Math.min(reach * deviation, surprises[i])),
    );
    const noise = this.#noise(this.box);
    const share = this.#tremble.share(this.#settings) / trust;
    this.#middle.correct(y + (height + top + foot) / 2, share * noise.middle);
    this.#tall.correct(Math.log(Math.max(1, height + foot - top)), share * noise.tall);
    const now = this.box;
    this.#tremble.keep([ends[0] - now.y, ends[1] - now.y - now.height]);
  }

  #followJumps(seen: Box): void {
    const { y, height } = this.box;
    const { endNoisePx, endNoiseShare, topJump, footJump } = this.#settings;
    const usual = endNoisePx + endNoiseShare * height;
    const top = this.#jumps[0].look(seen.y - y, topJump * usual);
    const foot = this.#jumps[1].look(seen.y + seen.height - y - height, footJump * usual);
    if (top === 0 && foot === 0) return;
    this.#middle.place += (top + foot) / 2;
    this.#tall.place = Math.log(Math.max(1, height + foot - top));
  }

  /** Nothing was there. @param share of its box that was looked at, 0..1 */
  miss(share: number, steps: number): void {
    const { missed, unseen } = this.#settings;
    this.score *= missed ** share * unseen ** ((1 - share) * steps);
  }

  /** Share of the height a step, as far as it is known. @param camera's part of it */
  #growth(camera: number): number {
    const { velocity, speedDeviation } = this.#tall;
    const whole = velocity + camera;
    const known = whole ** 2 / (whole ** 2 + speedDeviation ** 2 + LEAST_GROWTH ** 2);
    return known * Math.min(MOST_GROWTH, Math.max(-MOST_GROWTH, whole));
  }

  #noise({ width, height }: Box): { readonly axis: number; readonly middle: number; readonly tall: number } {
    const { axisNoisePx, axisNoiseWidths, heightNoisePx, heightNoiseShare, tallNoise } = this.#settings;
    const middle = heightNoisePx + heightNoiseShare * height;
    return { axis: axisNoisePx + axisNoiseWidths * width, middle, tall: (tallNoise * middle) / height };
  }

  #weigh(label: string, score: number): void {
    const evidence = this.#evidence;
    for (const name of Object.keys(evidence)) evidence[name] *= EVIDENCE_KEPT;
    evidence[label] = (evidence[label] ?? 0) + score;
    const own = evidence[this.#label];
    if (label === this.#label || evidence[label] < Math.max(LABEL_LEAST, LABEL_MARGIN * own)) return;
    this.labelChanges.push({
      ...{ ageFrames: this.ageFrames, from: this.#label, to: label },
      evidence: { ...evidence },
    });
    this.#label = label;
    this.#settings = trackSettings(label);
  }
}
