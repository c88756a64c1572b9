/**
 * Contrast, elastic transform, pixelate and JPEG: constants of ImageNet-C (Hendrycks and Dietterich, 2019); the elastic
 * transform is the one of Michaelis and others (2019) for detection, which moves pixels by a few px, so that boxes stay
 * true.
 */
import type { Random } from '../../random.ts';
import { decodeImage, encodeJpeg } from '../images.ts';
import {
  atSeverity,
  bilinear,
  COLOURS,
  type Corruption,
  type FloatPicture,
  gaussianBlur,
} from './picture.ts';

const CONTRAST = [0.4, 0.3, 0.2, 0.1, 0.05];

/** Towards the mean of each colour. */
export const contrast: Corruption = ({ rgb }, severity) => {
  const kept = atSeverity(CONTRAST, severity);
  const sums = [0, 0, 0];
  for (let i = 0; i < rgb.length; i += COLOURS) for (let c = 0; c < COLOURS; c++) sums[c] += rgb[i + c];
  const lost = sums.map((sum) => (1 - kept) * (sum / (rgb.length / COLOURS)));
  for (let i = 0; i < rgb.length; i += COLOURS) {
    for (let c = 0; c < COLOURS; c++) rgb[i + c] = kept * rgb[i + c] + lost[c];
  }
};

/** Strength of the smoothed displacements. */
const ELASTIC_STRENGTH = [12.5, 16.25, 21.25, 25, 30];
/** Deviation of their smoothing, of the picture's width and height; greatest raw displacement, of its height. */
const ELASTIC_SMOOTHNESS = 0.01;
const ELASTIC_MOST = 0.005;

export const elasticTransform: Corruption = (picture, severity, random) => {
  const { width, height, rgb } = picture;
  const strength = atSeverity(ELASTIC_STRENGTH, severity);
  const dx = displacements(picture, strength, random);
  const dy = displacements(picture, strength, random);
  const before = rgb.slice();
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      const sx = Math.min(width - 1, Math.max(0, x + dx[p]));
      const sy = Math.min(height - 1, Math.max(0, y + dy[p]));
      for (let c = 0; c < COLOURS; c++) rgb[p * COLOURS + c] = bilinear(before, picture, COLOURS, sx, sy, c);
    }
  }
};

/**
 * Smoothed white noise, px. It is smoothed at half the size, where the same smoothing averages a quarter of the
 * numbers and so leaves twice the deviation.
 */
function displacements({ width, height }: FloatPicture, strength: number, random: Random): Float32Array {
  const half = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  const most = (ELASTIC_MOST * height * strength) / 2;
  const field = new Float32Array(half.width * half.height);
  for (let i = 0; i < field.length; i++) field[i] = most * (2 * random() - 1);
  gaussianBlur(field, half, 1, (ELASTIC_SMOOTHNESS * width) / 2, (ELASTIC_SMOOTHNESS * height) / 2);
  const out = new Float32Array(width * height);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      out[p++] = bilinear(
        field,
        half,
        1,
        Math.min(half.width - 1, x / 2),
        Math.min(half.height - 1, y / 2),
        0,
      );
    }
  }
  return out;
}

/** Size of the small picture. */
const PIXELATE = [0.6, 0.5, 0.4, 0.3, 0.25];

/** Means of the pixels of a coarser grid, shown as squares. */
export const pixelate: Corruption = ({ width, height, rgb }, severity) => {
  const scale = atSeverity(PIXELATE, severity);
  const columns = Math.max(1, Math.floor(width * scale));
  const rows = Math.max(1, Math.floor(height * scale));
  const column = Int32Array.from({ length: width }, (_, x) => Math.floor(((x + 0.5) * columns) / width));
  const row = Int32Array.from({ length: height }, (_, y) => Math.floor(((y + 0.5) * rows) / height));
  const sums = new Float32Array(columns * rows * (COLOURS + 1));
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += COLOURS) {
      const to = (row[y] * columns + column[x]) * (COLOURS + 1);
      for (let c = 0; c < COLOURS; c++) sums[to + c] += rgb[i + c];
      sums[to + COLOURS]++;
    }
  }
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += COLOURS) {
      const from = (row[y] * columns + column[x]) * (COLOURS + 1);
      for (let c = 0; c < COLOURS; c++) rgb[i + c] = sums[from + c] / sums[from + COLOURS];
    }
  }
};

const JPEG_QUALITY = [25, 18, 15, 10, 7];

export const jpegCompression: Corruption = (picture, severity) => {
  const { width, height, rgb } = picture;
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < COLOURS; c++) data[p * 4 + c] = 255 * rgb[p * COLOURS + c];
  }
  const coded = encodeJpeg({ width, height, data }, atSeverity(JPEG_QUALITY, severity));
  const decoded = decodeImage(coded, 'JPEG').data;
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < COLOURS; c++) rgb[p * COLOURS + c] = decoded[p * 4 + c] / 255;
  }
};
