// The reply: what the host reads of a frame. One workgroup.
//
// Candidates found, attended blocks, 5x5 blocks, candidates in the reply; then the gates, 2 bits each; then the
// candidates, 3 words each, in no order. Where more were found than fit, the best of every block and label go first,
// then the others, each by falling score, ties to the lower place.

@group(0) @binding(1) var<storage, read> candidates: array<u32>;
@group(0) @binding(2) var<storage, read> chosen: array<u32>;
@group(0) @binding(3) var<storage, read_write> reply: array<u32>;

fn key_of(index: u32) -> u32 {
  return candidates[4u + 4u * index];
}

// Candidates with this one's key and a lower place.
fn lower(index: u32, count: u32) -> u32 {
  var before = 0u;
  for (var other = 0u; other < count; other++) {
    before += u32(key_of(other) == key_of(index) && candidates[5u + 4u * other] < candidates[5u + 4u * index]);
  }
  return before;
}

@compute @workgroup_size(CHOOSERS)
fn main(@builtin(local_invocation_index) local: u32) {
  for (var word = local; word < settings.gate_words; word += CHOOSERS) {
    var bits = 0u;
    for (var i = 0u; i < min(16u, settings.blocks - 16u * word); i++) {
      bits |= chosen[settings.gates_at + 16u * word + i] << (2u * i);
    }
    reply[4u + word] = bits;
  }
  if (local == 0u) {
    found = vec2u(candidates[0], 0u);
  }
  let count = workgroupUniformLoad(&found).x;
  let all = count <= settings.capacity;
  var cut = vec2u();
  if (!all) {
    cut = cut_of(local, count, settings.capacity);
  }
  let chunk = (count + CHOOSERS - 1u) / CHOOSERS;
  let start = min(local * chunk, count);
  let end = min(start + chunk, count);
  // First to count, then to write.
  var at = 0u;
  var kept = 0u;
  for (var turn = 0u; turn < 2u; turn++) {
    var mine = 0u;
    for (var i = start; i < end; i++) {
      let key = key_of(i);
      if (!(all || key > cut.x || (key == cut.x && lower(i, count) < cut.y))) {
        continue;
      }
      if (turn == 1u) {
        let word = 4u + settings.gate_words + 3u * (at + mine);
        reply[word] = candidates[5u + 4u * i];
        reply[word + 1u] = candidates[6u + 4u * i];
        reply[word + 2u] = candidates[7u + 4u * i];
      }
      mine++;
    }
    if (turn == 0u) {
      let sum = running(local, vec4u(mine, 0u, 0u, 0u)).x;
      at = sum - mine;
      kept = sum;
    }
  }
  if (local == CHOOSERS - 1u) {
    reply[0] = count;
    reply[1] = chosen[0];
    reply[2] = chosen[2u * settings.list_words];
    reply[3] = kept;
  }
}
