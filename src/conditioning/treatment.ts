/**
 * What is done to a frame before the network sees it, where it is noisy, blocky or flat: told from the frame, plain data, and the
 * same for all of its pixels, so that a frame can be treated again as it was. Frames of a clean sensor in plain
 * light are left alone. Measured in docs/experiments/conditioning.md. Pure.
 */
import type { PixelFrame } from '../backends/backend.ts';
import type { Treatment } from '../result.ts';
import { blockEdges } from './block-edges.ts';
import type { Filters } from './filters.ts';
import { levelLine, SAME_LEVELS, withLevels } from './levels.ts';
import { lightRange } from './light-range.ts';
import { noiseLevel } from './noise.ts';
import { SMOOTHING_STEPS } from './smooth.ts';

/**
 * Noise, in levels, from which on a frame is treated; of what is left without outliers it is smoothed from GRAINY on.
 * CamVid's frames have 2.0 at most, photographs seldom above 5, the least noise of the fifteen corruptions 7.5.
 */
const NOISY = 7;
const GRAINY = 6;
/** Outliers are replaced where that leaves less than this share of the noise: of dropped bytes 0.4 at most, of grain 0.6 and more but in the dark. */
const MENDED = 0.5;
/** Of a frame that comes after a treated one: else a treatment would come and go. */
const STILL = 0.7;
/** Levels that a coder's blocks stand out by, of which clear photographs have 0.94 at most: none is smoothed for the first... */
const BLOCKY = [1, 1.3] as const;
/** ...and from the second on so far: all of the way would cost more than the blocks do (docs/experiments/conditioning.md). */
const BLOCKS_SHARE = 0.5;
/** Levels that detail deviates by: noise is smoothed by the share that it has of both, as Wiener's filter does. */
const DETAIL = 12;

/** Asked for where a frame is noisy or blocky: most never are. */
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
  const { outliers, grain } = await noiseOf(raw, before);
  const share = Math.max(shareOfGrain(grain), shareOfBlocks(blockEdges(raw.frame)));
  const smoothing = Math.round(SMOOTHING_STEPS * share) / SMOOTHING_STEPS;
  const line = levelLine(lightRange(raw.frame));
  if (!outliers && smoothing === 0 && !line) return undefined;
  return { outliers, smoothing, ...(line ?? SAME_LEVELS) };
}

/** Whether there are outliers to replace, and the noise that is left then; none where there is too little to be treated. */
async function noiseOf(raw: RawFrame, before?: Treatment): Promise<{ outliers: boolean; grain: number }> {
  const calmed = before !== undefined && (before.outliers || before.smoothing > 0);
  const noise = noiseLevel(raw.frame);
  if (noise < (calmed ? STILL * NOISY : NOISY)) return { outliers: false, grain: 0 };
  const left = noiseLevel(await raw.withoutOutliers());
  const outliers = left < (before?.outliers ? MENDED / STILL : MENDED) * noise;
  const grain = outliers ? left : noise;
  return { outliers, grain: grain < (calmed ? STILL * GRAINY : GRAINY) ? 0 : grain };
}

function shareOfGrain(grain: number): number {
  return grain ** 2 / (grain ** 2 + DETAIL ** 2);
}

function shareOfBlocks(edges: number): number {
  const [none, all] = BLOCKY;
  return BLOCKS_SHARE * Math.min(1, Math.max(0, (edges - none) / (all - none)));
}

/** A frame of the same size; the raw one itself where the treatment does nothing. */
export async function treated(
  raw: RawFrame,
  { outliers, smoothing, gain, offset }: Treatment,
): Promise<PixelFrame> {
  const mended = outliers ? await raw.withoutOutliers() : raw.frame;
  const calm = smoothing > 0 ? (await raw.filters()).smoothed(mended, smoothing) : mended;
  return gain === SAME_LEVELS.gain && offset === SAME_LEVELS.offset
    ? calm
    : withLevels(calm, { gain, offset });
}
