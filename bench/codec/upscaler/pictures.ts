/**
 * Pictures for the super-resolution nets: crops of photographs, and noise whose spectrum falls as 1/f (as that of
 * photographs does), for calibration without any data set. RGB, 0 to the net's peak.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readImage } from '../../../train/data/images.ts';
import { normal, seededRandom } from '../../../train/random.ts';
import type { FeatureMap } from './matrix.ts';

export interface Picture extends FeatureMap {
  readonly name: string;
}

/** The middle `size` x `size` of `count` photographs, evenly spread over a folder. */
export function photographs(folder: string, count: number, size: number, peak: number): Picture[] {
  const files = readdirSync(folder)
    .filter((file) => /\.(jpe?g|png)$/i.test(file))
    .sort();
  if (files.length < count) throw new Error(`${folder} has ${files.length} pictures; ${count} are needed`);
  return Array.from({ length: count }, (_, i) => {
    const file = files[Math.floor((i * files.length) / count)];
    const { width, height, data } = readImage(join(folder, file));
    if (Math.min(width, height) < size) throw new Error(`${file} is smaller than ${size} x ${size}`);
    const [left, top] = [(width - size) >> 1, (height - size) >> 1];
    const pixels = new Float32Array(size * size * 3);
    for (let p = 0; p < size * size; p++) {
      const from = ((top + Math.floor(p / size)) * width + left + (p % size)) * 4;
      for (let c = 0; c < 3; c++) pixels[3 * p + c] = (data[from + c] / 255) * peak;
    }
    return { name: file, height: size, width: size, channels: 3, data: pixels };
  });
}

/**
 * Value noise of every octave, as strong in each: 1/f. Two such pictures meet at the contours of a third, for
 * photographs have edges. Channels share three quarters of their variance, as in photographs.
 */
export function noisePictures(count: number, size: number, peak: number, seed: number): Picture[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const contour = octaves(size, 8, random);
    const layers = [0, 1].map(() => ({
      planes: Array.from({ length: 4 }, () => octaves(size, 1, random)),
      contrast: 0.03 + 0.12 * random(),
      middles: Array.from({ length: 3 }, () => 0.15 * (random() - 0.5)),
      middle: 0.15 + 0.7 * random(),
    }));
    const data = new Float32Array(size * size * 3);
    for (let p = 0; p < size * size; p++) {
      const { planes, contrast, middle, middles } = layers[contour[p] > 0 ? 1 : 0];
      for (let c = 0; c < 3; c++) {
        const value = middle + middles[c] + contrast * (0.87 * planes[3][p] + 0.5 * planes[c][p]);
        data[3 * p + c] = peak * Math.min(1, Math.max(0, value));
      }
    }
    return { name: `noise ${i}`, height: size, width: size, channels: 3, data };
  });
}

/** Octaves of cells from `finest` pixels up. */
function octaves(size: number, finest: number, random: () => number): Float32Array {
  const plane = new Float32Array(size * size);
  for (let cell = finest; cell <= size; cell *= 2) {
    const side = Math.ceil(size / cell) + 2;
    const grid = Float32Array.from({ length: side * side }, () => normal(random));
    const [shiftX, shiftY] = [random(), random()];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const [u, v] = cell === 1 ? [x, y] : [x / cell + shiftX, y / cell + shiftY];
        const at = Math.floor(v) * side + Math.floor(u);
        const [a, b] = [u % 1, v % 1];
        const above = grid[at] * (1 - a) + grid[at + 1] * a;
        const below = grid[at + side] * (1 - a) + grid[at + side + 1] * a;
        plane[y * size + x] += (above * (1 - b) + below * b) / 2;
      }
    }
  }
  return plane;
}
