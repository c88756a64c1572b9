/**
 * The join of the detail network at a list of places, forward and backward: at place p the C channels of x, the F
 * features of p's block and Q coordinates. Letters: h w cells of a view, G J blocks, `side` cells of a block's side.
 * Rows of maps are copied four floats at a time; counts that are no multiple of 4 are finished one by one.
 */

// @ts-ignore: decorator
@inline
function copyRow(from: usize, to: usize, count: i32): void {
  let c = 0;
  for (; c + 4 <= count; c += 4, from += 16, to += 16) v128.store(to, v128.load(from));
  for (; c < count; c++, from += 4, to += 4) f32.store(to, f32.load(from));
}

// @ts-ignore: decorator
@inline
function addRow(from: usize, to: usize, count: i32): void {
  let c = 0;
  for (; c + 4 <= count; c += 4, from += 16, to += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (; c < count; c++, from += 4, to += 4) f32.store(to, f32.load(to) + f32.load(from));
}

// @ts-ignore: decorator
@inline
function blockOf(p: i32, h: i32, w: i32, G: i32, J: i32, side: i32): i32 {
  const row = p / w;
  const n = row / h;
  return (n * G + (row - n * h) / side) * J + (p - row * w) / side;
}

/** `out` [n, h, w, C + F + Q] is zero before. */
export function join(
  x: usize, features: usize, coordinates: usize, out: usize, places: usize, count: i32,
  C: i32, F: i32, Q: i32, h: i32, w: i32, G: i32, J: i32, side: i32,
): void {
  const all = C + F + Q;
  for (let i = 0; i < count; i++) {
    const p = load<i32>(places + ((<usize>i) << 2));
    const to = out + ((<usize>(p * all)) << 2);
    copyRow(x + ((<usize>(p * C)) << 2), to, C);
    copyRow(features + ((<usize>(blockOf(p, h, w, G, J, side) * F)) << 2), to + ((<usize>C) << 2), F);
    copyRow(coordinates + ((<usize>(p * Q)) << 2), to + ((<usize>(C + F)) << 2), Q);
  }
}

/** dx and dfeatures are zero before. */
export function joinGradient(
  dy: usize, dx: usize, dfeatures: usize, places: usize, count: i32,
  C: i32, F: i32, Q: i32, h: i32, w: i32, G: i32, J: i32, side: i32,
): void {
  const all = C + F + Q;
  for (let i = 0; i < count; i++) {
    const p = load<i32>(places + ((<usize>i) << 2));
    const from = dy + ((<usize>(p * all)) << 2);
    copyRow(from, dx + ((<usize>(p * C)) << 2), C);
    addRow(from + ((<usize>C) << 2), dfeatures + ((<usize>(blockOf(p, h, w, G, J, side) * F)) << 2), F);
  }
}
