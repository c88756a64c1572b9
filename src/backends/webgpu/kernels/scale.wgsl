// The frame at the working size as the frame tensor: R G B as v / 127.5 - 1, then y = 2 * (row + 0.5) / H - 1.
// Box average by exact area, as session/resize.ts does it, rounded to whole values of 0..255 as there; a frame of
// the working size is taken as it is. One thread a working pixel. `frame_size` and `texel` are the frame's.

@group(0) @binding(3) var<storage, read_write> output: array<Real4>;

// How much of the source place [at, at + 1) lies in [from, to).
fn share(at: u32, span: vec2f) -> f32 {
  return min(span.y, f32(at) + 1.0) - max(span.x, f32(at));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let pixel = (group.y * groups.x + group.x) * WORKGROUP + local;
  if (pixel >= params.tiles) {
    return;
  }
  let at = vec2u(pixel % params.width, pixel / params.width);
  let source = vec2f(frame_size());
  let scale = source / vec2f(f32(params.width), f32(params.height));
  let start = vec2f(at) * scale;
  let end = min(start + scale, source);
  var sum = vec3f();
  for (var v = u32(start.y); v < u32(ceil(end.y - 1e-4)); v++) {
    let height = share(v, vec2f(start.y, end.y));
    for (var u = u32(start.x); u < u32(ceil(end.x - 1e-4)); u++) {
      sum += texel(vec2u(u, v)) * (height * share(u, vec2f(start.x, end.x)));
    }
  }
  let area = (end.x - start.x) * (end.y - start.y);
  let value = round(clamp(sum / area, vec3f(), vec3f(1.0)) * 255.0);
  let height = 2.0 * (f32(at.y) + 0.5) / f32(params.height) - 1.0;
  output[params.origin + at.y * params.row + at.x * params.pitch] = stored(vec4f(value / 127.5 - 1.0, height));
}
