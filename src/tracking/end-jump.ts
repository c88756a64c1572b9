/**
 * Whether an end of a thing's boxes jumped: what is seen of it ends where something hides it, and when that goes by the
 * foot is somewhere else from one frame to the next. Seen there twice it is believed at once; a filter would go there
 * slowly. One object an end. Pure but for its own state.
 */

/** Surprises that differ by less of the gate are one place. */
const ALIKE = 1;
const LOOKS = 2;

export class EndJump {
  #off = 0;
  #looks = 0;

  /** @param surprise px @param gate a lesser surprise is none, px @returns how far the end jumped, px; 0: it did not */
  look(surprise: number, gate: number): number {
    if (Math.abs(surprise) < gate) {
      this.#looks = 0;
      return 0;
    }
    const again =
      this.#looks > 0 && surprise * this.#off > 0 && Math.abs(surprise - this.#off) < ALIKE * gate;
    this.#looks = again ? this.#looks + 1 : 1;
    this.#off = again ? this.#off + (surprise - this.#off) / this.#looks : surprise;
    if (this.#looks < LOOKS) return 0;
    this.#looks = 0;
    return this.#off;
  }
}
