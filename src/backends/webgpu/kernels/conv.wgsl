// One convolution, with bias, activation and (folded into the weights) residual, over a set of tiles.
//
// A tile is a block of the detail network, or a whole map of the attention network. Only the tiles asked for are
// dispatched, so a block that is skipped costs nothing here; one that was attended in the frame before and is not
// now is overwritten with zeros, which keeps maps zero outside attended blocks.
//
// A thread makes PLACES places x 4 * COLUMNS output channels in registers: each weight it loads is used PLACES
// times, each input 4 * COLUMNS times. Threads of one workgroup run over the output channels first, so weights are
// read in order. unroll.ts writes out the lines between `#for` and `#end`; which shape is best is in shapes.ts.
//
// Maps are NHWC, channels in vec4s. A source map has a border of zeros as wide as the widest kernel needs, so
// nothing is tested in the inner loop; places of a tile beyond the map read what is there and write nothing. There
// is one loop for rows, columns and channels: what a row of the kernel reads lies in one piece, and every loop that
// is entered costs an emulated GPU a copy of all registers.

@group(0) @binding(1) var<storage, read> source: array<Real4>;
// [kernel, kernel, 4 * inputs, outputs], then the bias [outputs].
@group(0) @binding(2) var<storage, read> weights: array<Real4>;
// A map; with COMPACT [attended tiles, tile_height, tile_width, outputs], zero beyond the map.
@group(0) @binding(3) var<storage, read_write> output: array<Real4>;
// Tiles to compute, those and the tiles to zero, then their indices (row * tile_columns + column).
@group(0) @binding(4) var<storage, read> list: array<u32>;

const NOWHERE = 0xffffffffu;
// Below every sum.
const LEAST = -3.4e38;

fn place(corner: vec2u, index: u32) -> vec2u {
  return corner + vec2u(index % params.tile_width, index / params.tile_width);
}

fn on_map(at: vec2u) -> bool {
  return at.x < params.width && at.y < params.height;
}

// Where the kernel's first place lies for output place `at`.
fn first(at: vec2u) -> u32 {
  let pad = (params.kernel - 1u) / 2u;
  return params.source_origin + (at.y * params.stride - pad) * params.source_row
    + (at.x * params.stride - pad) * params.source_pitch;
}

// Where output place `at` lies, the tile's place `index`.
fn target_of(at: vec2u, index: u32, tile: u32) -> u32 {
  let places = params.tile_width * params.tile_height;
  let compact = (params.flags & COMPACT) != 0u;
  let on_list = (tile * places + index) * params.outputs;
  let found = select(params.origin + at.y * params.row + at.x * params.pitch, on_list, compact);
  return select(NOWHERE, found, index < places && (compact || on_map(at)));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let thread = (group.y * groups.x + group.x) * WORKGROUP + local;
  let columns = (params.outputs + {COLUMNS}u - 1u) / {COLUMNS}u;
  let parts = (params.tile_width * params.tile_height + {PLACES}u - 1u) / {PLACES}u;
  let channel = (thread % columns) * {COLUMNS}u;
  let part = (thread / columns) % parts;
  let tile = thread / (columns * parts);
  let listed = (params.flags & LISTED) != 0u;
  let computed = tile < select(params.tiles, list[0], listed);
  if (tile >= select(params.tiles, list[1], listed) || (!computed && (params.flags & COMPACT) != 0u)) {
    return;
  }
  let index = select(tile, list[2u + tile], listed);
  let corner = vec2u(
    (index % params.tile_columns) * params.tile_width,
    (index / params.tile_columns) * params.tile_height,
  );
  let span = params.kernel * params.inputs;
  let steps = params.kernel * span;
  let bias = 4u * steps * params.outputs + channel;
#for o COLUMNS
  let b{o} = select(vec4f(), vec4f(weights[bias + {o}u]), computed);
#end
#for p PLACES
  let p{p} = place(corner, {PLACES}u * part + {p}u);
  let f{p} = first(p{p});
#for o COLUMNS
  var s{p}_{o} = b{o};
#end
#end
  var w = channel;
  var at = 0u;
  var left = span;
  for (var step = select(steps, 0u, computed); step < steps; step++) {
#for o COLUMNS
    let w{o}_0 = weights[w + {o}u];
    let w{o}_1 = weights[w + params.outputs + {o}u];
    let w{o}_2 = weights[w + 2u * params.outputs + {o}u];
    let w{o}_3 = weights[w + 3u * params.outputs + {o}u];
#end
#for p PLACES
    let i{p} = source[f{p} + at];
#for o COLUMNS
    s{p}_{o} += vec4f(i{p}.x * w{o}_0 + i{p}.y * w{o}_1 + i{p}.z * w{o}_2 + i{p}.w * w{o}_3);
#end
#end
    w += 4u * params.outputs;
    left--;
    at += select(1u, 1u + params.source_row - span, left == 0u);
    left = select(left, span, left == 0u);
  }
  let least = select(vec4f(LEAST), vec4f(), (params.flags & RELU) != 0u);
#for p PLACES
  let t{p} = target_of(p{p}, {PLACES}u * part + {p}u, tile);
  let k{p} = on_map(p{p});
#for o COLUMNS
  if (t{p} != NOWHERE && channel + {o}u < params.outputs) {
    output[t{p} + channel + {o}u] = select(Real4(), stored(max(s{p}_{o}, least)), k{p});
  }
#end
#end
}
