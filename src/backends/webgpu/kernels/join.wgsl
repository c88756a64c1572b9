// What the first trunk layer reads beside the stem's outputs: the attention features of the cell's block and
// the cell's coordinates. One thread a vec4 of a cell of a listed block: `inputs` of features, then one of
// coordinates [y, |x|, column within the block, row within the block]. Blocks attended before and not now get zeros.

// Features by block.
@group(0) @binding(1) var<storage, read> source: array<Real4>;
// The join, from the first features on.
@group(0) @binding(3) var<storage, read_write> output: array<Real4>;
// Blocks to compute, those and the blocks to zero, then their indices.
@group(0) @binding(4) var<storage, read> list: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let side = params.tile_width;
  let parts = params.inputs + 1u;
  let thread = (group.y * groups.x + group.x) * WORKGROUP + local;
  let part = thread % parts;
  let cell = (thread / parts) % (side * side);
  let tile = thread / (parts * side * side);
  if (tile >= list[1]) {
    return;
  }
  let index = list[2u + tile];
  let block = vec2u(index % params.tile_columns, index / params.tile_columns);
  let within = vec2u(cell % side, cell / side);
  let at = block * side + within;
  if (at.x >= params.width || at.y >= params.height) {
    return;
  }
  var value = Real4();
  if (tile < list[0]) {
    if (part < params.inputs) {
      value = source[params.source_origin + block.y * params.source_row + block.x * params.source_pitch + part];
    } else {
      let frame = 2.0 * (vec2f(at) + 0.5) / vec2f(f32(params.width), f32(params.height)) - 1.0;
      let inner = 2.0 * (vec2f(within) + 0.5) / f32(side) - 1.0;
      value = stored(vec4f(frame.y, abs(frame.x), inner.x, inner.y));
    }
  }
  output[params.origin + at.y * params.row + at.x * params.pitch + part] = value;
}
