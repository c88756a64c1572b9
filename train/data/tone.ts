/**
 * Light, colour and sharpness of a view. The kinds of corruption that robustness is tested on and that must stay
 * unseen (shot and impulse noise, glass, zoom, snow, frost, fog, elastic, pixelate, JPEG) are not among them.
 */
import { FRAME_CHANNELS } from '../../src/network/spec.ts';
import { between, normal, type Random, seededRandom } from '../random.ts';
import type { AugmentSettings } from './augment-settings.ts';

/** Changes colours (0..255 floats at stride 4, [height, width]) in place and scales them to [-1, 1]. */
export type Tone = (out: Float32Array, offset: number, width: number, height: number) => void;

/** Numbers drawn once a run; a power of two. */
const NOISE_TABLE_SIZE = 4096;
/** Greatest standard deviation of the noise, of 0..1. */
const MOST_NOISE = 0.035;
/** Street light: gamma, gain, and how much less green and blue than red. */
const DUSK = { gamma: [1.2, 1.9], gain: [0.5, 1], warmth: [0, 0.25] } as const;
/** Brighter than this a view may be darkened to dusk: others are dark already. */
const DUSK_LEAST_MEAN = 0.28;
/** Means are taken of every so many pixels. */
const MEAN_STEP = 7;
/** Length of the camera's motion, px, and share of it that is along the street. */
const MOTION_PX = [2, 6] as const;
const SOFT_SHARE = [0.2, 1] as const;
const SHARP_SHARE = [0.2, 0.9] as const;

/** The colours as they are, in the network's range. */
export const plainTone: Tone = (out, offset, width, height) => {
  for (let p = 0, i = offset; p < width * height; p++, i += FRAME_CHANNELS) {
    for (let c = 0; c < 3; c++) out[i + c] = out[i + c] / 127.5 - 1;
  }
};

/** Random blur or sharpness, gamma, contrast about the view's mean, brightness, colour cast, partial grey, noise. */
export function randomTone(random: Random, settings: AugmentSettings): Tone {
  const filter = randomFilter(random, settings);
  const gamma = Math.exp(normal(random) * 0.25);
  const contrast = Math.exp(normal(random) * 0.15);
  const brightness = normal(random) * 0.05;
  const cast = [0, 0, 0].map(() => Math.exp(normal(random) * 0.05));
  const grey = random() < 0.4 ? random() * 0.6 : 0;
  const noise = random() < 0.5 ? random() * MOST_NOISE * 2 : 0;
  const noiseStart = Math.floor(random() * NOISE_TABLE_SIZE);
  const dusk = random() < settings.duskShare ? randomDusk(random) : null;
  return (out, offset, width, height) => {
    filter(out, offset, width, height);
    const pixels = width * height;
    const dark = dusk && meanGreen(out, offset, pixels) > DUSK_LEAST_MEAN ? dusk : null;
    const exponent = gamma * (dark?.gamma ?? 1);
    const powers = Float32Array.from({ length: 256 }, (_, v) => (v / 255) ** exponent * (dark?.gain ?? 1));
    let mean = 0;
    for (let p = 0; p < pixels; p += MEAN_STEP)
      mean += powers[(out[offset + p * FRAME_CHANNELS + 1] + 0.5) | 0];
    mean /= Math.ceil(pixels / MEAN_STEP);
    const [reds, greens, blues] = cast.map((factor, c) =>
      powers.map((v) => {
        const value = ((v - mean) * contrast + mean + brightness * (dark?.gain ?? 1)) * factor;
        return Math.max(0, Math.min(1, value * (dark?.cast[c] ?? 1))) * 2 - 1;
      }),
    );
    const table = noiseTable();
    for (let p = 0, i = offset; p < pixels; p++, i += FRAME_CHANNELS) {
      const r = reds[(out[i] + 0.5) | 0];
      const g = greens[(out[i + 1] + 0.5) | 0];
      const b = blues[(out[i + 2] + 0.5) | 0];
      const luma = 0.299 * r + 0.587 * g + 0.114 * b;
      out[i] = r + (luma - r) * grey;
      out[i + 1] = g + (luma - g) * grey;
      out[i + 2] = b + (luma - b) * grey;
      if (noise === 0) continue;
      const at = (Math.imul(p + noiseStart, 0x9e3779b1) ^ (p >>> 7)) & (NOISE_TABLE_SIZE - 1);
      out[i] += table[at] * noise;
      out[i + 1] += table[(at + 1367) & (NOISE_TABLE_SIZE - 1)] * noise;
      out[i + 2] += table[(at + 2741) & (NOISE_TABLE_SIZE - 1)] * noise;
    }
  };
}

let noises: Float32Array | undefined;

/** Standard normal numbers, the same in every run: what differs from view to view is where reading starts. */
function noiseTable(): Float32Array {
  if (noises) return noises;
  const random = seededRandom(1);
  noises = Float32Array.from({ length: NOISE_TABLE_SIZE }, () => normal(random));
  return noises;
}

function randomDusk(random: Random): { gamma: number; gain: number; cast: readonly number[] } {
  const warmth = between(random, ...DUSK.warmth);
  return {
    gamma: between(random, ...DUSK.gamma),
    gain: between(random, ...DUSK.gain),
    cast: [1, 1 - warmth / 2, 1 - warmth],
  };
}

function meanGreen(out: Float32Array, offset: number, pixels: number): number {
  let sum = 0;
  for (let p = 0; p < pixels; p += MEAN_STEP) sum += out[offset + p * FRAME_CHANNELS + 1];
  return sum / Math.ceil(pixels / MEAN_STEP) / 255;
}

/** At most one of: motion along the rows, a soft picture, a sharpened one. */
function randomFilter(random: Random, settings: AugmentSettings): Tone {
  const kind = random();
  const { motionShare, softShare, sharpShare } = settings;
  if (kind < motionShare) {
    const reach = Math.round(between(random, ...MOTION_PX));
    return (out, offset, width, height) => blurRows(out, offset, width, height, reach);
  }
  if (kind < motionShare + softShare) {
    const share = between(random, ...SOFT_SHARE);
    return (out, offset, width, height) => sharpen(out, offset, width, height, -share);
  }
  if (kind < motionShare + softShare + sharpShare) {
    const share = between(random, ...SHARP_SHARE);
    return (out, offset, width, height) => sharpen(out, offset, width, height, share);
  }
  return () => {};
}

/** Running mean of `reach` px along each row. */
function blurRows(out: Float32Array, offset: number, width: number, height: number, reach: number): void {
  const row = new Float32Array(width);
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < 3; c++) {
      const start = offset + y * width * FRAME_CHANNELS + c;
      for (let x = 0; x < width; x++) row[x] = out[start + x * FRAME_CHANNELS];
      const at = (x: number) => row[Math.min(width - 1, Math.max(0, x))];
      const before = reach >> 1;
      let sum = 0;
      for (let x = -before; x < reach - before; x++) sum += at(x);
      for (let x = 0; x < width; x++) {
        out[start + x * FRAME_CHANNELS] = sum / reach;
        sum += at(x + reach - before) - at(x - before);
      }
    }
  }
}

/** Adds `share` of what a 3x3 binomial blur takes away; below 0 it is blurred by that share. Within 0..255. */
function sharpen(out: Float32Array, offset: number, width: number, height: number, share: number): void {
  const stride = width * FRAME_CHANNELS;
  const sums = [0, 1].map(() => new Float32Array(stride));
  const sumRow = (y: number, into: Float32Array<ArrayBuffer>) => {
    const at = offset + Math.min(height - 1, y) * stride;
    for (let i = 0; i < stride; i++) {
      const left = i < FRAME_CHANNELS ? i : i - FRAME_CHANNELS;
      const right = i + FRAME_CHANNELS < stride ? i + FRAME_CHANNELS : i;
      into[i] = out[at + left] + 2 * out[at + i] + out[at + right];
    }
    return into;
  };
  let [above, here, below] = [new Float32Array(stride), sumRow(0, sums[0]), sums[1]];
  above.set(here);
  for (let y = 0; y < height; y++) {
    below = sumRow(y + 1, below);
    const at = offset + y * stride;
    for (let i = 0; i < stride; i++) {
      if (i % FRAME_CHANNELS === 3) continue;
      const blurred = (above[i] + 2 * here[i] + below[i]) / 16;
      const value = out[at + i] + (out[at + i] - blurred) * share;
      out[at + i] = Math.max(0, Math.min(255, value));
    }
    [above, here, below] = [here, below, above];
  }
}
