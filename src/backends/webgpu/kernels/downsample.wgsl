// The frame tensor box-averaged: the attention network's input. Boxes over the edge average the pixels there are.
// One thread a place.

override FACTOR: u32;

@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>;

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
  let left = x * FACTOR;
  let top = y * FACTOR;
  let right = min(left + FACTOR, params.source_width);
  let bottom = min(top + FACTOR, params.source_height);
  var sum = vec4f();
  for (var v = top; v < bottom; v++) {
    for (var u = left; u < right; u++) {
      sum += source[params.source_origin + v * params.source_row + u * params.source_pitch];
    }
  }
  let count = f32((right - left) * (bottom - top));
  output[params.origin + y * params.row + x * params.pitch] = sum / count;
}
