/** Widths of the shipped network's shape with few channels, all multiples of 4: what is fast enough to train in a test. */
import type { Widths } from '../../src/network/people-vs-poles.ts';

export const TINY_WIDTHS: Widths = {
  attention: [4, 8, 8],
  attentionDepth: 1,
  stem: [4, 8],
  features: 4,
  trunk: 8,
  trunkDepth: 1,
};
