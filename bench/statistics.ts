/** Order statistics of timings. */

/** The share-th quantile by linear interpolation between order statistics. Source: Hyndman and Fan 1996, type 7. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export interface Spread {
  readonly median: number;
  readonly p5: number;
  readonly p10: number;
  readonly p90: number;
  readonly p95: number;
}

/** @param values at least one */
export function spread(values: readonly number[]): Spread {
  return {
    median: median(values),
    p5: quantile(values, 0.05),
    p10: quantile(values, 0.1),
    p90: quantile(values, 0.9),
    p95: quantile(values, 0.95),
  };
}

/** Ratios of paired timings: a[i] and b[i] were taken in the same round. */
export function pairedRatio(a: readonly number[], b: readonly number[]): Spread {
  return spread(a.map((value, i) => value / b[i]));
}

/** Medians of every key that all of the records have. */
export function medians(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const keys = Object.keys(records[0] ?? {}).filter((key) => records.every((one) => key in one));
  return Object.fromEntries(keys.map((key) => [key, median(records.map((one) => one[key]))]));
}
