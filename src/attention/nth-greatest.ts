/**
 * The n-th greatest of some numbers without sorting them all. Pure but for the order of `values`.
 * Source: Hoare, "Algorithm 65: Find", 1961; the pivot is the median of the first, middle and last value.
 */

/** @param values no NaN; comes back in another order. @param n 1 for the greatest, at most values.length. */
export function nthGreatest(values: Float32Array, n: number): number {
  const wanted = n - 1;
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = middleOf(values[low], values[(low + high) >> 1], values[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] > pivot) i++;
      while (values[j] < pivot) j--;
      if (i > j) break;
      const value = values[i];
      values[i++] = values[j];
      values[j--] = value;
    }
    // values[low .. j] >= pivot >= values[i .. high], and all between equal it.
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else return pivot;
  }
  return values[wanted];
}

/** What a quarter of the values lie above, or 0 where there are none; they stay as they are. */
export function upperQuartile(values: Float32Array): number {
  const { length } = values;
  return length > 0 ? nthGreatest(values.slice(), length - Math.floor(0.75 * length)) : 0;
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
