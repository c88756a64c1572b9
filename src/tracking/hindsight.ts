/**
 * A track as it was a frame ago, with what is known now: smoothing with a lag of one frame. Whoever can wait for one frame
 * has boxes that lie and last better (docs/experiments/saccades.md). Pure.
 */
import { type Affine, inverse } from '../attention/affine.ts';
import type { Box } from '../result.ts';
import type { ShownTrack, Track } from './track.ts';

/** @param camera where the px of then are now @param lookedAt the share of a box that was looked at then, 0..1 */
export function trackBefore(track: Track, camera: Affine, lookedAt: (box: Box) => number): ShownTrack {
  const { id, label, score, labelChanges, boxBefore } = track;
  if (boxBefore) return { id, label, score, labelChanges, box: boxBefore, ageFrames: track.ageFrames - 1 };
  const box = movedBox(track.box, inverse(camera));
  const unseen = track.settings.missed ** lookedAt(box);
  return { id, label, score: score * unseen, labelChanges, box, ageFrames: 0 };
}

/** The box about where its middle goes, as much larger as all is there. */
function movedBox({ x, y, width, height }: Box, map: Affine): Box {
  const scale = Math.sqrt(Math.abs(map.xx * map.yy - map.xy * map.yx));
  const [middleX, middleY] = [x + width / 2, y + height / 2];
  return {
    x: map.xx * middleX + map.xy * middleY + map.x - (scale * width) / 2,
    y: map.yx * middleX + map.yy * middleY + map.y - (scale * height) / 2,
    width: scale * width,
    height: scale * height,
  };
}
