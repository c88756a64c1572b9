/**
 * How much the ends of one thing's boxes tremble from look to look, against what is usual: a pole before the sky has the
 * same ends in every frame, one before a tree other ones. Slow changes do not count. Pure but for its own state.
 */

/** Older changes, by look. */
const KEPT = 0.9;
/** A change beyond three deviations is a jump and no trembling. */
const MOST = 9;

export interface TrembleSettings {
  /** So many looks' worth of the usual. */
  readonly tremblePrior: number;
  /** Less is not believed. */
  readonly trembleLeast: number;
}

export class Tremble {
  #sum = 0;
  #count = 0;
  #last: readonly number[] | undefined;

  /** @param surprises of the ends, px @param usual deviation of an end, px */
  look(surprises: readonly number[], usual: number): void {
    const last = this.#last;
    if (!last) return;
    const changes = surprises.map((value, i) => Math.min(MOST, ((value - last[i]) / usual) ** 2 / 2));
    this.#sum = KEPT * this.#sum + changes.reduce((sum, value) => sum + value, 0) / changes.length;
    this.#count = KEPT * this.#count + 1;
  }

  /** @param left of the surprises after the track went its part of the way */
  keep(left: readonly number[]): void {
    this.#last = left;
  }

  /** Deviation over the usual one. */
  share({ tremblePrior, trembleLeast }: TrembleSettings): number {
    return Math.max(trembleLeast, Math.sqrt((tremblePrior + this.#sum) / (tremblePrior + this.#count)));
  }
}
