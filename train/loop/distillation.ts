/**
 * Learning from a teacher (Hinton and others 2015): beside the labels, the network is to answer as one that was trained
 * before does on the same views and the same blocks. What labels leave open, which background is nearly a pole, the
 * teacher tells; a network with few bits a weight needs that most. The teacher is never trained.
 */
import { sigmoid } from '../../src/network/logistic.ts';
import { HEAD_CHANNELS, type NetworkSpec } from '../../src/network/spec.ts';
import { crossEntropy } from './cell-loss.ts';

/** A network whose answers are learned from, with its parameters as one vector (see parameters.ts). */
export interface Teacher {
  readonly spec: NetworkSpec;
  readonly vector: Float32Array;
}

/** What the teacher answers, laid out as the network's own outputs. */
export interface Taught {
  /** [N * blocks, 2]: look and five. */
  readonly gate: Float32Array;
  /** [P, L * head channels] of the attended cells. */
  readonly cells: Float32Array;
}

/** Added to the divisors: views without objects do not weigh more. */
const BLOCKS_FLOOR = 1;
const CELLS_FLOOR = 20;
/** Beyond this box errors count linearly, as they do against labels (cell-loss.ts). */
const SMOOTH_L1_BETA = 0.1;
/** Places of edges are what few bits lose first (docs/experiments/compression.md). */
const BOX_WEIGHT = 2;
const CHANNELS = HEAD_CHANNELS.length;
const QUALITY = HEAD_CHANNELS.indexOf('quality');
const BOX = HEAD_CHANNELS.indexOf('centre');

export interface Distillation {
  readonly total: number;
  readonly gradient: Taught;
}

/** Divergence of the look logits, and of the cells' scores; where the teacher sees a thing, of its quality and box too. */
export function distillation(own: Taught, taught: Taught): Distillation {
  const gate = new Divergence(own.gate, taught.gate);
  for (let i = 0; i < own.gate.length; i += 2) gate.add(i, 1);
  const cells = new Divergence(own.cells, taught.cells);
  const things = new Divergence(own.cells, taught.cells);
  for (let i = 0; i < own.cells.length; i += CHANNELS) {
    cells.add(i, 1);
    const chance = sigmoid(taught.cells[i]);
    things.addWeight(chance);
    things.add(i + QUALITY, chance);
    for (let k = BOX; k < CHANNELS; k++) things.addDistance(i + k, BOX_WEIGHT * chance);
  }
  const ends = [gate.end(BLOCKS_FLOOR), cells.end(CELLS_FLOOR), things.end(CELLS_FLOOR)];
  const total = ends.reduce((sum, end) => sum + end, 0);
  for (let i = 0; i < cells.gradient.length; i++) cells.gradient[i] += things.gradient[i];
  return { total, gradient: { gate: gate.gradient, cells: cells.gradient } };
}

/** A sum over values of the network's outputs, divided by how many things the teacher sees. */
class Divergence {
  readonly gradient: Float32Array;
  readonly #own: Float32Array;
  readonly #taught: Float32Array;
  #sum = 0;
  #weight = 0;
  #weighed = false;

  constructor(own: Float32Array, taught: Float32Array) {
    this.#own = own;
    this.#taught = taught;
    this.gradient = new Float32Array(own.length);
  }

  /** Says that things count as `weight`; without it each logit counts by the teacher's chance. */
  addWeight(weight: number): void {
    this.#weighed = true;
    this.#weight += weight;
  }

  /** Bernoulli divergence of a logit. */
  add(i: number, weight: number): void {
    const chance = sigmoid(this.#taught[i]);
    const at = this.#own[i];
    this.#sum += weight * (crossEntropy(at, chance) - crossEntropy(this.#taught[i], chance));
    this.gradient[i] += weight * (sigmoid(at) - chance);
    if (!this.#weighed) this.#weight += chance;
  }

  /** Smooth L1 of a box parameter, a quarter of it: there are four. */
  addDistance(i: number, weight: number): void {
    const error = this.#own[i] - this.#taught[i];
    const near = Math.min(Math.abs(error), SMOOTH_L1_BETA);
    this.#sum += ((weight / 4) * near * (Math.abs(error) - near / 2)) / SMOOTH_L1_BETA;
    this.gradient[i] += ((weight / 4) * Math.sign(error) * near) / SMOOTH_L1_BETA;
  }

  end(floor: number): number {
    const divisor = this.#weight + floor;
    for (let i = 0; i < this.gradient.length; i++) this.gradient[i] /= divisor;
    return this.#sum / divisor;
  }
}
