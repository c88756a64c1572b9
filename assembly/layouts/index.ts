/**
 * For measuring layouts (bench/blocks/layouts.ts): the 3x3 convolution of the trunk over a list of blocks, its maps in
 * NCHWc4, [slot][channels / 4][side][side][4], where assembly/kernels has NHWC, [slot][side][side][channels]. A slot takes
 * as many bytes either way, so a Convolution says the same of both: rows and places are those of NHWC.
 *
 * Only what the trunk needs: stride 1, blocks of 4x4 places, whole blocks (no map edge inside one), residual and ReLU.
 * That alone makes a kernel shorter than assembly/kernels', so there is one for NHWC too: same code, other strides.
 * The products and transforms are the kernels' own; what differs is how a block's neighbourhood is gathered, how a tile
 * is read and how it is stored.
 */
import { Convolution } from '../kernels/convolution';
import { slotOf, slotOrZeros } from '../kernels/slots';
import { output6to4 } from '../kernels/transforms';
import { finish, loadTile6, multiply, POINT_GAP, PRODUCT_BYTES, productsOf, TILES } from '../kernels/winograd';

const SIDE: i32 = 4;
/** Bytes of 4 channels of a slot, and of a slot with its halo: 4x4 and 6x6 vectors. */
const PLANE: usize = 256;
const REGION: usize = 576;
const REGION_ROW: usize = 96;
const POINTS: i32 = 36;
/** A tile of the batch: address of its own input slot and of its output slot. */
const ENTRY: usize = 8;
const SQUARE: usize = 1024;
/** One row of outputs, within the square. */
const ROW_AT: usize = 640;

/** Copies one row of a region: a place of the left slot, four of the middle one, one of the right one. */
// @ts-ignore: decorator
@inline
function copyRow(left: usize, middle: usize, right: usize, to: usize): void {
  v128.store(to, v128.load(left, 48));
  v128.store(to, v128.load(middle), 16);
  v128.store(to, v128.load(middle, 16), 32);
  v128.store(to, v128.load(middle, 32), 48);
  v128.store(to, v128.load(middle, 48), 64);
  v128.store(to, v128.load(right), 80);
}

/** The 6x6 places that a block reads, [channels / 4][6][6][4], from up to nine slots. */
function gather(c: Convolution, column: i32, row: i32, vectors: usize, to: usize): void {
  let a = slotOrZeros(c, column - 1, row - 1) + 192;
  let b = slotOrZeros(c, column, row - 1) + 192;
  let d = slotOrZeros(c, column + 1, row - 1) + 192;
  let e = slotOrZeros(c, column - 1, row);
  let f = slotOrZeros(c, column, row);
  let g = slotOrZeros(c, column + 1, row);
  let h = slotOrZeros(c, column - 1, row + 1);
  let i = slotOrZeros(c, column, row + 1);
  let j = slotOrZeros(c, column + 1, row + 1);
  for (let k: usize = 0; k < vectors; k++) {
    copyRow(a, b, d, to);
    copyRow(e, f, g, to + 96);
    copyRow(e + 64, f + 64, g + 64, to + 192);
    copyRow(e + 128, f + 128, g + 128, to + 288);
    copyRow(e + 192, f + 192, g + 192, to + 384);
    copyRow(h, i, j, to + 480);
    a += PLANE;
    b += PLANE;
    d += PLANE;
    e += PLANE;
    f += PLANE;
    g += PLANE;
    h += PLANE;
    i += PLANE;
    j += PLANE;
    to += REGION;
  }
}

/** Copies `bytes`, a multiple of 16. @returns the end. */
// @ts-ignore: decorator
@inline
function copy(from: usize, to: usize, bytes: usize): usize {
  const end = to + bytes;
  for (; to < end; to += 16) {
    v128.store(to, v128.load(from));
    from += 16;
  }
  return end;
}

/** The same in NHWC: [6][6][channels]. */
function gatherNhwc(c: Convolution, column: i32, row: i32, to: usize): void {
  const place = c.inputPlace;
  const line = c.inputRow;
  for (let y = -1; y <= SIDE; y++) {
    const down = y < 0 ? -1 : y < SIDE ? 0 : 1;
    const from = (y - down * SIDE) * line;
    to = copy(slotOrZeros(c, column - 1, row + down) + from + 3 * place, to, place);
    to = copy(slotOrZeros(c, column, row + down) + from, to, line);
    to = copy(slotOrZeros(c, column + 1, row + down) + from, to, place);
  }
}

/** By Winograd's filtering: `tilesOf` with maps in NCHWc4. */
export function convolveTilesC4(c: Convolution, list: usize, count: i32, scratch: usize): void {
  tilesOf(c, list, count, scratch, true);
}

/** The same with maps in NHWC. */
export function convolveTilesNhwc(c: Convolution, list: usize, count: i32, scratch: usize): void {
  tilesOf(c, list, count, scratch, false);
}

/**
 * By Winograd's filtering, as `convolveTiles` with tiles of 4.
 * @param list count pairs of i32 (column, row). 
 * @param scratch as large as `convolveTiles` needs.
 */
// @ts-ignore: decorator
@inline
function tilesOf(c: Convolution, list: usize, count: i32, scratch: usize, c4: bool): void {
  const vectors = c.inputPlace >> 4;
  // Bytes between places, and between vectors of a place, of a region.
  const place: usize = c4 ? 16 : c.inputPlace;
  const vector: usize = c4 ? REGION : 16;
  const pointBytes = TILES * c.inputPlace + POINT_GAP;
  const square = scratch + TILES * ENTRY;
  const m = square + SQUARE;
  const v = m + TILES * productsOf(POINTS);
  const region = v + POINTS * pointBytes;
  // Batches of equal length, so that the last is no short one: every batch reads all weights.
  const batches = max(1, (count + TILES - 1) / TILES);
  const batch = ((count + batches - 1) / batches + 3) & ~3;
  let filled = 0;
  for (let n = 0; n < count; n++) {
    const column = load<i32>(list, 0);
    const row = load<i32>(list, 4);
    list += 8;
    if (c4) gather(c, column, row, vectors, region);
    else gatherNhwc(c, column, row, region);
    const slot = slotOf(c, column, row);
    const tile = scratch + <usize>filled * ENTRY;
    store<usize>(tile, c.input + slot * SIDE * c.inputRow);
    store<usize>(tile, c.output + slot * SIDE * c.outputRow, 4);
    let from = region;
    let to = v + (<usize>(filled >> 2) * vectors << 6) + (<usize>(filled & 3) << 4);
    for (let k: usize = 0; k < vectors; k++) {
      loadTile6(from, 6 * place, place, square, to, pointBytes);
      from += vector;
      to += 64;
    }
    if (++filled == batch) {
      runBatch(c, scratch, filled, vectors, pointBytes, c4);
      filled = 0;
    }
  }
  if (filled > 0) runBatch(c, scratch, filled, vectors, pointBytes, c4);
}

/** The products of the batch's tiles and their outputs. */
// @ts-ignore: decorator
@inline
function runBatch(c: Convolution, tiles: usize, filled: i32, vectors: usize, pointBytes: usize, c4: bool): void {
  const square = tiles + TILES * ENTRY;
  const m = square + SQUARE;
  const v = m + TILES * productsOf(POINTS);
  const groups = (filled + 3) >> 2;
  const slices = (c.vectors + 1) >> 1;
  let u = c.weights;
  for (let slice = 0; slice < slices; slice++) {
    let at = v;
    let to = m;
    for (let p = 0; p < POINTS; p++) {
      multiply(at, u, to, productsOf(POINTS), groups, vectors, vectors << 6);
      u += vectors << 7;
      at += pointBytes;
      to += PRODUCT_BYTES;
    }
    const halves = min(2, c.vectors - 2 * slice);
    for (let t = 0; t < filled; t++) {
      const tile = tiles + <usize>t * ENTRY;
      for (let half = 0; half < halves; half++) {
        storeTile(c, tile, <usize>(2 * slice + half), m + t * productsOf(POINTS) + (<usize>half << 4), square, c4);
      }
    }
  }
}

/** One tile's 4 channels of M to its slot: A'MA, bias, residual, activation. */
// @ts-ignore: decorator
@inline
function storeTile(c: Convolution, tile: usize, index: usize, m: usize, square: usize, c4: bool): void {
  const step = PRODUCT_BYTES;
  const place: usize = c4 ? 16 : c.outputPlace;
  const offset: usize = index * (c4 ? PLANE : 16);
  const end = square + REGION_ROW;
  for (let s = square; s < end; s += 16, m += step) {
    output6to4(m, 6 * step, s, 128, false, false, 0, 0, f32x4.splat(0), f32x4.splat(0));
  }
  const bias = v128.load(c.bias + (index << 4));
  const floor = f32x4.splat(c.relu ? 0 : -Infinity);
  let from = load<usize>(tile) + offset;
  let to = load<usize>(tile, 4) + offset;
  const row = square + ROW_AT;
  for (let y = 0; y < SIDE; y++) {
    output6to4(square + (<usize>y << 7), 16, row, 16, false, false, 0, 0, bias, floor);
    if (c.residual) {
      v128.store(row, f32x4.add(v128.load(row), v128.load(from)));
      v128.store(row, f32x4.add(v128.load(row, 16), v128.load(from + place)), 16);
      v128.store(row, f32x4.add(v128.load(row, 32), v128.load(from + 2 * place)), 32);
      v128.store(row, f32x4.add(v128.load(row, 48), v128.load(from + 3 * place)), 48);
    }
    finish(to, row, bias, floor);
    finish(to + place, row + 16, bias, floor);
    finish(to + 2 * place, row + 32, bias, floor);
    finish(to + 3 * place, row + 48, bias, floor);
    from += 4 * place;
    to += 4 * place;
  }
}

/**
 * Directly, as `convolve`: tiles of 4 places x 8 outputs. Weights [outputs / 8][inputs / 4][ky][kx][4][8]; outputs are a
 * multiple of 8. What a kernel row reads of 4 channels is one run of 12 floats.
 * @param scratch for a block's region.
 */
export function convolveC4(c: Convolution, list: usize, count: i32, scratch: usize): void {
  const vectors = c.inputPlace >> 4;
  for (let n = 0; n < count; n++) {
    const column = load<i32>(list, 0);
    const row = load<i32>(list, 4);
    list += 8;
    gather(c, column, row, vectors, scratch);
    const slot = slotOf(c, column, row);
    const own = c.input + slot * SIDE * c.inputRow;
    const output = c.output + slot * SIDE * c.outputRow;
    const slices = c.vectors >> 1;
    let weights = c.weights;
    for (let slice = 0; slice < slices; slice++) {
      const plane = <usize>slice * 2 * PLANE;
      for (let y: usize = 0; y < 4; y++) {
        tile8(c, scratch + y * REGION_ROW, vectors, weights, c.bias + (<usize>slice << 5), own + plane + (y << 6), output + plane + (y << 6));
      }
      weights += vectors * 9 << 7;
    }
  }
}

// @ts-ignore: decorator
@inline
function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(c, f32x4.mul(a, b));
}

/** One row of a block, 4 places x 8 outputs. */
function tile8(
  c: Convolution,
  from: usize,
  vectors: usize,
  w: usize,
  bias: usize,
  residual: usize,
  to: usize,
): void {
  let a0 = v128.load(bias);
  let b0 = v128.load(bias, 16);
  let a1 = a0;
  let b1 = b0;
  let a2 = a0;
  let b2 = b0;
  let a3 = a0;
  let b3 = b0;
  for (let k: usize = 0; k < vectors; k++) {
    for (let row = from; row < from + 3 * REGION_ROW; row += REGION_ROW) {
      let p = row;
      const end = row + 48;
      do {
        const u = v128.load(w);
        const t = v128.load(w, 16);
        let s = v128.load32_splat(p);
        a0 = madd(s, u, a0);
        b0 = madd(s, t, b0);
        s = v128.load32_splat(p, 16);
        a1 = madd(s, u, a1);
        b1 = madd(s, t, b1);
        s = v128.load32_splat(p, 32);
        a2 = madd(s, u, a2);
        b2 = madd(s, t, b2);
        s = v128.load32_splat(p, 48);
        a3 = madd(s, u, a3);
        b3 = madd(s, t, b3);
        w += 32;
        p += 4;
      } while (p < end);
    }
    from += REGION;
  }
  if (c.residual) {
    a0 = f32x4.add(a0, v128.load(residual));
    a1 = f32x4.add(a1, v128.load(residual, 16));
    a2 = f32x4.add(a2, v128.load(residual, 32));
    a3 = f32x4.add(a3, v128.load(residual, 48));
    b0 = f32x4.add(b0, v128.load(residual, 256));
    b1 = f32x4.add(b1, v128.load(residual, 272));
    b2 = f32x4.add(b2, v128.load(residual, 288));
    b3 = f32x4.add(b3, v128.load(residual, 304));
  }
  const floor = f32x4.splat(c.relu ? 0 : -Infinity);
  v128.store(to, f32x4.pmax(a0, floor));
  v128.store(to, f32x4.pmax(a1, floor), 16);
  v128.store(to, f32x4.pmax(a2, floor), 32);
  v128.store(to, f32x4.pmax(a3, floor), 48);
  v128.store(to, f32x4.pmax(b0, floor), 256);
  v128.store(to, f32x4.pmax(b1, floor), 272);
  v128.store(to, f32x4.pmax(b2, floor), 288);
  v128.store(to, f32x4.pmax(b3, floor), 304);
}
