/**
 * How high a person is whose feet are in a given row: height = growth * (foot - horizon), px, on flat ground. The
 * growth (a person's height over the camera's) is one of a set, the horizon one of a picture.
 */
import { PERSON_LABEL, type TruePicture } from './instances.ts';

export interface Perspective {
  readonly horizon: number;
  readonly growth: number;
}

/** A car's or a pedestrian's camera sees people between these. */
const GROWTH_RANGE = [0.85, 1.45] as const;
/** A sequence's horizon counts like so many people of the picture itself. */
const SEQUENCE_WEIGHT = 2;
/** Of a set without sequences: every picture has a camera of its own. */
const LONE_WEIGHT = 0.3;
/** Of the height, where a set has no people at all. */
const USUAL: Perspective = { horizon: 0.54, growth: 1.15 };

interface Stand {
  readonly foot: number;
  readonly height: number;
}

/** A perspective for each of a set's pictures. */
export function fitPerspectives(pictures: readonly TruePicture[]): Perspective[] {
  const stands = pictures.map(({ objects }) =>
    objects
      .filter(({ label }) => label === PERSON_LABEL)
      .map(({ box }): Stand => ({ foot: box.y + box.height, height: box.height })),
  );
  const sequences = new Map<string, Stand[]>();
  pictures.forEach(({ sequence = '' }, i) => {
    sequences.set(sequence, [...(sequences.get(sequence) ?? []), ...stands[i]]);
  });
  const growth = commonSlope([...sequences.values()]);
  const horizonOf = ({ foot, height }: Stand) => foot - height / growth;
  const horizons = new Map([...sequences].map(([name, list]) => [name, median(list.map(horizonOf))]));
  const overall = median([...horizons.values()].filter(Number.isFinite));
  return pictures.map(({ sequence = '', height }, i) => {
    const known = [horizons.get(sequence), overall, USUAL.horizon * height].find(Number.isFinite) ?? 0;
    const weight = sequence ? SEQUENCE_WEIGHT : LONE_WEIGHT;
    const own = stands[i].map(horizonOf);
    const sum = own.reduce((a, b) => a + b, known * weight);
    return { horizon: sum / (own.length + weight), growth };
  });
}

/** Least squares of height on foot, each group about its own mean. */
function commonSlope(groups: readonly Stand[][]): number {
  let [cross, square] = [0, 0];
  for (const group of groups) {
    const foot = group.reduce((sum, stand) => sum + stand.foot, 0) / group.length;
    const height = group.reduce((sum, stand) => sum + stand.height, 0) / group.length;
    for (const stand of group) {
      cross += (stand.foot - foot) * (stand.height - height);
      square += (stand.foot - foot) ** 2;
    }
  }
  const slope = square > 0 ? cross / square : USUAL.growth;
  return Math.min(GROWTH_RANGE[1], Math.max(GROWTH_RANGE[0], slope));
}

/** NaN of an empty list. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : Number.NaN;
}

export function personHeight({ horizon, growth }: Perspective, foot: number): number {
  return growth * (foot - horizon);
}

export function footRow({ horizon, growth }: Perspective, height: number): number {
  return horizon + height / growth;
}
