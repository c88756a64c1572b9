/** Order statistics of timings. */

/** The share-th quantile by linear interpolation between order statistics. Source: Hyndman and Fan 1996, type 7. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

export interface Spread {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
}

export function spread(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), p10: quantile(values, 0.1), p90: quantile(values, 0.9) };
}

/** Ratios of paired timings: a[i] and b[i] were taken next to each other. */
export function pairedRatio(a: readonly number[], b: readonly number[]): Spread {
  return spread(a.map((value, i) => value / b[i]));
}
