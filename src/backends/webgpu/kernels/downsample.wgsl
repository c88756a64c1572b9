// The frame tensor box-averaged: the attention network's input. Boxes over the edge average the pixels there are.
// One thread a place; stride is the side of a box.

@group(0) @binding(1) var<storage, read> source: array<Real4>;
@group(0) @binding(3) var<storage, read_write> output: array<Real4>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let place = (group.y * groups.x + group.x) * WORKGROUP + local;
  if (place >= params.tiles) {
    return;
  }
  let x = place % params.width;
  let y = place / params.width;
  let left = x * params.stride;
  let top = y * params.stride;
  let right = min(left + params.stride, params.source_width);
  let bottom = min(top + params.stride, params.source_height);
  var sum = vec4f();
  for (var v = top; v < bottom; v++) {
    for (var u = left; u < right; u++) {
      sum += vec4f(source[params.source_origin + v * params.source_row + u * params.source_pitch]);
    }
  }
  let count = f32((right - left) * (bottom - top));
  output[params.origin + y * params.row + x * params.pitch] = stored(sum / count);
}
