/**
 * Direct convolution over a list of blocks, no im2col.
 *
 * Maps are NHWC with channels padded to a multiple of 4 and a border of zeros, so the inputs that kernel row ky
 * reads for one output place are one contiguous run of kernel x inputs floats:
 *
 *     input row  y*stride+ky-pad   ... [c0 c1 .. cn][c0 c1 .. cn][c0 c1 .. cn] ...
 *                                      '------------- run ------------------'
 *
 * Weights are packed to match, [outputs / 8][ky][run][8] (the last 4 outputs alone where they are not a multiple
 * of 8: [ky][run][4]), so a tile of 4 places x 8 outputs reads them in one forward sweep: 8 accumulators, and per
 * run element 2 weight vectors and 4 broadcast inputs. Within a block the 8-output slice of the weights (14 kB at
 * 3x3x48) stays in L1 for all rows.
 *
 * A tile at the right edge computes all 4 places and stores those that exist; what it reads beyond is finite
 * memory of the caller's and never stored.
 *
 * The inner loops are not unrolled by hand: V8 (11.3) schedules all loads of a loop body before its arithmetic, so
 * unrolled bodies spill (28 against 41 GFLOP/s on a Zen 4 core, where a plain GEMM makes 32); it unrolls itself.
 */

import { Convolution } from './convolution';
import { extentOf, gatherRegion, inputSlot, outputSlot } from './slots';

/** Of the layers that read pixels (3x3 at stride 2 over places of one vector): their sizes are constants of the loop. */
const PIXEL_STEP: usize = 32;
const PIXEL_RUN: usize = 48;

/**
 * @param list count pairs of i32 (column, row): blocks of blockWidth x blockHeight output places.
 * @param scratch for one block's input where maps lie in slots.
 * @returns places computed (those over the map's edge are not).
 */
export function convolve(
  c: Convolution,
  list: usize,
  count: i32,
  blockWidth: i32,
  blockHeight: i32,
  scratch: usize,
): i32 {
  const pad = (c.kernel - 1) >> 1;
  const extent = extentOf(c, blockWidth);
  // A 1x1 kernel reads a slot where it lies.
  const inPlace = c.kernel == 1 && c.stride == 1;
  let places = 0;
  for (let n = 0; n < count; n++) {
    const column = load<i32>(list, 0);
    const row = load<i32>(list, 4);
    list += 8;
    const x = column * blockWidth;
    const y = row * blockHeight;
    const width = min(blockWidth, c.width - x);
    const height = min(blockHeight, c.height - y);
    places += width * height;
    if (c.inputSide == 0) {
      const from = c.input + (y * c.stride - pad) * c.inputRow + (x * c.stride - pad) * c.inputPlace;
      convolveBlock(c, from, c.inputRow, c.output + y * c.outputRow + x * c.outputPlace, width, height);
    } else if (inPlace) {
      convolveBlock(c, inputSlot(c, column, row), c.inputRow, outputSlot(c, column, row, blockWidth), width, height);
    } else {
      gatherRegion(c, column * c.inputSide - pad, row * c.inputSide - pad, extent, scratch);
      convolveBlock(c, scratch, extent * c.inputPlace, outputSlot(c, column, row, blockWidth), width, height);
    }
  }
  return places;
}

/**
 * One block of output places.
 * @param input the first input place that the block reads; rows inputRow bytes apart.
 * @param output the block's first place.
 */
export function convolveBlock(
  c: Convolution,
  input: usize,
  inputRow: usize,
  output: usize,
  width: i32,
  height: i32,
): void {
  const kernel = c.kernel;
  const vectors = c.vectors;
  const pad = (kernel - 1) >> 1;
  const inputPlace = c.inputPlace;
  const outputPlace = c.outputPlace;
  const run = inputPlace * kernel;
  const sliceBytes = (run * kernel) << 3;
  const step = inputPlace * c.stride;
  const center = pad * inputRow + pad * inputPlace;
  const residual = c.residual;
  const relu = c.relu;
  const ofPixels = kernel == 3 && step == PIXEL_STEP && run == PIXEL_RUN && !residual;
  let weights = c.weights;
  let bias = c.bias;
  for (let v = 0; v < vectors; v += 2) {
    const wide = v + 1 < vectors;
    for (let row = 0; row < height; row++) {
      let from = input + row * c.stride * inputRow;
      let to = output + row * c.outputRow + (v << 4);
      for (let at = 0; at < width; at += 4) {
        const valid = min(4, width - at);
        const skip = residual ? from + center + (v << 4) : 0;
        if (wide && ofPixels) {
          tile8(from, inputRow, PIXEL_STEP, PIXEL_RUN, 3, weights, bias, to, outputPlace, 0, relu, valid, true);
        } else if (wide) {
          tile8(from, inputRow, step, run, kernel, weights, bias, to, outputPlace, skip, relu, valid, false);
        } else {
          tile4(from, inputRow, step, run, kernel, weights, bias, to, outputPlace, skip, relu, valid);
        }
        from += step << 2;
        to += outputPlace << 2;
      }
    }
    weights += sliceBytes;
    bias += 32;
  }
}

// @ts-ignore: decorator
@inline
function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(c, f32x4.mul(a, b));
}

/** One tile of 4 places x 8 outputs. @param ofPixels a constant: step is PIXEL_STEP, so that one pointer does for all places */
// @ts-ignore: decorator
@inline
function tile8(
  from: usize,
  inputRow: usize,
  step: usize,
  run: usize,
  kernel: i32,
  weights: usize,
  bias: usize,
  to: usize,
  outputPlace: usize,
  residual: usize,
  relu: i32,
  valid: i32,
  ofPixels: bool,
): void {
  let a0 = v128.load(bias);
  let b0 = v128.load(bias, 16);
  let a1 = a0;
  let b1 = b0;
  let a2 = a0;
  let b2 = b0;
  let a3 = a0;
  let b3 = b0;
  let w = weights;
  for (let ky = 0; ky < kernel; ky++) {
    let p0 = from;
    let p1 = p0 + step;
    let p2 = p1 + step;
    let p3 = p2 + step;
    const end = p0 + run;
    do {
      const u = v128.load(w);
      const t = v128.load(w, 16);
      let s = v128.load32_splat(p0);
      a0 = madd(s, u, a0);
      b0 = madd(s, t, b0);
      s = ofPixels ? v128.load32_splat(p0, PIXEL_STEP) : v128.load32_splat(p1);
      a1 = madd(s, u, a1);
      b1 = madd(s, t, b1);
      s = ofPixels ? v128.load32_splat(p0, 2 * PIXEL_STEP) : v128.load32_splat(p2);
      a2 = madd(s, u, a2);
      b2 = madd(s, t, b2);
      s = ofPixels ? v128.load32_splat(p0, 3 * PIXEL_STEP) : v128.load32_splat(p3);
      a3 = madd(s, u, a3);
      b3 = madd(s, t, b3);
      w += 32;
      p0 += 4;
      if (!ofPixels) {
        p1 += 4;
        p2 += 4;
        p3 += 4;
      }
    } while (p0 < end);
    from += inputRow;
  }
  if (residual) {
    a0 = f32x4.add(a0, v128.load(residual));
    b0 = f32x4.add(b0, v128.load(residual, 16));
    residual += step;
    a1 = f32x4.add(a1, v128.load(residual));
    b1 = f32x4.add(b1, v128.load(residual, 16));
    residual += step;
    a2 = f32x4.add(a2, v128.load(residual));
    b2 = f32x4.add(b2, v128.load(residual, 16));
    residual += step;
    a3 = f32x4.add(a3, v128.load(residual));
    b3 = f32x4.add(b3, v128.load(residual, 16));
  }
  if (relu) {
    const zero = f32x4.splat(0);
    a0 = f32x4.pmax(a0, zero);
    b0 = f32x4.pmax(b0, zero);
    a1 = f32x4.pmax(a1, zero);
    b1 = f32x4.pmax(b1, zero);
    a2 = f32x4.pmax(a2, zero);
    b2 = f32x4.pmax(b2, zero);
    a3 = f32x4.pmax(a3, zero);
    b3 = f32x4.pmax(b3, zero);
  }
  v128.store(to, a0);
  v128.store(to, b0, 16);
  if (valid == 1) return;
  to += outputPlace;
  v128.store(to, a1);
  v128.store(to, b1, 16);
  if (valid == 2) return;
  to += outputPlace;
  v128.store(to, a2);
  v128.store(to, b2, 16);
  if (valid == 3) return;
  to += outputPlace;
  v128.store(to, a3);
  v128.store(to, b3, 16);
}

/** One tile of 4 places x 4 outputs: the last outputs where they are not a multiple of 8. */
// @ts-ignore: decorator
@inline
function tile4(
  from: usize,
  inputRow: usize,
  step: usize,
  run: usize,
  kernel: i32,
  weights: usize,
  bias: usize,
  to: usize,
  outputPlace: usize,
  residual: usize,
  relu: i32,
  valid: i32,
): void {
  let a0 = v128.load(bias);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let w = weights;
  for (let ky = 0; ky < kernel; ky++) {
    let p0 = from;
    let p1 = p0 + step;
    let p2 = p1 + step;
    let p3 = p2 + step;
    const end = p0 + run;
    do {
      const u = v128.load(w);
      a0 = madd(v128.load32_splat(p0), u, a0);
      a1 = madd(v128.load32_splat(p1), u, a1);
      a2 = madd(v128.load32_splat(p2), u, a2);
      a3 = madd(v128.load32_splat(p3), u, a3);
      w += 16;
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
    } while (p0 < end);
    from += inputRow;
  }
  if (residual) {
    a0 = f32x4.add(a0, v128.load(residual));
    a1 = f32x4.add(a1, v128.load(residual + step));
    a2 = f32x4.add(a2, v128.load(residual + 2 * step));
    a3 = f32x4.add(a3, v128.load(residual + 3 * step));
  }
  if (relu) {
    const zero = f32x4.splat(0);
    a0 = f32x4.pmax(a0, zero);
    a1 = f32x4.pmax(a1, zero);
    a2 = f32x4.pmax(a2, zero);
    a3 = f32x4.pmax(a3, zero);
  }
  v128.store(to, a0);
  if (valid > 1) v128.store(to + outputPlace, a1);
  if (valid > 2) v128.store(to + 2 * outputPlace, a2);
  if (valid > 3) v128.store(to + 3 * outputPlace, a3);
}
