/** Which tracks are shown: from the threshold on, then down to a share of it. One object a stream. */
import { trackSettings } from './settings.ts';

export class Hysteresis {
  #shown = new Set<number>();

  /** Those of one frame. @param threshold least score at which a track of a label comes up */
  show<T extends { readonly id: number; readonly label: string; readonly score: number }>(
    tracks: readonly T[],
    threshold: (label: string) => number,
  ): T[] {
    const shown = tracks.filter(({ id, label, score }) => {
      const share = this.#shown.has(id) ? trackSettings(label).hysteresis : 1;
      return score >= share * threshold(label);
    });
    this.#shown = new Set(shown.map(({ id }) => id));
    return shown;
  }
}
