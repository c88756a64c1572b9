/**
 * A training view's pixels: resampled from a picture, softened or sharpened, toned. Works in a memory of its own that
 * the caller lays out; a pixel of the view is one vector of four f32, R G B (0..255, after `tone` -1..1) and y.
 *
 * The picture is [height, width, 3] bytes, with at least one byte behind it (pixels are read four bytes at a time).
 */

// @ts-ignore: decorator
@inline
function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

/** Three bytes (and one more, which does not matter) as f32. */
// @ts-ignore: decorator
@inline
function integers(pixel: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(pixel)));
}

// @ts-ignore: decorator
@inline
function mix(a: v128, b: v128, share: v128): v128 {
  return f32x4.add(a, f32x4.mul(f32x4.sub(b, a), share));
}

/**
 * Bilinear. Tables of the view's columns and rows, one after the other: offset in bytes of the lower neighbour (-1:
 * outside, black), of the higher one, share of the higher one (f32). `ys`: y of each row.
 */
export function bilinear(rgb: usize, out: usize, width: i32, height: i32, columns: usize, rows: usize, ys: usize): void {
  for (let y = 0; y < height; y++) {
    const top = load<i32>(at(rows, y));
    const bottom = load<i32>(at(rows, height + y));
    const fy = v128.load32_splat(at(rows, 2 * height + y));
    const coordinate = load<f32>(at(ys, y));
    for (let x = 0; x < width; x++) {
      const left = load<i32>(at(columns, x));
      let value = f32x4.splat(0);
      if (top >= 0 && left >= 0) {
        const right = load<i32>(at(columns, width + x));
        const fx = v128.load32_splat(at(columns, 2 * width + x));
        const upper = rgb + top, lower = rgb + bottom;
        const a = mix(f32x4.convert_i32x4_s(integers(upper + left)), f32x4.convert_i32x4_s(integers(upper + right)), fx);
        const b = mix(f32x4.convert_i32x4_s(integers(lower + left)), f32x4.convert_i32x4_s(integers(lower + right)), fx);
        value = mix(a, b, fy);
      }
      v128.store(out, f32x4.replace_lane(value, 3, coordinate));
      out += 16;
    }
  }
}

/** Means of the picture's pixels under each of the view's. Tables: first and last column (row) of each. */
export function area(rgb: usize, pictureWidth: i32, out: usize, width: i32, height: i32, columns: usize, rows: usize, ys: usize): void {
  for (let v = 0; v < height; v++) {
    const y0 = load<i32>(at(rows, v)), y1 = load<i32>(at(rows, height + v));
    const coordinate = load<f32>(at(ys, v));
    for (let u = 0; u < width; u++) {
      const x0 = load<i32>(at(columns, u)), x1 = load<i32>(at(columns, width + u));
      let sum = i32x4.splat(0);
      for (let y = y0; y <= y1; y++) {
        let p = rgb + (y * pictureWidth + x0) * 3;
        for (let x = x0; x <= x1; x++, p += 3) sum = i32x4.add(sum, integers(p));
      }
      const pixels = max(0, x1 - x0 + 1) * max(0, y1 - y0 + 1);
      const value = f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.splat(<f32>1 / <f32>max(1, pixels)));
      v128.store(out, f32x4.replace_lane(value, 3, coordinate));
      out += 16;
    }
  }
}

/** Mean of every `step`-th pixel's green, through a table of 256 f32 (0: as it is). */
export function meanGreen(image: usize, pixels: i32, step: i32, table: usize): f32 {
  let sum: f32 = 0;
  let count = 0;
  for (let p = 0; p < pixels; p += step, count++) {
    const green = load<f32>(image + ((<usize>p) << 4), 4);
    sum += table ? load<f32>(at(table, <i32>(green + 0.5))) : green;
  }
  return sum / <f32>count;
}

/**
 * Colours through tables (256 f32 each for R, G, B, one after the other), then towards grey by a share, then noise:
 * `noises` holds a power of two of normal numbers; channels read it at fixed distances, pixels in a scattered order.
 */
export function tone(image: usize, pixels: i32, tables: usize, grey: f32, noises: usize, mask: i32, start: i32, noise: f32): void {
  const greens = at(tables, 256), blues = at(tables, 512);
  const half = f32x4.splat(0.5);
  for (let p = 0; p < pixels; p++, image += 16) {
    const held = v128.load(image);
    const index = i32x4.trunc_sat_f32x4_s(f32x4.add(held, half));
    const r = load<f32>(at(tables, i32x4.extract_lane(index, 0)));
    const g = load<f32>(at(greens, i32x4.extract_lane(index, 1)));
    const b = load<f32>(at(blues, i32x4.extract_lane(index, 2)));
    const luma: f32 = <f32>0.299 * r + <f32>0.587 * g + <f32>0.114 * b;
    let red = r + (luma - r) * grey, green = g + (luma - g) * grey, blue = b + (luma - b) * grey;
    if (noise > 0) {
      const n = ((p + start) * 0x9e3779b1 ^ (p >>> 7)) & mask;
      red += load<f32>(at(noises, n)) * noise;
      green += load<f32>(at(noises, (n + 1367) & mask)) * noise;
      blue += load<f32>(at(noises, (n + 2741) & mask)) * noise;
    }
    store<f32>(image, red);
    store<f32>(image, green, 4);
    store<f32>(image, blue, 8);
  }
}

/** Each pixel's colours in another order: what becomes red, green and blue is channel `red`, `green` and `blue`. */
export function reorder(image: usize, pixels: i32, red: i32, green: i32, blue: i32): void {
  for (let p = 0; p < pixels; p++, image += 16) {
    const r = load<f32>(at(image, red)), g = load<f32>(at(image, green)), b = load<f32>(at(image, blue));
    store<f32>(image, r);
    store<f32>(image, g, 4);
    store<f32>(image, b, 8);
  }
}

/**
 * Light that falls unevenly: colours times a gain that is bilinear between the numbers of a grid [rows, columns] f32,
 * at least 2 x 2, whose corners are the image's; at most 255.
 */
export function shade(image: usize, width: i32, height: i32, grid: usize, columns: i32, rows: i32): void {
  const most = f32x4.splat(255);
  for (let y = 0; y < height; y++) {
    const v = <f32>(y * (rows - 1)) / <f32>(height - 1);
    const row = min(<i32>v, rows - 2);
    const fy = v - <f32>row;
    const upper = at(grid, row * columns), lower = at(upper, columns);
    for (let x = 0; x < width; x++, image += 16) {
      const u = <f32>(x * (columns - 1)) / <f32>(width - 1);
      const column = min(<i32>u, columns - 2);
      const fx = u - <f32>column;
      const a = load<f32>(at(upper, column)) + (load<f32>(at(upper, column + 1)) - load<f32>(at(upper, column))) * fx;
      const b = load<f32>(at(lower, column)) + (load<f32>(at(lower, column + 1)) - load<f32>(at(lower, column))) * fx;
      const y4 = load<f32>(image, 12);
      const made = f32x4.min(most, f32x4.mul(v128.load(image), f32x4.splat(a + (b - a) * fy)));
      v128.store(image, f32x4.replace_lane(made, 3, y4));
    }
  }
}

/** Running mean of `reach` pixels along each row; the edge pixels repeat. Scratch: one row. */
export function blurRows(image: usize, width: i32, height: i32, reach: i32, scratch: usize): void {
  const row = <usize>width << 4;
  const before = reach >> 1;
  const share = f32x4.splat(<f32>1 / <f32>reach);
  for (let y = 0; y < height; y++, image += row) {
    memory.copy(scratch, image, row);
    let sum = f32x4.splat(0);
    for (let x = -before; x < reach - before; x++) sum = f32x4.add(sum, pixelOf(scratch, x, width));
    for (let x = 0; x < width; x++) {
      const to = image + ((<usize>x) << 4);
      const y4 = load<f32>(to, 12);
      v128.store(to, f32x4.replace_lane(f32x4.mul(sum, share), 3, y4));
      sum = f32x4.add(sum, f32x4.sub(pixelOf(scratch, x + reach - before, width), pixelOf(scratch, x - before, width)));
    }
  }
}

// @ts-ignore: decorator
@inline
function pixelOf(row: usize, x: i32, width: i32): v128 {
  return v128.load(row + ((<usize>min(width - 1, max(0, x))) << 4));
}

/** Adds `share` of what a 3x3 binomial blur takes away (below 0: blurs by that share), within 0..255. Scratch: 3 rows. */
export function sharpen(image: usize, width: i32, height: i32, share: f32, scratch: usize): void {
  const row = <usize>width << 4;
  let above = scratch, here = scratch + row, below = scratch + 2 * row;
  sumRow(image, width, here);
  memory.copy(above, here, row);
  const amount = f32x4.splat(share), zero = f32x4.splat(0), most = f32x4.splat(255), sixteenth = f32x4.splat(1 / 16);
  for (let y = 0; y < height; y++, image += row) {
    sumRow(y + 1 < height ? image + row : image, width, below);
    for (let x: usize = 0; x < row; x += 16) {
      const middle = v128.load(here + x);
      const sum = f32x4.add(f32x4.add(v128.load(above + x), v128.load(below + x)), f32x4.add(middle, middle));
      const value = v128.load(image + x);
      const made = f32x4.add(value, f32x4.mul(f32x4.sub(value, f32x4.mul(sum, sixteenth)), amount));
      const y4 = load<f32>(image + x, 12);
      v128.store(image + x, f32x4.replace_lane(f32x4.min(most, f32x4.max(zero, made)), 3, y4));
    }
    const free = above;
    above = here;
    here = below;
    below = free;
  }
}

/** 1 2 1 along a row; the edge pixels repeat. */
function sumRow(image: usize, width: i32, to: usize): void {
  for (let x = 0; x < width; x++) {
    const middle = pixelOf(image, x, width);
    const sides = f32x4.add(pixelOf(image, x - 1, width), pixelOf(image, x + 1, width));
    v128.store(to + ((<usize>x) << 4), f32x4.add(sides, f32x4.add(middle, middle)));
  }
}
