/**
 * Which price of bits reaches a target: bytes, or the error of a network's output. With one price for all tensors
 * every one of them has the same slope of error against bits, so that no bit would spare more elsewhere.
 */

import type { DetailedEncoding } from '../detailed-encoding.ts';
import { LEAST_SQNR_DB, MOST_SQNR_DB } from '../encode-options.ts';
import { optionError } from '../format-error.ts';
import type { Tensor } from '../tensor.ts';

/** The least price of a bit whose file has at most `bytes` bytes. */
export function encodeWithin(
  bytes: number,
  encode: (lambda: number) => DetailedEncoding,
  parameters: number,
): DetailedEncoding {
  const priceOf = (db: number) => (2 * Math.LN2) / 10 ** (db / 10);
  let low = Math.log2(priceOf(MOST_SQNR_DB));
  let high = Math.log2(priceOf(LEAST_SQNR_DB));
  let best = encode(2 ** high);
  for (let wider = 0; best.bytes.length > bytes && wider < 12; wider++) {
    low = high;
    high += 4;
    best = encode(2 ** high);
  }
  if (best.bytes.length > bytes) {
    throw optionError(
      `${bytes} bytes are too few: the least that this codec reaches is ${best.bytes.length}.`,
      {
        bytes,
        least: best.bytes.length,
      },
    );
  }
  // At high rate half a bit a weight for every factor of 4; what lies off is bisected.
  let guess = Math.min(high, Math.max(low, high - (16 * (bytes - best.bytes.length)) / parameters));
  for (let round = 0; round < 24 && high - low > 0.002; round++) {
    const found = encode(2 ** guess);
    const left = bytes - found.bytes.length;
    if (left >= 0) {
      best = found;
      high = guess;
      if (left <= bytes * 0.0005) break;
    } else low = guess;
    const aimed = guess - (16 * (left - bytes * 0.0002)) / parameters;
    guess = aimed > low && aimed < high && round < 10 ? aimed : (low + high) / 2;
  }
  return best;
}

/** An error this share below the target is near enough. */
const NEAR_ENOUGH = 0.99;
const MOST_ROUNDS = 14;
/** Steps of a price are a start for another one within this many octaves; farther off they are sought anew. */
const NEIGHBOUR_OCTAVES = 1.5;

interface Round {
  /** Log2 of the price. */
  readonly price: number;
  /** Log2 of the output's error. */
  readonly error: number;
  readonly steps: ReadonlyMap<string, number>;
}

/**
 * The highest price of a bit with which the output's error stays within `most`.
 * @param encode steps are those to take, by tensor; without them the best are sought
 * @param measure the error of the output with decoded weights; without it the sum of the distortions
 */
export function encodeToError(
  most: number,
  encode: (lambda: number, steps?: ReadonlyMap<string, number>) => DetailedEncoding,
  parameters: number,
  measure?: (tensors: readonly Tensor[]) => number,
): DetailedEncoding {
  const target = Math.log2(most);
  const rounds: Round[] = [];
  let best: { readonly price: number; readonly found: DetailedEncoding } | null = null;
  // At high rate every bit a weight divides the error by 4: a price of 2 ln 2 times the error of a weight.
  let price = Math.log2((2 * Math.LN2 * most) / parameters);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = encode(2 ** price, neighbourSteps(rounds, price));
    const error = errorOf(found, measure);
    if (error <= most && (best === null || price > best.price)) best = { price, found };
    if (error <= most && error >= NEAR_ENOUGH * most) break;
    rounds.push({ price, error: Math.log2(Math.max(error, Number.MIN_VALUE)), steps: found.steps });
    const next = nextPrice(rounds, target);
    if (Math.abs(next - price) < 0.002) break;
    price = next;
  }
  if (best === null) {
    throw optionError(
      `An output error of ${most} is not reached at any price of bits; what is kept in half precision, or the ` +
        'measurement itself, may have more: ask for a greater one.',
      { outputError: most, reached: 2 ** rounds[rounds.length - 1].error },
    );
  }
  return best.found;
}

function errorOf(
  { decoded, distortions }: DetailedEncoding,
  measure?: (tensors: readonly Tensor[]) => number,
): number {
  if (measure === undefined) return [...distortions.values()].reduce((sum, value) => sum + value, 0);
  const error = measure(decoded);
  if (error >= 0 && Number.isFinite(error)) return error;
  throw optionError(`measureOutputError gave ${error}: it must give a finite number, 0 or above.`, { error });
}

function neighbourSteps(rounds: readonly Round[], price: number): ReadonlyMap<string, number> | undefined {
  const near = rounds.reduce<Round | null>((found, round) => {
    const closer = found === null || Math.abs(round.price - price) < Math.abs(found.price - price);
    return closer ? round : found;
  }, null);
  if (near === null || Math.abs(near.price - price) > NEIGHBOUR_OCTAVES) return undefined;
  const factor = 2 ** ((price - near.price) / 2);
  return new Map([...near.steps].map(([name, step]) => [name, step * factor]));
}

/** On the line through the last two rounds; between the nearest ones on both sides of the target. */
function nextPrice(rounds: readonly Round[], target: number): number {
  const last = rounds[rounds.length - 1];
  const before = rounds[rounds.length - 2];
  const slope = before === undefined ? 1 : (last.error - before.error) / (last.price - before.price);
  const safe = Number.isFinite(slope) ? Math.min(2, Math.max(0.4, slope)) : 1;
  // Aims a little inside.
  const aimed = last.price + Math.min(6, Math.max(-6, (target - 0.006 - last.error) / safe));
  const low = rounds.filter(({ error }) => error <= target).map(({ price }) => price);
  const high = rounds.filter(({ error }) => error > target).map(({ price }) => price);
  const [from, to] = [Math.max(...low), Math.min(...high)];
  if (from < to && Number.isFinite(to - from)) {
    return aimed > from && aimed < to && rounds.length < 8 ? aimed : (from + to) / 2;
  }
  return aimed;
}
