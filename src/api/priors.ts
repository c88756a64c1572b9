/** The caller's own prior: a function that says where to look, called before a frame on the side of the page. */
import type { Box, Result } from '../result.ts';
import { invalid } from './validate.ts';

export interface PriorContext {
  /** Of the frame that comes; none for a still image. */
  readonly timestampMs?: number;
  /** The last result of the same stream, where there is one. */
  readonly previous?: Result;
}

export interface PriorRegion {
  /** px of the frame given. */
  readonly box: Box;
  /**
   * Added to the look logits of the blocks that the box touches; of several the strongest counts. 3 draws the eye to
   * most places, -3 keeps it away.
   */
  readonly strength: number;
}

export interface Priors {
  /** What moves by itself draws attention and gives alerts, in streams. Default true. */
  readonly motion?: boolean;
  /**
   * Faces that look at the camera draw attention and give alerts, in stills too. Default false. Faces under 40 px of the
   * working size are not looked for: `result.eyes` has that in px of the frame.
   */
  readonly eyes?: boolean;
  /** Synchronous and quick: the frame waits for it. */
  readonly custom?: (context: PriorContext) => readonly PriorRegion[];
}

/** @throws INVALID_OPTION for what is no list of regions; what the function throws */
export function customRegions(
  priors: Priors | undefined,
  context: PriorContext,
): readonly PriorRegion[] | undefined {
  const regions: unknown = priors?.custom?.(context);
  if (priors?.custom === undefined) return undefined;
  const isRegion = ({ box, strength }: Partial<PriorRegion>) =>
    [box?.x, box?.y, box?.width, box?.height, strength].every(Number.isFinite);
  if (!Array.isArray(regions) || !regions.every((region) => isRegion(region ?? {}))) {
    throw invalid(
      'what attention.priors.custom returned',
      regions,
      'an array of { box: { x, y, width, height }, strength }',
    );
  }
  return regions;
}
