/**
 * Adam (Kingma and Ba 2015), with the running second derivatives that compression asks for. An update is a call of its
 * own: within the loop over batches, which is entered once, it took several times as long (V8 left it uncompiled).
 */

const BETA1 = 0.9;
const BETA2 = 0.99;
const EPSILON = 1e-8;
/** Of the running mean of squared gradients: a third of an epoch. */
const CURVATURE_WEIGHT = 1 / 200;

export class Adam {
  readonly #first: Float32Array;
  readonly #second: Float32Array;
  #steps = 0;

  /** @param batch pictures that a gradient is the mean of */
  constructor(
    size: number,
    readonly batch: number,
  ) {
    this.#first = new Float32Array(size);
    this.#second = new Float32Array(size);
  }

  /**
   * Moves weights down their gradient, and the curvature (mean squared gradients a sample) towards what it says.
   * @param pull gradient of the rate by the size of each weight; zeros where there is none
   */
  update(
    weights: Float32Array,
    gradient: Float32Array,
    curvature: Float32Array,
    pull: Float32Array,
    rate: number,
  ): void {
    this.#steps++;
    const first = this.#first;
    const second = this.#second;
    const pace = rate / (1 - BETA1 ** this.#steps);
    const spread = 1 / Math.sqrt(1 - BETA2 ** this.#steps);
    const batch = this.batch;
    for (let i = 0; i < weights.length; i++) {
      const own = gradient[i];
      curvature[i] += CURVATURE_WEIGHT * (batch * own * own - curvature[i]);
      const w = weights[i];
      const g = own + (w > 0 ? pull[i] : w < 0 ? -pull[i] : 0);
      const m = first[i] + (1 - BETA1) * (g - first[i]);
      const v = second[i] + (1 - BETA2) * (g * g - second[i]);
      first[i] = m;
      second[i] = v;
      weights[i] = w - (pace * m) / (Math.sqrt(v) * spread + EPSILON);
    }
  }
}
