// What the first trunk layer reads beside the stem's outputs: the attention features of the cell's block and
// the cell's coordinates. One thread a vec4 of a cell of an attended block; FEATURES4 of features, then one of
// coordinates [y, |x|, column within the block, row within the block].

override FEATURES4: u32;
// Cells on a block's side.
override SIDE: u32;

override PLACES: u32 = SIDE * SIDE;

// Features by block.
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
// The join, from the first features on.
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>;
@group(0) @binding(4) var<storage, read> list: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let thread = (group.y * groups.x + group.x) * WORKGROUP + local;
  let part = thread % (FEATURES4 + 1u);
  let cell = (thread / (FEATURES4 + 1u)) % PLACES;
  let tile = thread / ((FEATURES4 + 1u) * PLACES);
  if (tile >= list[0]) {
    return;
  }
  let index = list[1u + tile];
  let block = vec2u(index % params.tile_columns, index / params.tile_columns);
  let within = vec2u(cell % SIDE, cell / SIDE);
  let at = block * SIDE + within;
  if (at.x >= params.width || at.y >= params.height) {
    return;
  }
  let to = params.origin + at.y * params.row + at.x * params.pitch + part;
  if (part < FEATURES4) {
    output[to] = source[params.source_origin + block.y * params.source_row + block.x * params.source_pitch + part];
  } else {
    let frame = 2.0 * (vec2f(at) + 0.5) / vec2f(f32(params.width), f32(params.height)) - 1.0;
    let inner = 2.0 * (vec2f(within) + 0.5) / f32(SIDE) - 1.0;
    output[to] = vec4f(frame.y, abs(frame.x), inner.x, inner.y);
  }
}
