/** Between a session and the state of a stream: what the state sees of a frame, and its outcome as part of a result. */
import { GREY_SCALE, type GreyPicture, greyPicture } from '../attention/grey.ts';
import type { SourceFrame } from '../backends/backend.ts';
import type { DecodedDetection } from '../detection/decode.ts';
import type { Size } from '../network/geometry.ts';
import type { Box, Detection, Result } from '../result.ts';
import type { ShownTrack } from '../tracking/track.ts';
import { FrameReader } from './read-frame.ts';
import { resizeArea } from './resize.ts';
import type { StreamOutcome } from './stream-state.ts';
import { boxInFrame } from './working-size.ts';

/** Grey pictures, smaller than the frame; of those that stay on the GPU drawn small on a canvas, never read at full size. */
export class GreyReader {
  readonly #reader = new FrameReader();

  /** @param frame upright @param scale working px a px of the picture */
  read(frame: SourceFrame, working: Size, scale = GREY_SCALE): GreyPicture {
    if ('data' in frame) return greyPicture(resizeArea(frame, working), scale);
    const size = {
      width: Math.max(1, Math.floor(working.width / scale)),
      height: Math.max(1, Math.floor(working.height / scale)),
    };
    return greyPicture(this.#reader.read(frame, size), 1);
  }

  release(): void {
    this.#reader.release();
  }
}

/** Tracks as detections, working px, cut off at the frame; falling score. */
export function trackedDetections(
  tracks: readonly ShownTrack[],
  working: Size,
  maxDetections: number,
): (DecodedDetection &
  Required<Pick<Detection, 'trackId' | 'ageFrames'>> &
  Pick<Detection, 'labelChanges'>)[] {
  return tracks.slice(0, maxDetections).flatMap(({ id, ageFrames, label, score, box, labelChanges }) => {
    const cut = boxInFrame(box, working, working);
    if (!cut) return [];
    const changes = labelChanges.length > 0 ? { labelChanges: labelChanges.slice() } : {};
    return [{ label, score, box: cut, trackId: id, ageFrames, ...changes }];
  });
}

/** `decoded` in px of the frame given. */
export function detectionsInFrame(
  decoded: readonly DecodedDetection[],
  working: Size,
  frame: Size,
): Detection[] {
  return decoded.flatMap((detection) => {
    const box = boxInFrame(detection.box, working, frame);
    return box ? [{ ...detection, box }] : [];
  });
}

/** All of a result that a stream adds, in px of the frame given. */
export function streamFields(
  { alerts, scanPath, hindsight }: StreamOutcome,
  working: Size,
  frame: Size,
  maxDetections: number,
): Pick<Result, 'alerts' | 'scanPath' | 'hindsight'> {
  const before = hindsight && {
    timestampMs: hindsight.timestampMs,
    detections: detectionsInFrame(
      trackedDetections(hindsight.tracks, working, maxDetections),
      working,
      frame,
    ),
  };
  return {
    ...(before ? { hindsight: before } : {}),
    alerts: alerts.flatMap(({ kind, box, strength }) => {
      const mapped = boxInFrame(box, working, frame);
      return mapped ? [{ kind, box: mapped, strength }] : [];
    }),
    scanPath: scanPath.map(({ x, y, timestampMs }) => ({
      x: (x * frame.width) / working.width,
      y: (y * frame.height) / working.height,
      timestampMs,
    })),
  };
}

/** A box of the frame in working px: the way back of `boxInFrame`. */
export function boxInWorking({ x, y, width, height }: Box, working: Size, frame: Size): Box {
  const across = working.width / frame.width;
  const down = working.height / frame.height;
  return { x: x * across, y: y * down, width: width * across, height: height * down };
}
