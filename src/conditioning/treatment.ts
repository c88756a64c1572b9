/**
 * What is done to a frame before the network sees it, where it is noisy or flat: told from the frame, plain data, and the
 * same for all of its pixels, so that a frame can be treated again as it was. Frames of a clean sensor in plain
 * light are left alone. Measured in docs/experiments/conditioning.md. Pure.
 */
import type { PixelFrame } from '../backends/backend.ts';
import type { Treatment } from '../result.ts';
import type { Filters } from './filters.ts';
import { levelLine, SAME_LEVELS, withLevels } from './levels.ts';
import { lightRange } from './light-range.ts';
import { noiseLevel } from './noise.ts';

/**
 * Noise, in levels, from which on a frame is treated; of what is left without outliers it is smoothed from GRAINY on.
 * CamVid's frames have 2.0 at most, photographs seldom above 5, the least noise of the fifteen corruptions 7.5.
 */
const NOISY = 7;
const GRAINY = 6;
/** Of a frame that comes after a treated one: else a treatment would come and go. */
const STILL = 0.7;

/** Asked for where a frame is noisy: most never are. */
export type FilterSource = () => Promise<Filters>;

/** A frame as it came; what it is without outliers, by which it is measured and from which it is treated, is made once. */
export class RawFrame {
  readonly frame: PixelFrame;
  readonly filters: FilterSource;
  #mended: PixelFrame | undefined;

  /** @param frame only read, and to stay as it is while this is used */
  constructor(frame: PixelFrame, filters: FilterSource) {
    this.frame = frame;
    this.filters = filters;
  }

  async withoutOutliers(): Promise<PixelFrame> {
    this.#mended ??= (await this.filters()).withoutOutliers(this.frame);
    return this.#mended;
  }
}

/** @param before of the frame before this one, if it had any @returns undefined where nothing is to be done */
export async function treatmentOf(raw: RawFrame, before?: Treatment): Promise<Treatment | undefined> {
  const outliers = noiseLevel(raw.frame) >= (before?.outliers ? STILL * NOISY : NOISY);
  const grain = outliers ? noiseLevel(await raw.withoutOutliers()) : 0;
  const smoothed = grain >= (before?.smoothed ? STILL * GRAINY : GRAINY);
  const line = levelLine(lightRange(raw.frame));
  if (!outliers && !line) return undefined;
  return { outliers, smoothed, ...(line ?? SAME_LEVELS) };
}

/** A frame of the same size; the raw one itself where the treatment does nothing. */
export async function treated(
  raw: RawFrame,
  { outliers, smoothed, gain, offset }: Treatment,
): Promise<PixelFrame> {
  const mended = outliers ? await raw.withoutOutliers() : raw.frame;
  const calm = smoothed ? (await raw.filters()).smoothed(mended) : mended;
  return gain === SAME_LEVELS.gain && offset === SAME_LEVELS.offset
    ? calm
    : withLevels(calm, { gain, offset });
}
