/** A few linear equations whose matrix is symmetric (Cholesky's decomposition). Pure. */

/** A pivot of less is none. */
const LEAST_PIVOT = 1e-9;

/** @param matrix [n, n], its lower half is read @param right [n] @returns [n], null where there is no one answer */
export function solveSymmetric(matrix: Float64Array, right: Float64Array): Float64Array | null {
  const n = right.length;
  const lower = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = matrix[a * n + b];
      for (let k = 0; k < b; k++) sum -= lower[a * n + k] * lower[b * n + k];
      if (a !== b) lower[a * n + b] = sum / lower[b * n + b];
      else if (sum <= LEAST_PIVOT) return null;
      else lower[a * n + a] = Math.sqrt(sum);
    }
  }
  const x = right.slice();
  for (let a = 0; a < n; a++) {
    for (let k = 0; k < a; k++) x[a] -= lower[a * n + k] * x[k];
    x[a] /= lower[a * n + a];
  }
  for (let a = n - 1; a >= 0; a--) {
    for (let k = a + 1; k < n; k++) x[a] -= lower[k * n + a] * x[k];
    x[a] /= lower[a * n + a];
  }
  return x;
}
