// Maps and weights as float16; sums of four products are float16 too, what adds them up is float32.
enable f16;
alias Real4 = vec4<f16>;

fn stored(value: vec4f) -> Real4 {
  return Real4(value);
}
