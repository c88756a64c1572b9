/**
 * One tensor to symbols: what to code (kernels or their DCT), with which contexts, step and quantiser, each chosen by
 * measured bits. Goals: a signal-to-noise ratio, a price of bits (lambda), or a given step.
 */

import { canTransform, restoreKernels, type Transform, transformKernels } from '../kernel-transform.ts';
import { joinLevel, splitLevel } from '../low-bits.ts';
import { quantise as roundOne, stepForSqnr } from '../step.ts';
import { type Frequencies, MAX_LEVEL } from '../tables.ts';
import type { Tensor } from '../tensor.ts';
import {
  CODING_RANS,
  type ContextModel,
  MAX_ABSOLUTE_LEVEL,
  MAX_LOW_BITS,
  parametricTables,
  type TensorRecord,
  TRANSMITTED,
} from '../tensor-record.ts';
import { SMALLEST_TRELLIS, TRELLIS_CODES } from '../trellis.ts';
import type { Calibration } from './calibration.ts';
import { classBits, countSymbols, type Family, fitFamily, pricesOf, searchFamily } from './class-contexts.ts';
import {
  type FeedbackCache,
  feedbackCache,
  feedsTrellis,
  type Matrix,
  quantiseTrellisWithFeedback,
  quantiseWithFeedback,
} from './feedback-quantise.ts';
import { meanCurvature } from './moments.ts';
import { type Plan, planContexts } from './plan-contexts.ts';
import { type Problem, type Quantised, quantiseScalar, quantiseTrellis, roundAll } from './quantise.ts';
import { fitTransmitted } from './transmit.ts';

/** What is asked of a tensor. */
export type Goal =
  | { readonly kind: 'sqnr'; readonly db: number }
  /**
   * `lambda`: distortion that a bit is worth, in the tensor's measure of distortion. `step`: the step to take, where a
   * neighbouring lambda has found it; else the best one is sought.
   */
  | { readonly kind: 'lambda'; readonly lambda: number; readonly step?: number }
  /** Step as given; with a lambda bits are weighed in, with 0 every weight goes to the nearest level. */
  | { readonly kind: 'step'; readonly step: number; readonly lambda: number };

export interface EncodedTensor {
  readonly record: TensorRecord & { readonly context: ContextModel };
  /** -63 .. 63, each of a frequency above 0 in its table. */
  readonly symbols: Int8Array;
  /** What the side list adds, by element; 0 almost everywhere. */
  readonly addends: ReadonlyMap<number, number>;
  /** Low parts by element; null where there are no low bits. */
  readonly low: Uint8Array | null;
  /** Quantiser of each symbol; null without the trellis. */
  readonly quantisers: Uint8Array | null;
  /** The weights as a decoder gives them. */
  readonly decoded: Float32Array;
  /** Bits of symbols and classes, about. */
  readonly bits: number;
  /** What the calibration says that the errors count (encoder/calibration.ts); 0 where no lambda weighed them. */
  readonly distortion: number;
}

/** Spread of levels above which low bits go raw, and above which a tensor is better stored raw altogether. */
const MAX_SPREAD = 12;
const MAX_CODED_SPREAD = 20 * 2 ** MAX_LOW_BITS;
/** Mean squared error in squared steps: of rounding, and of the trellis (measured at high rate). */
const ROUNDING_ERROR = 1 / 12;
const TRELLIS_ERROR = 0.265;
/** A trellis step with the error of a rounding step of 1. */
const TRELLIS_STEP = Math.sqrt(ROUNDING_ERROR / TRELLIS_ERROR);
/** At high rate a bit more divides the error by 4: the price at which a step is the right one, in squared steps. */
const PRICE = 2 * Math.LN2;
/** The trellis does best with a bit a little cheaper than that (measured at 25 dB). */
const TRELLIS_PRICE = 0.85 * PRICE;
/** Up to so many bits a weight a tensor is tried with fewest states and without the trellis: where most are 0 states cost. */
const TRELLIS_DOUBT_BITS = 2;
/** Coefficients take time to turn back: they must save this share. */
const TRANSFORM_GAIN = 0.99;
/** Fewer elements than this have no use for the trellis. */
const MIN_TRELLIS = 64;

/** Deviation of a normal distribution with the same 99th percentile of |value|: outliers do not widen it. */
function spreadOf(data: Float32Array, step: number): number {
  const sorted = Float32Array.from(data, Math.abs).sort();
  return sorted[Math.floor(0.99 * (sorted.length - 1))] / (2.576 * step);
}

/** Everything about a tensor that does not depend on the step. */
class Work {
  readonly tensor: Tensor;
  readonly transform: Transform;
  /** Weights or coefficients. */
  readonly data: Float32Array;
  readonly signal: number;
  readonly matrix: Matrix;
  readonly feedback: FeedbackCache | null;
  readonly calibration: Calibration | undefined;

  constructor(tensor: Tensor, transform: Transform, calibration: Calibration | undefined) {
    this.tensor = tensor;
    this.transform = transform;
    this.calibration = calibration;
    this.data = tensor.data;
    if (transform !== 0) {
      this.data = tensor.data.slice();
      transformKernels(this.data, tensor.shape, transform);
    }
    let signal = 0;
    for (const value of tensor.data) signal += value * value;
    this.signal = signal;
    const outputsFirst = calibration?.outputAxis === 'first';
    const outputs = outputsFirst ? tensor.shape[0] : tensor.shape[tensor.shape.length - 1];
    this.matrix = { columns: tensor.data.length / outputs, outputs, outputsFirst };
    const moments = calibration?.moments;
    const cache = moments === undefined ? null : feedbackCache(moments, this.matrix.columns);
    this.feedback = cache?.natural() ? cache : null;
  }

  /** Mean over weights of what a squared error counts with moments, but for the sensitivity. */
  feedbackCurvature(): number {
    const weights = this.calibration?.outputWeights;
    const outputs = weights === undefined ? 1 : weights.reduce((sum, w) => sum + w, 0) / weights.length;
    return outputs * meanCurvature(this.feedback!.natural()!);
  }

  /** What a squared error of a weight counts on average, once other weights have answered. */
  curvature(): number {
    const { calibration, tensor } = this;
    const sensitivity = calibration?.sensitivity ?? 1;
    if (this.feedback !== null) return sensitivity * this.feedbackCurvature();
    if (calibration?.importance !== undefined) {
      const sum = calibration.importance.reduce((a, b) => a + b, 0);
      return (sensitivity * sum) / tensor.data.length;
    }
    // Uncalibrated: error against energy, so that a bit is worth the same share of every tensor's weights.
    return sensitivity * (this.signal > 0 ? tensor.data.length / this.signal : 1);
  }
}

/** The code that can be taken where another one is asked for: with error feedback only the smallest. */
function trellisFor({ feedback, matrix }: Work, wanted: number): number {
  if (feedback === null || wanted === 0) return wanted;
  return feedsTrellis(matrix) ? SMALLEST_TRELLIS : 0;
}

/** A quantiser at a step, with prices that settle over a few rounds. */
class Coder {
  readonly work: Work;
  /** Number of the code; 0: none. */
  readonly trellis: number;
  plan: Plan;
  family: Family;

  constructor(work: Work, plan: Plan, trellis: number) {
    this.work = work;
    this.plan = plan;
    this.family = plan.family;
    this.trellis = trellis;
  }

  /** @param lambda squared steps that a bit is worth, against a curvature of 1 */
  quantise(step: number, lambda: number): Quantised {
    const { data, calibration, feedback, matrix } = this.work;
    const { sums } = this.plan;
    const problem: Problem = { data, step, sums, prices: pricesOf(this.family), lambda, importance: null };
    let found: Quantised;
    if (feedback !== null) {
      const outputWeights = calibration?.outputWeights ?? null;
      const scaled = {
        ...problem,
        lambda: lambda * this.work.feedbackCurvature(),
        matrix,
        feedback,
        outputWeights,
      };
      found =
        this.trellis > 0 && feedsTrellis(matrix)
          ? quantiseTrellisWithFeedback(scaled)
          : quantiseWithFeedback(scaled);
    } else {
      const importance = calibration?.importance;
      const mean = importance === undefined ? 1 : importance.reduce((a, b) => a + b, 0) / importance.length;
      const weighted =
        importance === undefined
          ? problem
          : { ...problem, importance: importance.map((w) => w / (mean || 1)) };
      const code = TRELLIS_CODES[this.trellis];
      found = code ? quantiseTrellis(weighted, code) : quantiseScalar(weighted);
    }
    this.family = fitFamily(countSymbols(found.symbols, sums, found.quantisers), this.family);
    return found;
  }
}

function errorOf(data: Float32Array, levels: Int32Array, step: number): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    const error = data[i] - Math.fround(levels[i] * step);
    sum += error * error;
  }
  return sum;
}

interface Candidate {
  readonly found: Quantised;
  readonly step: number;
  readonly family: Family;
  readonly distortion?: number;
}

/** Step and levels that reach a signal-to-noise ratio, bits weighed in. */
function reachSqnr(coder: Coder, db: number, roundingStep: number): Candidate {
  const { data, signal } = coder.work;
  const most = signal / 10 ** (db / 10);
  const lambda = coder.trellis > 0 ? TRELLIS_PRICE * TRELLIS_ERROR : PRICE * ROUNDING_ERROR;
  let step = Math.fround(roundingStep * (coder.trellis > 0 ? TRELLIS_STEP : 1));
  let best: Candidate | null = null;
  for (let round = 0; round < 12; round++) {
    const found = coder.quantise(step, lambda);
    const error = errorOf(data, found.levels, step);
    const ratio = most / error;
    if (ratio >= 1) {
      if (best === null || step > best.step) best = { found, step, family: coder.family };
      if (ratio < 1.001) break;
    }
    // Aims a little inside, more so the longer it takes.
    const next = Math.fround(step * Math.sqrt(ratio * (1 - Math.min(0.5, 0.0002 * 2 ** round))));
    if (best !== null && (round >= 6 || next <= best.step)) break;
    if (!(next > 0) || next === step) break;
    step = next;
  }
  if (best !== null) return best;
  const rounded = roundAll(data, roundingStep);
  const family = fitFamily(countSymbols(rounded.symbols, coder.plan.sums, null), coder.family);
  return { found: rounded, step: roundingStep, family };
}

/** Smallest parts of the classes' price at very coarse steps: the plan is made no coarser than this share of the RMS. */
const COARSEST = 2;

/**
 * @returns null where the tensor is better stored raw
 */
export function encodeTensor(
  tensor: Tensor,
  goal: Goal,
  options: { readonly trellis: number; readonly calibration?: Calibration },
): EncodedTensor | null {
  const plain = new Work(tensor, 0, options.calibration);
  if (!Number.isFinite(plain.signal)) return null;
  const rms = Math.sqrt(plain.signal / tensor.data.length);
  let roundingStep: number;
  if (goal.kind === 'step') roundingStep = goal.step;
  else if (goal.kind === 'sqnr') roundingStep = stepForSqnr(tensor.data, goal.db);
  else roundingStep = Math.sqrt(goal.lambda / (PRICE * ROUNDING_ERROR * plain.curvature()));
  if (plain.signal === 0 && goal.kind !== 'step') roundingStep = 1;
  roundingStep = Math.fround(
    Math.min(roundingStep, rms > 0 && goal.kind === 'lambda' ? 8 * rms : roundingStep),
  );
  // Below 2^-126 floats lose bits, and so would the products.
  if (!(roundingStep >= 2 ** -126)) return null;
  if (tensor.data.some((value) => Math.abs(value) / roundingStep > MAX_ABSOLUTE_LEVEL / 2)) return null;
  const spread = spreadOf(tensor.data, roundingStep);
  if (spread > MAX_CODED_SPREAD) return null;
  if (spread > MAX_SPREAD) {
    const fine = encodeFine(tensor, roundingStep, spread);
    if (goal.kind !== 'lambda') return fine;
    return { ...fine, distortion: plain.curvature() * errorBetween(tensor.data, fine.decoded) };
  }

  const planStep = rms > 0 && goal.kind === 'lambda' ? Math.min(roundingStep, COARSEST * rms) : roundingStep;
  let work = plain;
  let plan = planContexts(plain.data, tensor.shape, planStep);
  if (plain.feedback === null && options.calibration?.importance === undefined && goal.kind === 'sqnr') {
    for (const transform of [1, 2] as const) {
      if (!canTransform(tensor.shape, transform)) continue;
      const other = new Work(tensor, transform, undefined);
      const found = planContexts(other.data, tensor.shape, planStep);
      if (found.bits < TRANSFORM_GAIN * plan.bits) [work, plan] = [other, found];
    }
  }
  const rounding = goal.kind === 'step' && goal.lambda === 0;
  const trellis = rounding || tensor.data.length < MIN_TRELLIS ? 0 : options.trellis;
  const coder = new Coder(work, plan, trellisFor(work, trellis));
  if (rounding) {
    const found = roundAll(work.data, roundingStep);
    return finish(coder, { found, step: roundingStep, family: plan.family });
  }
  if (goal.kind === 'sqnr') {
    let target = goal.db;
    for (;;) {
      const encoded = finish(coder, reachSqnr(coder, target, roundingStep));
      // The transform's float32 sums may cost a hair of the target.
      const most = plain.signal / 10 ** (goal.db / 10);
      if (encoded === null || work.transform === 0 || errorBetween(tensor.data, encoded.decoded) <= most) {
        if (encoded === null || trellis === 0 || encoded.bits > TRELLIS_DOUBT_BITS * tensor.data.length)
          return encoded;
        const fewer = trellis > SMALLEST_TRELLIS ? SMALLEST_TRELLIS : 0;
        const simpler = encodeTensor(tensor, goal, { ...options, trellis: fewer });
        return simpler !== null && simpler.bits < encoded.bits ? simpler : encoded;
      }
      target += 0.001;
    }
  }
  if (goal.kind === 'step') {
    return finish(coder, weighed(coder, roundingStep, goal.lambda, coder.family).candidate);
  }
  if (goal.step !== undefined) {
    return finish(coder, weighed(coder, Math.fround(goal.step), goal.lambda, coder.family).candidate);
  }
  return finish(
    coder,
    cheapestStep(coder, roundingStep * (coder.trellis > 0 ? TRELLIS_STEP : 1), goal.lambda),
  );
}

interface Weighed {
  readonly candidate: Candidate;
  /** Distortion + lambda * bits. */
  readonly cost: number;
}

/** Levels at a step with bits weighed in; the prices are those of the levels after a few rounds. */
function weighed(coder: Coder, step: number, lambda: number, family: Family): Weighed {
  const { work } = coder;
  const curvature = work.curvature();
  const price = lambda / (curvature * step * step || 1);
  const start = PRICE * (coder.trellis > 0 ? TRELLIS_ERROR : ROUNDING_ERROR);
  coder.family = family;
  coder.quantise(step, Math.min(price, start));
  coder.quantise(step, price);
  const found = coder.quantise(step, price);
  const { importance, sensitivity = 1 } = work.calibration ?? {};
  let distortion = 0;
  if (found.distortion !== undefined) distortion = sensitivity * found.distortion * step * step;
  else if (importance !== undefined) {
    for (let i = 0; i < importance.length; i++) {
      distortion += sensitivity * importance[i] * (work.data[i] - found.levels[i] * step) ** 2;
    }
  } else distortion = curvature * errorOf(work.data, found.levels, step);
  const cost = distortion + lambda * coder.family.bits;
  return { candidate: { found, step, family: coder.family, distortion }, cost };
}

/** At low rates the best step is finer than high rate says: descent in factors of 2^(-1/2) or so. */
const STEP_FACTORS = [0.72, 1.25];

function cheapestStep(coder: Coder, first: number, lambda: number): Candidate {
  const family = coder.family;
  let best = weighed(coder, Math.fround(first), lambda, family);
  for (const factor of STEP_FACTORS) {
    let won = false;
    for (let tries = 0; tries < 6; tries++) {
      const step = Math.fround(best.candidate.step * factor);
      const other = weighed(coder, step, lambda, family);
      if (!(other.cost < best.cost)) break;
      best = other;
      won = true;
    }
    if (won) break;
  }
  return best.candidate;
}

function errorBetween(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

function contextOf(plan: Plan, family: Family, trellis: number, lowBits: number): ContextModel {
  const { shape, zero, base } = family;
  return {
    shape,
    zero,
    base,
    lowBits,
    classes: plan.axes.map((of) => of && of.classes.map((value) => value * of.unit)),
    units: plan.axes.map((of) => of?.unit ?? 1),
    tables: parametricTables(shape, zero, 0),
    trellis,
    between: trellis > 0 ? parametricTables(shape, zero, 1) : null,
  };
}

function transmittedContext(rank: number, tables: readonly Frequencies[], trellis: number): ContextModel {
  const axes = new Array<null>(rank).fill(null);
  const [table, between] = tables;
  const units = new Array<number>(rank).fill(1);
  const base = { shape: TRANSMITTED, zero: 0, base: 0, lowBits: 0, classes: axes, units, trellis };
  return { ...base, tables: [table], between: between === undefined ? null : [between] };
}

/** The record and the symbols that go into segments. */
function finish(
  coder: Coder,
  { found, step, family: near, distortion = 0 }: Candidate,
): EncodedTensor | null {
  const { work, plan } = coder;
  const { tensor, transform } = work;
  const { quantisers } = found;
  const trellis = quantisers === null ? 0 : coder.trellis;
  const counts = countSymbols(found.symbols, plan.sums, quantisers);
  const family = searchFamily(counts, near.base);
  const transmitted = fitTransmitted(counts, quantisers === null ? 1 : 2);
  const parametricBits = family.bits + classBits(plan.axes);
  const parametric = parametricBits <= transmitted.bits;
  const context = parametric
    ? contextOf(plan, family, trellis, 0)
    : transmittedContext(tensor.shape.length, transmitted.tables, trellis);
  const bits = Math.min(parametricBits, transmitted.bits);
  const symbols = found.symbols;
  const addends = new Map<number, number>();
  const decoded = new Float32Array(tensor.data.length);
  for (let i = 0; i < symbols.length; i++) {
    const quantiser = quantisers === null ? 0 : quantisers[i];
    const own = quantisers === null ? symbols[i] : 2 * symbols[i] - Math.sign(symbols[i]) * quantiser;
    if (own !== found.levels[i]) addends.set(i, found.levels[i] - own);
    decoded[i] = found.levels[i] * step;
  }
  restoreKernels(decoded, tensor.shape, transform);
  const { name, shape } = tensor;
  const record = {
    name,
    shape,
    elements: decoded.length,
    coding: CODING_RANS,
    step,
    context,
    transform,
  } as const;
  return { record, symbols, addends, low: null, quantisers, decoded, bits, distortion };
}

/** Very fine levels: the low bits go raw, the rest is rounded and coded without the trellis. */
function encodeFine(tensor: Tensor, step: number, spread: number): EncodedTensor {
  const { name, shape, data } = tensor;
  let lowBits = 0;
  while (lowBits < MAX_LOW_BITS && spread / 2 ** lowBits > MAX_SPREAD) lowBits++;
  const levels = Int32Array.from(data, (value) => roundOne(value, step));
  const splits = Array.from(levels, (level) => splitLevel(level, lowBits));
  const symbols = Int8Array.from(splits, ({ high }) => Math.max(-MAX_LEVEL, Math.min(MAX_LEVEL, high)));
  const low = Uint8Array.from(splits, (split) => split.low);
  const plan = planContexts(data, shape, step * 2 ** lowBits);
  const addends = new Map<number, number>();
  const decoded = new Float32Array(data.length);
  for (let i = 0; i < symbols.length; i++) {
    const addend = splits[i].high - symbols[i];
    if (addend !== 0) addends.set(i, addend);
    decoded[i] = joinLevel(splits[i].high, low[i], lowBits) * step;
  }
  const family = fitFamily(countSymbols(symbols, plan.sums, null), plan.family);
  const context = contextOf(plan, family, 0, lowBits);
  const record = {
    name,
    shape,
    elements: data.length,
    coding: CODING_RANS,
    step,
    context,
    transform: 0,
  } as const;
  const bits = family.bits + classBits(plan.axes) + lowBits * data.length;
  return { record, symbols, addends, low, quantisers: null, decoded, bits, distortion: 0 };
}
