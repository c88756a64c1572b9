/** c + a * b, in one rounding where the module is built with relaxed SIMD and the machine can (build/training-fma.wasm). */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  // A constant of the compiler: the other branch is not compiled.
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}
