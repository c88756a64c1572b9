/** From levels to values: float32, half precision, and the inverse kernel transform. */
import { BASIS } from './memory';

/** Five times four values. */
const LINE: usize = BASIS + 112;

/** Levels, f32, to i8, which holds them. Reads and writes up to a multiple of 16. */
export function toBytes(from: usize, out: usize, count: usize): void {
  for (const end = out + count; out < end; out += 16, from += 64) {
    const low = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(v128.load(from)), i32x4.trunc_sat_f32x4_s(v128.load(from, 16)));
    const high = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(v128.load(from, 32)), i32x4.trunc_sat_f32x4_s(v128.load(from, 48)));
    v128.store(out, i8x16.narrow_i16x8_s(low, high));
  }
}

/** Half precision to float32. */
export function fromHalves(from: usize, out: usize, count: usize): void {
  for (const end = from + (count << 1); from < end; from += 2, out += 4) {
    const half = <u32>load<u16>(from), magnitude = half & 0x7fff;
    let bits = reinterpret<u32>(reinterpret<f32>(magnitude << 13) * reinterpret<f32>(0x77800000));
    if (magnitude >= 0x7c00) bits = magnitude === 0x7c00 ? 0x7f800000 : 0x7fc00000;
    store<u32>(out, magnitude > 0x7c00 ? bits : bits | ((half & 0x8000) << 16));
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
  const pitch = stride << 2, row = size << 2, line = size << 4;
  for (; blocks > 0; blocks--, data += size * pitch) {
    let at = data;
    for (const end = data + pitch; at < end; ) {
      // Four at a time; the last ones alone, in the first lane.
      const four = at + 16 <= end;
      for (let k: usize = 0, from = at; k < line; k += 16, from += pitch) {
        v128.store(LINE + k, four ? v128.load(from) : v128.load32_zero(from));
      }
      for (let factors = BASIS, to = at; factors < BASIS + row; factors += 4, to += pitch) {
        let sum = f32x4.splat(0);
        for (let k: usize = 0, factor = factors; k < line; k += 16, factor += row) {
          sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(factor), v128.load(LINE + k)));
        }
        if (four) v128.store(to, sum);
        else store<f32>(to, f32x4.extract_lane(sum, 0));
      }
      at += four ? 16 : 4;
    }
  }
}
