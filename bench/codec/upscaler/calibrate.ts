/**
 * What an error of a net's weights does to its output, as the encoder's calibration wants it: for every convolution
 * second moments [columns][columns] of the gradients of its weights, and a weight for each of its outputs.
 *
 * With white noise v at the output (E[v v^T] = 1) and g the gradient of v . output by the weights, a change d of the
 * weights changes the output by |J d|^2 = E[(g . d)^2]: the Gauss-Newton matrix E[g g^T] says what every change costs,
 * in squared output. Kept of it are its blocks within an output, as one matrix times a weight an output:
 *
 *     squared error of an output value, mean = sum over outputs o of outputWeights[o] * d_o^T moments d_o
 *
 * Gradients are summed over tiles, not over the picture: beyond a receptive field gradients under white noise have
 * nothing to do with each other, and tiles give more samples. GPTQ (Frantar and others, ICLR 2023) uses the moments of
 * the inputs alone; K-FAC (Martens, Grosse, ICML 2015) those of inputs and gradients apart.
 */
import type { Calibration } from '../../../src/codec/encoder/calibration.ts';
import { normal, seededRandom } from '../../../train/random.ts';
import { type FeatureMap, type Matrices, transpose } from './matrix.ts';
import type { Picture } from './pictures.ts';
import type { Upscaler, Weights } from './upscaler.ts';

export interface CalibrationOptions {
  /** Noise vectors a picture. */
  readonly rounds: number;
  /** Places of a side of a tile. */
  readonly tile: number;
  readonly seed: number;
}

interface Sums {
  readonly columns: number;
  readonly outputs: number;
  readonly moments: Float64Array;
  readonly byOutput: Float64Array;
}

export function calibrate(
  upscaler: Upscaler,
  weights: Weights,
  matrices: Matrices,
  pictures: readonly Picture[],
  { rounds, tile, seed }: CalibrationOptions,
): Record<string, Calibration> {
  const sums = new Map<string, Sums>();
  const random = seededRandom(seed);
  let values = 0;
  for (const picture of pictures) {
    const maps = upscaler.forward(picture, weights);
    for (let round = 0; round < rounds; round++) {
      const noise = maps[maps.length - 1].data.map(() => normal(random));
      values += noise.length;
      upscaler.backward(maps, noise, weights, (name, patches, gradient) => {
        const columns = patches.length / (gradient.height * gradient.width);
        let own = sums.get(name);
        if (own === undefined) sums.set(name, (own = emptySums(columns, gradient.channels)));
        addTiles(own, matrices, patches, gradient, tile);
      });
    }
  }
  return Object.fromEntries([...sums].map(([name, own]) => [name, calibrationOf(own, values)]));
}

function emptySums(columns: number, outputs: number): Sums {
  return {
    columns,
    outputs,
    moments: new Float64Array(columns * columns),
    byOutput: new Float64Array(outputs),
  };
}

/** Adds g g^T of every tile and output, g [columns]. */
function addTiles(
  { columns, outputs, moments, byOutput }: Sums,
  matrices: Matrices,
  patches: Float32Array,
  gradient: FeatureMap,
  wanted: number,
): void {
  const { height, width } = gradient;
  const tile = wanted * Math.max(1, Math.round(width / 48));
  const gradients: Float32Array[] = [];
  for (let top = 0; top < height; top += tile) {
    for (let left = 0; left < width; left += tile) {
      const rows = Math.min(tile, height - top);
      const across = Math.min(tile, width - left);
      const places = rows * across;
      const seen = new Float32Array(places * columns);
      const back = new Float32Array(places * outputs);
      for (let row = 0; row < rows; row++) {
        const from = (top + row) * width + left;
        seen.set(patches.subarray(from * columns, (from + across) * columns), row * across * columns);
        back.set(gradient.data.subarray(from * outputs, (from + across) * outputs), row * across * outputs);
      }
      gradients.push(matrices.multiply(transpose(seen, places, columns), back, columns, outputs, places));
    }
  }
  // [columns][tiles * outputs] times its transpose.
  const inner = gradients.length * outputs;
  const wide = new Float32Array(columns * inner);
  for (const [t, part] of gradients.entries()) {
    for (let c = 0; c < columns; c++) {
      const row = part.subarray(c * outputs, (c + 1) * outputs);
      wide.set(row, c * inner + t * outputs);
      for (let o = 0; o < outputs; o++) byOutput[o] += row[o] * row[o];
    }
  }
  const product = matrices.multiply(wide, transpose(wide, columns, inner), columns, columns, inner);
  for (let i = 0; i < product.length; i++) moments[i] += product[i];
}

function calibrationOf({ outputs, moments, byOutput }: Sums, values: number): Calibration {
  const mean = byOutput.reduce((sum, value) => sum + value, 0) / outputs;
  return {
    moments: moments.map((value) => value / (values * outputs)),
    outputWeights: Float32Array.from(byOutput, (value) => value / (mean || 1)),
  };
}
