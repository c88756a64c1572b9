/**
 * How the camera moved between two frames: patches of the last frame are found again in this one (least sum of absolute
 * differences), and one affine map is fitted to where they went, so that things that move by themselves count little
 * (iteratively reweighted least squares with Geman and McClure's weights). Pure; about 1 ms at 120 x 90 px.
 */
import { type Affine, STILL } from './affine.ts';
import { GREY_SCALE, type GreyPicture } from './grey.ts';
import { difference, vertex } from './patch.ts';

/** Side of a patch and distance of patches, grey px. */
const PATCH = 8;
/** Search about the guess, grey px. */
const REACH = 4;
/** Patches with less mean |gradient| say nothing. */
const LEAST_TEXTURE = 3;
/** Fewer patches tell no affine map. */
const LEAST_PATCHES = 8;
/** Residuals of this many working px count half; from wide to narrow. */
const WIDTHS_PX = [16, 8, 4, 3, 2, 2] as const;
/** A map that scales or shears by more in one frame is none. */
const MOST_CHANGE = 0.25;

/** The camera stands where this share of the patches stayed, and not so many times more go with the map. */
const STANDING_SHARE = 0.55;
const STANDING_PX = 0.7;
const AGREEING_PX = 3;
const MORE_AGREEING = 1.5;

/** Where a point went: [x, y, x', y'], working px. */
type Pair = readonly [number, number, number, number];

/** @param guess the map between the frames before, where the search begins */
export function cameraMotion(last: GreyPicture, now: GreyPicture, guess: Affine): Affine {
  const pairs: Pair[] = [];
  for (let y = 0; y + PATCH <= last.height; y += PATCH) {
    for (let x = 0; x + PATCH <= last.width; x += PATCH) {
      const pair = findPatch(last, now, x, y, guess);
      if (pair) pairs.push(pair);
    }
  }
  const map = fitAffine(pairs);
  return map && !isStanding(pairs, map) ? map : STILL;
}

/** On bare ground a car that passes may have most of the texture: what stands still has a say beyond its number. */
function isStanding(pairs: readonly Pair[], map: Affine): boolean {
  let [standing, agreeing] = [0, 0];
  for (const [x, y, u, v] of pairs) {
    if (Math.hypot(u - x, v - y) < STANDING_PX) standing++;
    if (Math.hypot(u - map.xx * x - map.xy * y - map.x, v - map.yx * x - map.yy * y - map.y) < AGREEING_PX)
      agreeing++;
  }
  return standing >= STANDING_SHARE * pairs.length && MORE_AGREEING * standing >= agreeing;
}

function findPatch(last: GreyPicture, now: GreyPicture, x: number, y: number, guess: Affine): Pair | null {
  if (texture(last, x, y) < LEAST_TEXTURE) return null;
  const centreX = (x + PATCH / 2) * GREY_SCALE;
  const centreY = (y + PATCH / 2) * GREY_SCALE;
  const atX = Math.round(x + (guess.x + (guess.xx - 1) * centreX + guess.xy * centreY) / GREY_SCALE);
  const atY = Math.round(y + (guess.y + guess.yx * centreX + (guess.yy - 1) * centreY) / GREY_SCALE);
  const patch = { x, y, width: PATCH, height: PATCH };
  let best = Infinity;
  let bestX = 0;
  let bestY = 0;
  for (let v = atY - REACH; v <= atY + REACH; v++) {
    for (let u = atX - REACH; u <= atX + REACH; u++) {
      const sum = difference(last, patch, now, u, v, best);
      if (sum < best) [best, bestX, bestY] = [sum, u, v];
    }
  }
  // At the rim of the search the true place may lie beyond.
  if (best === Infinity || Math.abs(bestX - atX) === REACH || Math.abs(bestY - atY) === REACH) return null;
  const at = (u: number, v: number) => difference(last, patch, now, u, v);
  const fineX = bestX + vertex(at(bestX - 1, bestY), best, at(bestX + 1, bestY));
  const fineY = bestY + vertex(at(bestX, bestY - 1), best, at(bestX, bestY + 1));
  return [centreX, centreY, (fineX + PATCH / 2) * GREY_SCALE, (fineY + PATCH / 2) * GREY_SCALE];
}

/** Mean |gradient| of a patch. */
function texture({ width, data }: GreyPicture, x: number, y: number): number {
  let sum = 0;
  for (let j = y; j < y + PATCH - 1; j++) {
    for (let i = j * width + x, end = i + PATCH - 1; i < end; i++)
      sum += Math.abs(data[i + 1] - data[i]) + Math.abs(data[i + width] - data[i]);
  }
  return sum / (PATCH - 1) ** 2;
}

function fitAffine(pairs: readonly Pair[]): Affine | null {
  if (pairs.length < LEAST_PATCHES) return null;
  let map = translation(pairs);
  for (const width of WIDTHS_PX) {
    // Both rows of the map share one matrix: sums of weights over 1, x, y.
    const m = new Float64Array(12);
    for (const [x, y, u, v] of pairs) {
      const du = u - (map.xx * x + map.xy * y + map.x);
      const dv = v - (map.yx * x + map.yy * y + map.y);
      const weight = 1 / (1 + (du * du + dv * dv) / (width * width)) ** 2;
      [1, x, y, x * x, x * y, y * y, u, u * x, u * y, v, v * x, v * y].forEach((value, i) => {
        m[i] += weight * value;
      });
    }
    const row = (a: number, b: number, c: number) =>
      solve(m[0], m[1], m[2], m[1], m[3], m[4], m[2], m[4], m[5], a, b, c);
    const across = row(m[6], m[7], m[8]);
    const down = row(m[9], m[10], m[11]);
    if (!across || !down) return map;
    map = { x: across[0], xx: across[1], xy: across[2], y: down[0], yx: down[1], yy: down[2] };
  }
  const change = Math.max(Math.abs(map.xx - 1), Math.abs(map.yy - 1), Math.abs(map.xy), Math.abs(map.yx));
  return change <= MOST_CHANGE ? map : null;
}

/** The median shift. */
function translation(pairs: readonly Pair[]): Affine {
  const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];
  return {
    ...STILL,
    ...{ x: middle(pairs.map(([x, , u]) => u - x)), y: middle(pairs.map(([, y, , v]) => v - y)) },
  };
}

/** Cramer's rule for three unknowns; null where there is no one answer. */
function solve(...[a, b, c, d, e, f, g, h, i, p, q, r]: number[]): [number, number, number] | null {
  const minor = [e * i - f * h, f * g - d * i, d * h - e * g];
  const whole = a * minor[0] + b * minor[1] + c * minor[2];
  if (Math.abs(whole) < 1e-9) return null;
  return [
    (p * minor[0] + b * (f * r - q * i) + c * (q * h - e * r)) / whole,
    (a * (q * i - f * r) + p * minor[1] + c * (d * r - q * g)) / whole,
    (a * (e * r - q * h) + b * (q * g - d * r) + p * minor[2]) / whole,
  ];
}
