// The greatest of many keys, and sums over the threads of a workgroup: what select and pack share. A kernel that
// uses it has `fn key_of(index: u32) -> u32`, 0 for what cannot be chosen.

var<workgroup> histogram: array<atomic<u32>, CHOOSERS>;
var<workgroup> sums: array<vec4u, CHOOSERS>;
var<workgroup> found: vec2u;

// Threads that one thread sums up: a scan in two levels takes 5 barriers, one by doubling 18, and an emulated GPU pays
// for barriers before all else.
const ROW = 16u;

// Sum over the threads up to and with this one; in uniform control flow.
fn running(local: u32, value: vec4u) -> vec4u {
  workgroupBarrier();
  sums[local] = value;
  workgroupBarrier();
  if (local < CHOOSERS / ROW) {
    var row = vec4u();
    for (var i = ROW * local; i < ROW * (local + 1u); i++) {
      row += sums[i];
      sums[i] = row;
    }
  }
  workgroupBarrier();
  var sum = sums[local];
  for (var end = ROW - 1u; end < local / ROW * ROW; end += ROW) {
    sum += sums[end];
  }
  workgroupBarrier();
  sums[local] = sum;
  workgroupBarrier();
  return sum;
}

// The key from which on `limit` of `count` keys are greater or equal, and how many of the equal ones are among
// them: radix selection, 8 bits a round. Key 0 and all of them where there are no more than `limit`, which is not 0.
fn cut_of(local: u32, count: u32, limit: u32) -> vec2u {
  if (local == 0u) {
    found = vec2u(0u, count);
  }
  var prefix = 0u;
  var mask = 0u;
  var rest = limit;
  for (var shift = 24u; shift < 32u; shift -= 8u) {
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
