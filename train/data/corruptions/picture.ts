/**
 * The form in which pictures are corrupted: R G B floats, interleaved, row-major, 0..1. Values may leave that range
 * in between; `clampPicture` brings them back. Also the helpers that several kinds share.
 */
import type { Size } from '../../../src/network/geometry.ts';
import type { Random } from '../../random.ts';

export interface FloatPicture extends Size {
  /** [height, width, 3] */
  readonly rgb: Float32Array;
}

/** Changes the picture in place. @param severity 1..5 */
export type Corruption = (picture: FloatPicture, severity: number, random: Random) => void;

export const COLOURS = 3;

/** The entry for a severity of 1..5. */
export function atSeverity<T>(table: readonly T[], severity: number): T {
  return table[severity - 1];
}

export function clampPicture({ rgb }: FloatPicture): void {
  for (let i = 0; i < rgb.length; i++) rgb[i] = Math.min(1, Math.max(0, rgb[i]));
}

/** Weights of a Gaussian at the places -radius..radius, with sum 1; radius = 3 sigma. */
function gaussianWeights(sigma: number): Float32Array {
  const radius = Math.max(1, Math.ceil(3 * sigma));
  const weights = Float32Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Gaussian blur of [height, width, channels] in place; edges repeat the outermost pixel. */
export function gaussianBlur(
  data: Float32Array,
  size: Size,
  channels: number,
  sigmaX: number,
  sigmaY = sigmaX,
): void {
  const { width, height } = size;
  const row = width * channels;
  const lines = new Float32Array(data.length);
  addShifted(gaussianWeights(sigmaY), (k, radius, weight) => {
    for (let y = 0; y < height; y++) {
      const from = Math.min(height - 1, Math.max(0, y + k - radius)) * row;
      const to = y * row;
      for (let i = 0; i < row; i++) lines[to + i] += weight * data[from + i];
    }
  });
  data.fill(0);
  addShifted(gaussianWeights(sigmaX), (k, radius, weight) => {
    for (let y = 0; y < height; y++) addRow(lines, data, y * row, width, channels, k - radius, weight);
  });
}

function addShifted(weights: Float32Array, add: (k: number, radius: number, weight: number) => void): void {
  weights.forEach((weight, k) => {
    add(k, weights.length >> 1, weight);
  });
}

/** Adds `weight` times the row of `from` at `fromAt`, read `shift` pixels on, to the row of `to` at `toAt`. */
export function addRow(
  from: Float32Array,
  to: Float32Array,
  toAt: number,
  width: number,
  channels: number,
  shift: number,
  weight: number,
  fromAt = toAt,
): void {
  const first = Math.min(width, Math.max(0, -shift));
  const last = Math.max(0, Math.min(width, width - shift));
  for (let x = 0; x < first; x++) {
    for (let c = 0; c < channels; c++) to[toAt + x * channels + c] += weight * from[fromAt + c];
  }
  const moved = fromAt + shift * channels;
  for (let i = first * channels; i < last * channels; i++) to[toAt + i] += weight * from[moved + i];
  const end = fromAt + (width - 1) * channels;
  for (let x = Math.max(first, last); x < width; x++) {
    for (let c = 0; c < channels; c++) to[toAt + x * channels + c] += weight * from[end + c];
  }
}

/** Bilinear value of channel `c` at (x, y), both within the picture. */
export function bilinear(
  data: Float32Array,
  { width, height }: Size,
  channels: number,
  x: number,
  y: number,
  c: number,
): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const right = x0 + 1 < width ? channels : 0;
  const at = (y0 * width + x0) * channels + c;
  const below = y0 + 1 < height ? at + width * channels : at;
  const top = data[at] + fx * (data[at + right] - data[at]);
  return top + (y - y0) * (data[below] + fx * (data[below + right] - data[below]) - top);
}
