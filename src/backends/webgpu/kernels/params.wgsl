// What every kernel begins with (pipelines.ts puts it before each): threads of a workgroup, and what a step is told.
// steps.ts writes the struct, in this order.

const WORKGROUP: u32 = 64u;

// Origins, rows and pitches in vec4s: place (x, y) starts at origin + y * row + x * pitch.
struct Params {
  source_origin: u32, source_row: u32, source_pitch: u32,
  origin: u32, row: u32, pitch: u32,
  width: u32, height: u32,
  tile_columns: u32, tiles: u32,
  source_width: u32, source_height: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
