/**
 * The camera's map to a fraction of a px: Gauss and Newton's steps on the grey levels of the finer picture (Lucas and
 * Kanade, 1981; with the gradients of the first picture, as Baker and Matthews, 2004, do it). The map of searched patches
 * (camera-motion.ts) errs by a quarter px from frame to frame, which every track would take for its own motion. What goes
 * another way than most, and what changed, counts little (Geman and McClure's weights). Pure; about 1 ms at 240 x 180 px.
 */
import type { Affine } from './affine.ts';
import { solveSymmetric } from './cholesky.ts';
import { FINE_SCALE, type GreyPicture } from './grey.ts';

/** Every so many px of the picture, both ways, is a sample. */
const STRIDE = 4;
const MOST_STEPS = 3;
/** A step that moves nothing by more px is the last one. */
const SETTLED_PX = 0.02;
/** Grey levels of a difference that counts a quarter; of a difference that is no change of light. */
const OUTLIER = 10;
const MOST_LIGHT = 20;
/** Samples with a lesser squared gradient tell nothing, and fewer samples no map. */
const FLAT = 4;
const LEAST_SAMPLES = 200;
/** Further from the guess at a corner, working px, it is another map. */
const MOST_PX = 6;

/** Numbers of a sample: its place from the middle in half widths, its gradient, its grey level. */
const FIELDS = 5;

/**
 * The shift of a place (p, q), px of the picture, over places from the middle in half widths, so that all six numbers
 * are of one size: across m0 + m1 p + m2 q, down m3 + m4 p + m5 q.
 */
type Shift = Float64Array;

/** @param guess working px @returns the guess itself where the pictures tell nothing better */
export function refineCamera(last: GreyPicture, now: GreyPicture, guess: Affine): Affine {
  const samples = samplesOf(last);
  const shift = shiftOf(guess, last);
  for (let turn = 0; turn < MOST_STEPS; turn++) {
    const step = stepOf(samples, now, shift);
    if (!step) return guess;
    for (let a = 0; a < shift.length; a++) shift[a] -= step[a];
    if (step.every((value) => Math.abs(value) < SETTLED_PX)) break;
  }
  const refined = affineOf(shift, last);
  return isFar(refined, guess, last) ? guess : refined;
}

function samplesOf({ width, height, data }: GreyPicture): Float64Array {
  const samples: number[] = [];
  const half = width / 2;
  for (let y = 1; y < height - 1; y += STRIDE) {
    for (let x = 1, i = y * width + 1; x < width - 1; x += STRIDE, i += STRIDE) {
      const gx = (data[i + 1] - data[i - 1]) / 2;
      const gy = (data[i + width] - data[i - width]) / 2;
      if (gx * gx + gy * gy < FLAT) continue;
      samples.push((x + 0.5 - half) / half, (y + 0.5 - height / 2) / half, gx, gy, data[i]);
    }
  }
  return Float64Array.from(samples);
}

/** One step of Gauss and Newton's; null where too few samples are left, or they tell no one map. */
function stepOf(samples: Float64Array, now: GreyPicture, shift: Shift): Float64Array | null {
  const differences = compare(samples, now, shift);
  let [light, inside] = [0, 0];
  for (const value of differences) {
    if (Number.isNaN(value)) continue;
    light += Math.max(-MOST_LIGHT, Math.min(MOST_LIGHT, value));
    inside++;
  }
  if (inside < LEAST_SAMPLES) return null;
  const matrix = new Float64Array(36);
  const right = new Float64Array(6);
  const row = new Float64Array(6);
  for (let k = 0, at = 0; k < differences.length; k++, at += FIELDS) {
    if (Number.isNaN(differences[k])) continue;
    const e = differences[k] - light / inside;
    const weight = 1 / (1 + (e / OUTLIER) ** 2) ** 2;
    const [p, q, gx, gy] = [samples[at], samples[at + 1], samples[at + 2], samples[at + 3]];
    row.set([gx, gx * p, gx * q, gy, gy * p, gy * q]);
    for (let a = 0; a < 6; a++) {
      right[a] += weight * row[a] * e;
      for (let b = 0; b <= a; b++) matrix[a * 6 + b] += weight * row[a] * row[b];
    }
  }
  return solveSymmetric(matrix, right);
}

/** Grey levels of the second picture minus the samples', NaN outside it. */
function compare(samples: Float64Array, { width, height, data }: GreyPicture, m: Shift): Float64Array {
  const differences = new Float64Array(samples.length / FIELDS).fill(Number.NaN);
  const half = width / 2;
  for (let k = 0, at = 0; k < differences.length; k++, at += FIELDS) {
    const [p, q] = [samples[at], samples[at + 1]];
    const u = (p + 1) * half - 0.5 + m[0] + m[1] * p + m[2] * q;
    const v = q * half + height / 2 - 0.5 + m[3] + m[4] * p + m[5] * q;
    const i = Math.floor(u);
    const j = Math.floor(v);
    if (i < 0 || j < 0 || i >= width - 1 || j >= height - 1) continue;
    const from = j * width + i;
    const top = data[from] + (u - i) * (data[from + 1] - data[from]);
    const foot = data[from + width] + (u - i) * (data[from + width + 1] - data[from + width]);
    differences[k] = top + (v - j) * (foot - top) - samples[at + 4];
  }
  return differences;
}

function shiftOf(map: Affine, { width, height }: GreyPicture): Shift {
  const [x, y] = [width / 2, height / 2];
  return Float64Array.of(
    ...[(map.xx - 1) * x + map.xy * y + map.x / FINE_SCALE, (map.xx - 1) * x, map.xy * x],
    ...[map.yx * x + (map.yy - 1) * y + map.y / FINE_SCALE, map.yx * x, (map.yy - 1) * x],
  );
}

function affineOf(m: Shift, { width, height }: GreyPicture): Affine {
  const [x, y] = [width / 2, height / 2];
  const [xx, xy, yx, yy] = [m[1] / x, m[2] / x, m[4] / x, m[5] / x];
  return {
    ...{ xx: 1 + xx, xy, x: (m[0] - xx * x - xy * y) * FINE_SCALE },
    ...{ yx, yy: 1 + yy, y: (m[3] - yx * x - yy * y) * FINE_SCALE },
  };
}

function isFar(a: Affine, b: Affine, picture: GreyPicture): boolean {
  const [width, height] = [picture.width * FINE_SCALE, picture.height * FINE_SCALE];
  const off = (x: number, y: number) =>
    Math.hypot(
      (a.xx - b.xx) * x + (a.xy - b.xy) * y + a.x - b.x,
      (a.yx - b.yx) * x + (a.yy - b.yy) * y + a.y - b.y,
    );
  return Math.max(off(0, 0), off(width, 0), off(0, height), off(width, height)) > MOST_PX;
}
