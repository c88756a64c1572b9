// Maps and weights as float16; sums of four products are float16 too, what adds them up is float32.
enable f16;
alias Real4 = vec4<f16>;
