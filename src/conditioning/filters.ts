/** The filters that frames are treated by, here readable; wasm-filters.ts gives the same bytes fifty times as fast. */
import type { PixelFrame } from '../backends/backend.ts';
import { withoutOutliers } from './outliers.ts';
import { smoothed } from './smooth.ts';

/** Frames are only read; what comes back is a frame of its own. */
export interface Filters {
  withoutOutliers(frame: PixelFrame): PixelFrame;
  /** @param share 0 to 1 of the way to a binomial filter of 5x5, in steps of 1 / SMOOTHING_STEPS */
  smoothed(frame: PixelFrame, share: number): PixelFrame;
}

export const PLAIN_FILTERS: Filters = { withoutOutliers, smoothed };
