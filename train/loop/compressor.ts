/**
 * Compression inside the training of people-vs-poles: every N steps the averaged weights are compressed
 * (train/compress), decoded, and training goes on from them, on their grid: the network computes with the decoded
 * weights, the optimiser moves fine ones beneath. lambda = 0 is no compressor at all, plain training.
 *
 * The calibration set are views of the training set that training itself never draws: always the same ones, so that
 * two candidates differ by their weights alone.
 */
import { type NetworkSpec, type Weights, weightShapes } from '../../src/network/spec.ts';
import {
  type CodeChoice,
  type Coded,
  type CompressionProblem,
  compressAs,
  compressOnce,
} from '../compress/cycle.ts';
import { type CodedLayer, layerOf } from '../compress/layers.ts';
import { addPull, ratePull } from '../compress/rate-pull.ts';
import { Recovery } from '../compress/recovery.ts';
import { applyMask, type Grid, gridOf, onGrid } from '../compress/straight-through.ts';
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
}

/** Length of the file that these weights make. @param steps quantiser steps by tensor name */
export type FileBytes = (weights: Weights, steps: Readonly<Record<string, number>>) => number;

/** Tensors below this stay raw, as in the codec. */
const MIN_CODED_ELEMENTS = 32;
const CALIBRATION_STEPS = 4;
/** Step numbers that no training reaches: their views are not learned from. */
const CALIBRATION_FROM = 2 ** 30;
/** Of the running mean of squared gradients. */
const CURVATURE_WEIGHT = 1 / 200;
/** With a target, the first cycle may take so many times its bytes; the target itself holds from this progress on. */
const FIRST_TARGET = 3;
const TARGET_AT = 0.5;

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
  #choice: CodeChoice | undefined;
  #grid: Grid | undefined;
  #pull: Float32Array | undefined;
  #bytes = Number.NaN;

  /** @param resumed what the run's last cycle chose; its pruned weights are the zeros of `fine` */
  constructor(
    spec: NetworkSpec,
    parameters: Parameters,
    settings: CompressionSettings,
    fileBytes: FileBytes,
    resumed?: { readonly choice: CodeChoice; readonly fine: Float32Array },
  ) {
    this.#spec = spec;
    this.#parameters = parameters;
    this.#settings = settings;
    this.#fileBytes = fileBytes;
    this.#layers = codedLayers(spec, parameters);
    this.#curvature = new Float32Array(parameters.size);
    if (resumed) this.#setGrid(resumed.choice, this.#levelsOf(resumed.fine, resumed.choice.steps, true));
  }

  /** What the last cycle chose, for checkpoints. */
  get choice(): CodeChoice | undefined {
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
    if (this.#grid) onGrid(fine, this.#grid, out);
    else out.set(fine);
  }

  isDue(step: number): boolean {
    return step > 0 && step % this.#settings.everySteps === 0;
  }

  /** Learns curvature from a step's gradient and adds that of the rate. @param samples views of the step */
  beforeStep(gradient: Float32Array, fine: Float32Array, samples: number): void {
    const weight = Math.max(CURVATURE_WEIGHT, 1 / ++this.#seen);
    const held = this.#curvature;
    for (let i = 0; i < gradient.length; i++) {
      held[i] += weight * (samples * gradient[i] * gradient[i] - held[i]);
    }
    if (this.#pull) addPull(gradient, fine, this.#pull);
  }

  /** Pruned weights stay zero. */
  afterStep({ weights, average }: OptimizerState): void {
    if (!this.#grid) return;
    applyMask(weights, this.#grid.live);
    applyMask(average, this.#grid.live);
  }

  /** Compresses the averaged weights; training goes on from what they decode to. @param progress 0..1 */
  async cycle(team: Team, { weights, average }: OptimizerState, progress: number): Promise<Coded> {
    const { targetBytes } = this.#settings;
    const decoded = new Float32Array(average.length);
    this.decode(average, decoded);
    const lossBefore = await this.#loss(team, decoded);
    this.#recovery.trained(lossBefore);
    const over = 1 - Math.min(1, progress / TARGET_AT);
    const coded = await compressOnce({
      ...this.#problem(team, average),
      targetBytes: targetBytes && targetBytes * FIRST_TARGET ** over,
      recovery: { lossBefore, keptShare: this.#recovery.keptShare },
      extra: this.#choice && [{ label: 'nearest levels', decoded, choice: this.#choice }],
    });
    this.#recovery.compressed(lossBefore, coded.loss);
    this.#bytes = coded.bytes;
    this.#setGrid(coded.choice, coded.levels);
    applyMask(average, this.#grid!.live);
    weights.set(average);
    return coded;
  }

  /** The weights that are shipped: the average's nearest levels, or, where they would pass the target, fewer. */
  async finish(team: Team, average: Float32Array): Promise<Float32Array> {
    const { targetBytes } = this.#settings;
    const decoded = new Float32Array(average.length);
    this.decode(average, decoded);
    if (!this.#choice) return decoded;
    this.#bytes = this.#bytesOf(decoded, this.#choice.steps);
    if (targetBytes === undefined || this.#bytes <= targetBytes) return decoded;
    // A little below, since targets are met to a hundredth.
    const coded = await compressAs(
      { ...this.#problem(team, average), targetBytes: targetBytes / 1.012 },
      this.#choice,
    );
    this.#bytes = coded.bytes;
    this.#choice = coded.choice;
    return coded.decoded;
  }

  #problem(team: Team, vector: Float32Array): CompressionProblem {
    return {
      layers: this.#layers,
      vector,
      curvature: this.#curvature,
      rateLambda: this.#settings.rateLambda,
      previous: this.#choice,
      loss: (candidate) => this.#loss(team, candidate),
      bytes: (candidate, steps) => this.#bytesOf(candidate, steps),
    };
  }

  #setGrid(choice: CodeChoice, levels: readonly Int32Array[]): void {
    const { size } = this.#parameters;
    this.#choice = choice;
    this.#grid = gridOf(this.#layers, choice.steps, levels, size);
    this.#pull = ratePull(this.#layers, levels, choice.steps, this.#settings.rateLambda, size);
  }

  #levelsOf(vector: Float32Array, steps: readonly number[], keepLive: boolean): Int32Array[] {
    return this.#layers.map((layer, i) =>
      Int32Array.from(layerOf(vector, layer), (w) => {
        const level = Math.round(w / steps[i]);
        return level === 0 && keepLive && w !== 0 ? Math.sign(w) : level;
      }),
    );
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
