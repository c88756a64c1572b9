// Cells that speak for a label, as candidates: one thread a listed block and label. Every candidate's score reaches
// the label's least one, by the formula of detection/cell-box.ts.

@group(0) @binding(1) var<storage, read> cells: array<Real4>;
// How many, three words unused, then of each: key, place and score, centre and width, top and bottom (reply.ts).
@group(0) @binding(3) var<storage, read_write> candidates: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read> list: array<u32>;

const CHANNELS = 6u;
// Before every other: the best cell of its block and label, so that no thing is without a cell when there are too many.
const BEST = 0x40000000u;

fn output(cell: u32, channel: u32) -> f32 {
  return f32(cells[cell * settings.pitch + channel / 4u][channel % 4u]);
}

fn sigmoid(logit: f32) -> f32 {
  return 1.0 / (1.0 + exp(-logit));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let thread = (group.y * groups.x + group.x) * WORKGROUP + local;
  let label = thread % settings.labels;
  let tile = thread / settings.labels;
  if (tile >= list[0]) {
    return;
  }
  let block = list[2u + tile];
  let side = settings.side;
  let corner = vec2u(block % settings.columns, block / settings.columns) * side;
  let least = settings.least_scores[label / 4u][label % 4u];
  let first = CHANNELS * label;
  var best = -1.0;
  var count = 0u;
  // First to count and to find the best, then to write.
  for (var turn = 0u; turn < 2u; turn++) {
    var at = 0u;
    if (turn == 1u) {
      if (count == 0u) {
        return;
      }
      at = atomicAdd(&candidates[0], count);
    }
    for (var i = 0u; i < side * side; i++) {
      let within = vec2u(i % side, i / side);
      if (corner.x + within.x >= settings.cells_wide || corner.y + within.y >= settings.cells_high) {
        continue;
      }
      let cell = tile * side * side + i;
      let score = sigmoid(output(cell, first)) * sigmoid(output(cell, first + 1u));
      if (!(score >= least)) {
        continue;
      }
      if (turn == 0u) {
        count++;
        best = max(best, score);
        continue;
      }
      let place = (block * side * side + i) * settings.labels + label;
      let bonus = select(0u, BEST, score == best);
      atomicStore(&candidates[4u + 4u * at], max(bitcast<u32>(score), 1u) | bonus);
      atomicStore(&candidates[5u + 4u * at], (place << 14u) | u32(round(score * 16383.0)));
      let centre = vec2f(output(cell, first + 2u), output(cell, first + 3u));
      let ends = vec2f(output(cell, first + 4u), output(cell, first + 5u));
      atomicStore(&candidates[6u + 4u * at], pack2x16float(clamp(centre, vec2f(-6e4), vec2f(6e4))));
      atomicStore(&candidates[7u + 4u * at], pack2x16float(clamp(ends, vec2f(-6e4), vec2f(6e4))));
      at++;
    }
  }
}
