/**
 * The orthogonal factor of a matrix, by the Newton-Schulz iteration of the Muon optimiser (Jordan and others 2024,
 * "Muon: An optimizer for hidden layers in neural networks"): X <- a X + X (b A + c A A) with A = X^T X, whose
 * quintic drives every singular value into about 0.7 .. 1.2 within five rounds.
 *
 * x [K, N] row-major float32, K >= N, K a multiple of 4, N of 8; replaced in place.
 * scratch: 2 K N + 2 N N floats. All pointers are multiples of 16.
 */
import { gemm } from '../gemm/index';

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
    gemm(transposed, x, gram, N, N, K);
    gemm(gram, gram, square, N, N, N);
    combine(gram, square, gram, B, C, N * N);
    gemm(x, gram, product, K, N, N);
    combine(x, product, x, A, 1, floats);
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
