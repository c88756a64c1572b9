/**
 * The 15 corruptions of Hendrycks and Dietterich ("Benchmarking neural network robustness to common corruptions and
 * perturbations", ICLR 2019) at severities 1 to 5, as Michaelis and others use them for detection ("Benchmarking
 * robustness in object detection: autonomous driving when winter is coming", 2019). Written from the papers; frost is
 * procedural. Every picture keeps its size, and the same random numbers give the same picture.
 *
 * Training may use TRAINED_KINDS; TESTED_ONLY_KINDS show what carries over to corruptions that were never seen.
 */
import type { PixelFrame } from '../../../src/backends/backend.ts';
import { FRAME_CHANNELS } from '../../../src/network/spec.ts';
import { mixSeed, type Random, seededRandom } from '../../random.ts';
import { defocusBlur, glassBlur, motionBlur, zoomBlur } from './blur.ts';
import { contrast, elasticTransform, jpegCompression, pixelate } from './digital.ts';
import { gaussianNoise, impulseNoise, shotNoise } from './noise.ts';
import { COLOURS, type Corruption, clampPicture, type FloatPicture } from './picture.ts';
import { brightness, fog, frost, snow } from './weather.ts';

const CORRUPTIONS = {
  gaussian_noise: gaussianNoise,
  shot_noise: shotNoise,
  impulse_noise: impulseNoise,
  defocus_blur: defocusBlur,
  glass_blur: glassBlur,
  motion_blur: motionBlur,
  zoom_blur: zoomBlur,
  snow,
  frost,
  fog,
  brightness,
  contrast,
  elastic_transform: elasticTransform,
  pixelate,
  jpeg_compression: jpegCompression,
} satisfies Record<string, Corruption>;

export type CorruptionKind = keyof typeof CORRUPTIONS;

/** In the order of the paper. */
export const CORRUPTION_KINDS = Object.keys(CORRUPTIONS) as readonly CorruptionKind[];

export const SEVERITIES: readonly number[] = [1, 2, 3, 4, 5];

/** What training may use: two or three of each family. */
export const TRAINED_KINDS = [
  ...['gaussian_noise', 'shot_noise', 'defocus_blur', 'motion_blur', 'snow', 'fog', 'brightness', 'contrast'],
  ...['pixelate', 'jpeg_compression'],
] as readonly CorruptionKind[];

/** What training never uses, at least one of each family: impulse noise, glass and zoom blur, frost, elastic transform. */
export const TESTED_ONLY_KINDS: readonly CorruptionKind[] = CORRUPTION_KINDS.filter(
  (kind) => !TRAINED_KINDS.includes(kind),
);

/** The frame corrupted: a new frame, the one given is only read. @param severity 1..5 */
export function corruptFrame(
  kind: CorruptionKind,
  severity: number,
  frame: PixelFrame,
  random: Random,
): PixelFrame {
  const { width, height, data } = frame;
  const picture: FloatPicture = { width, height, rgb: new Float32Array(width * height * COLOURS) };
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < COLOURS; c++) picture.rgb[p * COLOURS + c] = data[p * 4 + c] / 255;
  }
  CORRUPTIONS[kind](picture, severity, random);
  const out = new Uint8ClampedArray(data); // clamps and rounds
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < COLOURS; c++) out[p * 4 + c] = 255 * picture.rgb[p * COLOURS + c];
  }
  return { width, height, data: out };
}

/**
 * Corrupts a training view in place. @param frame [height, width, 4] floats: R G B in [-1, 1]; the fourth channel, a
 * coordinate, stays as it is. @param severity 1..5
 */
export function corruptView(
  kind: CorruptionKind,
  severity: number,
  frame: Float32Array,
  width: number,
  height: number,
  random: Random,
): void {
  const picture: FloatPicture = { width, height, rgb: new Float32Array(width * height * COLOURS) };
  const { rgb } = picture;
  for (let from = 0, to = 0; to < rgb.length; from += FRAME_CHANNELS, to += COLOURS) {
    rgb[to] = frame[from] * 0.5 + 0.5;
    rgb[to + 1] = frame[from + 1] * 0.5 + 0.5;
    rgb[to + 2] = frame[from + 2] * 0.5 + 0.5;
  }
  CORRUPTIONS[kind](picture, severity, random);
  clampPicture(picture);
  for (let from = 0, to = 0; from < rgb.length; from += COLOURS, to += FRAME_CHANNELS) {
    frame[to] = rgb[from] * 2 - 1;
    frame[to + 1] = rgb[from + 1] * 2 - 1;
    frame[to + 2] = rgb[from + 2] * 2 - 1;
  }
}

/** Random numbers for one corruption of one picture: the same for the same name, kind and severity. */
export function corruptionRandom(name: string, kind: CorruptionKind, severity: number): Random {
  const letters = [...name].map((letter) => letter.charCodeAt(0));
  return seededRandom(mixSeed(CORRUPTION_KINDS.indexOf(kind), severity, ...letters));
}
