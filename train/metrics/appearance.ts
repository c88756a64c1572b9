/**
 * Sudden appearance (`scenes --appear`): of the person who steps out, the first frame with LEAST_PIXELS visible, and
 * whether half of the visible mask in its box lies in attended blocks in that frame or one of the next two.
 */

import { type DatasetImage, MASK_IGNORE, MASK_PERSON } from '../data/dataset.ts';
import { attendedPixels } from './attention-counts.ts';
import { pixelRange } from './boxes.ts';
import type { FrameTruth } from './rules.ts';

export const LEAST_PIXELS = 60;
export const WITHIN_FRAMES = 2;
const SHARE = 0.5;

export interface AppearanceFigures {
  /** In which the person came to show LEAST_PIXELS and three frames follow or lie in the clip. */
  readonly clips: number;
  readonly attended: number;
  readonly share: number | null;
  /** Frames from the first one to the attended one, mean over those that were attended. */
  readonly meanFrames: number | null;
}

/**
 * The track of the person who steps out, by sequence: the one with the last number, as `scenes --appear` gives it. Clips
 * in which nobody comes out (the street, or a car, is in the way) have none: there the last number is a pole's, or
 * somebody's who was there from the first frame on.
 */
export function appearingTracks(
  images: readonly Pick<DatasetImage, 'sequence' | 'annotations'>[],
): Map<string, number> {
  const last = new Map<string, { track: number; label: string; fromTheFirst: boolean }>();
  const begun = new Set<string>();
  for (const { sequence, annotations } of images) {
    const fromTheFirst = !begun.has(sequence);
    begun.add(sequence);
    for (const { trackId: track = -1, label } of annotations)
      if (track > (last.get(sequence)?.track ?? -1)) last.set(sequence, { track, label, fromTheFirst });
  }
  return new Map(
    [...last].flatMap(([sequence, { track, label, fromTheFirst }]) =>
      label === 'person' && !fromTheFirst ? [[sequence, track] as const] : [],
    ),
  );
}

/** The frames that tell: of every clip with an appearing track, up to WITHIN_FRAMES after its first LEAST_PIXELS. */
export function appearanceImages(
  images: readonly DatasetImage[],
  tracks: ReadonlyMap<string, number>,
): DatasetImage[] {
  const since = new Map<string, number>();
  return images.filter(({ sequence, annotations }) => {
    const track = tracks.get(sequence);
    if (track === undefined) return false;
    const own = annotations.find(({ trackId }) => trackId === track);
    const before = since.get(sequence);
    if (own && (before !== undefined || (own.area ?? 0) >= LEAST_PIXELS))
      since.set(sequence, (before ?? -1) + 1);
    return (before ?? -1) < WITHIN_FRAMES;
  });
}

interface Clip {
  since: number;
  attendedAfter: number | null;
}

export class AppearanceTally {
  readonly #clips = new Map<string, Clip>();

  /** Frames of a clip in their order. @param gates with their columns, @param blockPx in px of the frame */
  add(
    sequence: string,
    truth: FrameTruth,
    gates: Uint8Array,
    columns: number,
    blockPx: number,
    track: number,
  ): void {
    const own = truth.annotations.find(({ trackId }) => trackId === track);
    if (!own || !truth.mask) return;
    const { width, height } = truth;
    const rows = gates.length / columns;
    const attended = attendedPixels(
      { columns, rows, blockWidth: blockPx, blockHeight: blockPx, gates },
      width,
      height,
    );
    const { x0, y0, x1, y1 } = pixelRange(own.box, width, height);
    let [pixels, seen] = [0, 0];
    for (let y = y0; y < y1; y++) {
      for (let i = y * width + x0; i < y * width + x1; i++) {
        const value = truth.mask.data[i];
        if (value !== MASK_PERSON && value !== MASK_IGNORE) continue;
        pixels++;
        seen += attended[i];
      }
    }
    const clip = this.#clips.get(sequence);
    if (!clip && (own.area ?? pixels) < LEAST_PIXELS) return;
    const now = clip ?? { since: -1, attendedAfter: null };
    now.since++;
    if (now.attendedAfter === null && pixels > 0 && seen >= SHARE * pixels) now.attendedAfter = now.since;
    this.#clips.set(sequence, now);
  }

  figures(): AppearanceFigures {
    const clips = [...this.#clips.values()].filter(({ since }) => since >= WITHIN_FRAMES);
    const after = clips.flatMap(({ attendedAfter: a }) => (a !== null && a <= WITHIN_FRAMES ? [a] : []));
    return {
      clips: clips.length,
      attended: after.length,
      share: clips.length > 0 ? after.length / clips.length : null,
      meanFrames: after.length > 0 ? after.reduce((sum, a) => sum + a, 0) / after.length : null,
    };
  }
}
