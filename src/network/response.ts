/**
 * How a level of a colour channel (0..255) becomes the network's input in [-1, 1]:
 *
 *     numerator * v / (slope * v + offset) + linear * v - 1
 *
 * Linear without `halfSaturation`, v / 127.5 - 1. With it the response of a photoreceptor (Naka and Rushton 1966): steep
 * in the dark, flat in the light, so that a street below a bright sky at dusk differs from one at noon by little more
 * than a constant. `linearShare` of the way from -1 to 1 is linear again, so that what is bright keeps its contrast beside a
 * response that is steep enough for the dark. Zero levels are -1 and 255 are 1 either way.
 */
import type { NetworkSpec } from './spec.ts';

export interface Response {
  readonly numerator: number;
  readonly slope: number;
  readonly offset: number;
  readonly linear: number;
}

type ResponseSpec = Pick<NetworkSpec, 'halfSaturation' | 'linearShare'>;

const MOST_LEVEL = 255;

export function responseOf({ halfSaturation, linearShare = 0 }: ResponseSpec): Response {
  if (halfSaturation === undefined) return { numerator: 2, slope: 0, offset: MOST_LEVEL, linear: 0 };
  const numerator = ((1 - linearShare) * 2 * (MOST_LEVEL + halfSaturation)) / MOST_LEVEL;
  return { numerator, slope: 1, offset: halfSaturation, linear: (2 * linearShare) / MOST_LEVEL };
}

/** The response to a level; levels below 0 count as 0. */
export function respond({ numerator, slope, offset, linear }: Response, level: number): number {
  const v = Math.max(0, level);
  return (numerator * v) / (slope * v + offset) + linear * v - 1;
}

/** The response to each of the 256 levels. */
export function responseTable(spec: ResponseSpec): Float64Array {
  const response = responseOf(spec);
  return Float64Array.from({ length: MOST_LEVEL + 1 }, (_, level) => respond(response, level));
}
