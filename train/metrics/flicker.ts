/**
 * How steady the boxes of a clip are, against ground-truth tracks (truth-tracks.ts).
 *
 * - fragments: how often a track's thing goes from found to missed or back, from one of its boxes to the next (Zhang and
 *   Wang, "On the stability of video detection and tracking", 2016);
 * - jitter: standard deviation, along a track, of the found box's centre (both axes together) and height against the
 *   ground truth, the latter as a share of the true height; tracks count by their found boxes;
 * - shake: deviation of the change of these residuals from one frame to the next, over the square root of two: the part of
 *   the jitter that is seen as trembling;
 * - lag: the L that best explains the residuals by the thing's own motion, residual = -L x velocity, least squares
 *   over all found boxes, in frames;
 * - birth: frames from a track's first box to its first found one, mean over the tracks that are found at all.
 *
 * Found: by the label's own IoU. Two methods compare at equal `trackedShare` only (equal-recall.ts).
 */
import type { Box, Detection } from '../../src/result.ts';
import { matchFrame } from './matching.ts';
import { type TruthFrame, type TruthTrack, truthTracks } from './truth-tracks.ts';

/** Null: no track, or none found. */
export interface Flicker {
  tracks: number;
  /** Share of the tracks' boxes that are found. */
  trackedShare: number | null;
  fragmentsPerTrack: number | null;
  fragmentsPer100Frames: number | null;
  centerJitterPx: number | null;
  heightJitterPct: number | null;
  centerShakePx: number | null;
  heightShakePct: number | null;
  lagFrames: number | null;
  birthFrames: number | null;
  /** False alarms a frame. */
  falseAlarms: number;
}

export interface DetectedFrame extends TruthFrame {
  readonly width: number;
  readonly height: number;
  /** Those that are shown. */
  readonly detections: readonly Detection[];
}

/** Of the places of a track. */
export type FoundBoxes = readonly (Box | undefined)[];

/** A track with fewer found boxes says nothing of jitter. */
const LEAST_FOUND = 3;

export function flicker(
  frames: readonly DetectedFrame[],
  label: string,
  tracks: readonly TruthTrack[] = truthTracks(frames, label),
): Flicker {
  const { found, falseAlarms } = foundBoxes(frames, label, tracks);
  return { ...steadiness(tracks, found), falseAlarms: frames.length > 0 ? falseAlarms / frames.length : 0 };
}

/** What was found of each place of each track, and how many detections were of nothing. */
export function foundBoxes(
  frames: readonly DetectedFrame[],
  label: string,
  tracks: readonly TruthTrack[],
): { readonly found: readonly FoundBoxes[]; readonly falseAlarms: number } {
  const found = new Map<Box, Box>();
  let falseAlarms = 0;
  for (const { annotations, width, height, detections } of frames) {
    for (const { truth, box, verdict } of matchFrame({ width, height, annotations }, detections, label)
      .matches) {
      if (truth) found.set(truth, box);
      else if (verdict === 'false alarm') falseAlarms++;
    }
  }
  return { found: tracks.map(({ places }) => places.map(({ box }) => found.get(box))), falseAlarms };
}

/** How the boxes found of each track lie to the truth. */
export function steadiness(
  tracks: readonly TruthTrack[],
  found: readonly FoundBoxes[],
): Omit<Flicker, 'falseAlarms'> {
  const total = {
    boxes: 0,
    found: 0,
    fragments: 0,
    centre: 0,
    height: 0,
    steady: 0,
    shakeCentre: 0,
    shakeHeight: 0,
    shakes: 0,
    rv: 0,
    vv: 0,
    birth: 0,
    born: 0,
  };
  for (const [i, { places }] of tracks.entries()) {
    const boxes = found[i];
    const hits = boxes.filter((box) => box !== undefined).length;
    total.boxes += places.length;
    total.found += hits;
    for (let k = 1; k < boxes.length; k++) if (!boxes[k] !== !boxes[k - 1]) total.fragments++;
    if (hits > 0) {
      total.birth += places[boxes.findIndex((box) => box !== undefined)].frame - places[0].frame;
      total.born++;
    }
    addResiduals(total, places, boxes, hits);
  }
  const per = (value: number, count: number) => (count > 0 ? value / count : null);
  return {
    tracks: tracks.length,
    trackedShare: per(total.found, total.boxes),
    fragmentsPerTrack: per(total.fragments, tracks.length),
    fragmentsPer100Frames: per(100 * total.fragments, total.boxes),
    centerJitterPx: per(total.centre, total.steady),
    heightJitterPct: per(100 * total.height, total.steady),
    centerShakePx: per(total.shakeCentre, total.shakes),
    heightShakePct: per(100 * total.shakeHeight, total.shakes),
    lagFrames: total.vv > 0 ? 0 - total.rv / total.vv : null,
    birthFrames: per(total.birth, total.born),
  };
}

type Residuals = Record<
  'centre' | 'height' | 'steady' | 'shakeCentre' | 'shakeHeight' | 'shakes' | 'rv' | 'vv',
  number
>;

function addResiduals(
  total: Residuals,
  places: TruthTrack['places'],
  boxes: readonly (Box | undefined)[],
  hits: number,
): void {
  const across: number[] = [];
  const down: number[] = [];
  const tall: number[] = [];
  /** Changes of the residuals where both frames are found: centre squared, height squared. */
  let [turns, centreTurn, heightTurn] = [0, 0, 0];
  boxes.forEach((box, i) => {
    if (!box) return;
    const truth = places[i].box;
    const [x, y] = centre(truth);
    const [u, v] = centre(box);
    across.push(u - x);
    down.push(v - y);
    tall.push((box.height - truth.height) / truth.height);
    const at = tall.length - 1;
    if (i > 0 && boxes[i - 1]) {
      turns++;
      centreTurn += (across[at] - across[at - 1]) ** 2 + (down[at] - down[at - 1]) ** 2;
      heightTurn += (tall[at] - tall[at - 1]) ** 2;
    }
    if (i === 0 || i === places.length - 1) return;
    const [before, after] = [places[i - 1], places[i + 1]];
    const [bx, by] = centre(before.box);
    const [ax, ay] = centre(after.box);
    const frames = after.frame - before.frame;
    const [vx, vy] = [(ax - bx) / frames, (ay - by) / frames];
    total.rv += (u - x) * vx + (v - y) * vy;
    total.vv += vx * vx + vy * vy;
  });
  if (hits < LEAST_FOUND) return;
  total.steady += hits;
  total.centre += hits * Math.sqrt(variance(across) + variance(down));
  total.height += hits * Math.sqrt(variance(tall));
  if (turns === 0) return;
  total.shakes += hits;
  total.shakeCentre += hits * Math.sqrt(centreTurn / turns / 2);
  total.shakeHeight += hits * Math.sqrt(heightTurn / turns / 2);
}

function centre({ x, y, width, height }: Box): [number, number] {
  return [x + width / 2, y + height / 2];
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
