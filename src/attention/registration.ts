/**
 * How far what is in a box went between two pictures, to a fraction of a px: Gauss and Newton's steps on the grey levels
 * (Lucas and Kanade, 1981; with the gradients of the first picture, as Baker and Matthews, 2004, do it). What goes
 * another way than most, and what changed, counts little (Geman and McClure's weights). Pure; about 0.1 ms a box.
 */
import type { Box } from '../result.ts';
import type { GreyPicture } from './grey.ts';

/** Where the steps begin: px of the picture, and how many times larger the thing became. */
export interface RegistrationGuess {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** px of the picture, and how far off the grey levels' noise alone leaves them. */
export interface Registration {
  readonly x: number;
  readonly y: number;
  readonly deviationX: number;
  readonly deviationY: number;
}

/** Of a larger box rows are left out. */
const SAMPLES = 300;
const MOST_STEPS = 6;
/** A step of less px is the last one. */
const SETTLED_PX = 0.01;
/** Grey levels of a difference that counts a quarter. */
const OUTLIER = 12;
/** A difference of more grey levels is no change of light. */
const MOST_LIGHT = 30;
/** Further from the guess than this it is another place, px. */
const MOST_PX = 3;
/** Squared gradient that is noise, and the same of a difference. */
const FLAT = 0.5;
const NOISE = 1;

/** Numbers of a sample: where it was grown to, its gradient, its grey level. */
const FIELDS = 5;

/** @param box px of the picture @returns null where too little is to be seen of it, or the steps run away */
export function register(
  last: GreyPicture,
  now: GreyPicture,
  box: Box,
  guess: RegistrationGuess,
): Registration | null {
  const samples = samplesOf(last, box, guess.scale);
  if (!samples) return null;
  const differences = new Float64Array(samples.length / FIELDS);
  let { x, y } = guess;
  for (let turn = 1; turn <= MOST_STEPS; turn++) {
    const mean = compare(samples, now, x, y, differences);
    if (mean === null) return null;
    let [xx, xy, yy, ex, ey, weights, error] = [0, 0, 0, 0, 0, 0, 0];
    for (let k = 0, at = 0; k < differences.length; k++, at += FIELDS) {
      if (Number.isNaN(differences[k])) continue;
      const e = differences[k] - mean;
      const w = 1 / (1 + (e / OUTLIER) ** 2) ** 2;
      const gx = samples[at + 2];
      const gy = samples[at + 3];
      xx += w * gx * gx;
      xy += w * gx * gy;
      yy += w * gy * gy;
      ex += w * gx * e;
      ey += w * gy * e;
      weights += w;
      error += w * e * e;
    }
    xx += FLAT * weights;
    yy += FLAT * weights;
    const whole = xx * yy - xy * xy;
    const dx = (yy * ex - xy * ey) / whole;
    const dy = (xx * ey - xy * ex) / whole;
    x -= dx;
    y -= dy;
    if (Math.abs(x - guess.x) > MOST_PX || Math.abs(y - guess.y) > MOST_PX) return null;
    if (turn < MOST_STEPS && Math.abs(dx) + Math.abs(dy) >= SETTLED_PX) continue;
    const noise = NOISE + error / weights;
    return {
      ...{ x, y },
      deviationX: Math.sqrt((noise * yy) / whole),
      deviationY: Math.sqrt((noise * xx) / whole),
    };
  }
  return null;
}

/** Whole px of the box that have neighbours; null where they are fewer than three by three. */
function samplesOf({ width, height, data }: GreyPicture, box: Box, scale: number): Float64Array | null {
  const x0 = Math.max(1, Math.round(box.x - 0.5));
  const y0 = Math.max(1, Math.round(box.y - 0.5));
  const wide = Math.min(width - 2, Math.round(box.x + box.width - 0.5)) - x0 + 1;
  const tall = Math.min(height - 2, Math.round(box.y + box.height - 0.5)) - y0 + 1;
  if (wide < 3 || tall < 3) return null;
  const stride = Math.ceil((wide * tall) / SAMPLES);
  const centreX = box.x + box.width / 2 - 0.5;
  const centreY = box.y + box.height / 2 - 0.5;
  const samples = new Float64Array(Math.ceil(tall / stride) * wide * FIELDS);
  let at = 0;
  for (let y = y0; y < y0 + tall; y += stride) {
    for (let x = x0, i = y * width + x0; x < x0 + wide; x++, i++) {
      samples[at++] = centreX + scale * (x - centreX);
      samples[at++] = centreY + scale * (y - centreY);
      samples[at++] = (data[i + 1] - data[i - 1]) / 2;
      samples[at++] = (data[i + width] - data[i - width]) / 2;
      samples[at++] = data[i];
    }
  }
  return samples;
}

/**
 * Grey levels of the second picture minus the samples', NaN outside it.
 * @returns their mean, which is a change of light; null where half of them are outside
 */
function compare(
  samples: Float64Array,
  { width, height, data }: GreyPicture,
  x: number,
  y: number,
  differences: Float64Array,
): number | null {
  let [sum, inside] = [0, 0];
  for (let k = 0, at = 0; k < differences.length; k++, at += FIELDS) {
    const u = samples[at] + x;
    const v = samples[at + 1] + y;
    const i = Math.floor(u);
    const j = Math.floor(v);
    differences[k] = Number.NaN;
    if (i < 0 || j < 0 || i >= width - 1 || j >= height - 1) continue;
    const from = j * width + i;
    const top = data[from] + (u - i) * (data[from + 1] - data[from]);
    const foot = data[from + width] + (u - i) * (data[from + width + 1] - data[from + width]);
    differences[k] = top + (v - j) * (foot - top) - samples[at + 4];
    sum += Math.max(-MOST_LIGHT, Math.min(MOST_LIGHT, differences[k]));
    inside++;
  }
  return 2 * inside < differences.length ? null : sum / inside;
}
