// Packed RGBA bytes to the frame tensor: R G B as v / 127.5 - 1, then y = 2 * (row + 0.5) / H - 1.
// One thread a pixel.

// [height, width], R in the lowest byte.
@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>;

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
  let x = pixel % params.width;
  let y = pixel / params.width;
  let packed = source[pixel];
  let bytes = vec3u(packed & 255u, (packed >> 8u) & 255u, (packed >> 16u) & 255u);
  let height = 2.0 * (f32(y) + 0.5) / f32(params.height) - 1.0;
  output[params.origin + y * params.row + x * params.pitch] = vec4f(vec3f(bytes) / 127.5 - 1.0, height);
}
