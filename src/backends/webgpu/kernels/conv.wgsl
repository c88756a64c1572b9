// One convolution, with bias, activation and (folded into the weights) residual, over a set of tiles.
//
// A tile is a block of the detail network, or a strip of 4 places of an attention map. Only the tiles asked for
// are dispatched, so a block that is skipped costs nothing here.
//
// A thread makes 4 places x 4 output channels (one vec4 a place): each weight it loads is used 4 times, each
// input 4 times. Threads of one workgroup run over the output channels first, so weights are read in order.
//
// Maps are NHWC, channels in vec4s. A source map has a border of zeros as wide as the widest kernel needs, so
// nothing is tested in the inner loop; places of a tile beyond the map read what is there and write nothing.

override KERNEL: u32;
override STRIDE: u32;
// Input and output channels, in vec4s.
override IN4: u32;
override OUT4: u32;
override TILE_WIDTH: u32;
override TILE_HEIGHT: u32;
// The tiles are those of `list`; otherwise all of the map.
override LISTED: bool;
// The output is [tiles of the list, TILE_HEIGHT, TILE_WIDTH, OUT4] rather than a map; beyond the map zero.
override COMPACT: bool;
override RELU: bool;

override PLACES: u32 = TILE_WIDTH * TILE_HEIGHT;
override QUADS: u32 = (PLACES + 3u) / 4u;
override PAD: u32 = (KERNEL - 1u) / 2u;
// vec4s between two input channels' weights, between two kernel places', and in all.
override TAP: u32 = 4u * IN4 * OUT4;
override BIAS: u32 = KERNEL * KERNEL * TAP;

@group(0) @binding(1) var<storage, read> source: array<vec4f>;
// [KERNEL, KERNEL, 4 * IN4, OUT4], then the bias [OUT4].
@group(0) @binding(2) var<storage, read> weights: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>;
// Count, then indices of tiles (row * tile_columns + column).
@group(0) @binding(4) var<storage, read> list: array<u32>;

// Where the kernel's first place lies for output place `at`.
fn first(at: vec2u) -> u32 {
  return params.source_origin + (at.y * STRIDE) * params.source_row + (at.x * STRIDE) * params.source_pitch
    - PAD * (params.source_row + params.source_pitch);
}

fn place(corner: vec2u, index: u32) -> vec2u {
  return corner + vec2u(index % TILE_WIDTH, index / TILE_WIDTH);
}

fn store(at: vec2u, index: u32, tile: u32, channel: u32, sum: vec4f) {
  let inside = index < PLACES && at.x < params.width && at.y < params.height;
  let value = select(sum, max(sum, vec4f()), RELU);
  if (COMPACT) {
    if (index < PLACES) {
      output[(tile * PLACES + index) * OUT4 + channel] = select(vec4f(), value, inside);
    }
  } else if (inside) {
    output[params.origin + at.y * params.row + at.x * params.pitch + channel] = value;
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let thread = (group.y * groups.x + group.x) * WORKGROUP + local;
  let channel = thread % OUT4;
  let quad = (thread / OUT4) % QUADS;
  let tile = thread / (OUT4 * QUADS);
  let tiles = select(params.tiles, list[0], LISTED);
  if (tile >= tiles) {
    return;
  }
  let index = select(tile, list[1u + tile], LISTED);
  let corner = vec2u((index % params.tile_columns) * TILE_WIDTH, (index / params.tile_columns) * TILE_HEIGHT);
  let p0 = place(corner, 4u * quad);
  let p1 = place(corner, 4u * quad + 1u);
  let p2 = place(corner, 4u * quad + 2u);
  let p3 = place(corner, 4u * quad + 3u);
  let f0 = first(p0);
  let f1 = first(p1);
  let f2 = first(p2);
  let f3 = first(p3);

  let bias = weights[BIAS + channel];
  var s0 = bias;
  var s1 = bias;
  var s2 = bias;
  var s3 = bias;
  for (var ky = 0u; ky < KERNEL; ky++) {
    for (var kx = 0u; kx < KERNEL; kx++) {
      let shift = ky * params.source_row + kx * params.source_pitch;
      var w = (ky * KERNEL + kx) * TAP + channel;
      for (var c = 0u; c < IN4; c++) {
        let w0 = weights[w];
        let w1 = weights[w + OUT4];
        let w2 = weights[w + 2u * OUT4];
        let w3 = weights[w + 3u * OUT4];
        w += 4u * OUT4;
        let i0 = source[f0 + shift + c];
        s0 += i0.x * w0 + i0.y * w1 + i0.z * w2 + i0.w * w3;
        let i1 = source[f1 + shift + c];
        s1 += i1.x * w0 + i1.y * w1 + i1.z * w2 + i1.w * w3;
        let i2 = source[f2 + shift + c];
        s2 += i2.x * w0 + i2.y * w1 + i2.z * w2 + i2.w * w3;
        let i3 = source[f3 + shift + c];
        s3 += i3.x * w0 + i3.y * w1 + i3.z * w2 + i3.w * w3;
      }
    }
  }
  store(p0, 4u * quad, tile, channel, s0);
  store(p1, 4u * quad + 1u, tile, channel, s1);
  store(p2, 4u * quad + 2u, tile, channel, s2);
  store(p3, 4u * quad + 3u, tile, channel, s3);
}
