// Maps and weights as float32.
alias Real4 = vec4<f32>;
