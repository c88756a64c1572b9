// Gates of the frame by the rule of attention/select.ts, and from them the lists of blocks and the arguments of the
// dispatches that run over them. One workgroup.
//
// Chosen are the blocks whose look logit, softened beyond `sure`, and prior reach the least one, at most `limit` of them by highest sum, ties
// to the lower index; a chosen block takes the 5x5 branch where its five logit is above 0. A list is: blocks to
// compute, those and the blocks to zero, then their indices, ascending. To zero are the blocks attended in the frame
// before and not in this one; the gates of the frame before are what this kernel left.

@group(0) @binding(1) var<storage, read> logits: array<Real4>;
@group(0) @binding(2) var<storage, read> priors: array<f32>;
// Lists attended, three, five; then gates; then arguments.
@group(0) @binding(3) var<storage, read_write> chosen: array<u32>;
// Of a step: its list, the threads that a block takes.
@group(0) @binding(4) var<storage, read> steps: array<vec2u>;

// What a look logit beyond `sure` counts: BEYOND_SURE of attention/select.ts.
const BEYOND_SURE = 0.125;

// Keys are in the order of the sums.
fn key_of(block: u32) -> u32 {
  let logit = f32(logits[block].x);
  let softened = select(logit, settings.sure + BEYOND_SURE * (logit - settings.sure), logit > settings.sure);
  let look = softened + priors[block];
  let bits = bitcast<u32>(look);
  return select(0u, select(bits | 0x80000000u, ~bits, bits >= 0x80000000u), look >= settings.least);
}

@compute @workgroup_size(CHOOSERS)
fn main(@builtin(local_invocation_index) local: u32) {
  let cut = cut_of(local, settings.blocks, settings.limit);
  let chunk = (settings.blocks + CHOOSERS - 1u) / CHOOSERS;
  let start = min(local * chunk, settings.blocks);
  let end = min(start + chunk, settings.blocks);
  var equal = 0u;
  for (var block = start; block < end; block++) {
    equal += u32(key_of(block) == cut.x);
  }
  var tie = running(local, vec4u(equal, 0u, 0u, 0u)).x - equal;

  // Attended, 3x3, 5x5, to zero.
  var counts = vec4u();
  for (var block = start; block < end; block++) {
    let key = key_of(block);
    var gate = settings.dense;
    if (gate == 0u && settings.limit > 0u && key != 0u && key >= cut.x) {
      if (key > cut.x || tie < cut.y) {
        gate = select(1u, 2u, f32(logits[block].y) > 0.0);
      }
      tie += u32(key == cut.x);
    }
    let before = chosen[settings.gates_at + block];
    chosen[settings.gates_at + block] = (before << 2u) | gate;
    counts += vec4u(vec4<bool>(gate > 0u, gate == 1u, gate == 2u, gate == 0u && before > 0u));
  }
  let sum = running(local, counts);
  let totals = sums[CHOOSERS - 1u];
  var at = sum - counts;

  let three = settings.list_words;
  let five = 2u * settings.list_words;
  for (var block = start; block < end; block++) {
    let both = chosen[settings.gates_at + block];
    let gate = both & 3u;
    chosen[settings.gates_at + block] = gate;
    if (gate > 0u) {
      chosen[2u + at.x] = block;
      at.x++;
    }
    if (gate == 1u) {
      chosen[three + 2u + at.y] = block;
      at.y++;
    } else if (gate == 2u) {
      chosen[five + 2u + at.z] = block;
      at.z++;
    } else if (both > 3u) {
      chosen[2u + totals.x + at.w] = block;
      chosen[three + 2u + totals.y + at.w] = block;
      at.w++;
    }
  }
  let lengths = vec3u(totals.x + totals.w, totals.y + totals.w, totals.z);
  if (local < 3u) {
    chosen[local * settings.list_words] = totals[local];
    chosen[local * settings.list_words + 1u] = lengths[local];
  }
  for (var one = local; one < settings.steps; one += CHOOSERS) {
    let groups = (lengths[steps[one].x] * steps[one].y + WORKGROUP - 1u) / WORKGROUP;
    let rows = (groups + settings.most_groups - 1u) / settings.most_groups;
    let arguments = settings.arguments_at + 3u * one;
    chosen[arguments] = (groups + max(rows, 1u) - 1u) / max(rows, 1u);
    chosen[arguments + 1u] = rows;
    chosen[arguments + 2u] = 1u;
  }
}
