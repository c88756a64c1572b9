// Yardstick: eight independent chains of vec4 multiply-adds a thread. 8 * 4 * 2 operations a step.
@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> target_: array<vec4f>;

override steps: u32 = 64;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = source[id.x];
  let y = source[id.x + 1u];
  var a = x;
  var b = x + y;
  var c = x - y;
  var d = y;
  var e = 2.0 * x;
  var f = 2.0 * y;
  var g = x + 3.0 * y;
  var h = y - 3.0 * x;
  for (var step = 0u; step < steps; step++) {
    a = fma(a, x, y);
    b = fma(b, x, y);
    c = fma(c, x, y);
    d = fma(d, x, y);
    e = fma(e, x, y);
    f = fma(f, x, y);
    g = fma(g, x, y);
    h = fma(h, x, y);
  }
  target_[id.x] = a + b + c + d + e + f + g + h;
}
