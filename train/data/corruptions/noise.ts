/** Gaussian, shot and impulse noise: constants of ImageNet-C (Hendrycks and Dietterich, 2019). */
import { type Random, seededRandom } from '../../random.ts';
import { atSeverity, type Corruption } from './picture.ts';

const GAUSSIAN_DEVIATION = [0.08, 0.12, 0.18, 0.26, 0.38];
/** Photons of a white pixel. */
const SHOT_PHOTONS = [60, 25, 12, 5, 3];
/** Share of the values that become black or white. */
const IMPULSE_SHARE = [0.03, 0.06, 0.09, 0.17, 0.27];

/** A power of two. */
const NORMAL_VALUES = 8192;
const normals = Float32Array.from({ length: NORMAL_VALUES }, (_, i) =>
  normalQuantile((i + 0.5) / NORMAL_VALUES),
);

/** A standard normal number from a table of quantiles: the logarithm and cosine of every pixel would cost 20 ms. */
export function fastNormal(random: Random): number {
  return normals[(random() * NORMAL_VALUES) | 0];
}

export const gaussianNoise: Corruption = ({ rgb }, severity, random) => {
  const deviation = atSeverity(GAUSSIAN_DEVIATION, severity);
  const scaled = normals.map((value) => value * deviation);
  // Two numbers of 13 bits from every step of an xorshift (Marsaglia, 2003): a call a number would cost three times as much.
  let state = (random() * 2 ** 32) | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
  const last = rgb.length - 1;
  for (let i = 0; i < last; i += 2) {
    const bits = next();
    rgb[i] += scaled[bits & (NORMAL_VALUES - 1)];
    rgb[i + 1] += scaled[(bits >>> 13) & (NORMAL_VALUES - 1)];
  }
  if (rgb.length % 2 === 1) rgb[last] += scaled[next() & (NORMAL_VALUES - 1)];
};

/** Levels of a value, and steps of the uniform number, in the table of Poisson quantiles. */
const LEVELS = 256;
const STEPS = 4096;
const poissonTables = new Map<number, Uint8Array>();

export const shotNoise: Corruption = ({ rgb }, severity, random) => {
  const photons = atSeverity(SHOT_PHOTONS, severity);
  let table = poissonTables.get(photons);
  if (!table) poissonTables.set(photons, (table = poissonQuantiles(photons)));
  for (let i = 0; i < rgb.length; i++) {
    const level = (Math.min(1, Math.max(0, rgb[i])) * (LEVELS - 1) + 0.5) | 0;
    rgb[i] = table[level * STEPS + ((random() * STEPS) | 0)] / photons;
  }
};

export const impulseNoise: Corruption = ({ rgb }, severity, random) => {
  const share = atSeverity(IMPULSE_SHARE, severity);
  for (let i = 0; i < rgb.length; i++) {
    const drawn = random();
    if (drawn < share) rgb[i] = drawn < share / 2 ? 0 : 1;
  }
};

/** [LEVELS, STEPS]: the count of photons that a share (step + 0.5) / STEPS of all draws does not exceed. */
function poissonQuantiles(photons: number): Uint8Array {
  const table = new Uint8Array(LEVELS * STEPS);
  for (let level = 0; level < LEVELS; level++) {
    const mean = (level / (LEVELS - 1)) * photons;
    let count = 0;
    let probability = Math.exp(-mean);
    let below = probability;
    for (let step = 0; step < STEPS; step++) {
      while (below < (step + 0.5) / STEPS && count < 255) {
        count++;
        probability *= mean / count;
        below += probability;
      }
      table[level * STEPS + step] = count;
    }
  }
  return table;
}

/** The normal number that a share `p` of all does not exceed, by bisection of the distribution: used for tables only. */
function normalQuantile(p: number): number {
  let [low, high] = [-6, 6];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < p) low = middle;
    else high = middle;
  }
  return low;
}

/** Share of normal numbers below x: Abramowitz and Stegun 26.2.17, error below 1e-7. */
function normalShare(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = (Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)) * series;
  return x < 0 ? upper : 1 - upper;
}

/** [height, width] of normal numbers, for layers of snow. */
export function normalField(length: number, mean: number, deviation: number, random: Random): Float32Array {
  const own = seededRandom(random() * 2 ** 32);
  return Float32Array.from({ length }, () => mean + deviation * fastNormal(own));
}
