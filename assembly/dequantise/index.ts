/** What general-purpose decoders of int8 levels still need: floats (bench/codec/speeds.ts). As fast as assembly/codec's own. */

/** out[i] = f32(levels[i]) * step. */
export function dequantise(from: usize, out: usize, count: usize, step: f32): void {
  const s = f32x4.splat(step);
  const end = from + count;
  for (; from + 16 <= end; from += 16, out += 64) {
    const v = v128.load(from);
    const low = i16x8.extend_low_i8x16_s(v), high = i16x8.extend_high_i8x16_s(v);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low)), s));
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low)), s), 16);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high)), s), 32);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high)), s), 48);
  }
  for (; from < end; from++, out += 4) store<f32>(out, <f32>load<i8>(from) * step);
}
