// Yardstick: copies 16 bytes a thread and step, as fast as memory goes. Bytes moved: read and written.
@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> target_: array<vec4f>;

override steps: u32 = 4;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let threads = groups.x * 64u;
  for (var step = 0u; step < steps; step++) {
    let at = id.x + step * threads;
    target_[at] = source[at];
  }
}
