// The greatest of many keys, and sums over the threads of a workgroup: what select and pack share. A kernel that
// uses it has `fn key_of(index: u32) -> u32`, 0 for what cannot be chosen.

var<workgroup> histogram: array<atomic<u32>, CHOOSERS>;
var<workgroup> sums: array<vec4u, CHOOSERS>;
var<workgroup> found: vec2u;

// Sum over the threads up to and with this one; in uniform control flow.
fn running(local: u32, value: vec4u) -> vec4u {
  workgroupBarrier();
  sums[local] = value;
  for (var reach = 1u; reach < CHOOSERS; reach *= 2u) {
    workgroupBarrier();
    var other = vec4u();
    if (local >= reach) {
      other = sums[local - reach];
    }
    workgroupBarrier();
    sums[local] += other;
  }
  workgroupBarrier();
  return sums[local];
}

// The key from which on `limit` of `count` keys are greater or equal, and how many of the equal ones are among
// them: radix selection, 8 bits a round. All of them where there are no more than `limit`.
fn cut_of(local: u32, count: u32, limit: u32) -> vec2u {
  var keys = 0u;
  for (var i = local; i < count; i += CHOOSERS) {
    keys += u32(key_of(i) != 0u);
  }
  let total = running(local, vec4u(keys, 0u, 0u, 0u)).x;
  if (local == CHOOSERS - 1u) {
    found = vec2u(total, 0u);
  }
  if (workgroupUniformLoad(&found).x <= limit) {
    return vec2u(1u, count);
  }
  var prefix = 0u;
  var mask = 0u;
  var rest = limit;
  if (limit == 0u) {
    return vec2u(0xffffffffu, 0u);
  }
  for (var digits = 0u; digits < 4u; digits++) {
    let shift = 24u - 8u * digits;
    atomicStore(&histogram[local], 0u);
    workgroupBarrier();
    for (var i = local; i < count; i += CHOOSERS) {
      let key = key_of(i);
      if (key != 0u && (key & mask) == prefix) {
        atomicAdd(&histogram[(key >> shift) & 255u], 1u);
      }
    }
    workgroupBarrier();
    // Greatest digit first.
    let digit = CHOOSERS - 1u - local;
    let here = atomicLoad(&histogram[digit]);
    let before = running(local, vec4u(here, 0u, 0u, 0u)).x - here;
    if (before < rest && rest <= before + here) {
      found = vec2u(digit, rest - before);
    }
    let chosen = workgroupUniformLoad(&found);
    prefix |= chosen.x << shift;
    mask |= 255u << shift;
    rest = chosen.y;
  }
  return vec2u(prefix, rest);
}
