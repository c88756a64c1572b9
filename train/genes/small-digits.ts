/** The digits at half their size, and passes of a net over them: cheap enough for many paths. */
import type { Architecture } from '../lenet/architecture.ts';
import { crossEntropy } from '../lenet/cross-entropy.ts';
import { type Digits, SIDE } from '../lenet/digits.ts';
import { LenetEngine } from '../lenet/engine.ts';
import type { Score } from '../lenet/passes.ts';

/** Side of a picture; every pixel is the mean of four. */
export const SMALL_SIDE = SIDE / 2;
export const BATCH = 200;
const PIXELS = SMALL_SIDE ** 2;
/** Answers of a picture, padded. */
const ANSWERS = 16;

export interface SmallDigits {
  readonly count: number;
  readonly labels: Uint8Array;
  /** [count, 14, 14], 0 to 1. */
  readonly pixels: Float32Array;
}

/** The first `count` digits. */
export function shrink({ labels, pixels }: Digits, count: number): SmallDigits {
  const small = new Float32Array(count * PIXELS);
  for (let at = 0; at < small.length; at++) {
    const [y, x] = [Math.floor((at % PIXELS) / SMALL_SIDE), at % SMALL_SIDE];
    const from = Math.floor(at / PIXELS) * SIDE * SIDE + 2 * y * SIDE + 2 * x;
    const sum = pixels[from] + pixels[from + 1] + pixels[from + SIDE] + pixels[from + SIDE + 1];
    small[at] = sum / (4 * 255);
  }
  return { count, labels: labels.slice(0, count), pixels: small };
}

export class SmallPasses {
  readonly #engine: LenetEngine;
  readonly #labels = new Uint8Array(BATCH);
  readonly #answers = new Float32Array(BATCH * ANSWERS);

  constructor(net: Architecture) {
    this.#engine = new LenetEngine(net, BATCH);
  }

  setWeights(weights: Float32Array): void {
    this.#engine.setWeights(weights);
  }

  #forward({ labels, pixels }: SmallDigits, order: ArrayLike<number>, from: number) {
    const { images, inputFloats, rowFloats } = this.#engine;
    for (let n = 0; n < BATCH; n++) {
      const index = order[from + n];
      this.#labels[n] = labels[index];
      for (let y = 0; y < SMALL_SIDE; y++) {
        const row = index * PIXELS + y * SMALL_SIDE;
        images.set(pixels.subarray(row, row + SMALL_SIDE), n * inputFloats + y * rowFloats);
      }
    }
    const layout = { picture: ANSWERS, class: 1 };
    return crossEntropy(this.#engine.forward(BATCH), this.#labels, BATCH, layout, this.#answers);
  }

  /** Mean loss and gradient of the batch that begins at `from`, with the weights that were set. */
  step(digits: SmallDigits, order: ArrayLike<number>, from: number, gradient: Float32Array): number {
    const { loss } = this.#forward(digits, order, from);
    this.#engine.backward(this.#answers, BATCH, gradient);
    return loss / BATCH;
  }

  /** Of all digits, whole batches. */
  score(digits: SmallDigits): Score {
    const order = Int32Array.from({ length: digits.count }, (_, i) => i);
    let [loss, wrong] = [0, 0];
    for (let from = 0; from + BATCH <= digits.count; from += BATCH) {
      const part = this.#forward(digits, order, from);
      loss += part.loss;
      wrong += part.wrong;
    }
    return { loss: loss / digits.count, error: wrong / digits.count };
  }
}
