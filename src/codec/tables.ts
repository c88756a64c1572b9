/**
 * Frequency tables of the 127 symbols: level -63 .. 63 is symbol 0 .. 126; frequencies sum to exactly 4096.
 *
 * Parametric tables are made by integer recurrences alone (all products stay below 2^53, so doubles, 64-bit
 * integers and BigInt give the same bits); docs/format.md lists the constants and the steps. Five shapes from
 * Gaussian to heavier than Laplace, 28 scales a quarter octave apart, the least 1/4 of a quantiser step.
 */

export const PROBABILITY_BITS = 12;
export const PROBABILITY_ONE = 1 << PROBABILITY_BITS;
export const MAX_LEVEL = 63;
export const SYMBOLS = 2 * MAX_LEVEL + 1;
/** Shapes of version 1, and of version 2: three plateaus and a mixture of them more. */
export const SHAPES_V1 = 5;
export const SHAPES = 9;
export const SCALES = 28;

/** Frequencies of the 127 symbols. */
export type Frequencies = Uint16Array;

const ONE = 2 ** 26;

/** round(2^26 exp(-1 / (2 s^2))), s = 2^(c/4) / 4, c = 0 .. 31. */
const GAUSS_RATIOS = [
  22513, 234444, 1229142, 3966520, 9082197, 16315288, 24687971, 33089280, 40703584, 47123073, 52264436,
  56235006, 59223365, 61431811, 63042943, 64207624, 65044141, 65642218, 66068437, 66371490, 66586619,
  66739159, 66847231, 66923756, 66977920, 67016246, 67043360, 67062539, 67076104, 67085698, 67092482,
  67097280,
];

/** round(2^26 exp(-1 / (sqrt(2) s))), s = 2^(c/4) / 4, c = -8 .. 37. */
const LAPLACE_RATIOS = [
  819, 4955, 22513, 80391, 234444, 576654, 1229142, 2322700, 3966520, 6220821, 9082197, 12484942, 16315288,
  20432137, 24687971, 28945644, 33089280, 37029414, 40703584, 44073907, 47123073, 49849794, 52264436,
  54385199, 56235006, 57839113, 59223365, 60412986, 61431811, 62301823, 63042943, 63672968, 64207624,
  64660688, 65044141, 65368345, 65642218, 65873404, 66068437, 66232888, 66371490, 66488264, 66586619,
  66669437, 66739159, 66797843,
];
const LAPLACE_FIRST = -8;
/** Classes up at which a step is half as wide against the scale. */
const HALVED = 4;

function scaled(a: number, b: number): number {
  return Math.floor((a * b) / ONE);
}

/** Weights of |level| = 0 .. 63, the sum over all levels scaled to about 2^20. */
function normalised(weights: number[]): number[] {
  const total = weights.reduce((sum, weight, level) => sum + (level === 0 ? weight : 2 * weight), 0);
  return weights.map((weight) => Math.floor((weight * 2 ** 20) / total));
}

/** exp(-level^2 / (2 s^2)) by its ratios. */
function gauss(scale: number): number[] {
  const squared = GAUSS_RATIOS[scale];
  const weights = [ONE];
  for (let level = 1, ratio = squared; level <= MAX_LEVEL; level++) {
    weights.push(scaled(weights[level - 1], ratio));
    ratio = scaled(scaled(ratio, squared), squared);
  }
  return normalised(weights);
}

/** A Laplace density integrated over [level - 1/2, level + 1/2]. */
function laplace(scale: number): number[] {
  const half = LAPLACE_RATIOS[scale - LAPLACE_FIRST];
  const weights = [ONE - half, Math.floor(scaled(half, ONE - scaled(half, half)) / 2)];
  for (let level = 2; level <= MAX_LEVEL; level++)
    weights.push(scaled(scaled(weights[level - 1], half), half));
  return normalised(weights);
}

/** What a plateau's height is in units of its edge: exp of 3, 6 and 10 edge widths. */
const PLATEAUS = [20, 403, 22026];
/** Classes by which the edge of a plateau is narrower than its deviation. */
const EDGES = [3, 6, 8];

/**
 * A plateau with soft edges, 1 / (1 + exp((level - a) / b)): trained weights that were drawn from a uniform
 * distribution keep its shape. `between` takes the levels 0, 1/2, 3/2, ...
 */
function plateau(kind: number, scale: number, between: boolean): number[] {
  const height = PLATEAUS[kind];
  const index = scale - EDGES[kind] - LAPLACE_FIRST;
  const half = LAPLACE_RATIOS[Math.max(0, index)];
  const whole = scaled(half, half);
  const weight = (power: number) => ONE - Math.floor((ONE * ONE) / (ONE + height * power));
  const weights = [between ? Math.floor(weight(ONE) / 2) : weight(ONE)];
  for (let level = 1, power = between ? half : whole; level <= MAX_LEVEL; level++) {
    weights.push(between && level === 1 ? Math.floor((3 * weight(power)) / 4) : weight(power));
    power = scaled(power, whole);
  }
  return normalised(weights);
}

function mixed(a: number[], b: number[]): number[] {
  return a.map((weight, level) => weight + b[level]);
}

function shaped(shape: number, scale: number): number[] {
  switch (shape) {
    case 0:
      return gauss(scale);
    case 1:
      return mixed(gauss(scale), laplace(scale));
    case 2:
      return laplace(scale);
    case 3:
      return mixed(laplace(scale - 3), laplace(scale + 3));
    case 4:
      return mixed(laplace(scale - 6), laplace(scale + 6));
    case 8:
      return mixed(plateau(0, scale + 1, false), plateau(2, scale, false));
    default:
      return plateau(shape - 5, scale, false);
  }
}

/** Rounds weights to frequencies; a level worth an eighth of one or more gets one; level 0 gets the rest. */
function frequencies(weights: number[]): Frequencies {
  const total = weights.reduce((sum, weight, level) => sum + (level === 0 ? weight : 2 * weight), 0);
  const table = new Uint16Array(SYMBOLS);
  let rest = PROBABILITY_ONE;
  for (let level = 1; level <= MAX_LEVEL; level++) {
    const weight = weights[level] * PROBABILITY_ONE;
    const rounded = Math.floor((2 * weight + total) / (2 * total));
    const frequency = rounded === 0 && 8 * weight >= total ? 1 : rounded;
    table[MAX_LEVEL + level] = frequency;
    table[MAX_LEVEL - level] = frequency;
    rest -= 2 * frequency;
  }
  table[MAX_LEVEL] = rest;
  return table;
}

/**
 * Factors of level 0's weight, in sixteenths: index 0 is the plain family, the others make zeros rarer or up to 32
 * times likelier, as in pruned weights.
 */
export const ZERO_FACTORS = [16, 11, 23, 32, 45, 64, 91, 128, 181, 256, 512];

/** exp(-(level - 1/2)^2 / (2 s^2)) for level 1 and on; level 0 has half a cell, level 1 three quarters of one. */
function gaussBetween(scale: number): number[] {
  const squared = scaled(GAUSS_RATIOS[scale], GAUSS_RATIOS[scale]);
  let run = GAUSS_RATIOS[scale + HALVED];
  const weights = [ONE / 2, Math.floor((3 * run) / 4)];
  for (let level = 2, ratio = squared; level <= MAX_LEVEL; level++) {
    run = scaled(run, ratio);
    weights.push(run);
    ratio = scaled(ratio, squared);
  }
  return normalised(weights);
}

/** A Laplace density integrated over the cells of levels at 0, 1/2, 3/2, 5/2, ... */
function laplaceBetween(scale: number): number[] {
  const half = LAPLACE_RATIOS[scale - LAPLACE_FIRST];
  const quarter = LAPLACE_RATIOS[scale + HALVED - LAPLACE_FIRST];
  const whole = scaled(half, half);
  let run = Math.floor((ONE - whole) / 2);
  const weights = [ONE - quarter, Math.floor((quarter - whole) / 2)];
  for (let level = 2; level <= MAX_LEVEL; level++) {
    run = scaled(run, whole);
    weights.push(run);
  }
  return normalised(weights);
}

function shapedBetween(shape: number, scale: number): number[] {
  switch (shape) {
    case 0:
      return gaussBetween(scale);
    case 1:
      return mixed(gaussBetween(scale), laplaceBetween(scale));
    case 2:
      return laplaceBetween(scale);
    case 3:
      return mixed(laplaceBetween(scale - 3), laplaceBetween(scale + 3));
    case 4:
      return mixed(laplaceBetween(scale - 6), laplaceBetween(scale + 6));
    case 8:
      return mixed(plateau(0, scale + 1, true), plateau(2, scale, true));
    default:
      return plateau(shape - 5, scale, true);
  }
}

const made = new Map<number, Frequencies>();

/**
 * The parametric table of a shape (0 .. 4), zero factor (index in ZERO_FACTORS) and scale class (0 .. 27). Quantiser
 * 0 has levels at whole steps, quantiser 1 of the trellis at 0 and the odd half steps. Not to be written to.
 */
export function symbolTable(shape: number, zero: number, scale: number, quantiser: 0 | 1): Frequencies {
  const key = ((zero * 2 + quantiser) * SHAPES + shape) * SCALES + scale;
  let table = made.get(key);
  if (table === undefined) {
    const weights = quantiser === 0 ? shaped(shape, scale) : shapedBetween(shape, scale);
    weights[0] = Math.floor((weights[0] * ZERO_FACTORS[zero]) / 16);
    table = frequencies(weights);
    made.set(key, table);
  }
  return table;
}

/** The parametric table of version 1. */
export function parametricTable(shape: number, scale: number): Frequencies {
  return symbolTable(shape, 0, scale, 0);
}

/** Level 0 always, in no bits: the table of padding. */
export const NULL_TABLE: Frequencies = Uint16Array.from({ length: SYMBOLS }, (_, symbol) =>
  symbol === MAX_LEVEL ? PROBABILITY_ONE : 0,
);
