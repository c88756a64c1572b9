// What float16 storage does to the values, in float32: for tests where no adapter has shader-f16.
alias Real4 = vec4<f32>;

fn stored(value: vec4f) -> Real4 {
  return quantizeToF16(value);
}
