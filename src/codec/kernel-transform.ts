/**
 * Orthonormal 2-D DCT-II of the kernels, the step of JPEG: neighbouring weights of trained kernels are alike, their
 * coefficients are not. Coded are the coefficients, in the tensor's shape; the inverse is taken in float32, every
 * product and sum rounded, so that all decoders give the same bits.
 */

/** 0: none. 1: over axes 0 and 1 (height, width, inputs, outputs). 2: over the last two axes. */
export type Transform = 0 | 1 | 2;

/** BASIS[n][k * n + i]: float32 of sqrt((k ? 2 : 1) / n) cos(pi k (2i + 1) / (2n)). The numbers are the format. */
export const BASIS: Readonly<Record<number, Float32Array>> = {
  3: Float32Array.of(
    0.57735026,
    0.57735026,
    0.57735026,
    0.70710677,
    0,
    -0.70710677,
    0.40824828,
    -0.81649655,
    0.40824828,
  ),
  5: Float32Array.of(
    0.4472136,
    0.4472136,
    0.4472136,
    0.4472136,
    0.4472136,
    0.6015009,
    0.37174803,
    0,
    -0.37174803,
    -0.6015009,
    0.51166725,
    -0.19543951,
    -0.6324555,
    -0.19543951,
    0.51166725,
    0.37174803,
    -0.6015009,
    0,
    0.6015009,
    -0.37174803,
    0.19543951,
    -0.51166725,
    0.6324555,
    -0.51166725,
    0.19543951,
  ),
};

/** Whether a transform is there for a shape: square kernels of 3 or 5. */
export function canTransform(shape: readonly number[], transform: Transform): boolean {
  if (transform === 0) return true;
  if (shape.length < 3) return false;
  const [a, b] = transform === 1 ? shape : shape.slice(-2);
  return a === b && Object.hasOwn(BASIS, a);
}

/** Elements between neighbours on each of the two axes. */
function strides(shape: readonly number[], transform: Transform): [number, number, number] {
  if (transform === 2) return [shape[shape.length - 1], 1, shape[shape.length - 1]];
  const inner = shape.slice(2).reduce((product, dimension) => product * dimension, 1);
  return [inner * shape[1], inner, shape[0]];
}

/** One axis in place: out[i] = sum over k of basis[k][i] in[k], or the transposed, each step rounded to float32. */
function along(
  data: Float32Array,
  size: number,
  stride: number,
  basis: Float32Array,
  forwards: boolean,
): void {
  const line = new Float32Array(size);
  const block = size * stride;
  for (let start = 0; start < data.length; start += block) {
    for (let offset = start; offset < start + stride; offset++) {
      for (let k = 0; k < size; k++) line[k] = data[offset + k * stride];
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let k = 0; k < size; k++) {
          const factor = basis[forwards ? i * size + k : k * size + i];
          sum = Math.fround(sum + Math.fround(factor * line[k]));
        }
        data[offset + i * stride] = sum;
      }
    }
  }
}

/** Kernels to coefficients, in place. */
export function transformKernels(data: Float32Array, shape: readonly number[], transform: Transform): void {
  if (transform === 0) return;
  const [outer, inner, size] = strides(shape, transform);
  along(data, size, outer, BASIS[size], true);
  along(data, size, inner, BASIS[size], true);
}

/** Coefficients to kernels, in place: first along the earlier axis, then along the later one. */
export function restoreKernels(data: Float32Array, shape: readonly number[], transform: Transform): void {
  if (transform === 0) return;
  const [outer, inner, size] = strides(shape, transform);
  along(data, size, outer, BASIS[size], false);
  along(data, size, inner, BASIS[size], false);
}
