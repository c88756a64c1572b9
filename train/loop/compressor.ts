/**
 * Compression inside the training of people-vs-poles: every N steps the averaged weights are compressed
 * (train/compress), decoded, and training goes on from them, on their grid: the network computes with the decoded
 * weights, the optimiser moves fine ones beneath. lambda = 0 is no compressor at all, plain training.
 *
 * The calibration set are views of the training set that training itself never draws: always the same ones, so that
 * two candidates differ by their weights alone.
 */
import { type NetworkSpec, type Weights, weightShapes } from '../../src/network/spec.ts';
import { type Code, type CodeProblem, codeAt, codeToBytes, type Pricing } from '../compress/code-to-bytes.ts';
import { type CodedLayer, layerOf } from '../compress/layers.ts';
import { dequantise } from '../compress/quantise.ts';
import { Recovery } from '../compress/recovery.ts';
import { levelOnGrid, onOpenGrid } from '../compress/straight-through.ts';
import type { OptimizerState } from './optimizer.ts';
import { networkWeights, type Parameters } from './parameters.ts';
import type { Team } from './team.ts';

export interface CompressionSettings {
  /** Nats of the total loss that a bit of the file is worth. */
  readonly rateLambda: number;
  /** Steps between two cycles. */
  readonly everySteps: number;
  /** The file ends with at most so many bytes; left out: lambda alone says how large it gets. */
  readonly targetBytes?: number;
  /** What an error of attention's weights counts beside one of the detail network's, where bits are shared out. Default 1. */
  readonly attentionWeight?: number;
}

/** Length of the file that these weights make. @param steps quantiser steps by tensor name */
export type FileBytes = (weights: Weights, steps: Readonly<Record<string, number>>) => number;

/** What a cycle chose, for checkpoints: plain data. */
export interface CompressionChoice {
  readonly pricing: Pricing;
  readonly steps: readonly number[];
}

/** What a cycle did. */
export interface Cycle {
  readonly bytes: number;
  /** On the calibration set, with the decoded weights. */
  readonly loss: number;
  readonly price: number;
}

/** Tensors below this stay raw, as in the codec. */
const MIN_CODED_ELEMENTS = 32;
const CALIBRATION_STEPS = 4;
/** Step numbers that no training reaches: their views are not learned from. */
const CALIBRATION_FROM = 2 ** 30;
/** Of the running mean of squared gradients. */
const CURVATURE_WEIGHT = 1 / 200;
/** With a target, the first cycle may take so many times its bytes; the target itself holds from this progress on. */
const FIRST_TARGET = 3;
const TARGET_AT = 0.4;
/** Where the search begins: see code-to-bytes.ts. */
const FIRST_PRICING = { width: 2, levelling: 0.5 } as const;
const WIDTH_FACTOR = 1.4;
const PRICE_FACTOR = 1.6;
/**
 * How far weights near zero are drawn to it, in steps of the optimiser. Strong: which weights are left should be what
 * gradients hold, not what a noisy curvature says at once (docs/experiments/compression.md).
 */
const PULL = 0.3;

/** Tensors of the network that are quantised: the heads that are not shipped are left alone. */
export function codedLayers(spec: NetworkSpec, parameters: Parameters): CodedLayer[] {
  const shipped = new Set(weightShapes(spec).map(({ name }) => name));
  return parameters.list.filter(
    ({ name, shape, size }) => shipped.has(name) && shape.length > 1 && size >= MIN_CODED_ELEMENTS,
  );
}

export class Compressor {
  readonly #spec: NetworkSpec;
  readonly #parameters: Parameters;
  readonly #settings: CompressionSettings;
  readonly #fileBytes: FileBytes;
  readonly #layers: CodedLayer[];
  readonly #curvature: Float32Array;
  readonly #recovery = new Recovery();
  #seen = 0;
  #choice: CompressionChoice | undefined;
  #bytes = Number.NaN;

  /** @param resumed what the run's last cycle chose */
  constructor(
    spec: NetworkSpec,
    parameters: Parameters,
    settings: CompressionSettings,
    fileBytes: FileBytes,
    resumed?: CompressionChoice,
  ) {
    this.#spec = spec;
    this.#parameters = parameters;
    this.#settings = settings;
    this.#fileBytes = fileBytes;
    this.#layers = codedLayers(spec, parameters);
    this.#curvature = new Float32Array(parameters.size);
    this.#choice = resumed;
  }

  /** What the last cycle chose, for checkpoints. */
  get choice(): CompressionChoice | undefined {
    return this.#choice;
  }

  /** Quantiser steps by tensor name; undefined before the first cycle. */
  get steps(): Record<string, number> | undefined {
    return this.#choice && this.#stepsByName(this.#choice.steps);
  }

  /** Bytes of the file that the last cycle made. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes what the network computes with: fine weights before the first cycle, then their nearest levels. */
  decode(fine: Float32Array, out: Float32Array): void {
    if (this.#choice) onOpenGrid(fine, this.#layers, this.#choice.steps, out);
    else out.set(fine);
  }

  /** A file that takes less than it may has no reason to lose more weights. */
  get #isSmallEnough(): boolean {
    const { targetBytes } = this.#settings;
    return targetBytes !== undefined && this.#bytes <= targetBytes;
  }

  isDue(step: number): boolean {
    return step > 0 && step % this.#settings.everySteps === 0;
  }

  /** Learns curvature from a step's gradient. @param samples views of the step */
  beforeStep(gradient: Float32Array, samples: number): void {
    const weight = Math.max(CURVATURE_WEIGHT, 1 / ++this.#seen);
    const held = this.#curvature;
    for (let i = 0; i < gradient.length; i++) {
      held[i] += weight * (samples * gradient[i] * gradient[i] - held[i]);
    }
  }

  /** Draws weights that are hardly more than nothing to zero: what no gradient holds there costs bits for nothing. @param stepSize of the optimiser, root mean square */
  afterStep({ weights }: OptimizerState, stepSize: number): void {
    if (!this.#choice || this.#isSmallEnough) return;
    const most = PULL * stepSize;
    for (const [i, layer] of this.#layers.entries()) {
      const near = 1.5 * this.#choice.steps[i];
      const values = layerOf(weights, layer);
      for (let k = 0; k < values.length; k++) {
        const size = Math.abs(values[k]);
        if (size < near) values[k] -= Math.sign(values[k]) * Math.min(size, most);
      }
    }
  }

  /** Compresses the averaged weights; training goes on from what they decode to. @param progress 0..1 */
  async cycle(team: Team, { weights, average }: OptimizerState, progress: number): Promise<Cycle> {
    const { targetBytes } = this.#settings;
    const over = 1 - Math.min(1, progress / TARGET_AT);
    const bytes = targetBytes && targetBytes * FIRST_TARGET ** over;
    const held = new Float32Array(average.length);
    this.decode(average, held);
    const lossBefore = await this.#loss(team, held);
    this.#recovery.trained(lossBefore);
    let best: { code: Code; loss: number; score: number } | undefined;
    const consider = async (code: Code) => {
      const loss = await this.#loss(team, code.decoded);
      const score = this.#score(code.bytes, loss, lossBefore, bytes);
      if (!best || score < best.score) best = { code, loss, score };
    };
    for (const make of this.#candidates(average, held, bytes)) await consider(make(best?.code.pricing));
    const { code, loss } = best!;
    this.#recovery.compressed(lossBefore, loss);
    this.#bytes = code.bytes;
    this.#choice = { pricing: code.pricing, steps: code.steps };
    this.#settle(average, code);
    this.#settle(weights, code);
    return { bytes: code.bytes, loss, price: code.pricing.price };
  }

  /** The weights that are shipped: the average's nearest levels, or, where they would pass the target, fewer. */
  finish(average: Float32Array): Float32Array {
    const { targetBytes } = this.#settings;
    const decoded = new Float32Array(average.length);
    this.decode(average, decoded);
    if (!this.#choice) return decoded;
    const { pricing, steps } = this.#choice;
    this.#bytes = this.#bytesOf(decoded, steps);
    if (targetBytes === undefined || this.#bytes <= targetBytes) return decoded;
    const code = codeToBytes(this.#problem(average), pricing, targetBytes, steps);
    this.#bytes = code.bytes;
    return code.decoded;
  }

  /**
   * Ways to compress, each told what has won so far: as last time; other widths; by magnitude more, or by single
   * curvatures; and, where lambda alone says how large the file gets, dearer and cheaper bits. What the weights are now,
   * on the grid they have, is one too.
   */
  #candidates(
    average: Float32Array,
    held: Float32Array,
    bytes: number | undefined,
  ): ((best: Pricing | undefined) => Code)[] {
    const problem = this.#problem(average);
    const price = bytes === undefined ? this.#settings.rateLambda : 0;
    const first: Pricing = this.#choice?.pricing ?? { ...FIRST_PRICING, price };
    const code = (pricing: Pricing) =>
      bytes === undefined ? codeAt(problem, pricing) : codeToBytes(problem, pricing, bytes);
    const varied = (change: (pricing: Pricing) => Partial<Pricing>) => (best: Pricing | undefined) => {
      const from = best ?? first;
      return code({ ...from, ...change(from) });
    };
    const candidates = [
      () => code(first),
      varied(({ width }) => ({ width: width * WIDTH_FACTOR })),
      varied(({ width }) => ({ width: width / WIDTH_FACTOR })),
      varied(({ levelling }) => ({ levelling: levelling === 1 ? FIRST_PRICING.levelling : 1 })),
    ];
    if (bytes === undefined) {
      for (const factor of [PRICE_FACTOR, 1 / PRICE_FACTOR]) {
        candidates.push(varied(({ price }) => ({ price: price * factor })));
      }
    }
    const choice = this.#choice;
    if (choice) candidates.push(() => this.#asTheyAre(held, choice));
    return candidates;
  }

  #asTheyAre(decoded: Float32Array, { pricing, steps }: CompressionChoice): Code {
    const levels = this.#layers.map((layer, i) =>
      Int32Array.from(layerOf(decoded, layer), (w) => Math.round(w / steps[i])),
    );
    return { pricing, steps, levels, decoded, bytes: this.#bytesOf(decoded, steps) };
  }

  /** What is least wins. Of a rise of the loss only the share counts that training does not win back. */
  #score(bytes: number, loss: number, lossBefore: number, target: number | undefined): number {
    if (!Number.isFinite(loss)) return Number.POSITIVE_INFINITY;
    // Of files that are all too large the smallest wins.
    if (target !== undefined && bytes > target * MOST_OVER) return TOO_LARGE + bytes;
    const rise = loss - lossBefore;
    const counted = rise > 0 ? lossBefore + this.#recovery.keptShare * rise : loss;
    return counted + this.#settings.rateLambda * 8 * bytes;
  }

  /** Weights that the compression put on another level than their nearest go there; the others stay where they are. */
  #settle(fine: Float32Array, { levels, steps }: Code): void {
    for (const [i, layer] of this.#layers.entries()) {
      const values = layerOf(fine, layer);
      const on = new Float32Array(values.length);
      dequantise(levels[i], steps[i], on);
      for (let k = 0; k < values.length; k++) {
        if (levelOnGrid(values[k], steps[i]) !== levels[i][k]) values[k] = on[k];
      }
    }
  }

  /**
   * Curvature is that of the training loss, in which a nat of the gates counts like one of the boxes; how much of the
   * boxes' quality either is worth is for the caller to say.
   */
  get #sharedCurvature(): Float32Array {
    const { attentionWeight = 1 } = this.#settings;
    if (attentionWeight === 1) return this.#curvature;
    const weighted = this.#curvature.slice();
    const { layers, gate } = this.#spec.attention;
    const attention = new Set([...layers, gate].map(({ name }) => `${name}.w`));
    for (const layer of this.#layers) {
      if (!attention.has(layer.name)) continue;
      const own = layerOf(weighted, layer);
      for (let i = 0; i < own.length; i++) own[i] *= attentionWeight;
    }
    return weighted;
  }

  #problem(vector: Float32Array): CodeProblem {
    return {
      layers: this.#layers,
      vector,
      curvature: this.#sharedCurvature,
      bytes: (candidate, steps) => this.#bytesOf(candidate, steps),
    };
  }

  #stepsByName(steps: readonly number[]): Record<string, number> {
    return Object.fromEntries(this.#layers.map(({ name }, i) => [name, steps[i]]));
  }

  #bytesOf(vector: Float32Array, steps: readonly number[]): number {
    return this.#fileBytes(networkWeights(this.#spec, this.#parameters, vector), this.#stepsByName(steps));
  }

  async #loss(team: Team, vector: Float32Array): Promise<number> {
    team.weights.set(vector);
    const unused = new Float32Array(vector.length);
    let sum = 0;
    for (let i = 0; i < CALIBRATION_STEPS; i++) {
      sum += (await team.step(CALIBRATION_FROM + i, false, unused)).losses.total;
    }
    return sum / CALIBRATION_STEPS;
  }
}

/** A file may pass the bytes of a cycle by this factor while training goes on. */
const MOST_OVER = 1.01;
/** Above every loss. */
const TOO_LARGE = 1e9;
