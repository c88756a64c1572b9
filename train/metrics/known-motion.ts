/**
 * How steady boxes could be: what is left of the single frames' jitter by a filter that is told how each thing truly moves,
 * and only averages what its boxes say. The motion told is that of the true box's edges, each a line over the boxes about: what
 * a camera and a walk do, not limbs that swing or a foot that a car hides. A tracker that averages boxes does no better.
 */
import type { Box } from '../../src/result.ts';
import { type Flicker, type FoundBoxes, steadiness } from './flicker.ts';
import type { TruthTrack } from './truth-tracks.ts';

type Places = TruthTrack['places'];

/** Boxes before and after that a line goes through. */
const REACH = 4;
/** Shares of the way to a new box that are tried. */
const GAINS = [0.1, 0.15, 0.2, 0.3, 0.45, 0.6, 1] as const;

/** @param boxes what was found of each place @returns the same, filtered; the first boxes count more than the later ones */
export function withKnownMotion(places: Places, boxes: FoundBoxes, gain: number): FoundBoxes {
  const paths = [0, 1, 2, 3].map((edge) => smoothed(places, edge));
  let now: number[] = [];
  let seen = 0;
  return boxes.map((box, i) => {
    now = now.map((value, edge) => value + paths[edge][i] - paths[edge][i - 1]);
    if (!box) return undefined;
    const share = Math.max(gain, 1 / ++seen);
    now = edges(box).map((value, edge) => (seen === 1 ? value : now[edge] + share * (value - now[edge])));
    const [x, y, right, foot] = now;
    return { x, y, width: right - x, height: foot - y };
  });
}

/** The least jitter by any of the gains. @param found of each place of each track */
export function steadiest(
  tracks: readonly TruthTrack[],
  found: readonly FoundBoxes[],
): Pick<Flicker, 'centerJitterPx' | 'heightJitterPct'> {
  const tried = GAINS.map((gain) =>
    steadiness(
      tracks,
      tracks.map(({ places }, i) => withKnownMotion(places, found[i], gain)),
    ),
  );
  const least = (key: 'centerJitterPx' | 'heightJitterPct') => {
    const values = tried.flatMap((own) => own[key] ?? []);
    return values.length > 0 ? Math.min(...values) : null;
  };
  return { centerJitterPx: least('centerJitterPx'), heightJitterPct: least('heightJitterPct') };
}

function edges({ x, y, width, height }: Box): number[] {
  return [x, y, x + width, y + height];
}

/** An edge at every place: a line by least squares through it and its neighbours, read there. */
function smoothed(places: Places, edge: number): number[] {
  return places.map(({ frame }, i) => {
    let [count, t, tt, v, tv] = [0, 0, 0, 0, 0];
    for (const near of places.slice(Math.max(0, i - REACH), i + REACH + 1)) {
      const [at, value] = [near.frame - frame, edges(near.box)[edge]];
      count++;
      t += at;
      tt += at * at;
      v += value;
      tv += at * value;
    }
    const whole = count * tt - t * t;
    return whole > 0 ? (tt * v - t * tv) / whole : v / count;
  });
}
