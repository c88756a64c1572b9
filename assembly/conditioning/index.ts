/**
 * The filters of src/conditioning on RGBA bytes, sixteen at a time; the same bytes as outliers.ts and smooth.ts there.
 *
 * A picture lies in a frame of BORDER px on all sides that repeats its edge, rows `stride` bytes apart: 4 bytes a px, at
 * least 4 * (width + 2 * BORDER) + 16, since the last sixteen of a row reach beyond it. Addresses are of the first px
 * of the picture, inside the border. Alpha is filtered as the colours are.
 */

const PX: i32 = 4;
const BORDER: i32 = 2;

/** Levels within this of the third from either end never stand out (outliers.ts). */
const LEAST_FENCE: u8 = 20;

/** Repeats the edge of the picture in its border. */
export function extend(picture: usize, width: i32, height: i32, stride: i32): void {
  for (let y = 0; y < height; y++) {
    const row = picture + y * stride;
    const left = load<u32>(row);
    const right = load<u32>(row + (width - 1) * PX);
    for (let x = 1; x <= BORDER; x++) {
      store<u32>(row - x * PX, left);
      store<u32>(row + (width - 1 + x) * PX, right);
    }
  }
  const bytes = (width + 2 * BORDER) * PX;
  const first = picture - BORDER * PX;
  const last = first + (height - 1) * stride;
  for (let y = 1; y <= BORDER; y++) {
    memory.copy(first - y * stride, first, bytes);
    memory.copy(last + y * stride, last, bytes);
  }
}

/** Levels that Tukey's fences of their 3x3 px leave out become the median. @param picture extended */
export function replaceOutliers(
  picture: usize,
  out: usize,
  width: i32,
  height: i32,
  stride: i32,
): void {
  const bytes = width * PX;
  const least = v128.splat<u8>(LEAST_FENCE);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < bytes; x += 16) {
      const at = picture + y * stride + x;
      const level = v128.load(at);
      let a = v128.load(at - stride - PX);
      let b = v128.load(at - stride);
      let c = v128.load(at - stride + PX);
      let d = v128.load(at - PX);
      let e = level;
      let f = v128.load(at + PX);
      let g = v128.load(at + stride - PX);
      let h = v128.load(at + stride);
      let i = v128.load(at + stride + PX);
      let t: v128;
      // A sorting network of nine with 25 exchanges (Floyd, in Knuth's volume 3): threes first, then across them.
      t = i8x16.min_u(a, b); b = i8x16.max_u(a, b); a = t;
      t = i8x16.min_u(d, e); e = i8x16.max_u(d, e); d = t;
      t = i8x16.min_u(g, h); h = i8x16.max_u(g, h); g = t;
      t = i8x16.min_u(b, c); c = i8x16.max_u(b, c); b = t;
      t = i8x16.min_u(e, f); f = i8x16.max_u(e, f); e = t;
      t = i8x16.min_u(h, i); i = i8x16.max_u(h, i); h = t;
      t = i8x16.min_u(a, b); b = i8x16.max_u(a, b); a = t;
      t = i8x16.min_u(d, e); e = i8x16.max_u(d, e); d = t;
      t = i8x16.min_u(g, h); h = i8x16.max_u(g, h); g = t;
      t = i8x16.min_u(a, d); d = i8x16.max_u(a, d); a = t;
      t = i8x16.min_u(d, g); g = i8x16.max_u(d, g); d = t;
      t = i8x16.min_u(a, d); d = i8x16.max_u(a, d); a = t;
      t = i8x16.min_u(b, e); e = i8x16.max_u(b, e); b = t;
      t = i8x16.min_u(e, h); h = i8x16.max_u(e, h); e = t;
      t = i8x16.min_u(b, e); e = i8x16.max_u(b, e); b = t;
      t = i8x16.min_u(c, f); f = i8x16.max_u(c, f); c = t;
      t = i8x16.min_u(f, i); i = i8x16.max_u(f, i); f = t;
      t = i8x16.min_u(c, f); f = i8x16.max_u(c, f); c = t;
      t = i8x16.min_u(c, g); g = i8x16.max_u(c, g); c = t;
      t = i8x16.min_u(b, d); d = i8x16.max_u(b, d); b = t;
      t = i8x16.min_u(f, h); h = i8x16.max_u(f, h); f = t;
      t = i8x16.min_u(c, e); e = i8x16.max_u(c, e); c = t;
      t = i8x16.min_u(e, g); g = i8x16.max_u(e, g); e = t;
      t = i8x16.min_u(c, d); d = i8x16.max_u(c, d); c = t;
      t = i8x16.min_u(f, g); g = i8x16.max_u(f, g); f = t;
      // c, e, g: the third, the median, the seventh.
      const spread = v128.sub<u8>(g, c);
      const fence = i8x16.max_u(least, i8x16.add_sat_u(spread, spread));
      const beyond = v128.or(
        i8x16.gt_u(level, i8x16.add_sat_u(g, fence)),
        i8x16.lt_u(level, i8x16.sub_sat_u(c, fence)),
      );
      v128.store(out + y * stride + x, v128.bitselect(e, level, beyond));
    }
  }
}

/**
 * So many 128ths of the way to a binomial filter of 5x5 px.
 * @param picture extended @param sums room for 8 * (width + 2 * BORDER) + 32 bytes @param steps 0 to 128
 */
export function smooth(
  picture: usize,
  out: usize,
  width: i32,
  height: i32,
  stride: i32,
  sums: usize,
  steps: i32,
): void {
  const bytes = width * PX;
  const rowBytes = (width + 2 * BORDER) * PX;
  const half = v128.splat<u16>(128);
  const share = v128.splat<i16>(<i16>steps);
  for (let y = 0; y < height; y++) {
    const row = picture + y * stride - BORDER * PX;
    for (let x = 0; x < rowBytes; x += 8) {
      const at = row + x;
      const far = v128.add<u16>(v128.load_ext<u8>(at - 2 * stride), v128.load_ext<u8>(at + 2 * stride));
      const near = v128.add<u16>(v128.load_ext<u8>(at - stride), v128.load_ext<u8>(at + stride));
      const here = v128.load_ext<u8>(at);
      v128.store(sums + 2 * x, weighted(far, near, here));
    }
    for (let x = 0; x < bytes; x += 16) {
      const low = v128.shr<u16>(v128.add<u16>(across(sums + 2 * x), half), 8);
      const high = v128.shr<u16>(v128.add<u16>(across(sums + 2 * x + 16), half), 8);
      const at = picture + y * stride + x;
      v128.store(out + y * stride + x, v128.narrow<u16>(partOfWay(at, low, share), partOfWay(at + 8, high, share)));
    }
  }
}

/** Of the eight bytes at `own`, moved so many 128ths towards `smooth`, rounded. */
// @ts-ignore: as below
@inline
function partOfWay(own: usize, smooth: v128, share: v128): v128 {
  const before = v128.load_ext<u8>(own);
  const way = v128.mul<i16>(v128.sub<i16>(smooth, before), share);
  return v128.add<i16>(before, v128.shr<i16>(v128.add<i16>(way, v128.splat<i16>(64)), 7));
}

/** Of eight bytes, from the sums of the px two to the left on. */
// @ts-ignore: decorators of functions are AssemblyScript's
@inline
function across(at: usize): v128 {
  const px = 2 * PX;
  const far = v128.add<u16>(v128.load(at), v128.load(at + 4 * px));
  const near = v128.add<u16>(v128.load(at + px), v128.load(at + 3 * px));
  return weighted(far, near, v128.load(at + 2 * px));
}

/** far + 4 near + 6 here. */
// @ts-ignore: as above
@inline
function weighted(far: v128, near: v128, here: v128): v128 {
  const sixfold = v128.add<u16>(v128.shl<u16>(here, 2), v128.shl<u16>(here, 1));
  return v128.add<u16>(far, v128.add<u16>(v128.shl<u16>(near, 2), sixfold));
}
