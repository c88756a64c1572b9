/**
 * What the compression sees of a network: one flat vector and the layers that lie in it. It knows no graph and no
 * data, so that every trainer of this project can use it.
 */

/** A tensor of the vector that is quantised and entropy-coded. What no layer covers (raw biases) is left as it is. */
export interface CodedLayer {
  readonly name: string;
  /** Row-major; the last axis are the outputs. */
  readonly shape: readonly number[];
  /** Floats before it in the vector, and its own. */
  readonly offset: number;
  readonly size: number;
}

/** The part of a vector that belongs to a layer: a view, no copy. */
export function layerOf<T extends Float32Array | Int32Array>(vector: T, { offset, size }: CodedLayer): T {
  return vector.subarray(offset, offset + size) as T;
}

/** Root mean square of the values that are not 0; 0 where all are. */
export function liveRms(values: Float32Array): number {
  let squares = 0;
  let count = 0;
  for (const value of values) {
    if (value === 0) continue;
    squares += value * value;
    count++;
  }
  return count === 0 ? 0 : Math.sqrt(squares / count);
}

export function mean(values: ArrayLike<number>, counts: (index: number) => boolean = () => true): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (!counts(i)) continue;
    sum += values[i];
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
