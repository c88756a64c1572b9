/**
 * What is done to a frame before the network sees it, where it is noisy or flat: told from the frame, plain data, and the
 * same for all of its pixels, so that a frame can be treated again as it was. Frames of a clean sensor in plain
 * light are left alone. Measured in docs/experiments/conditioning.md. Pure.
 */
import type { PixelFrame } from '../backends/backend.ts';
import type { Treatment } from '../result.ts';
import type { Filters } from './filters.ts';
import { levelLine, withLevels } from './levels.ts';
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

/** @param before of the frame before this one, if it had any @returns undefined where nothing is to be done */
export async function treatmentOf(
  frame: PixelFrame,
  filters: FilterSource,
  before?: Treatment,
): Promise<Treatment | undefined> {
  const outliers = noiseLevel(frame) >= (before?.outliers ? STILL * NOISY : NOISY);
  const grain = outliers ? noiseLevel((await filters()).withoutOutliers(frame)) : 0;
  const smoothed = grain >= (before?.smoothed ? STILL * GRAINY : GRAINY);
  const line = levelLine(lightRange(frame));
  if (!outliers && !line) return undefined;
  return { outliers, smoothed, gain: line?.gain ?? 1, offset: line?.offset ?? 0 };
}

/** A frame of its own, of the same size. */
export async function treated(
  frame: PixelFrame,
  { outliers, smoothed, gain, offset }: Treatment,
  filters: FilterSource,
): Promise<PixelFrame> {
  let out = frame;
  if (outliers) out = (await filters()).withoutOutliers(out);
  if (smoothed) out = (await filters()).smoothed(out);
  return withLevels(out, { gain, offset });
}
