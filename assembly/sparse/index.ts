/**
 * Layers of few weights, forward and backward, for nets that are pruned to a few in a hundred: work goes with the
 * weights that are left. Maps are [channel, y, x, B] with the B pictures of a batch innermost (a multiple of 4), so what
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

/** The greatest of 2x2 of one channel [O, O, B]. */
export function pool(y: usize, out: usize, O: i32, B: i32): void {
  const row = <usize>(O * B) << 2, step = <usize>B << 2;
  for (let oy = 0; oy < O; oy += 2) {
    let a = y + row * oy;
    for (let ox = 0; ox < O; ox += 2, a += step) {
      for (const end = a + step; a < end; a += 16, out += 16) {
        v128.store(out, f32x4.max(f32x4.max(v128.load(a), v128.load(a + step)), f32x4.max(v128.load(a + row), v128.load(a + row + step))));
      }
    }
  }
}

/** The gradient goes to the first of the four that is the greatest. */
export function unpool(y: usize, out: usize, dout: usize, dy: usize, O: i32, B: i32): void {
  const row = <usize>(O * B) << 2, step = <usize>B << 2, shift = dy - y;
  for (let oy = 0; oy < O; oy += 2) {
    let a = y + row * oy;
    for (let ox = 0; ox < O; ox += 2, a += step) {
      for (const end = a + step; a < end; a += 16, out += 16, dout += 16) {
        const best = v128.load(out);
        let left = v128.load(dout);
        let hit = f32x4.eq(v128.load(a), best);
        v128.store(a + shift, v128.and(left, hit));
        left = v128.andnot(left, hit);
        hit = f32x4.eq(v128.load(a + step), best);
        v128.store(a + step + shift, v128.and(left, hit));
        left = v128.andnot(left, hit);
        hit = f32x4.eq(v128.load(a + row), best);
        v128.store(a + row + shift, v128.and(left, hit));
        left = v128.andnot(left, hit);
        v128.store(a + row + step + shift, left);
      }
    }
  }
}
