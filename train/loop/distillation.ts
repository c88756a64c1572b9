/**
 * Learning from a teacher (Hinton and others 2015): beside the labels, the network is to answer as one that was trained
 * before does on the same views and the same blocks. What labels leave open, which background is nearly a pole, the
 * teacher tells; a network with few bits a weight needs that most. The teacher is never trained.
 */
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { HEAD_CHANNELS, type NetworkSpec } from '../../src/network/spec.ts';
import { divergence } from './agreement.ts';
import { smoothL1, smoothL1Slope } from './cell-loss.ts';

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
/** Places of edges are what few bits lose first (docs/experiments/compression.md). */
const BOX_WEIGHT = 2;
const CHANNELS = HEAD_CHANNELS.length;
const QUALITY = HEAD_CHANNELS.indexOf('quality');
/** The box parameters are the channels from here on. */
const BOX = HEAD_CHANNELS.indexOf('centre');

/** @throws SaccadeNetError INVALID_OPTION where the teacher answers for other labels, blocks or cells, or sees light otherwise */
export function checkTeacher(spec: NetworkSpec, teacher: NetworkSpec): void {
  const answers = ({ labels, block, cell, halfSaturation, linearShare = 0 }: NetworkSpec) =>
    `labels ${labels.join(', ')}, blocks of ${block} px, cells of ${cell} px, ` +
    `half saturation ${halfSaturation ?? 'none'}, linear share ${linearShare}`;
  if (answers(teacher) === answers(spec)) return;
  throw new SaccadeNetError(
    'INVALID_OPTION',
    `the teacher has ${answers(teacher)}, the network ${answers(spec)}; give a teacher that has the same`,
  );
}

/** What a teacher answers that attends to every block. */
export interface DenseAnswers extends Taught {
  /** Block of every row of `cells`. */
  readonly blockOf: Int32Array;
}

/**
 * What it teaches a network that attends to some cells: theirs, and look logits that know what looking shows, the mean of
 * the teacher's own and the block's surest score. The two err in different places.
 * @param attended rows of `cells`
 */
export function fromEverywhere({ gate, cells, blockOf }: DenseAnswers, attended: Int32Array): Taught {
  const width = cells.length / blockOf.length;
  const surest = new Float32Array(gate.length / 2).fill(-Infinity);
  for (let i = 0; i < cells.length; i += CHANNELS) {
    const block = blockOf[Math.floor(i / width)];
    surest[block] = Math.max(surest[block], cells[i]);
  }
  const own = new Float32Array(attended.length * width);
  for (const [i, row] of attended.entries())
    own.set(cells.subarray(row * width, (row + 1) * width), i * width);
  return { gate: gate.map((logit, i) => (i % 2 === 0 ? (logit + surest[i / 2]) / 2 : logit)), cells: own };
}

export interface Distillation {
  readonly total: number;
  readonly gradient: Taught;
}

/** Divergence of the look logits, and of the cells' scores; where the teacher sees a thing, of its quality and box too. */
export function distillation(own: Taught, taught: Taught): Distillation {
  const looks = everyNth(own.gate, taught.gate, 2, BLOCKS_FLOOR);
  const scores = everyNth(own.cells, taught.cells, CHANNELS, CELLS_FLOOR);
  const gradient = new Float32Array(own.cells.length);
  let sum = 0;
  for (const [at, chance] of scores.chances) {
    const quality = divergence(own.cells[at + QUALITY], taught.cells[at + QUALITY]);
    sum += chance * quality.loss;
    gradient[at + QUALITY] = chance * quality.gradient;
    const each = (BOX_WEIGHT * chance) / (CHANNELS - BOX);
    for (let i = at + BOX; i < at + CHANNELS; i++) {
      const error = own.cells[i] - taught.cells[i];
      sum += each * smoothL1(error);
      gradient[i] = each * smoothL1Slope(error);
    }
  }
  for (let i = 0; i < gradient.length; i++) gradient[i] = gradient[i] / scores.divisor + scores.gradient[i];
  return {
    total: looks.total + scores.total + sum / scores.divisor,
    gradient: { gate: looks.gradient, cells: gradient },
  };
}

/** Divergence of every nth logit, summed and divided by how many things the teacher sees. */
function everyNth(own: Float32Array, taught: Float32Array, n: number, floor: number) {
  const gradient = new Float32Array(own.length);
  const chances: [at: number, chance: number][] = [];
  let [sum, divisor] = [0, floor];
  for (let i = 0; i < own.length; i += n) {
    const at = divergence(own[i], taught[i]);
    sum += at.loss;
    divisor += at.chance;
    gradient[i] = at.gradient;
    chances.push([i, at.chance]);
  }
  for (let i = 0; i < own.length; i += n) gradient[i] /= divisor;
  return { total: sum / divisor, gradient, divisor, chances };
}
