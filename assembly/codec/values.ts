/** From levels to values: float32, half precision, and the inverse kernel transform. */
import { BASIS } from './memory';

/** Five values. */
const LINE: usize = BASIS + 112;

/** Levels, f32, to i8, which holds them. Reads and writes up to a multiple of 16. */
export function toBytes(from: usize, out: usize, count: usize): void {
  for (const end = out + count; out < end; out += 16, from += 64) {
    const low = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(v128.load(from)), i32x4.trunc_sat_f32x4_s(v128.load(from, 16)));
    const high = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(v128.load(from, 32)), i32x4.trunc_sat_f32x4_s(v128.load(from, 48)));
    v128.store(out, i8x16.narrow_i16x8_s(low, high));
  }
}

/** Half precision to float32. Reads and writes up to a multiple of four. */
export function fromHalves(from: usize, out: usize, count: usize): void {
  for (const end = from + (count << 1); from < end; from += 8, out += 16) {
    const half = v128.load16x4_u(from), magnitude = v128.and(half, i32x4.splat(0x7fff));
    const scaled = f32x4.mul(i32x4.shl(magnitude, 13), i32x4.splat(0x77800000));
    const finite = v128.or(scaled, i32x4.shl(v128.xor(half, magnitude), 16));
    const wide = v128.or(finite, v128.and(i32x4.gt_s(magnitude, i32x4.splat(0x7bff)), i32x4.splat(0x7f800000)));
    v128.store(out, v128.bitselect(i32x4.splat(0x7fc00000), wide, i32x4.gt_s(magnitude, i32x4.splat(0x7c00))));
  }
}

/** Float32 to half precision, to nearest, ties to even; `out` may be `from`. As src/network/half.ts. */
export function toHalves(from: usize, out: usize, count: usize): void {
  for (const end = from + (count << 2); from < end; from += 4, out += 2) {
    const bits = load<u32>(from), magnitude = bits & 0x7fffffff, sign = (bits >>> 16) & 0x8000;
    const rebased = magnitude - 0x38000000;
    let half = (rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13;
    if (magnitude < 0x38800000) half = <u32>nearest<f32>(reinterpret<f32>(magnitude) * 16777216);
    if (magnitude >= 0x477ff000) half = magnitude > 0x7f800000 ? 0x7e00 : 0x7c00;
    store<u16>(out, sign | half);
  }
}

/**
 * One axis of the inverse kernel transform, in place: out[i] = sum over k of basis[k][i] in[k], every product and sum
 * rounded. The numbers of kernel-transform.ts.
 * @param data f32 [blocks][size][stride]
 * @param size 3 or 5
 * @param blocks how many; the basis, f32 [size][size], is at BASIS
 */
export function restoreAxis(data: usize, size: usize, stride: usize, blocks: usize): void {
  const pitch = stride << 2;
  for (; blocks > 0; blocks--, data += size * pitch) {
    let at = data;
    for (const end = data + (pitch & ~15); at < end; at += 16) {
      const a = v128.load(at), b = v128.load(at + pitch), c = v128.load(at + 2 * pitch);
      const d = size > 3 ? v128.load(at + 3 * pitch) : a, e = size > 3 ? v128.load(at + 4 * pitch) : a;
      for (let i: usize = 0; i < size; i++) {
        const row = size << 2, factors = BASIS + (i << 2);
        let sum = f32x4.add(f32x4.splat(0), f32x4.mul(v128.load32_splat(factors), a));
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(factors + row), b));
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(factors + 2 * row), c));
        if (size > 3) {
          sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(factors + 3 * row), d));
          sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(factors + 4 * row), e));
        }
        v128.store(at + i * pitch, sum);
      }
    }
    for (const end = data + pitch; at < end; at += 4) {
      for (let k: usize = 0; k < size; k++) store<f32>(LINE + (k << 2), load<f32>(at + k * pitch));
      for (let i: usize = 0; i < size; i++) {
        let sum: f32 = 0;
        for (let k: usize = 0; k < size; k++) sum += load<f32>(BASIS + ((k * size + i) << 2)) * load<f32>(LINE + (k << 2));
        store<f32>(at + i * pitch, sum);
      }
    }
  }
}
