/**
 * How far what is in a box went between two frames, seen on the grey pictures: the box's own motion, whatever its depth,
 * also where the detail network does not look. Pure; some microseconds a box.
 */
import type { Box } from '../result.ts';
import { FINE_SCALE, GREY_SCALE, type GreyPicture, type GreyPictures } from './grey.ts';
import { difference, vertex } from './patch.ts';
import { register } from './registration.ts';

/** Working px since the last frame, and how far off that may be: a shaft does not tell how far it went along itself. */
export interface BoxMotion {
  readonly x: number;
  readonly y: number;
  readonly deviationX: number;
  readonly deviationY: number;
}

/** How far it may have gone, working px. */
export interface MotionGuess {
  readonly x: number;
  readonly y: number;
  /** How many times larger it became. */
  readonly scale: number;
  /** Whether it is worth a look at the finer picture. */
  readonly closely: boolean;
}

/** Search about the guess, grey px. */
const REACH = 2;
/** Surround of the box that is compared with it, grey px. */
const RIM = 1;
/** Deviation of a clear answer, working px, and what is added where a px further is hardly worse (grey levels). */
const CLEAR_PX = 3;
const VAGUE = 15;
/** Surround of the box on the finer picture, its px: the sides are in it, what lies above and below hardly. */
const FINE_RIM_X = 1.5;
const FINE_RIM_Y = 0.5;
/**
 * Deviation on the finer picture: times what the grey levels' noise leaves, and least, working px. Limbs swing, and
 * what is behind goes another way: across, that is more.
 */
const FINE_DOUBT = 9;
const FINE_LEAST_X = 4.4;
const FINE_LEAST_Y = 0.9;

/** @returns null where nothing is to be seen of it */
export function boxMotion(
  last: GreyPictures,
  now: GreyPictures,
  box: Box,
  guess: MotionGuess,
): BoxMotion | null {
  const coarse = searchedMotion(last.grey, now.grey, box, guess);
  if (!guess.closely || !last.fine || !now.fine) return coarse;
  const { x, y } = coarse ?? guess;
  const found = register(
    last.fine,
    now.fine,
    {
      ...{ x: box.x / FINE_SCALE - FINE_RIM_X, y: box.y / FINE_SCALE - FINE_RIM_Y },
      ...{ width: box.width / FINE_SCALE + 2 * FINE_RIM_X, height: box.height / FINE_SCALE + 2 * FINE_RIM_Y },
    },
    { x: x / FINE_SCALE, y: y / FINE_SCALE, scale: guess.scale },
  );
  if (!found) return coarse;
  return {
    ...{ x: found.x * FINE_SCALE, y: found.y * FINE_SCALE },
    deviationX: Math.hypot(FINE_DOUBT * found.deviationX * FINE_SCALE, FINE_LEAST_X),
    deviationY: Math.hypot(FINE_DOUBT * found.deviationY * FINE_SCALE, FINE_LEAST_Y),
  };
}

/** On the grey picture alone, by search about the guess. */
function searchedMotion(
  last: GreyPicture,
  now: GreyPicture,
  box: Box,
  guess: { readonly x: number; readonly y: number },
): BoxMotion | null {
  const x = Math.max(0, Math.round(box.x / GREY_SCALE) - RIM);
  const y = Math.max(0, Math.round(box.y / GREY_SCALE) - RIM);
  const width = Math.min(last.width, Math.round((box.x + box.width) / GREY_SCALE) + RIM) - x;
  const height = Math.min(last.height, Math.round((box.y + box.height) / GREY_SCALE) + RIM) - y;
  if (width < 2 || height < 2) return null;
  const patch = { x, y, width, height };
  const guessX = x + Math.round(guess.x / GREY_SCALE);
  const guessY = y + Math.round(guess.y / GREY_SCALE);
  let best = Infinity;
  let u = 0;
  let v = 0;
  for (let j = guessY - REACH; j <= guessY + REACH; j++) {
    for (let i = guessX - REACH; i <= guessX + REACH; i++) {
      const sum = difference(last, patch, now, i, j, best);
      if (sum < best) [best, u, v] = [sum, i, j];
    }
  }
  if (best === Infinity) return null;
  const at = (i: number, j: number) => difference(last, patch, now, i, j);
  const [left, right, above, below] = [at(u - 1, v), at(u + 1, v), at(u, v - 1), at(u, v + 1)];
  const deviation = (before: number, after: number, rim: boolean) => {
    const bend = Math.min(before, after) - best;
    return rim || !(bend < Infinity) ? Infinity : CLEAR_PX + VAGUE / (bend / (width * height) + 0.1);
  };
  return {
    x: (u - x + vertex(left, best, right)) * GREY_SCALE,
    y: (v - y + vertex(above, best, below)) * GREY_SCALE,
    deviationX: deviation(left, right, Math.abs(u - guessX) === REACH),
    deviationY: deviation(above, below, Math.abs(v - guessY) === REACH),
  };
}
