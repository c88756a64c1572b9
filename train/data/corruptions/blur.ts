/** Defocus, glass, motion and zoom blur: constants of ImageNet-C (Hendrycks and Dietterich, 2019), edges repeated. */
import type { Size } from '../../../src/network/geometry.ts';
import { between } from '../../random.ts';
import { addRow, atSeverity, COLOURS, type Corruption, gaussianBlur } from './picture.ts';

/** Radius of the disk and deviation of its soft edge, px. */
const DEFOCUS = [
  [3, 0.1],
  [4, 0.5],
  [6, 0.5],
  [8, 0.5],
  [10, 0.5],
] as const;
/** From this radius on the disk is laid over a picture of half the size: its finest detail is gone anyway. */
const HALF_SIZE_RADIUS = 6;

export const defocusBlur: Corruption = ({ width, height, rgb }, severity) => {
  const [radius, softness] = atSeverity(DEFOCUS, severity);
  if (radius < HALF_SIZE_RADIUS) {
    diskBlur(rgb, { width, height }, radius);
    if (softness >= 0.5) gaussianBlur(rgb, { width, height }, COLOURS, softness);
    return;
  }
  const half = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  const small = halved(rgb, { width, height }, half);
  diskBlur(small, half, radius / 2);
  doubled(small, half, rgb, { width, height });
};

/** Means of 2 x 2 pixels; of fewer at the last row and column of an odd size. */
function halved(rgb: Float32Array, { width, height }: Size, half: Size): Float32Array {
  const out = new Float32Array(half.width * half.height * COLOURS);
  for (let y = 0, i = 0; y < half.height; y++) {
    const top = 2 * y * width * COLOURS;
    const below = Math.min(height - 1, 2 * y + 1) * width * COLOURS;
    for (let x = 0; x < half.width; x++) {
      const left = 2 * x * COLOURS;
      const right = Math.min(width - 1, 2 * x + 1) * COLOURS;
      for (let c = 0; c < COLOURS; c++) {
        const sum =
          rgb[top + left + c] + rgb[top + right + c] + rgb[below + left + c] + rgb[below + right + c];
        out[i++] = sum / 4;
      }
    }
  }
  return out;
}

/** The opposite of `halved`, bilinear: every pixel lies a quarter of a coarse one from the nearest centre. */
function doubled(small: Float32Array, half: Size, rgb: Float32Array, { width, height }: Size): void {
  const row = half.width * COLOURS;
  const line = new Float32Array(row);
  for (let y = 0, i = 0; y < height; y++) {
    const near = (y >> 1) * row;
    const far = Math.min(half.height - 1, Math.max(0, (y >> 1) + (y % 2 ? 1 : -1))) * row;
    for (let k = 0; k < row; k++) line[k] = 0.75 * small[near + k] + 0.25 * small[far + k];
    for (let x = 0; x < width; x++) {
      const own = (x >> 1) * COLOURS;
      const other = Math.min(half.width - 1, Math.max(0, (x >> 1) + (x % 2 ? 1 : -1))) * COLOURS;
      for (let c = 0; c < COLOURS; c++) rgb[i++] = 0.75 * line[own + c] + 0.25 * line[other + c];
    }
  }
}

/** The mean over a disk: every row of it is a difference of two running sums along the row. */
function diskBlur(rgb: Float32Array, { width, height }: Size, radius: number): void {
  const reach = Math.floor(radius);
  const chords = Array.from({ length: 2 * reach + 1 }, (_, j) =>
    Math.floor(Math.sqrt(radius * radius - (j - reach) ** 2)),
  );
  const area = chords.reduce((sum, chord) => sum + 2 * chord + 1, 0);
  // Running sums of rows that are `reach` pixels longer on both sides: [height, padded + 1, 3].
  const padded = width + 2 * reach;
  const stride = (padded + 1) * COLOURS;
  const sums = new Float64Array(height * stride);
  for (let y = 0; y < height; y++) {
    let at = y * stride;
    for (let x = 0; x < padded; x++) {
      const from = (y * width + Math.min(width - 1, Math.max(0, x - reach))) * COLOURS;
      for (let c = 0; c < COLOURS; c++, at++) sums[at + COLOURS] = sums[at] + rgb[from + c];
    }
  }
  const line = new Float64Array(width * COLOURS);
  for (let y = 0; y < height; y++) {
    line.fill(0);
    chords.forEach((chord, j) => {
      const row = Math.min(height - 1, Math.max(0, y + j - reach)) * stride;
      const low = row + (reach - chord) * COLOURS;
      const high = row + (reach + chord + 1) * COLOURS;
      for (let i = 0; i < line.length; i++) line[i] += sums[high + i] - sums[low + i];
    });
    for (let i = 0; i < line.length; i++) rgb[y * line.length + i] = line[i] / area;
  }
}

/** Deviation of the blur before and after, reach of the shuffle in px, rounds of it. */
const GLASS = [
  [0.7, 1, 2],
  [0.9, 2, 1],
  [1, 2, 3],
  [1.1, 3, 2],
  [1.5, 4, 2],
] as const;

export const glassBlur: Corruption = ({ width, height, rgb }, severity, random) => {
  const [sigma, reach, rounds] = atSeverity(GLASS, severity);
  gaussianBlur(rgb, { width, height }, COLOURS, sigma);
  const span = 2 * reach + 1;
  for (let round = 0; round < rounds; round++) {
    for (let y = height - 1 - reach; y >= reach; y--) {
      for (let x = width - 1 - reach; x >= reach; x--) {
        const drawn = (random() * span * span) | 0;
        const dy = ((drawn / span) | 0) - reach;
        const a = (y * width + x) * COLOURS;
        const b = ((y + dy) * width + x + (drawn % span) - reach) * COLOURS;
        for (let c = 0; c < COLOURS; c++) {
          const kept = rgb[a + c];
          rgb[a + c] = rgb[b + c];
          rgb[b + c] = kept;
        }
      }
    }
  }
  gaussianBlur(rgb, { width, height }, COLOURS, sigma);
};

/** Reach in px and deviation. */
const MOTION = [
  [10, 3],
  [15, 5],
  [15, 8],
  [15, 12],
  [20, 15],
] as const;
const MOST_MOTION_DEGREES = 45;
/** Taps of less weight are left out. */
const LEAST_TAP = 0.001;

export const motionBlur: Corruption = (picture, severity, random) => {
  const [radius, sigma] = atSeverity(MOTION, severity);
  const degrees = between(random, -MOST_MOTION_DEGREES, MOST_MOTION_DEGREES);
  picture.rgb.set(smear(picture.rgb, picture, COLOURS, { radius, sigma, degrees }));
};

/** The half Gaussian of a movement along one direction, over 2 radius + 1 px; 0 degrees is to the right. */
export function smear(
  data: Float32Array,
  { width, height }: Size,
  channels: number,
  { radius, sigma, degrees }: { radius: number; sigma: number; degrees: number },
): Float32Array {
  const taps = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * (i / sigma) ** 2));
  const kept = taps.filter((tap) => tap >= LEAST_TAP);
  const sum = kept.reduce((total, tap) => total + tap, 0);
  const [dx, dy] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const out = new Float32Array(data.length);
  const row = width * channels;
  kept.forEach((tap, i) => {
    const shift = Math.round(i * dx);
    for (let y = 0; y < height; y++) {
      const from = Math.min(height - 1, Math.max(0, y + Math.round(i * dy))) * row;
      addRow(data, out, y * row, width, channels, shift, tap / sum, from);
    }
  });
  return out;
}

/** Greatest zoom and step. */
const ZOOM = [
  [1.1, 0.01],
  [1.15, 0.01],
  [1.2, 0.02],
  [1.25, 0.02],
  [1.3, 0.03],
] as const;

export const zoomBlur: Corruption = ({ width, height, rgb }, severity) => {
  const [most, step] = atSeverity(ZOOM, severity);
  const sum = rgb.slice();
  let copies = 1;
  const row = width * COLOURS;
  const line = new Float32Array(row);
  for (let zoom = 1; zoom < most + step / 2; zoom += step, copies++) {
    for (let y = 0; y < height; y++) {
      const sy = (y - (height - 1) / 2) / zoom + (height - 1) / 2;
      const above = Math.floor(sy) * row;
      const below = Math.min(height - 1, Math.floor(sy) + 1) * row;
      const fy = sy - Math.floor(sy);
      for (let i = 0; i < row; i++) line[i] = rgb[above + i] + fy * (rgb[below + i] - rgb[above + i]);
      for (let x = 0; x < width; x++) {
        const sx = (x - (width - 1) / 2) / zoom + (width - 1) / 2;
        const x0 = Math.floor(sx);
        const from = x0 * COLOURS;
        const right = x0 + 1 < width ? COLOURS : 0;
        const to = y * row + x * COLOURS;
        for (let c = 0; c < COLOURS; c++) {
          sum[to + c] += line[from + c] + (sx - x0) * (line[from + right + c] - line[from + c]);
        }
      }
    }
  }
  for (let i = 0; i < rgb.length; i++) rgb[i] = sum[i] / copies;
};
