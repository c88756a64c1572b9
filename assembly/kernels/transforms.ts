/**
 * One-dimensional transforms of Winograd's minimal filtering, each along one row or column of a tile: vectors `step`
 * bytes apart to vectors `toStep` bytes apart. Points 0, 1, -1, 2 (5), and -2 (6), and 1/2, -1/2 (8), and infinity.
 * Source: Lavin and Gray 2015 (arXiv:1509.09308); how the matrices follow from the points, Blahut, "Fast Algorithms
 * for Signal Processing", 2010, chapter 5.
 */

// @ts-ignore: decorator
@inline
function times(factor: f32, a: v128): v128 {
  return f32x4.mul(f32x4.splat(factor), a);
}

/**
 * Stores an output. Constants: last, whether it is a place's value, which takes its bias and activation (a maximum with
 * `floor`); residual, whether the value at `own` is added before.
 */
// @ts-ignore: decorator
@inline
function emit(to: usize, value: v128, last: bool, residual: bool, own: usize, bias: v128, floor: v128): void {
  let v = value;
  if (residual) v = f32x4.add(v, v128.load(own));
  if (last) v = f32x4.pmax(f32x4.add(v, bias), floor);
  v128.store(to, v);
}

/** One row or column of B'dB: 6 vectors to 6. */
// @ts-ignore: decorator
@inline
export function input6(from: usize, step: usize, to: usize, toStep: usize): void {
  input6of(from, from + step, step, from + 5 * step, to, toStep);
}

/** The same of vectors of which the first and the last lie elsewhere. */
// @ts-ignore: decorator
@inline
export function input6of(first: usize, middle: usize, step: usize, last: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(first);
  const d1 = v128.load(middle);
  const d2 = v128.load(middle + step);
  const d3 = v128.load(middle + 2 * step);
  const d4 = v128.load(middle + 3 * step);
  const d5 = v128.load(last);
  v128.store(to, f32x4.add(f32x4.sub(times(4, d0), times(5, d2)), d4));
  const a = f32x4.sub(d4, times(4, d2));
  const b = f32x4.sub(d3, times(4, d1));
  v128.store(to + toStep, f32x4.add(a, b));
  v128.store(to + 2 * toStep, f32x4.sub(a, b));
  const e = f32x4.sub(d4, d2);
  const f = times(2, f32x4.sub(d3, d1));
  v128.store(to + 3 * toStep, f32x4.add(e, f));
  v128.store(to + 4 * toStep, f32x4.sub(e, f));
  v128.store(to + 5 * toStep, f32x4.add(f32x4.sub(times(4, d1), times(5, d3)), d5));
}

/** One row or column of B'dB at stride 2: what the outer taps read, 5 vectors to 5; point 0 apart. */
// @ts-ignore: decorator
@inline
export function odd5(from: usize, step: usize, first: usize, to: usize, toStep: usize): void {
  const d1 = v128.load(from + step);
  const d2 = v128.load(from + 2 * step);
  const d3 = v128.load(from + 3 * step);
  const a = f32x4.sub(d3, d1);
  const b = f32x4.sub(d3, d2);
  v128.store(first, f32x4.sub(a, times(2, f32x4.sub(d2, v128.load(from)))));
  v128.store(to, f32x4.sub(b, times(2, d1)));
  v128.store(to + toStep, f32x4.sub(b, times(2, f32x4.sub(d2, d1))));
  v128.store(to + 2 * toStep, a);
  v128.store(to + 3 * toStep, f32x4.sub(f32x4.sub(v128.load(from + 4 * step), d2), times(2, a)));
}

/** What the middle tap reads, 4 vectors to 4: as above with 0 before them; at point 0 the tap has no part. */
// @ts-ignore: decorator
@inline
export function even4(from: usize, step: usize, to: usize, toStep: usize): void {
  const d1 = v128.load(from);
  const d2 = v128.load(from + step);
  const d3 = v128.load(from + 2 * step);
  const a = f32x4.sub(d3, d1);
  const b = f32x4.sub(d3, d2);
  v128.store(to, f32x4.sub(b, times(2, d1)));
  v128.store(to + toStep, f32x4.sub(b, times(2, f32x4.sub(d2, d1))));
  v128.store(to + 2 * toStep, a);
  v128.store(to + 3 * toStep, f32x4.sub(f32x4.sub(v128.load(from + 3 * step), d2), times(2, a)));
}

/** One row or column of A'MA at stride 2: 5 vectors to 4. */
// @ts-ignore: decorator
@inline
export function output5to4(
  from: usize,
  step: usize,
  to: usize,
  toStep: usize,
  last: bool,
  residual: bool,
  own: usize,
  ownStep: usize,
  bias: v128,
  floor: v128,
): void {
  const m1 = v128.load(from + step);
  const m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step);
  const s = f32x4.add(m1, m2);
  const d = f32x4.sub(m1, m2);
  emit(to, f32x4.add(f32x4.add(v128.load(from), s), m3), last, residual, own, bias, floor);
  emit(to + toStep, f32x4.add(d, times(2, m3)), last, residual, own + ownStep, bias, floor);
  emit(to + 2 * toStep, f32x4.add(s, times(4, m3)), last, residual, own + 2 * ownStep, bias, floor);
  emit(to + 3 * toStep, f32x4.add(f32x4.add(d, times(8, m3)), v128.load(from + 4 * step)), last, residual, own + 3 * ownStep, bias, floor);
}

/** One row or column of A'MA: 6 vectors to 4. */
// @ts-ignore: decorator
@inline
export function output6to4(
  from: usize,
  step: usize,
  to: usize,
  toStep: usize,
  last: bool,
  residual: bool,
  own: usize,
  ownStep: usize,
  bias: v128,
  floor: v128,
): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + step);
  const m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step);
  const m4 = v128.load(from + 4 * step);
  const m5 = v128.load(from + 5 * step);
  const s = f32x4.add(m1, m2);
  const d = f32x4.sub(m1, m2);
  const s2 = f32x4.add(m3, m4);
  const d2 = f32x4.sub(m3, m4);
  emit(to, f32x4.add(f32x4.add(m0, s), s2), last, residual, own, bias, floor);
  emit(to + toStep, f32x4.add(d, times(2, d2)), last, residual, own + ownStep, bias, floor);
  emit(to + 2 * toStep, f32x4.add(s, times(4, s2)), last, residual, own + 2 * ownStep, bias, floor);
  emit(to + 3 * toStep, f32x4.add(f32x4.add(d, times(8, d2)), m5), last, residual, own + 3 * ownStep, bias, floor);
}

/** One row or column of B'dB: 8 vectors to 8. */
// @ts-ignore: decorator
@inline
export function input8(from: usize, step: usize, to: usize, toStep: usize): void {
  const d1 = v128.load(from + step);
  const d2 = v128.load(from + 2 * step);
  const d3 = v128.load(from + 3 * step);
  const d4 = v128.load(from + 4 * step);
  const d5 = v128.load(from + 5 * step);
  const d6 = v128.load(from + 6 * step);
  v128.store(to, f32x4.add(f32x4.sub(v128.load(from), d6), times(5.25, f32x4.sub(d4, d2))));
  v128.store(
    to + 7 * toStep,
    f32x4.add(f32x4.sub(v128.load(from + 7 * step), d1), times(5.25, f32x4.sub(d3, d5))),
  );
  let even = f32x4.sub(f32x4.add(d2, d6), times(4.25, d4));
  let odd = f32x4.sub(f32x4.add(d1, d5), times(4.25, d3));
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  const middle = times(2.5, d3);
  even = f32x4.add(d6, f32x4.sub(times(0.25, d2), times(1.25, d4)));
  odd = f32x4.sub(f32x4.add(times(0.5, d1), times(2, d5)), middle);
  v128.store(to + 3 * toStep, f32x4.add(even, odd));
  v128.store(to + 4 * toStep, f32x4.sub(even, odd));
  even = f32x4.add(d6, f32x4.sub(times(4, d2), times(5, d4)));
  odd = f32x4.sub(f32x4.add(times(2, d1), times(0.5, d5)), middle);
  v128.store(to + 5 * toStep, f32x4.add(even, odd));
  v128.store(to + 6 * toStep, f32x4.sub(even, odd));
}

/** One row or column of A'MA: 8 vectors to 4. */
// @ts-ignore: decorator
@inline
export function output8to4(
  from: usize,
  step: usize,
  to: usize,
  toStep: usize,
  last: bool,
  residual: bool,
  own: usize,
  ownStep: usize,
  bias: v128,
  floor: v128,
): void {
  const m1 = v128.load(from + step);
  const m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step);
  const m4 = v128.load(from + 4 * step);
  const m5 = v128.load(from + 5 * step);
  const m6 = v128.load(from + 6 * step);
  const s1 = f32x4.add(m1, m2);
  const d1 = f32x4.sub(m1, m2);
  const s2 = f32x4.add(m3, m4);
  const d2 = f32x4.sub(m3, m4);
  const s3 = f32x4.add(m5, m6);
  const d3 = f32x4.sub(m5, m6);
  emit(to, f32x4.add(f32x4.add(v128.load(from), s1), f32x4.add(s2, s3)), last, residual, own, bias, floor);
  emit(to + toStep, f32x4.add(d1, f32x4.add(times(2, d2), times(0.5, d3))), last, residual, own + ownStep, bias, floor);
  emit(to + 2 * toStep, f32x4.add(s1, f32x4.add(times(4, s2), times(0.25, s3))), last, residual, own + 2 * ownStep, bias, floor);
  emit(to + 3 * toStep, f32x4.add(f32x4.add(d1, v128.load(from + 7 * step)), f32x4.add(times(8, d2), times(0.125, d3))), last, residual, own + 3 * ownStep, bias, floor);
}

/** One row or column of A'MA: 8 vectors to 6. */
// @ts-ignore: decorator
@inline
export function output8to6(
  from: usize,
  step: usize,
  to: usize,
  toStep: usize,
  last: bool,
  residual: bool,
  own: usize,
  ownStep: usize,
  bias: v128,
  floor: v128,
): void {
  const m1 = v128.load(from + step);
  const m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step);
  const m4 = v128.load(from + 4 * step);
  const m5 = v128.load(from + 5 * step);
  const m6 = v128.load(from + 6 * step);
  const s1 = f32x4.add(m1, m2);
  const d1 = f32x4.sub(m1, m2);
  const s2 = f32x4.add(m3, m4);
  const d2 = f32x4.sub(m3, m4);
  const s3 = f32x4.add(m5, m6);
  const d3 = f32x4.sub(m5, m6);
  emit(to, f32x4.add(f32x4.add(v128.load(from), s1), f32x4.add(s2, s3)), last, residual, own, bias, floor);
  emit(to + toStep, f32x4.add(d1, f32x4.add(times(2, d2), times(0.5, d3))), last, residual, own + ownStep, bias, floor);
  emit(to + 2 * toStep, f32x4.add(s1, f32x4.add(times(4, s2), times(0.25, s3))), last, residual, own + 2 * ownStep, bias, floor);
  emit(to + 3 * toStep, f32x4.add(d1, f32x4.add(times(8, d2), times(0.125, d3))), last, residual, own + 3 * ownStep, bias, floor);
  emit(to + 4 * toStep, f32x4.add(s1, f32x4.add(times(16, s2), times(0.0625, s3))), last, residual, own + 4 * ownStep, bias, floor);
  emit(to + 5 * toStep, f32x4.add(f32x4.add(d1, v128.load(from + 7 * step)), f32x4.add(times(32, d2), times(0.03125, d3))), last, residual, own + 5 * ownStep, bias, floor);
}
