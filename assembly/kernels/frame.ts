/** From RGBA bytes to the two networks' inputs, one pixel (4 floats R G B y) a vector. */

/**
 * @param from RGBA, width * height * 4 bytes; 12 readable bytes must follow.
 * @param to place (0, 0) of a map with 16 bytes a place.
 */
export function convertFrame(from: usize, width: i32, height: i32, to: usize, toRow: usize): void {
  const scale = f32x4.splat(<f32>(1.0 / 127.5));
  const one = f32x4.splat(1);
  for (let row = 0; row < height; row++) {
    const y = <f32>((2.0 * (<f64>row + 0.5)) / <f64>height - 1.0);
    let at = to + <usize>row * toRow;
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const bytes = v128.load(from);
      const low = i16x8.extend_low_i8x16_u(bytes);
      const high = i16x8.extend_high_i8x16_u(bytes);
      storePixel(at, i32x4.extend_low_i16x8_u(low), scale, one, y);
      storePixel(at + 16, i32x4.extend_high_i16x8_u(low), scale, one, y);
      storePixel(at + 32, i32x4.extend_low_i16x8_u(high), scale, one, y);
      storePixel(at + 48, i32x4.extend_high_i16x8_u(high), scale, one, y);
      from += 16;
      at += 64;
    }
    for (; x < width; x++) {
      const low = i16x8.extend_low_i8x16_u(v128.load(from));
      storePixel(at, i32x4.extend_low_i16x8_u(low), scale, one, y);
      from += 4;
      at += 16;
    }
  }
}

// @ts-ignore: decorator
@inline
function storePixel(at: usize, rgba: v128, scale: v128, one: v128, y: f32): void {
  const scaled = f32x4.sub(f32x4.mul(f32x4.convert_i32x4_u(rgba), scale), one);
  v128.store(at, f32x4.replace_lane(scaled, 3, y));
}

/** Means of factor x factor boxes of 16-byte places; boxes over the edge average the places there are. */
export function averageBoxes(
  from: usize,
  fromRow: usize,
  width: i32,
  height: i32,
  factor: i32,
  to: usize,
  toRow: usize,
): void {
  const columns = (width + factor - 1) / factor;
  const rows = (height + factor - 1) / factor;
  for (let row = 0; row < rows; row++) {
    const tall = min(factor, height - row * factor);
    const source = from + <usize>(row * factor) * fromRow;
    const target = to + <usize>row * toRow;
    for (let column = 0; column < columns; column++) {
      const wide = min(factor, width - column * factor);
      let sum = f32x4.splat(0);
      for (let j = 0; j < tall; j++) {
        let at = source + <usize>j * fromRow + (<usize>(column * factor) << 4);
        for (let i = 0; i < wide; i++) {
          sum = f32x4.add(sum, v128.load(at));
          at += 16;
        }
      }
      const share = f32x4.splat(<f32>1 / <f32>(wide * tall));
      v128.store(target + (<usize>column << 4), f32x4.mul(sum, share));
    }
  }
}
