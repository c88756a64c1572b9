// What every kernel that makes a map begins with (pipelines.ts puts it before each): threads of a workgroup, the
// type of what is stored, and what a step is told. steps.ts writes the struct, in this order.

override WORKGROUP: u32 = 64;

const LISTED = 1u;
const COMPACT = 2u;
const RELU = 4u;

// Origins, rows and pitches in vec4s: place (x, y) starts at origin + y * row + x * pitch.
struct Params {
  source_origin: u32, source_row: u32, source_pitch: u32,
  origin: u32, row: u32, pitch: u32,
  width: u32, height: u32,
  tile_columns: u32, tiles: u32,
  source_width: u32, source_height: u32,
  tile_width: u32, tile_height: u32,
  kernel: u32, stride: u32,
  // Channels, in vec4s.
  inputs: u32, outputs: u32,
  flags: u32,
  // Numerator, slope, offset and linear term (network/response.ts); the kernels that read the frame know it.
  response: vec4f,
}

@group(0) @binding(0) var<uniform> params: Params;
