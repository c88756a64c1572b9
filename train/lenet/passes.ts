/** Digits into an engine, batch by batch: passes with their gradient, and what a net answers. */
import type { Random } from '../random.ts';
import type { Architecture } from './architecture.ts';
import { crossEntropy } from './cross-entropy.ts';
import { type Digits, SIDE } from './digits.ts';
import { LenetEngine } from './engine.ts';
import { SparseEngine } from './sparse-engine.ts';

/** Divides 50,000 and 10,000. */
export const BATCH = 80;
const PIXELS = SIDE * SIDE;
const PADDED_CLASSES = 16;

export interface Score {
  /** Mean cross-entropy, nats. */
  readonly loss: number;
  /** Share of digits that are told wrong. */
  readonly error: number;
}

/** Pictures are moved by up to `shift` pixels either way. */
export interface Moves {
  readonly shift: number;
  readonly random: Random;
}

function drawMove(moves?: Moves): number {
  return moves ? Math.floor(moves.random() * (2 * moves.shift + 1)) - moves.shift : 0;
}

export interface Passes {
  setWeights(weights: Float32Array): void;
  /** Mean loss and gradient of the batch that begins at `from`, with the weights that were set. */
  step(digits: Digits, order: ArrayLike<number>, from: number, gradient: Float32Array, moves?: Moves): number;
  /** @param order whole batches of digits */
  score(digits: Digits, order: ArrayLike<number>): Score;
}

/** Passes of a whole net, every weight counted. */
export class WholePasses implements Passes {
  readonly #engine: LenetEngine;
  readonly #labels = new Uint8Array(BATCH);
  readonly #answers = new Float32Array(BATCH * PADDED_CLASSES);

  constructor(net: Architecture) {
    this.#engine = new LenetEngine(net, BATCH);
  }

  setWeights(weights: Float32Array): void {
    this.#engine.setWeights(weights);
  }

  #forward(digits: Digits, order: ArrayLike<number>, from: number, moves?: Moves): BatchSums {
    const count = Math.min(BATCH, order.length - from);
    const { images, inputFloats, rowFloats } = this.#engine;
    const row = inputFloats > PIXELS ? rowFloats : SIDE;
    images.fill(0);
    for (let n = 0; n < count; n++) {
      const index = order[from + n];
      this.#labels[n] = digits.labels[index];
      const dx = drawMove(moves);
      const dy = drawMove(moves);
      const first = n * inputFloats;
      for (let y = Math.max(0, dy); y < Math.min(SIDE, SIDE + dy); y++) {
        const source = index * PIXELS + (y - dy) * SIDE - dx;
        for (let x = Math.max(0, dx); x < Math.min(SIDE, SIDE + dx); x++) {
          images[first + y * row + x] = digits.pixels[source + x] * (1 / 255);
        }
      }
    }
    const layout = { picture: PADDED_CLASSES, class: 1 };
    const sums = crossEntropy(this.#engine.forward(count), this.#labels, count, layout, this.#answers);
    return { ...sums, count };
  }

  step(
    digits: Digits,
    order: ArrayLike<number>,
    from: number,
    gradient: Float32Array,
    moves?: Moves,
  ): number {
    const { loss, count } = this.#forward(digits, order, from, moves);
    this.#engine.backward(this.#answers, count, gradient);
    return loss / count;
  }

  score(digits: Digits, order: ArrayLike<number>): Score {
    return scoreBatches(order.length, (from) => this.#forward(digits, order, from));
  }
}

interface BatchSums {
  readonly loss: number;
  readonly wrong: number;
  readonly count: number;
}

function scoreBatches(count: number, forward: (from: number) => Pick<BatchSums, 'loss' | 'wrong'>): Score {
  let loss = 0;
  let wrong = 0;
  for (let from = 0; from < count; from += BATCH) {
    const part = forward(from);
    loss += part.loss;
    wrong += part.wrong;
  }
  return { loss: loss / count, error: wrong / count };
}

/** Passes of a pruned net by the weights that are left. */
export class SparsePasses implements Passes {
  readonly #engine: SparseEngine;
  readonly #labels = new Uint8Array(BATCH);
  readonly #answers = new Float32Array(10 * BATCH);
  readonly #dx = new Int8Array(BATCH);
  readonly #dy = new Int8Array(BATCH);
  /** Where a picture's first pixel would lie if it were not moved. */
  readonly #starts = new Int32Array(BATCH);
  readonly #map: boolean;

  constructor(net: Architecture) {
    this.#engine = new SparseEngine(net, BATCH);
    this.#map = net.side > 1;
  }

  /** Says which weights there are, as ascending indices of the whole net's vector. */
  setEntries(indices: Int32Array): void {
    this.#engine.setEntries(indices);
  }

  /** Values in the order of the entries. */
  setWeights(weights: Float32Array): void {
    this.#engine.setWeights(weights);
  }

  /** The weights of a whole vector that are not zero. */
  setVector(vector: Float32Array): void {
    const indices = liveIndices(vector);
    this.setEntries(indices);
    this.setWeights(Float32Array.from(indices, (i) => vector[i]));
  }

  #forward(
    digits: Digits,
    order: ArrayLike<number>,
    from: number,
    moves?: Moves,
  ): Pick<BatchSums, 'loss' | 'wrong'> {
    const { images } = this.#engine;
    const { pixels } = digits;
    const [dx, dy, starts] = [this.#dx, this.#dy, this.#starts];
    for (let n = 0; n < BATCH; n++) {
      this.#labels[n] = digits.labels[order[from + n]];
      dx[n] = drawMove(moves);
      dy[n] = drawMove(moves);
      starts[n] = order[from + n] * PIXELS - dy[n] * SIDE - dx[n];
    }
    const edge = moves?.shift ?? 0;
    // Pixels are channels where the net has no map of them; those that nothing reads are left out.
    const planes = this.#map ? PIXELS : this.#engine.inputsRead.length;
    for (let i = 0; i < planes; i++) {
      const p = this.#map ? i : this.#engine.inputsRead[i];
      const [y, x] = [Math.floor(p / SIDE), p % SIDE];
      const inner = Math.min(x, y, SIDE - 1 - x, SIDE - 1 - y) >= edge;
      for (let n = 0, at = p * BATCH; n < BATCH; n++, at++) {
        const [v, u] = [y - dy[n], x - dx[n]];
        const inside = inner || (u >= 0 && u < SIDE && v >= 0 && v < SIDE);
        images[at] = inside ? pixels[starts[n] + p] * (1 / 255) : 0;
      }
    }
    const layout = { picture: 1, class: BATCH };
    return crossEntropy(this.#engine.forward(), this.#labels, BATCH, layout, this.#answers);
  }

  step(
    digits: Digits,
    order: ArrayLike<number>,
    from: number,
    gradient: Float32Array,
    moves?: Moves,
  ): number {
    const { loss } = this.#forward(digits, order, from, moves);
    this.#engine.backward(this.#answers, gradient);
    return loss / BATCH;
  }

  score(digits: Digits, order: ArrayLike<number>): Score {
    return scoreBatches(order.length, (from) => this.#forward(digits, order, from));
  }
}

export function liveIndices(vector: Float32Array): Int32Array {
  let count = 0;
  for (const value of vector) if (value !== 0) count++;
  const indices = new Int32Array(count);
  for (let i = 0, at = 0; i < vector.length; i++) if (vector[i] !== 0) indices[at++] = i;
  return indices;
}
