/**
 * How much of the loss that a compression costs is left when training has gone on for a cycle. A candidate is scored
 * at once, but it is what training makes of it that counts; without this, few compressions would ever pay.
 */

/** Of the running mean. */
const WEIGHT = 0.5;
const LEAST_SHARE = 0.02;
/** Rises below this are noise. */
const LEAST_RISE = 1e-4;

export class Recovery {
  #share: number;
  #pending: { before: number; coded: number } | undefined;

  /** @param share of the first cycle, before anything is known */
  constructor(share = 0.3) {
    this.#share = share;
  }

  get keptShare(): number {
    return this.#share;
  }

  /** A compression was taken: calibration losses before it and with it. */
  compressed(before: number, coded: number): void {
    this.#pending = { before, coded };
  }

  /** Training has gone on since: the calibration loss now. */
  trained(loss: number): void {
    if (!this.#pending) return;
    const { before, coded } = this.#pending;
    this.#pending = undefined;
    if (coded - before < LEAST_RISE) return;
    const kept = Math.min(1, Math.max(LEAST_SHARE, (loss - before) / (coded - before)));
    this.#share += WEIGHT * (kept - this.#share);
  }
}
