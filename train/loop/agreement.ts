/**
 * The reward for robustness: a corrupted view (a twin) is to give the gates and the scores of the clean view that it
 * was made from. The clean view's answer is taken as it is, so that only the twin moves; both also learn from the
 * labels as every view does. Consistency under corruption as in AugMix (Hendrycks and others 2020).
 */
import { sigmoid } from '../../src/network/logistic.ts';
import { HEAD_CHANNELS } from '../../src/network/spec.ts';
import { crossEntropy } from './cell-loss.ts';

/** Added to the divisors: a view without objects does not weigh more. */
const BLOCKS_FLOOR = 1;
const CELLS_FLOOR = 20;
const SCORE = HEAD_CHANNELS.indexOf('score');

export interface Agreement {
  readonly total: number;
  /** By every logit given. */
  readonly gradient: Float32Array;
}

/** Of which view of the part each view is the corrupted twin; -1: of none. */
export type Twins = Int8Array;

export function hasTwins(twins: Twins): boolean {
  return twins.some((clean) => clean >= 0);
}

export interface Divergence {
  /** Nats. */
  readonly loss: number;
  /** By the logit that moves. */
  readonly gradient: number;
  /** The chance that the other logit stands for. */
  readonly chance: number;
}

/** Bernoulli divergence of a logit from one that is held. */
export function divergence(moving: number, held: number): Divergence {
  const chance = sigmoid(held);
  const loss = crossEntropy(moving, chance) - crossEntropy(held, chance);
  return { loss, gradient: sigmoid(moving) - chance, chance };
}

/** Twins look where their clean views look. @param logits [N * blocks, 2]: look and five; five has no part in it */
export function gateAgreement(logits: Float32Array, twins: Twins): Agreement {
  const blocks = logits.length / 2 / twins.length;
  const pairs: [twin: number, clean: number][] = [];
  twins.forEach((clean, twin) => {
    if (clean < 0) return;
    for (let b = 0; b < blocks; b++) pairs.push([2 * (twin * blocks + b), 2 * (clean * blocks + b)]);
  });
  return agree(logits, pairs, BLOCKS_FLOOR);
}

/**
 * Twins score cells as their clean views do, where both were attended.
 * @param cells [P, L * head channels] of the attended cells
 * @param attended [P] (n * h + row) * w + column, rising
 * @param cellsPerView h * w
 */
export function cellAgreement(
  cells: Float32Array,
  attended: Int32Array,
  twins: Twins,
  cellsPerView: number,
): Agreement {
  const width = cells.length / Math.max(1, attended.length);
  const rowOf = new Map([...attended].map((place, row) => [place, row]));
  const pairs: [twin: number, clean: number][] = [];
  attended.forEach((place, row) => {
    const view = Math.floor(place / cellsPerView);
    const clean = twins[view];
    const other = clean < 0 ? undefined : rowOf.get(place + (clean - view) * cellsPerView);
    if (other === undefined) return;
    for (let c = SCORE; c < width; c += HEAD_CHANNELS.length)
      pairs.push([row * width + c, other * width + c]);
  });
  return agree(cells, pairs, CELLS_FLOOR);
}

function agree(logits: Float32Array, pairs: readonly [number, number][], floor: number): Agreement {
  const gradient = new Float32Array(logits.length);
  let total = 0;
  let weight = floor;
  for (const [twin, clean] of pairs) {
    const at = divergence(logits[twin], logits[clean]);
    total += at.loss;
    weight += at.chance;
    gradient[twin] = at.gradient;
  }
  for (const [twin] of pairs) gradient[twin] /= weight;
  return { total: total / weight, gradient };
}
