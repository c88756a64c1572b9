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
}

export interface FlickerComparison {
  readonly tracked: Flicker;
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
  const at = (share: number) => flicker(shownFrames(frames, label, share * threshold), label, tracks);
  const wanted = single.trackedShare ?? 0;
  let [low, high] = [0.01, 1 / threshold];
  let best = { share: 1, tracked: at(1) };
  const off = ({ trackedShare }: Flicker) => Math.abs((trackedShare ?? 0) - wanted);
  for (let i = 0; i < HALVINGS && off(best.tracked) > EQUAL / 4; i++) {
    const share = Math.sqrt(low * high);
    const tracked = at(share);
    if (off(tracked) < off(best.tracked)) best = { share, tracked };
    if ((tracked.trackedShare ?? 0) > wanted) low = share;
    else high = share;
  }
  return { tracked: best.tracked, single, knownMotion, thresholdShare: best.share };
}

/** What is shown of one label's tracks, frame by frame, where they come up at this score. */
export function shownFrames(
  frames: readonly VideoFrameRecord[],
  label: string,
  threshold: number,
): DetectedFrame[] {
  let hysteresis = new Hysteresis();
  return frames.map((frame, i) => {
    if (i > 0 && frames[i - 1].sequence !== frame.sequence) hysteresis = new Hysteresis();
    const own = frame.tracked
      .filter((detection) => detection.label === label)
      .map((detection) => ({ ...detection, id: detection.trackId ?? -1 }));
    return { ...frame, detections: hysteresis.show(own, () => threshold) };
  });
}
