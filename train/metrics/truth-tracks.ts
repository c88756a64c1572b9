/**
 * Ground-truth tracks: boxes of one `track_id`, or, where a set has none, boxes linked by overlap. Only boxes that count
 * are in a track; a gap (hidden, ignored) of more than MOST_GAP frames ends it. Short tracks are left out.
 */
import { boxIou } from '../../src/boxes.ts';
import type { Box } from '../../src/result.ts';
import type { Annotation } from '../data/dataset.ts';
import { widened } from './boxes.ts';
import { labelRules } from './rules.ts';

export const LINK_IOU = 0.3;
export const MOST_GAP = 3;
export const LEAST_LENGTH = 10;

/** What is known of one frame of a sequence; frames of a sequence follow each other. */
export interface TruthFrame {
  readonly sequence: string;
  readonly annotations: readonly Annotation[];
}

export interface TruthTrack {
  /** Falling frames never; `frame` counts the frames given, of all sequences together. */
  readonly places: readonly { readonly frame: number; readonly box: Box }[];
}

interface Open {
  readonly trackId: number | undefined;
  readonly places: { frame: number; box: Box }[];
}

/** Boxes are the very objects that the label's rules score, so that matches can be told by identity. */
export function truthTracks(frames: readonly TruthFrame[], label: string): TruthTrack[] {
  const { box: boxOf, minWidthPx } = labelRules(label);
  const done: Open[] = [];
  let open: Open[] = [];
  frames.forEach(({ sequence, annotations }, frame) => {
    const begins = frame === 0 || frames[frame - 1].sequence !== sequence;
    const still = open.filter(
      ({ places }) => !begins && frame - places[places.length - 1].frame <= MOST_GAP + 1,
    );
    done.push(...open.filter((track) => !still.includes(track)));
    open = still;
    const taken = new Set<Open>();
    for (const annotation of annotations) {
      if (annotation.label !== label || annotation.ignore) continue;
      const box = boxOf(annotation);
      const { trackId } = annotation;
      let best: Open | undefined;
      let bestIou = LINK_IOU;
      for (const track of open) {
        if (taken.has(track) || track.trackId !== trackId) continue;
        const last = track.places[track.places.length - 1].box;
        const iou = boxIou(widened(last, minWidthPx), widened(box, minWidthPx));
        if (trackId !== undefined) best = track;
        else if (iou >= bestIou) [best, bestIou] = [track, iou];
      }
      if (best) best.places.push({ frame, box });
      else open.push((best = { trackId, places: [{ frame, box }] }));
      taken.add(best);
    }
  });
  return [...done, ...open].filter(({ places }) => places.length >= LEAST_LENGTH);
}
