/**
 * Layers of few weights, forward and backward, for nets that are pruned to a few in a hundred: work goes with the
 * weights that are left. Maps are [channel, y, x, B] with the B pictures of a batch innermost (a multiple of 8), so what
 * one weight does is, for every row of the output, one run of O * B numbers: y += w x, or the dot product of both.
 *
 * Entry e is a weight: xAt[e] and yAt[e] are where its runs begin (floats from the start of the maps).
 */

// @ts-ignore: decorator
@inline
function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

// @ts-ignore: decorator
@inline
function addRun(from: usize, to: usize, w: v128, floats: i32): void {
  const end = at(to, floats);
  for (; to < end; from += 16, to += 16) v128.store(to, f32x4.add(v128.load(to), f32x4.mul(w, v128.load(from))));
}

/** y holds the biases before. HB, OB: floats of a row of the input and of the output. */
export function forward(x: usize, y: usize, weights: usize, xAt: usize, yAt: usize, count: i32, O: i32, HB: i32, OB: i32): void {
  for (let e = 0; e < count; e++) {
    const w = v128.load32_splat(at(weights, e));
    let from = at(x, i32.load(at(xAt, e)));
    let to = at(y, i32.load(at(yAt, e)));
    for (let row = 0; row < O; row++) {
      addRun(from, to, w, OB);
      from = at(from, HB);
      to = at(to, OB);
    }
  }
}

/** Gradients by weight, written; by input, added to what dx holds, or not wanted where dx is 0. */
export function backward(
  x: usize, dy: usize, dx: usize, weights: usize, gradient: usize, xAt: usize, yAt: usize, count: i32, O: i32, HB: i32, OB: i32,
): void {
  for (let e = 0; e < count; e++) {
    const w = v128.load32_splat(at(weights, e));
    const first = i32.load(at(xAt, e));
    let g = at(dy, i32.load(at(yAt, e)));
    let a = at(x, first);
    let sum = f32x4.splat(0);
    if (dx) {
      let d = at(dx, first);
      for (let row = 0; row < O; row++) {
        const end = at(g, OB);
        let u = a, v = d;
        for (; g < end; g += 16, u += 16, v += 16) {
          const value = v128.load(g);
          sum = f32x4.add(sum, f32x4.mul(v128.load(u), value));
          v128.store(v, f32x4.add(v128.load(v), f32x4.mul(w, value)));
        }
        a = at(a, HB);
        d = at(d, HB);
      }
    } else {
      for (let row = 0; row < O; row++) {
        const end = at(g, OB);
        for (let u = a; g < end; g += 16, u += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(u), v128.load(g)));
        a = at(a, HB);
      }
    }
    f32.store(at(gradient, e), total(sum));
  }
}

// @ts-ignore: decorator
@inline
function total(sum: v128): f32 {
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
}

export function fill(to: usize, value: f32, floats: i32): void {
  const v = f32x4.splat(value);
  for (const end = at(to, floats); to < end; to += 16) v128.store(to, v);
}

export function relu(y: usize, floats: i32): void {
  const zero = f32x4.splat(0);
  for (const end = at(y, floats); y < end; y += 16) v128.store(y, f32x4.max(v128.load(y), zero));
}

/** dy where y is positive, else 0. */
export function maskPositive(y: usize, dy: usize, floats: i32): void {
  const zero = f32x4.splat(0);
  for (const end = at(y, floats); y < end; y += 16, dy += 16) v128.store(dy, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
}

export function sum(from: usize, floats: i32): f32 {
  let s = f32x4.splat(0);
  for (const end = at(from, floats); from < end; from += 16) s = f32x4.add(s, v128.load(from));
  return total(s);
}

/** In a map of picks: no corner, since the greatest was not positive. */
const NO_CORNER: i32 = 4;

/**
 * One channel of a layer that takes the greatest of 2x2, all at once: out = max(0, greatest of bias + sum of w x) and
 * which corner that was, both [O / 2, O / 2, B]. Entries from..to are the channel's; nothing of the map before pooling
 * is stored. B is a multiple of 8.
 */
export function forwardPooled(
  x: usize, out: usize, picks: usize, weights: usize, xAt: usize, from: i32, to: i32, bias: f32, O: i32, HB: i32, B: i32,
): void {
  const first = f32x4.splat(bias);
  const zero = f32x4.splat(0);
  const right = <usize>B << 2, down = <usize>HB << 2;
  const wEnd = at(weights, to);
  for (let oy = 0; oy < O; oy += 2) {
    for (let ox = 0; ox < O; ox += 2) {
      let place = at(x, oy * HB + ox * B);
      for (const end = place + right; place < end; place += 32) {
        let a0 = first, a1 = first, b0 = first, b1 = first, c0 = first, c1 = first, d0 = first, d1 = first;
        let offset = at(xAt, from);
        for (let e = at(weights, from); e < wEnd; e += 4, offset += 4) {
          const w = v128.load32_splat(e);
          const p = at(place, i32.load(offset));
          a0 = f32x4.add(a0, f32x4.mul(w, v128.load(p)));
          a1 = f32x4.add(a1, f32x4.mul(w, v128.load(p, 16)));
          const q = p + right;
          b0 = f32x4.add(b0, f32x4.mul(w, v128.load(q)));
          b1 = f32x4.add(b1, f32x4.mul(w, v128.load(q, 16)));
          const r = p + down;
          c0 = f32x4.add(c0, f32x4.mul(w, v128.load(r)));
          c1 = f32x4.add(c1, f32x4.mul(w, v128.load(r, 16)));
          const s = r + right;
          d0 = f32x4.add(d0, f32x4.mul(w, v128.load(s)));
          d1 = f32x4.add(d1, f32x4.mul(w, v128.load(s, 16)));
        }
        const most0 = f32x4.max(f32x4.max(a0, b0), f32x4.max(c0, d0));
        const most1 = f32x4.max(f32x4.max(a1, b1), f32x4.max(c1, d1));
        v128.store(out, f32x4.max(most0, zero));
        v128.store(out, f32x4.max(most1, zero), 16);
        v128.store(picks, pick(most0, a0, b0, c0));
        v128.store(picks, pick(most1, a1, b1, c1), 16);
        out += 32;
        picks += 32;
      }
    }
  }
}

/** The first of four corners that is the greatest, where that is positive. */
// @ts-ignore: decorator
@inline
function pick(most: v128, a: v128, b: v128, c: v128): v128 {
  let corner = v128.bitselect(i32x4.splat(2), i32x4.splat(3), f32x4.eq(c, most));
  corner = v128.bitselect(i32x4.splat(1), corner, f32x4.eq(b, most));
  corner = v128.bitselect(i32x4.splat(0), corner, f32x4.eq(a, most));
  return v128.bitselect(corner, i32x4.splat(NO_CORNER), f32x4.gt(most, f32x4.splat(0)));
}

/**
 * Gradients of such a channel: by its entries, written; by its bias, returned; by the input, added to what dx holds, or
 * not wanted where dx is 0. Scratch: sums, four floats an entry.
 */
export function backwardPooled(
  x: usize, dx: usize, dout: usize, picks: usize, weights: usize, gradient: usize, xAt: usize, sums: usize,
  from: i32, to: i32, O: i32, HB: i32, B: i32,
): f32 {
  const right = <usize>B << 2, down = <usize>HB << 2;
  const count = to - from;
  memory.fill(sums, 0, <usize>count << 4);
  let bias = f32x4.splat(0);
  const none = i32x4.splat(NO_CORNER);
  for (let oy = 0; oy < O; oy += 2) {
    for (let ox = 0; ox < O; ox += 2) {
      const start = <usize>(oy * HB + ox * B) << 2;
      for (let b: usize = 0; b < right; b += 16, dout += 16, picks += 16) {
        const corner = v128.load(picks);
        const g = v128.andnot(v128.load(dout), i32x4.eq(corner, none));
        if (!v128.any_true(g)) continue;
        bias = f32x4.add(bias, g);
        const g0 = v128.and(g, i32x4.eq(corner, i32x4.splat(0)));
        const g1 = v128.and(g, i32x4.eq(corner, i32x4.splat(1)));
        const g2 = v128.and(g, i32x4.eq(corner, i32x4.splat(2)));
        const g3 = v128.and(g, i32x4.eq(corner, i32x4.splat(3)));
        const place = start + b;
        for (let e = 0; e < count; e++) {
          const offset = place + (<usize>i32.load(at(xAt, from + e)) << 2);
          const u = x + offset;
          const sum = sums + (<usize>e << 4);
          const ab = f32x4.add(f32x4.mul(g0, v128.load(u)), f32x4.mul(g1, v128.load(u + right)));
          const cd = f32x4.add(f32x4.mul(g2, v128.load(u + down)), f32x4.mul(g3, v128.load(u + down + right)));
          v128.store(sum, f32x4.add(v128.load(sum), f32x4.add(ab, cd)));
        }
        if (!dx) continue;
        for (let e = 0; e < count; e++) {
          const w = v128.load32_splat(at(weights, from + e));
          const d = dx + place + (<usize>i32.load(at(xAt, from + e)) << 2);
          const r = d + down;
          v128.store(d, f32x4.add(v128.load(d), f32x4.mul(w, g0)));
          v128.store(d + right, f32x4.add(v128.load(d + right), f32x4.mul(w, g1)));
          v128.store(r, f32x4.add(v128.load(r), f32x4.mul(w, g2)));
          v128.store(r + right, f32x4.add(v128.load(r + right), f32x4.mul(w, g3)));
        }
      }
    }
  }
  for (let e = 0; e < count; e++) f32.store(at(gradient, from + e), total(v128.load(sums + (<usize>e << 4))));
  return total(bias);
}
