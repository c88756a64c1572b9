/**
 * Tracks against single-frame detection at equal recall: the single frame's is that of the model's own thresholds, and the
 * threshold at which tracks come up is moved until as many boxes of the same ground-truth tracks are found.
 */
import type { Detection } from '../../src/result.ts';
import { Hysteresis } from '../../src/tracking/hysteresis.ts';
import { type DetectedFrame, type Flicker, flicker, foundBoxes } from './flicker.ts';
import { steadiest } from './known-motion.ts';
import { truthTracks } from './truth-tracks.ts';

/** A frame of a clip as both saw it, with everything from LEAST_SCORE on. */
export interface VideoFrameRecord extends Omit<DetectedFrame, 'detections'> {
  /** With trackId. */
  readonly tracked: readonly Detection[];
  readonly single: readonly Detection[];
  /** The tracks as the next frame showed them; of the last of a clip as `tracked`. */
  readonly hindsight: readonly Detection[];
}

export interface FlickerComparison {
  readonly tracked: Flicker;
  readonly hindsight: Flicker;
  readonly single: Flicker;
  /** Jitter of the single frames' boxes where a filter knows the true motion (known-motion.ts). */
  readonly knownMotion: Pick<Flicker, 'centerJitterPx' | 'heightJitterPct'>;
  /** The threshold of the tracks, over the model's own. */
  readonly thresholdShare: number;
}

/** Recalls that differ by no more are equal. */
const EQUAL = 0.01;
const HALVINGS = 14;

export function compareFlicker(
  frames: readonly VideoFrameRecord[],
  label: string,
  threshold: number,
): FlickerComparison {
  const tracks = truthTracks(frames, label);
  const alone = frames.map((frame) => ({
    ...frame,
    detections: frame.single.filter((detection) => detection.label === label && detection.score >= threshold),
  }));
  const single = flicker(alone, label, tracks);
  const knownMotion = steadiest(tracks, foundBoxes(alone, label, tracks).found);
  const wanted = single.trackedShare ?? 0;
  const equal = (of: (frame: VideoFrameRecord) => readonly Detection[]) => {
    const flickerAt = (share: number) =>
      flicker(shownFrames(frames, label, share * threshold, of), label, tracks);
    return atRecall(wanted, flickerAt, 1 / threshold);
  };
  const { flicker: tracked, share } = equal((frame) => frame.tracked);
  const { flicker: hindsight } = equal((frame) => frame.hindsight);
  return { tracked, hindsight, single, knownMotion, thresholdShare: share };
}

/** The share of the threshold at which about as many boxes are found as wanted, by halving. */
function atRecall(
  wanted: number,
  flickerAt: (share: number) => Flicker,
  most: number,
): { share: number; flicker: Flicker } {
  let [low, high] = [0.01, most];
  let best = { share: 1, flicker: flickerAt(1) };
  const off = ({ trackedShare }: Flicker) => Math.abs((trackedShare ?? 0) - wanted);
  for (let i = 0; i < HALVINGS && off(best.flicker) > EQUAL / 4; i++) {
    const share = Math.sqrt(low * high);
    const tried = flickerAt(share);
    if (off(tried) < off(best.flicker)) best = { share, flicker: tried };
    if ((tried.trackedShare ?? 0) > wanted) low = share;
    else high = share;
  }
  return best;
}

/** What is shown of one label's tracks, frame by frame, where they come up at this score. */
export function shownFrames(
  frames: readonly VideoFrameRecord[],
  label: string,
  threshold: number,
  of: (frame: VideoFrameRecord) => readonly Detection[] = ({ tracked }) => tracked,
): DetectedFrame[] {
  let hysteresis = new Hysteresis();
  return frames.map((frame, i) => {
    if (i > 0 && frames[i - 1].sequence !== frame.sequence) hysteresis = new Hysteresis();
    const own = of(frame)
      .filter((detection) => detection.label === label)
      .map((detection) => ({ ...detection, id: detection.trackId ?? -1 }));
    return { ...frame, detections: hysteresis.show(own, () => threshold) };
  });
}
