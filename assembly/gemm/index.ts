/**
 * The yardstick of `saccadenet bench`: how fast this machine multiplies in wasm SIMD on one thread. Kept plain and
 * apart from the kernels, so that it does not move when they do.
 *
 * c [M, N] = a [M, K] x b [K, N], row-major float32, M a multiple of 4, N of 8; a tile of 4 x 8 in registers.
 */
export function gemm(a: usize, b: usize, c: usize, M: i32, N: i32, K: i32): void {
  const lda = <usize>K << 2;
  const ldb = <usize>N << 2;
  for (let j = 0; j < N; j += 8) {
    for (let i = 0; i < M; i += 4) {
      let c00 = f32x4.splat(0);
      let c01 = c00;
      let c10 = c00;
      let c11 = c00;
      let c20 = c00;
      let c21 = c00;
      let c30 = c00;
      let c31 = c00;
      let pa = a + <usize>i * lda;
      let pb = b + (<usize>j << 2);
      for (let k = 0; k < K; k++) {
        const b0 = v128.load(pb);
        const b1 = v128.load(pb, 16);
        let x = v128.load32_splat(pa);
        c00 = f32x4.add(c00, f32x4.mul(x, b0));
        c01 = f32x4.add(c01, f32x4.mul(x, b1));
        x = v128.load32_splat(pa + lda);
        c10 = f32x4.add(c10, f32x4.mul(x, b0));
        c11 = f32x4.add(c11, f32x4.mul(x, b1));
        x = v128.load32_splat(pa + 2 * lda);
        c20 = f32x4.add(c20, f32x4.mul(x, b0));
        c21 = f32x4.add(c21, f32x4.mul(x, b1));
        x = v128.load32_splat(pa + 3 * lda);
        c30 = f32x4.add(c30, f32x4.mul(x, b0));
        c31 = f32x4.add(c31, f32x4.mul(x, b1));
        pa += 4;
        pb += ldb;
      }
      let pc = c + <usize>i * ldb + (<usize>j << 2);
      v128.store(pc, c00);
      v128.store(pc, c01, 16);
      pc += ldb;
      v128.store(pc, c10);
      v128.store(pc, c11, 16);
      pc += ldb;
      v128.store(pc, c20);
      v128.store(pc, c21, 16);
      pc += ldb;
      v128.store(pc, c30);
      v128.store(pc, c31, 16);
    }
  }
}
