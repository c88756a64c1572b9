/**
 * Tracks of all things in a stream. One call of `predict` and one of `update` a frame. Pure but for its own state,
 * deterministic. Association is greedy, overlap and scores first, own label first; what is left over may be a live track
 * under another name (track.ts), else it is a new track. No result waits for a later frame; what a frame says of the one
 * before it is in `hindsight`.
 */
import { type Affine, STILL } from '../attention/affine.ts';
import { shareInside } from '../boxes.ts';
import type { Box } from '../result.ts';
import { trackBefore } from './hindsight.ts';
import { trackSettings } from './settings.ts';
import { similarity } from './similarity.ts';
import { type MotionOf, type Observation, type ShownTrack, Track, WHOLE } from './track.ts';

/** A track of another name is the same thing from this overlap on. */
const OTHER_NAME_IOU = 0.5;
/** What an observation under another name weighs for the box. */
const OTHER_NAME_WEIGHT = 0.5;
/** A track with less score is at its end. */
const LEAST_SCORE = 0.005;
/** Two tracks that overlap so much are one; the better stays. */
const REPEAT_IOU = 0.5;
/** From this overlap on the surer pair goes first. */
const GOOD = 0.5;
const PART_INSIDE = 0.7;

export interface TrackerOptions {
  readonly maxTracks: number;
  /** Numbers for new tracks. */
  readonly nextId: () => number;
}

export class Tracker {
  readonly #options: TrackerOptions;
  #tracks: Track[] = [];
  #steps = 1;
  #camera: Affine = STILL;

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  /** All that live, shown or not, falling score after `update`. */
  get tracks(): readonly Track[] {
    return this.#tracks;
  }

  /** To the time of a new frame: `Track.predict` of all. */
  predict(camera: Affine, steps: number, motionOf?: MotionOf): void {
    this.#steps = steps;
    this.#camera = camera;
    for (const track of this.#tracks) track.predict(camera, steps, motionOf);
  }

  /** @param lookedAt the share of a box that lies in attended blocks, 0..1 */
  update(observations: readonly Observation[], lookedAt: (box: Box) => number): void {
    const seen = new Map(this.#tracks.map((track) => [track, lookedAt(track.box)]));
    const [open, free] = this.#match(observations, seen);
    const left = this.#matchOtherNames(observations, open, free).filter(
      (i) => !this.#isPart(observations[i], seen),
    );
    for (const track of free) track.miss(seen.get(track) ?? 0, this.#steps);
    for (const i of left) this.#tracks.push(new Track(this.#options.nextId(), observations[i]));
    this.#prune(free);
  }

  /**
   * After `update`: all that live, as they were a frame ago, falling score. What was seen now corrects where they were, and has their scores
   * and names; one that is born now was there already, less likely where its place was looked at.
   * @param lookedAt the share of a box that lay in attended blocks then, 0..1
   */
  hindsight(lookedAt: (box: Box) => number): ShownTrack[] {
    return this.#tracks
      .map((track) => trackBefore(track, this.#camera, lookedAt))
      .sort((a, b) => b.score - a.score || a.id - b.id);
  }

  /** Own names. @returns observations and tracks that are left over */
  #match(observations: readonly Observation[], seen: ReadonlyMap<Track, number>): [Set<number>, Set<Track>] {
    const open = new Set(observations.keys());
    const free = new Set(this.#tracks);
    const pairs: { i: number; track: Track; value: number }[] = [];
    for (const track of this.#tracks) {
      const { box, settings, label } = track;
      observations.forEach((observation, i) => {
        if (observation.label !== label) return;
        const alike = similarity(box, observation.box, settings, track.uncertaintyPx);
        // Of good overlaps the surer track and the surer box belong together: beside most things lies a weak repeat.
        if (alike > 0)
          pairs.push({ i, track, value: Math.min(alike, GOOD) + Math.min(track.score, observation.score) });
      });
    }
    pairs.sort((a, b) => b.value - a.value || a.i - b.i || a.track.id - b.track.id);
    for (const { i, track } of pairs) {
      if (!open.has(i) || !free.has(track)) continue;
      open.delete(i);
      free.delete(track);
      track.observe(observations[i], seen.get(track));
    }
    return [open, free];
  }

  /** Of a thing that was looked at in part, the part that was seen may look like a thing of its own. */
  #isPart({ label, box }: Observation, seen: ReadonlyMap<Track, number>): boolean {
    for (const [track, share] of seen) {
      if (track.label !== label || share > WHOLE) continue;
      if (shareInside(box, track.box) >= PART_INSIDE) return true;
    }
    return false;
  }

  #matchOtherNames(
    observations: readonly Observation[],
    open: ReadonlySet<number>,
    free: Set<Track>,
  ): number[] {
    return [...open].filter((i) => {
      const observation = observations[i];
      for (const track of free) {
        if (track.label === observation.label || observation.score < track.score / 2) continue;
        if (similarity(track.box, observation.box, BARE, 0) < OTHER_NAME_IOU) continue;
        free.delete(track);
        track.observe(observation, OTHER_NAME_WEIGHT);
        return false;
      }
      return true;
    });
  }

  #prune(missed: ReadonlySet<Track>): void {
    const { maxTracks } = this.#options;
    const kept: Track[] = [];
    const sorted = this.#tracks.sort((a, b) => b.score - a.score || a.id - b.id);
    for (const track of sorted) {
      const { label, score, coasted, settings, box } = track;
      if (coasted > settings.maxCoast || score < LEAST_SCORE) continue;
      const repeats = (other: Track) =>
        other.label === label &&
        (missed.has(track) || missed.has(other)) &&
        similarity(other.box, box, settings, 0) >= REPEAT_IOU;
      if (kept.some(repeats)) continue;
      kept.push(track);
      if (kept.length === maxTracks) break;
    }
    this.#tracks = kept;
  }
}

const BARE = { ...trackSettings('other'), matchIou: OTHER_NAME_IOU, axisWidths: 0 };
