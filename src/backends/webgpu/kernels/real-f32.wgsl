// Maps and weights as float32.
alias Real4 = vec4<f32>;

fn stored(value: vec4f) -> Real4 {
  return value;
}
