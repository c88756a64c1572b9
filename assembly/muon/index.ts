/**
 * The orthogonal factor of a matrix, by the Newton-Schulz iteration of the Muon optimiser (Jordan and others 2024,
 * "Muon: An optimizer for hidden layers in neural networks"): X <- a X + X (b A + c A A) with A = X^T X, whose
 * quintic drives every singular value into about 0.7 .. 1.2 within five rounds.
 *
 * x [K, N] row-major float32, K >= N, K a multiple of 4, N of 8; replaced in place.
 * scratch: 2 K N + 2 N N floats. All pointers are multiples of 16.
 */
import { madd } from '../training/madd';

const A: f32 = 3.4445;
const B: f32 = -4.775;
const C: f32 = 2.0315;
/** Added to the norm: a gradient of zeros stays zero. */
const LEAST_NORM: f64 = 1e-12;

export function orthogonalise(x: usize, scratch: usize, K: i32, N: i32, rounds: i32): void {
  const floats = K * N;
  const transposed = scratch;
  const product = transposed + ((<usize>floats) << 2);
  const gram = product + ((<usize>floats) << 2);
  const square = gram + ((<usize>(N * N)) << 2);
  let squares: f64 = 0;
  for (let i = 0; i < floats; i++) {
    const value = <f64>load<f32>(x + ((<usize>i) << 2));
    squares += value * value;
  }
  combine(x, x, x, <f32>(1 / (sqrt(squares) + LEAST_NORM)), 0, floats);
  for (let round = 0; round < rounds; round++) {
    transpose(x, transposed, K, N);
    multiply(transposed, x, gram, N, N, K, true);
    multiply(gram, gram, square, N, N, N, true);
    combine(gram, square, gram, B, C, N * N);
    multiply(x, gram, product, K, N, N, false);
    combine(x, product, x, A, 1, floats);
  }
}

/**
 * c [M, N] = a [M, K] x b [K, N], row-major, M a multiple of 4, N of 8. `symmetric`: c is known to be, so tiles left of
 * the diagonal are copied from the right.
 */
function multiply(a: usize, b: usize, c: usize, M: i32, N: i32, K: i32, symmetric: bool): void {
  const lda = <usize>K << 2;
  const ldb = <usize>N << 2;
  for (let j = 0; j < N; j += 8) {
    const rows = symmetric ? min(M, j + 8) : M;
    for (let i = 0; i < rows; i += 4) {
      let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
      let a0 = a + <usize>i * lda, a1 = a0 + lda, a2 = a1 + lda, a3 = a2 + lda;
      let from = b + (<usize>j << 2);
      const end = a0 + lda;
      while (a0 < end) {
        const b0 = v128.load(from), b1 = v128.load(from, 16);
        let x = v128.load32_splat(a0);
        c00 = madd(x, b0, c00);
        c01 = madd(x, b1, c01);
        x = v128.load32_splat(a1);
        c10 = madd(x, b0, c10);
        c11 = madd(x, b1, c11);
        x = v128.load32_splat(a2);
        c20 = madd(x, b0, c20);
        c21 = madd(x, b1, c21);
        x = v128.load32_splat(a3);
        c30 = madd(x, b0, c30);
        c31 = madd(x, b1, c31);
        a0 += 4; a1 += 4; a2 += 4; a3 += 4;
        from += ldb;
      }
      let to = c + <usize>i * ldb + (<usize>j << 2);
      v128.store(to, c00); v128.store(to, c01, 16);
      to += ldb;
      v128.store(to, c10); v128.store(to, c11, 16);
      to += ldb;
      v128.store(to, c20); v128.store(to, c21, 16);
      to += ldb;
      v128.store(to, c30); v128.store(to, c31, 16);
    }
  }
  if (!symmetric) return;
  for (let i = 8; i < M; i++) {
    for (let j = 0; j < (i & ~7); j++) {
      store<f32>(c + ((<usize>(i * N + j)) << 2), load<f32>(c + ((<usize>(j * N + i)) << 2)));
    }
  }
}

/** out = p a + q b, elementwise. */
function combine(a: usize, b: usize, out: usize, p: f32, q: f32, floats: i32): void {
  const vp = f32x4.splat(p);
  const vq = f32x4.splat(q);
  const end = (<usize>floats) << 2;
  for (let i: usize = 0; i < end; i += 16) {
    v128.store(out + i, f32x4.add(f32x4.mul(vp, v128.load(a + i)), f32x4.mul(vq, v128.load(b + i))));
  }
}

/** to [N, K] = from [K, N]^T */
function transpose(from: usize, to: usize, K: i32, N: i32): void {
  for (let k = 0; k < K; k++) {
    for (let n = 0; n < N; n++) {
      store<f32>(to + ((<usize>(n * K + k)) << 2), load<f32>(from + ((<usize>(k * N + n)) << 2)));
    }
  }
}
