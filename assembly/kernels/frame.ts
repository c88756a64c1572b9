/**
 * From RGBA bytes to the two networks: the attention's input whole, the detail network's first layer block by block,
 * so that pixels are converted where they are looked at and no frame of floats is kept.
 * A pixel becomes one vector R G B y: a level v its response `numerator * v / (slope * v + offset) + linear * v - 1`
 * (src/network/response.ts), and y = 2 (row + 0.5) / height - 1.
 */
import { Convolution } from './convolution';
import { convolveBlock } from './convolve';
import { extentOf, outputSlot } from './slots';

/** The response, in all lanes. */
let numerator: v128 = f32x4.splat(2);
let slope: v128 = f32x4.splat(0);
let offset: v128 = f32x4.splat(255);
let linear: v128 = f32x4.splat(0);

/** Fixes the response to a level for the calls that follow. */
export function setResponse(newNumerator: f32, newSlope: f32, newOffset: f32, newLinear: f32): void {
  numerator = f32x4.splat(newNumerator);
  slope = f32x4.splat(newSlope);
  offset = f32x4.splat(newOffset);
  linear = f32x4.splat(newLinear);
}

// @ts-ignore: decorator
@inline
function rowCoordinate(row: f64, height: i32): f32 {
  return <f32>((2.0 * (row + 0.5)) / <f64>height - 1.0);
}

/** What four levels are divided by. */
// @ts-ignore: decorator
@inline
function under(levels: v128): v128 {
  return f32x4.add(f32x4.mul(levels, slope), offset);
}

/** One more than the response to a pixel's four levels. */
// @ts-ignore: decorator
@inline
function response(levels: v128): v128 {
  const v = f32x4.convert_i32x4_s(levels);
  return f32x4.add(f32x4.div(f32x4.mul(v, numerator), under(v)), f32x4.mul(v, linear));
}

/** A place of one or more pixels: the sum of their responses times `share`, less one, and y. */
// @ts-ignore: decorator
@inline
function storePlace(at: usize, sum: v128, share: v128, y: f32): void {
  v128.store(at, f32x4.replace_lane(f32x4.sub(f32x4.mul(sum, share), f32x4.splat(1)), 3, y));
}

/**
 * The detail network's first layer over a list of blocks; the frame is its input map.
 * @param pixels RGBA of the frame; 16 bytes before and after are readable.
 * @param scratch for one block's pixels as vectors.
 * @returns places computed.
 */
export function convolvePixels(
  c: Convolution,
  pixels: usize,
  frameWidth: i32,
  frameHeight: i32,
  list: usize,
  count: i32,
  side: i32,
  scratch: usize,
): i32 {
  const pad = (c.kernel - 1) >> 1;
  const reach = extentOf(c, side);
  const scratchRow = <usize>((reach + 3) & ~3) << 4;
  let places = 0;
  for (let n = 0; n < count; n++) {
    const column = load<i32>(list, 0);
    const row = load<i32>(list, 4);
    list += 8;
    const x = column * side;
    const y = row * side;
    const width = min(side, c.width - x);
    const height = min(side, c.height - y);
    places += width * height;
    const left = x * c.stride - pad;
    const top = y * c.stride - pad;
    const rows = (height - 1) * c.stride + c.kernel;
    convertRegion(pixels, frameWidth, frameHeight, left, top, reach, rows, scratch, scratchRow);
    convolveBlock(c, scratch, scratchRow, outputSlot(c, column, row, side), width, height);
  }
  return places;
}

/** Pixels of width x height from (left, top) on; zero outside the frame. Rows are written in whole fours. */
function convertRegion(
  pixels: usize,
  frameWidth: i32,
  frameHeight: i32,
  left: i32,
  top: i32,
  width: i32,
  height: i32,
  to: usize,
  toRow: usize,
): void {
  const one = f32x4.splat(1);
  const before = <usize>max(0, -left) << 4;
  const inside = <usize>max(0, frameWidth - left) << 4;
  for (let row = top; row < top + height; row++) {
    if (row < 0 || row >= frameHeight) {
      memory.fill(to, 0, toRow);
    } else {
      const y = rowCoordinate(<f64>row, frameHeight);
      let from = pixels + ((row * frameWidth + left) << 2);
      for (let at = to; at < to + toRow; at += 64) {
        const bytes = v128.load(from);
        const low = i16x8.extend_low_i8x16_u(bytes);
        const high = i16x8.extend_high_i8x16_u(bytes);
        storePlace(at, response(i32x4.extend_low_i16x8_u(low)), one, y);
        storePlace(at + 16, response(i32x4.extend_high_i16x8_u(low)), one, y);
        storePlace(at + 32, response(i32x4.extend_low_i16x8_u(high)), one, y);
        storePlace(at + 48, response(i32x4.extend_high_i16x8_u(high)), one, y);
        from += 16;
      }
      if (before > 0) memory.fill(to, 0, before);
      if (inside < toRow) memory.fill(to + inside, 0, toRow - inside);
    }
    to += toRow;
  }
}

/**
 * The attention's input: means of factor x factor boxes; boxes over the edge average the pixels there are.
 * @param pixels as above; @param to place (0, 0) of a map with 16 bytes a place.
 */
export function averageFrame(
  pixels: usize,
  width: i32,
  height: i32,
  factor: i32,
  to: usize,
  toRow: usize,
): void {
  const columns = (width + factor - 1) / factor;
  const rows = (height + factor - 1) / factor;
  const rowBytes = <usize>width << 2;
  for (let row = 0; row < rows; row++) {
    const tall = min(factor, height - row * factor);
    const y = rowCoordinate(<f64>(row * factor) + 0.5 * <f64>(tall - 1), height);
    const source = pixels + <usize>(row * factor) * rowBytes;
    const target = to + <usize>row * toRow;
    const fast = factor == 2 && tall == 2 ? (width >> 2) << 1 : 0;
    averagePairs(source, rowBytes, fast, target, y);
    for (let column = fast; column < columns; column++) {
      const wide = min(factor, width - column * factor);
      let sum = f32x4.splat(0);
      for (let j = 0; j < tall; j++) {
        let at = source + <usize>j * rowBytes + (<usize>(column * factor) << 2);
        for (let i = 0; i < wide; i++) {
          sum = f32x4.add(sum, response(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)))));
          at += 4;
        }
      }
      storePlace(target + (<usize>column << 4), sum, f32x4.splat(<f32>1 / <f32>(wide * tall)), y);
    }
  }
}

/** Means of 2 x 2 boxes along one row of them, two at a time. */
function averagePairs(source: usize, rowBytes: usize, columns: i32, target: usize, y: f32): void {
  const quarter = f32x4.splat(0.25);
  const end = target + (<usize>columns << 4);
  while (target < end) {
    const upper = v128.load(source);
    const lower = v128.load(source + rowBytes);
    const left = sumOfFour(i16x8.extend_low_i8x16_u(upper), i16x8.extend_low_i8x16_u(lower));
    const right = sumOfFour(i16x8.extend_high_i8x16_u(upper), i16x8.extend_high_i8x16_u(lower));
    storePlace(target, left, quarter, y);
    storePlace(target + 16, right, quarter, y);
    source += 16;
    target += 32;
  }
}

/** Sums of the responses to 2 x 2 pixels, what is curved of them as one fraction: a division costs as much as all the rest. */
// @ts-ignore: decorator
@inline
function sumOfFour(upper: v128, lower: v128): v128 {
  const a = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(upper));
  const b = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(upper));
  const c = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(lower));
  const d = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(lower));
  const underA = under(a);
  const underB = under(b);
  const underC = under(c);
  const underD = under(d);
  const ab = f32x4.add(f32x4.mul(a, underB), f32x4.mul(b, underA));
  const cd = f32x4.add(f32x4.mul(c, underD), f32x4.mul(d, underC));
  const underAb = f32x4.mul(underA, underB);
  const underCd = f32x4.mul(underC, underD);
  const over = f32x4.add(f32x4.mul(ab, underCd), f32x4.mul(cd, underAb));
  const curved = f32x4.div(f32x4.mul(over, numerator), f32x4.mul(underAb, underCd));
  return f32x4.add(curved, f32x4.mul(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), linear));
}
