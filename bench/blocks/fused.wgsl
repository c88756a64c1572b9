// The trunk and the head of the detail network in one dispatch: a workgroup a block, every layer between the join and
// the cells in workgroup memory. For measuring fusion (fusion.ts) against a dispatch a layer (conv.wgsl).
//
// Two rules for what a layer reads beyond the block, told by the counts that unroll.ts fills in:
// - recomputed: {RING} = layers after the first. The first layer is computed {RING} cells wide of the block, each later
//   one a cell less, and places outside attended blocks are zero: what neighbours have is computed again, so the cells
//   are those of the spec. A region lies at the array's corner, and each layer overwrites the one before, in place: tiles
//   are taken in raster order, and a place reads only places at or after itself.
// - blind: {RING} = 0. The layers after the first read zero beyond the block. The region lies within a border of zeros
//   ({SHIFT} = 1), and one pass holds all of it, so that in place is right here too.
//
// The register tile, the order of threads and the layout of the weights are conv.wgsl's. The counts: {PLACES} x
// {COLUMNS} vec4s of a thread; {JOIN}, {WIDTH}, {HEAD} vec4s of a cell of the join, of a trunk layer and of the head;
// {DEPTH} trunk layers; {SIDE} cells a block side; {STORE} cells a side of the array.

override WORKGROUP: u32 = 64;

struct Fused {
  // Of the join, in vec4s: cell (x, y) starts at origin + y * row + x * {JOIN}.
  origin: u32, row: u32,
  // Cells of the map; blocks a row.
  width: u32, height: u32, columns: u32,
  // Of each trunk layer, then of the head: where its weights begin, in vec4s.
  weights: array<vec4u, {DEPTH} + 1>,
}

@group(0) @binding(0) var<uniform> fused: Fused;
@group(0) @binding(1) var<storage, read> join: array<Real4>;
// As conv.wgsl has them, of all layers.
@group(0) @binding(2) var<storage, read> weights: array<Real4>;
// [attended blocks, {SIDE}, {SIDE}, {HEAD}]
@group(0) @binding(3) var<storage, read_write> cells: array<Real4>;
// Blocks to compute, those and the blocks to zero, then their indices (row * columns + column).
@group(0) @binding(4) var<storage, read> list: array<u32>;
// 1 for each attended block, in a border of zeros: [rows + 2, columns + 2].
@group(0) @binding(5) var<storage, read> attended: array<u32>;

// Where threads without a place write.
const NOBODYS = {STORE}u * {STORE}u * {WIDTH}u;
var<workgroup> region: array<Real4, {STORE} * {STORE} * {WIDTH} + 1>;

const THREAD_COLUMNS = ({WIDTH}u + {COLUMNS}u - 1u) / {COLUMNS}u;

// Whether the spec has a value at a cell; `at` counts from one block above and left of the map.
fn known(at: vec2u) -> bool {
  let block = at / {SIDE}u;
  let inside = at.x < fused.width + {SIDE}u && at.y < fused.height + {SIDE}u;
  // Written without branches, here and below: an emulated GPU's compiler pays for each.
  return inside & (attended[select(0u, block.y * (fused.columns + 2u) + block.x, inside)] != 0u);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let slots = WORKGROUP / THREAD_COLUMNS;
  let channel = (local % THREAD_COLUMNS) * {COLUMNS}u;
  let slot = local / THREAD_COLUMNS;
  let working = slot < slots;
  let entry = group.y * groups.x + group.x;
  if (entry >= list[0]) {
    return;
  }
  let index = list[2u + entry];
  // From one block above and left of the map.
  let corner = {SIDE}u * (vec2u(index % fused.columns, index / fused.columns) + 1u);

  // One loop for layers and their passes: every loop that is entered costs an emulated GPU a copy of all registers.
  var layer = 0u;
  var first = 0u;
  while (layer < {DEPTH}u) {
    let ring = max({RING}u, layer) - layer;
    let side = {SIDE}u + 2u * ring;
    let tiles = (side * side + {PLACES}u - 1u) / {PLACES}u;
    let first_layer = layer == 0u;
    let span = 3u * select({WIDTH}u, {JOIN}u, first_layer);
    let steps = 3u * span;
    let start = fused.weights[layer].x;
    let bias = start + 4u * steps * {WIDTH}u + channel;
    let tile = first + slot;
#for p PLACES
    let n{p} = tile * {PLACES}u + {p}u;
    let p{p} = vec2u(n{p} % side, n{p} / side);
    let k{p} = working & (n{p} < side * side) & known(corner - ring + p{p});
#end
    var some = false;
#for p PLACES
    some = some | k{p};
#end
#for o COLUMNS
    let b{o} = vec4f(weights[bias + {o}u]);
#end
#for p PLACES
#for o COLUMNS
    var s{p}_{o} = b{o};
#end
#end
    var w = start + channel;
    var at = 0u;
    var left = span;
    if (first_layer) {
      // What is not known reads anywhere and is not kept.
#for p PLACES
      let c{p} = corner - ring + p{p} - {SIDE}u - 1u;
      let f{p} = select(0u, fused.origin + c{p}.y * fused.row + c{p}.x * {JOIN}u, k{p});
#end
      for (var step = select(steps, 0u, some); step < steps; step++) {
#for o COLUMNS
        let w{o}_0 = weights[w + {o}u];
        let w{o}_1 = weights[w + {WIDTH}u + {o}u];
        let w{o}_2 = weights[w + 2u * {WIDTH}u + {o}u];
        let w{o}_3 = weights[w + 3u * {WIDTH}u + {o}u];
#end
#for p PLACES
        let i{p} = join[f{p} + at];
#for o COLUMNS
        s{p}_{o} += vec4f(i{p}.x * w{o}_0 + i{p}.y * w{o}_1 + i{p}.z * w{o}_2 + i{p}.w * w{o}_3);
#end
#end
        w += 4u * {WIDTH}u;
        left--;
        at += select(1u, 1u + fused.row - span, left == 0u);
        left = select(left, span, left == 0u);
      }
    } else {
#for p PLACES
      let f{p} = select(0u, (p{p}.y * {STORE}u + p{p}.x) * {WIDTH}u, k{p});
#end
      for (var step = select(steps, 0u, some); step < steps; step++) {
#for o COLUMNS
        let w{o}_0 = weights[w + {o}u];
        let w{o}_1 = weights[w + {WIDTH}u + {o}u];
        let w{o}_2 = weights[w + 2u * {WIDTH}u + {o}u];
        let w{o}_3 = weights[w + 3u * {WIDTH}u + {o}u];
#end
#for p PLACES
        let i{p} = region[f{p} + at];
#for o COLUMNS
        s{p}_{o} += vec4f(i{p}.x * w{o}_0 + i{p}.y * w{o}_1 + i{p}.z * w{o}_2 + i{p}.w * w{o}_3);
#end
#end
        w += 4u * {WIDTH}u;
        left--;
        at += select(1u, 1u + {STORE}u * {WIDTH}u - span, left == 0u);
        left = select(left, span, left == 0u);
      }
    }
    // All have read what these tiles overwrite; what later tiles of the layer read lies after them.
    workgroupBarrier();
#for p PLACES
    let t{p} = ((p{p}.y + {SHIFT}u) * {STORE}u + p{p}.x + {SHIFT}u) * {WIDTH}u + channel;
    let m{p} = working & (n{p} < side * side);
#for o COLUMNS
    let v{p}_{o} = select(Real4(), stored(max(s{p}_{o}, vec4f())), k{p});
    region[select(NOBODYS, t{p} + {o}u, m{p} & (channel + {o}u < {WIDTH}u))] = v{p}_{o};
#end
#end
    workgroupBarrier();
    let last = first + slots >= tiles;
    layer += select(0u, 1u, last);
    first = select(first + slots, 0u, last);
  }

  let start = fused.weights[{DEPTH}].x;
  let parts = ({SIDE}u * {SIDE}u + {PLACES}u - 1u) / {PLACES}u;
  for (var item = local; item < parts * {HEAD}u; item += WORKGROUP) {
    let column = item % {HEAD}u;
    let part = item / {HEAD}u;
    let b = vec4f(weights[start + 4u * {WIDTH}u * {HEAD}u + column]);
#for p PLACES
    let n{p} = min(part * {PLACES}u + {p}u, {SIDE}u * {SIDE}u - 1u);
    let p{p} = vec2u(n{p} % {SIDE}u, n{p} / {SIDE}u);
    let f{p} = ((p{p}.y + {SHIFT}u) * {STORE}u + p{p}.x + {SHIFT}u) * {WIDTH}u;
    var s{p} = b;
#end
    var w = start + column;
    for (var step = 0u; step < {WIDTH}u; step++) {
      let w_0 = weights[w];
      let w_1 = weights[w + {HEAD}u];
      let w_2 = weights[w + 2u * {HEAD}u];
      let w_3 = weights[w + 3u * {HEAD}u];
#for p PLACES
      let i{p} = region[f{p} + step];
      s{p} += vec4f(i{p}.x * w_0 + i{p}.y * w_1 + i{p}.z * w_2 + i{p}.w * w_3);
#end
      w += 4u * {HEAD}u;
    }
#for p PLACES
    cells[(entry * {SIDE}u * {SIDE}u + n{p}) * {HEAD}u + column] = select(Real4(), stored(s{p}), known(corner + p{p}));
#end
  }
}
