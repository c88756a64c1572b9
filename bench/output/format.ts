/** Numbers as the benchmark prints them. Pure. */

/** Three significant digits, never in powers of ten: '0.223', '4.15', '37.4', '152'. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const rounded = Number(value.toPrecision(3)); // 0.0999999 is '0.100', as 0.1 is
  const digits = rounded === 0 ? 0 : Math.floor(Math.log10(Math.abs(rounded)));
  return value.toFixed(Math.min(4, Math.max(0, 2 - digits)));
}

export function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))}%`;
}

/** '0', '340 B', '12 kB', '3.4 MB'. */
export function bytes(count: number): string {
  if (!Number.isFinite(count)) return '–';
  if (count < 1000) return count === 0 ? '0' : `${count} B`;
  return count < 1e6 ? `${figure(count / 1000)} kB` : `${figure(count / 1e6)} MB`;
}

/** '0.25 (0.21 to 0.29)': the median and the range from 5% to 95%. */
export function ranged({ median, p5, p95 }: { median: number; p5: number; p95: number }): string {
  return `${figure(median)} (${figure(p5)} to ${figure(p95)})`;
}
