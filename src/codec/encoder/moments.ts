/**
 * Second moments of a layer's inputs, as error feedback uses them. With H = U^-1 U^-T the error of one output is
 * sum over columns p of (e_p / U_pp)^2, where e_p is the error of column p against its value after the feedback of the
 * columns before (Frantar and others, GPTQ, ICLR 2023; the Cholesky form).
 */

export interface Feedback {
  /** Order in which columns are decided. */
  readonly order: Int32Array;
  /** Upper triangular U with U^T U = inverse of the damped moments, rows and columns in that order [n][n]. */
  readonly factor: Float64Array;
  readonly columns: number;
}

/** Share of the mean diagonal that is added to the diagonal: keeps rarely seen inputs from freezing others. */
export const DAMPING = 0.003;

/** In place: the lower Cholesky factor of a symmetric positive definite matrix; false where it is none. */
function cholesky(a: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    const rowJ = j * n;
    for (let i = j; i < n; i++) {
      const rowI = i * n;
      let sum = a[rowI + j];
      for (let k = 0; k < j; k++) sum -= a[rowI + k] * a[rowJ + k];
      if (i === j) {
        if (!(sum > 0)) return false;
        a[rowJ + j] = Math.sqrt(sum);
      } else a[rowI + j] = sum / a[rowJ + j];
    }
  }
  return true;
}

/**
 * U for columns decided in `order`, or null where the moments are not positive semidefinite.
 * With H reversed = L L^T, the factor of the inverse is the reversed inverse of L, which is upper triangular.
 * @param moments sum over samples of x x^T [columns][columns], row-major
 */
export function feedbackOf(moments: ArrayLike<number>, columns: number, order: Int32Array): Feedback | null {
  const n = columns;
  let trace = 0;
  for (let i = 0; i < n; i++) trace += moments[i * n + i];
  const damping = (DAMPING * trace) / n + 1e-30;
  // Reversed order: the inverse of a lower factor, reversed again, is upper.
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const from = order[n - 1 - i] * n;
    for (let j = 0; j <= i; j++) a[i * n + j] = moments[from + order[n - 1 - j]];
    a[i * n + i] += damping;
  }
  if (!cholesky(a, n)) return null;
  // Invert the lower triangle, column by column, reading rows.
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const diagonal = 1 / a[i * n + i];
    const row = inverse.subarray(i * n, i * n + i + 1);
    for (let k = 0; k < i; k++) {
      const factor = -a[i * n + k] * diagonal;
      if (factor === 0) continue;
      const from = k * n;
      for (let j = 0; j <= k; j++) row[j] += factor * inverse[from + j];
    }
    row[i] = diagonal;
  }
  // H_r = L L^T, so H_r^-1 = L^-T L^-1; with U = reversed L^-1 (upper): U^T U = H^-1 in the given order.
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) factor[(n - 1 - i) * n + (n - 1 - j)] = inverse[i * n + j];
  }
  return { order, factor, columns };
}

/** Mean over columns of what a squared error counts once the others have answered: 1 / U_pp^2. */
export function meanCurvature({ factor, columns }: Feedback): number {
  let sum = 0;
  for (let p = 0; p < columns; p++) sum += factor[p * columns + p] ** -2;
  return sum / columns;
}
