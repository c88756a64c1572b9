/**
 * One compression of the weights at one price of a bit, or into a number of bytes. From the price lambda all follows:
 * where an error of d costs h d^2 / 2, plain rounding to steps s costs h s^2 / 24, and half the step costs one bit, so
 *
 *     s = sqrt(12 lambda / (ln 2 h))
 *
 * is where one more bit is worth its price. That holds where steps are small; where most weights become zero wider ones
 * do better, hence `width`. h is the mean curvature of a layer. Which weights become zero is decided one by one
 * (quantise.ts), by their own curvature, by the layer's mean, or by something between: single ones are noisy estimates.
 * Measured on people-vs-poles at 48 kB without any training afterwards: 1.9 nats lost with half of each and a width of
 * 2, 3.7 with single curvatures.
 */
import { type CodedLayer, layerOf, mean } from './layers.ts';
import { dequantise, quantiseLayer } from './quantise.ts';

export interface CodeProblem {
  readonly layers: readonly CodedLayer[];
  readonly vector: Float32Array;
  /** Second derivatives of the loss by weight. */
  readonly curvature: Float32Array;
  /** Length of the file that holds the decoded vector. */
  bytes(decoded: Float32Array, steps: readonly number[]): number;
}

/** What a compression is made by. Plain data: checkpoints hold it. */
export interface Pricing {
  /** Nats that a bit is worth, in units of the curvature. */
  readonly price: number;
  /** Factor on the steps. */
  readonly width: number;
  /** How far a weight is judged by its layer's mean curvature: 0 by its own (Optimal Brain Damage), 1 by magnitude. */
  readonly levelling: number;
}

export interface Code {
  readonly pricing: Pricing;
  /** Quantiser step of each layer. */
  readonly steps: readonly number[];
  readonly levels: readonly Int32Array[];
  /** The vector as a decoder gives it. */
  readonly decoded: Float32Array;
  /** Of the file. */
  readonly bytes: number;
}

/** A file falls short of its bytes by no more than this part, if the price can bring it there. */
const TOLERANCE = 0.01;
const FILES = 4;
/** Where none of them fits, so many more are made, each meant to be smaller by another TOLERANCE. */
const MORE_FILES = 8;
const TRIES = 8;
/** How the logarithm of bytes falls with that of the price, about, and how far it may be from that. */
const SLOPE = -0.45;
const SLOPES = [-1.5, -0.1] as const;
const LONGEST_MOVE = 3;

/** The vector quantised at a price. @param steps left out: those that the price makes right */
export function codeAt(problem: CodeProblem, pricing: Pricing, steps?: readonly number[]): Code {
  const { bits: _, ...code } = quantiseAt(problem, pricing, steps);
  return { ...code, bytes: problem.bytes(code.decoded, code.steps) };
}

/**
 * The vector in at most `bytes` where a price is found that does so in a few files; else the smallest that was made.
 * @param steps left out: those that the price makes right
 */
export function codeToBytes(
  problem: CodeProblem,
  pricing: Pricing,
  bytes: number,
  steps?: readonly number[],
): Code {
  // The rate model's bits stand for the file while the price is looked for; each file corrects it.
  let bytesPerBit = 1 / 8;
  let price = pricing.price > 0 ? pricing.price : firstPrice(problem);
  let best: Code | undefined;
  for (let file = 0; file < FILES + MORE_FILES; file++) {
    const more = Math.max(0, file - FILES + 1);
    if (more > 0 && best && best.bytes <= bytes) break;
    const wanted = (bytes * (1 - (0.5 + more) * TOLERANCE)) / bytesPerBit;
    const found = priceOfBits(problem, { ...pricing, price }, wanted, steps);
    const { bits, ...code } = found;
    const made = { ...code, bytes: problem.bytes(code.decoded, code.steps) };
    price = made.pricing.price;
    bytesPerBit = made.bytes / bits;
    const fits = made.bytes <= bytes;
    const better = !best || (best.bytes > bytes ? made.bytes < best.bytes : fits && made.bytes > best.bytes);
    if (better) best = made;
    if (fits && made.bytes >= bytes * (1 - TOLERANCE)) break;
  }
  return best!;
}

type Quantised = Omit<Code, 'bytes'> & { readonly bits: number };

/** A secant on the logarithms of bits and price. */
function priceOfBits(
  problem: CodeProblem,
  pricing: Pricing,
  wanted: number,
  steps?: readonly number[],
): Quantised {
  let made = quantiseAt(problem, pricing, steps);
  let slope = SLOPE;
  for (let i = 0; i < TRIES; i++) {
    const excess = Math.log(made.bits / wanted);
    if (Math.abs(excess) < TOLERANCE / 4) break;
    const move = Math.max(-LONGEST_MOVE, Math.min(LONGEST_MOVE, -excess / slope));
    const { price } = made.pricing;
    const next = quantiseAt(problem, { ...pricing, price: price * Math.exp(move) }, steps);
    const seen = Math.log(next.bits / made.bits) / move;
    if (Number.isFinite(seen)) slope = Math.max(SLOPES[0], Math.min(SLOPES[1], seen));
    made = next;
  }
  return made;
}

function quantiseAt(problem: CodeProblem, pricing: Pricing, given?: readonly number[]): Quantised {
  const { layers, vector, curvature } = problem;
  const { price, width, levelling } = pricing;
  const decoded = vector.slice();
  const steps: number[] = [];
  let bits = 0;
  const levels = layers.map((layer, i) => {
    const weights = layerOf(vector, layer);
    const own = layerOf(curvature, layer);
    const common = mean(own);
    steps[i] = given?.[i] ?? stepAt(price, common, width);
    const h = own.map((value) => value + levelling * (common - value));
    const coded = quantiseLayer(weights, h, layer.shape, steps[i], price);
    dequantise(coded.levels, steps[i], layerOf(decoded, layer));
    bits += coded.bits;
    return coded.levels;
  });
  return { pricing, steps, levels, decoded, bits };
}

/** Where one more bit is worth `price`. A layer whose curvature is 0 is of no use: one level takes all of it. */
function stepAt(price: number, curvature: number, width: number): number {
  return Math.fround(Math.min(1e6, width * Math.sqrt((12 * price) / (Math.LN2 * curvature))));
}

/** The price at which an error as large as the weights themselves is right. */
function firstPrice({ layers, vector, curvature }: CodeProblem): number {
  let cost = 0;
  let size = 0;
  for (const layer of layers) {
    const weights = layerOf(vector, layer);
    layerOf(curvature, layer).forEach((h, i) => {
      cost += h * weights[i] * weights[i];
    });
    size += layer.size;
  }
  return (Math.LN2 / 12) * (cost / size);
}
