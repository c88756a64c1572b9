/**
 * Convolution by Winograd's minimal filtering, over the same block lists and maps as `convolve`.
 * Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015 (arXiv:1509.09308).
 *
 * A tile of t x t output places is made at n x n interpolation points: n = t + kernel - 1, 6 (t = 4, 3x3) or 8 (t = 4,
 * 5x5, or t = 6, 3x3, for maps that are computed whole). With B, G, A as named there, per tile and channel: V = B'dB;
 * U = GgG' (made once, src/backends/wasm/winograd.ts); at each point p, M[p] = V[p] U[p], a matrix product over
 * channels; output = A'MA. n*n products an input channel take the place of t*t*9 or t*t*25: a quarter, a sixth, a fifth.
 *
 * At stride 2 (3x3, t = 4) the kernel is four kernels, on odd or even rows and columns: in each direction two outer taps
 * (n = 5) and a middle one, which is a kernel of two that begins with 0 and so has no part in point 0. All four add to
 * the same M: 81 products in the place of 144.
 *
 * K input vectors (4 channels each, of every phase), O output slices (8 channels each), T tiles a batch, in groups of 4:
 *
 *     V  [p][T / 4][K][tile 4][lane 4]     U  [O][p][lane 4][K][8]     M  [T][p][8]
 *
 * so that the product reads V at one pointer and U in one forward sweep. M is one slice's and stays in L1; V and a
 * slice of U stay in L2.
 *
 * Tiles at the map's edge are computed whole and stored as far as the map goes: a map's border holds as many zero places
 * to the right and below as that reads (src/backends/wasm/layout.ts).
 */
import { Convolution } from './convolution';
import { extentOf, gatherRegion, slotOf, slotOrZeros } from './slots';
import { even4, input6, input6of, input8, odd5, output5to4, output6to4, output8to4, output8to6 } from './transforms';

/** Tiles a batch: a multiple of 4; src/backends/wasm/winograd.ts plans the scratch memory for as many. */
export const TILES: i32 = 16;
/** Bytes between points of V beyond what they hold, so that stores to all points do not fall on one cache set. */
export const POINT_GAP: usize = 64;
/** Bytes between points of M, and between its tiles: a slice of 8 floats, and a gap for the same reason. */
export const PRODUCT_BYTES: usize = 32;
// @ts-ignore: decorator
@inline
export function productsOf(points: i32): usize {
  return <usize>points * PRODUCT_BYTES + POINT_GAP;
}
/** A tile's values between the two directions, and one row of outputs. */
const SQUARE_BYTES: usize = 2048;
const ROW_AT: usize = 1920;
/**
 * A tile of the batch: where its outputs go and what they are added to, then places to store across and down, and how
 * many of these lie in the first block across and down. Where a tile lies in up to four blocks, each has an address of
 * its own, told as if the tile began there: left above, right above, left below, right below.
 */
const TILE_ENTRY: usize = 48;
const OWN_AT: usize = 16;
const ACROSS_AT: usize = 32;
const DOWN_AT: usize = 36;
const FIRST_ACROSS_AT: usize = 40;
const FIRST_DOWN_AT: usize = 44;

/**
 * @param list count pairs of i32 (column, row): blocks of blockWidth x blockHeight output places; where maps lie in slots
 * the place that a block begins at, in slots.
 * @param scratch 16-byte aligned, as large as `tileScratchBytes` in src/backends/wasm/winograd.ts says.
 * @returns places computed (those over the map's edge are not).
 */
export function convolveTiles(
  c: Convolution,
  list: usize,
  count: i32,
  blockWidth: i32,
  blockHeight: i32,
  scratch: usize,
): i32 {
  const pad = (c.kernel - 1) >> 1;
  const side = c.tile;
  const inSlots = c.inputSide > 0;
  const slotSide = c.inputSide / c.stride;
  const unitX = inSlots ? slotSide : blockWidth;
  const unitY = inSlots ? slotSide : blockHeight;
  const batch = batchSize(c, list, count, unitX, unitY, blockWidth, blockHeight);
  const extent = extentOf(c, blockWidth);
  const n = pointsAside(c);
  const vectors = c.inputPlace >> 4;
  const square = scratch + TILES * TILE_ENTRY;
  const m = square + SQUARE_BYTES;
  const v = m + TILES * productsOf(n * n);
  const region = v + n * n * pointBytesOf(c);
  const fromRow = inSlots ? extent * c.inputPlace : c.inputRow;
  let places = 0;
  let filled = 0;
  for (let b = 0; b < count; b++) {
    const left = load<i32>(list, 0) * unitX;
    const top = load<i32>(list, 4) * unitY;
    list += 8;
    const width = min(blockWidth, c.width - left);
    const height = min(blockHeight, c.height - top);
    places += width * height;
    if (inSlots && isPlainBlock(c, blockWidth, left, top)) {
      placeInSlots(c, entryOf(scratch, filled), left, top, side, side, slotSide);
      loadBlock(c, left / side, top / side, square, v, filled, vectors);
      if (++filled == batch) {
        runBatch(c, scratch, filled);
        filled = 0;
      }
      continue;
    }
    // The block's first input place with its halo.
    let from = region;
    if (inSlots) gatherRegion(c, left * c.stride - pad, top * c.stride - pad, extent, region);
    else from = c.input + (top * c.stride - pad) * c.inputRow + (left * c.stride - pad) * c.inputPlace;
    for (let y = 0; y < height; y += side) {
      for (let x = 0; x < width; x += side) {
        const tile = entryOf(scratch, filled);
        const across = min(side, width - x);
        const down = min(side, height - y);
        if (inSlots) placeInSlots(c, tile, left + x, top + y, across, down, slotSide);
        else placeInMap(c, tile, left + x, top + y, across, down);
        const first = from + y * c.stride * fromRow + x * c.stride * c.inputPlace;
        loadTile(c, first, fromRow, square, v, filled, vectors);
        if (++filled == batch) {
          runBatch(c, scratch, filled);
          filled = 0;
        }
      }
    }
  }
  if (filled > 0) runBatch(c, scratch, filled);
  return places;
}

// @ts-ignore: decorator
@inline
function entryOf(tiles: usize, t: i32): usize {
  return tiles + <usize>t * TILE_ENTRY;
}

/** A tile of a whole map, from output place (x, y) on. */
function placeInMap(c: Convolution, tile: usize, x: i32, y: i32, across: i32, down: i32): void {
  store<i32>(tile, across, ACROSS_AT);
  store<i32>(tile, down, DOWN_AT);
  store<usize>(tile, c.output + y * c.outputRow + x * c.outputPlace);
  store<usize>(tile, c.input + y * c.inputRow + x * c.inputPlace, OWN_AT);
  store<i32>(tile, c.tile, FIRST_ACROSS_AT);
  store<i32>(tile, c.tile, FIRST_DOWN_AT);
}

/** A tile of a map in slots of side x side output places. What it is added to is looked at at stride 1 only. */
function placeInSlots(
  c: Convolution,
  tile: usize,
  x: i32,
  y: i32,
  across: i32,
  down: i32,
  side: i32,
): void {
  store<i32>(tile, across, ACROSS_AT);
  store<i32>(tile, down, DOWN_AT);
  const column = x / side;
  const row = y / side;
  const firstAcross = (column + 1) * side - x;
  const firstDown = (row + 1) * side - y;
  store<i32>(tile, firstAcross, FIRST_ACROSS_AT);
  store<i32>(tile, firstDown, FIRST_DOWN_AT);
  const columns = across > firstAcross ? 2 : 1;
  const rows = down > firstDown ? 2 : 1;
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const slot = slotOf(c, column + i, row + j);
      const inX = x - (column + i) * side;
      const inY = slot * side + y - (row + j) * side;
      const at = tile + (<usize>(2 * j + i) << 2);
      store<usize>(at, c.output + inY * c.outputRow + inX * c.outputPlace);
      store<usize>(at, c.input + inY * c.inputRow + inX * c.inputPlace, OWN_AT);
    }
  }
}

/**
 * Whether a block is one tile of a 3x3 layer, and neither it nor a neighbour lies over the map's edge: then it is read
 * where it lies. Of such an edge a slot holds what was there before.
 */
// @ts-ignore: decorator
@inline
function isPlainBlock(c: Convolution, side: i32, left: i32, top: i32): bool {
  return (
    c.tile == side && c.kernel == 3 && c.stride == 1 && left + 2 * side <= c.inputWidth && top + 2 * side <= c.inputHeight
  );
}

/** V of a block of 4x4 places with the places around it, from the nine slots that hold them. */
function loadBlock(c: Convolution, column: i32, row: i32, square: usize, v: usize, t: i32, vectors: usize): void {
  const place = c.inputPlace;
  const line = c.inputRow;
  const pointBytes = pointBytesOf(c);
  const lastPlace = 3 * place;
  const lastLine = 3 * line;
  let a = slotOrZeros(c, column - 1, row - 1) + lastLine + lastPlace;
  let b = slotOrZeros(c, column, row - 1) + lastLine;
  let d = slotOrZeros(c, column + 1, row - 1) + lastLine;
  let e = slotOrZeros(c, column - 1, row) + lastPlace;
  let f = slotOrZeros(c, column, row);
  let g = slotOrZeros(c, column + 1, row);
  let h = slotOrZeros(c, column - 1, row + 1) + lastPlace;
  let i = slotOrZeros(c, column, row + 1);
  let j = slotOrZeros(c, column + 1, row + 1);
  let to = v + (<usize>(t >> 2) * vectors << 6) + (<usize>(t & 3) << 4);
  for (let k: usize = 0; k < vectors; k++) {
    input6of(a, e, line, h, square, 96);
    input6of(b, f, line, i, square + 16, 96);
    input6of(b + place, f + place, line, i + place, square + 32, 96);
    input6of(b + 2 * place, f + 2 * place, line, i + 2 * place, square + 48, 96);
    input6of(b + lastPlace, f + lastPlace, line, i + lastPlace, square + 64, 96);
    input6of(d, g, line, j, square + 80, 96);
    let at = to;
    for (let s = square; s < square + 6 * 96; s += 96) {
      input6(s, 16, at, pointBytes);
      at += 6 * pointBytes;
    }
    a += 16;
    b += 16;
    d += 16;
    e += 16;
    f += 16;
    g += 16;
    h += 16;
    i += 16;
    j += 16;
    to += 64;
  }
}

/** Interpolation points a tile side. */
// @ts-ignore: decorator
@inline
function pointsAside(c: Convolution): i32 {
  return c.stride == 2 ? 5 : c.tile + c.kernel - 1;
}

/** Bytes from one point of V to the next. */
// @ts-ignore: decorator
@inline
function pointBytesOf(c: Convolution): usize {
  return TILES * c.stride * c.stride * c.inputPlace + POINT_GAP;
}

/** V of tile t: B'dB of all channels. */
function loadTile(
  c: Convolution,
  from: usize,
  fromRow: usize,
  square: usize,
  v: usize,
  t: i32,
  vectors: usize,
): void {
  const n = pointsAside(c);
  const pointBytes = pointBytesOf(c);
  const place = c.inputPlace;
  let to = v + (<usize>(t >> 2) * c.stride * c.stride * vectors << 6) + (<usize>(t & 3) << 4);
  for (let k: usize = 0; k < vectors; k++) {
    if (n == 5) loadPhases(from, fromRow, place, square, to, vectors << 6, pointBytes);
    else if (n == 6) loadTile6(from, fromRow, place, square, to, pointBytes);
    else loadTile8(from, fromRow, place, square, to, pointBytes);
    from += 16;
    to += 64;
  }
}

/** Tiles a batch, so that the last batch is no short one: every batch reads all weights. */
function batchSize(
  c: Convolution,
  list: usize,
  count: i32,
  unitX: i32,
  unitY: i32,
  blockWidth: i32,
  blockHeight: i32,
): i32 {
  let tiles = 0;
  for (const end = list + (<usize>count << 3); list < end; list += 8) {
    const width = min(blockWidth, c.width - load<i32>(list, 0) * unitX);
    const height = min(blockHeight, c.height - load<i32>(list, 4) * unitY);
    tiles += ((width + c.tile - 1) / c.tile) * ((height + c.tile - 1) / c.tile);
  }
  const batches = (tiles + TILES - 1) / TILES;
  return batches == 0 ? TILES : ((tiles + batches - 1) / batches + 3) & ~3;
}

/** The products of the batch's tiles and their outputs. */
function runBatch(c: Convolution, tiles: usize, filled: i32): void {
  const n = pointsAside(c);
  const vectors = c.inputPlace >> 4;
  const phases = c.stride * c.stride;
  const square = tiles + TILES * TILE_ENTRY;
  const m = square + SQUARE_BYTES;
  const v = m + TILES * productsOf(n * n);
  const pointBytes = pointBytesOf(c);
  const productBytes = productsOf(n * n);

  let u = c.weights;
  const slices = (c.vectors + 1) >> 1;
  for (let slice = 0; slice < slices; slice++) {
    const groups = (filled + 3) >> 2;
    let at = v;
    let to = m;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const some = n == 5 ? (i > 0 ? 2 : 1) * (j > 0 ? 2 : 1) : 1;
        multiply(at, u, to, productBytes, groups, some * vectors, phases * vectors << 6);
        u += some * vectors << 7;
        at += pointBytes;
        to += PRODUCT_BYTES;
      }
    }
    const halves = min(2, c.vectors - 2 * slice);
    for (let t = 0; t < filled; t++) {
      const tile = entryOf(tiles, t);
      for (let half = 0; half < halves; half++) {
        const from = m + t * productBytes + (<usize>half << 4);
        storeTile(c, tile, <usize>(2 * slice + half) << 4, from, square, n);
      }
    }
  }
}

/** V of one tile and 4 channels: B'dB. */
export function loadTile6(from: usize, row: usize, place: usize, square: usize, to: usize, pointBytes: usize): void {
  const end = square + 96;
  for (let s = square; s < end; s += 16) {
    input6(from, row, s, 96);
    from += place;
  }
  for (let s = square; s < square + 6 * 96; s += 96) {
    input6(s, 16, to, pointBytes);
    to += 6 * pointBytes;
  }
}

function loadTile8(from: usize, row: usize, place: usize, square: usize, to: usize, pointBytes: usize): void {
  const end = square + 128;
  for (let s = square; s < end; s += 16) {
    input8(from, row, s, 128);
    from += place;
  }
  for (let s = square; s < square + 8 * 128; s += 128) {
    input8(s, 16, to, pointBytes);
    to += 8 * pointBytes;
  }
}

/** At stride 2: odd and even rows, then odd and even columns, each by the points that it has. */
function loadPhases(
  from: usize,
  row: usize,
  place: usize,
  square: usize,
  to: usize,
  phaseBytes: usize,
  pointBytes: usize,
): void {
  const even = square + 5 * 144;
  const end = square + 144;
  for (let s = square; s < end; s += 16) {
    odd5(from, 2 * row, s, s + 144, 144);
    even4(from + row, 2 * row, s + 5 * 144, 144);
    from += place;
  }
  for (let s = square; s < even; s += 144) {
    odd5(s, 32, to, to + pointBytes, pointBytes);
    even4(s + 16, 32, to + pointBytes + phaseBytes, pointBytes);
    to += 5 * pointBytes;
  }
  to -= 20 * pointBytes;
  for (let s = even; s < even + 4 * 144; s += 144) {
    odd5(s, 32, to + phaseBytes, to + pointBytes + 2 * phaseBytes, pointBytes);
    even4(s + 16, 32, to + pointBytes + 3 * phaseBytes, pointBytes);
    to += 5 * pointBytes;
  }
}

// @ts-ignore: decorator
@inline
function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(c, f32x4.mul(a, b));
}

/** M = V U at one point for one slice of 8 outputs: 4 tiles x 8 outputs in registers. */
export function multiply(
  v: usize,
  u: usize,
  m: usize,
  productBytes: usize,
  groups: i32,
  vectors: usize,
  groupBytes: usize,
): void {
  const laneBytes = vectors << 5;
    let group = v;
    let to = m;
    for (let g = 0; g < groups; g++) {
      let a0 = f32x4.splat(0);
      let b0 = a0;
      let a1 = a0;
      let b1 = a0;
      let a2 = a0;
      let b2 = a0;
      let a3 = a0;
      let b3 = a0;
      let w = u;
      for (let lane = group; lane < group + 16; lane += 4) {
        let at = lane;
        const end = w + laneBytes;
        do {
          const x = v128.load(w);
          const y = v128.load(w, 16);
          let s = v128.load32_splat(at);
          a0 = madd(s, x, a0);
          b0 = madd(s, y, b0);
          s = v128.load32_splat(at, 16);
          a1 = madd(s, x, a1);
          b1 = madd(s, y, b1);
          s = v128.load32_splat(at, 32);
          a2 = madd(s, x, a2);
          b2 = madd(s, y, b2);
          s = v128.load32_splat(at, 48);
          a3 = madd(s, x, a3);
          b3 = madd(s, y, b3);
          w += 32;
          at += 64;
        } while (w < end);
      }
      v128.store(to, a0);
      v128.store(to, b0, 16);
      to += productBytes;
      v128.store(to, a1);
      v128.store(to, b1, 16);
      to += productBytes;
      v128.store(to, a2);
      v128.store(to, b2, 16);
      to += productBytes;
      v128.store(to, a3);
      v128.store(to, b3, 16);
      to += productBytes;
      group += groupBytes;
    }
}

/** One tile's 4 channels of M to outputs: A'MA, bias, residual, activation. */
function storeTile(c: Convolution, tile: usize, channel: usize, m: usize, square: usize, n: i32): void {
  if (n == 5) storeOf(c, tile, channel, m, square, 5, 4, false);
  else if (n == 6) {
    if (c.residual) storeOf(c, tile, channel, m, square, 6, 4, true);
    else storeOf(c, tile, channel, m, square, 6, 4, false);
  } else if (c.tile == 4) {
    if (c.residual) storeOf(c, tile, channel, m, square, 8, 4, true);
    else storeOf(c, tile, channel, m, square, 8, 4, false);
  } else if (c.residual) storeOf(c, tile, channel, m, square, 8, 6, true);
  else storeOf(c, tile, channel, m, square, 8, 6, false);
}

/** The same with n points, `side` places and whether there is a residual as constants. */
// @ts-ignore: decorator
@inline
function storeOf(
  c: Convolution,
  tile: usize,
  channel: usize,
  m: usize,
  square: usize,
  n: i32,
  side: i32,
  residual: bool,
): void {
  const end = square + (<usize>n << 4);
  const none = f32x4.splat(0);
  for (let s = square; s < end; s += 16, m += PRODUCT_BYTES) {
    outputs(m, n * PRODUCT_BYTES, s, 128, n, side, false, false, 0, 0, none, none);
  }
  const across = load<i32>(tile, ACROSS_AT);
  const down = load<i32>(tile, DOWN_AT);
  const firstAcross = load<i32>(tile, FIRST_ACROSS_AT);
  const firstDown = load<i32>(tile, FIRST_DOWN_AT);
  const bias = v128.load(c.bias + channel);
  const floor = f32x4.splat(c.relu ? 0 : -Infinity);
  const place = c.outputPlace;
  const ownPlace = c.inputPlace;
  const row = square + ROW_AT;
  let outRow = channel;
  let ownRow = channel;
  for (let y = 0; y < down; y++) {
    const from = square + (<usize>y << 7);
    const addresses = tile + (y < firstDown ? 0 : 8);
    const left = load<usize>(addresses) + outRow;
    const own = residual ? load<usize>(addresses, OWN_AT) + ownRow : 0;
    if (across == side && firstAcross >= side) {
      // The whole row lies in one block, as nearly always.
      outputs(from, 16, left, place, n, side, true, residual, own, ownPlace, bias, floor);
    } else {
      outputs(from, 16, row, 16, n, side, false, false, 0, 0, none, none);
      const right = load<usize>(addresses, 4) + outRow;
      const ownRight = residual ? load<usize>(addresses, OWN_AT + 4) + ownRow : 0;
      for (let x = 0; x < across; x++) {
        const at = row + (<usize>x << 4);
        const first = x < firstAcross;
        if (residual) v128.store(at, f32x4.add(v128.load(at), v128.load((first ? own : ownRight) + x * ownPlace)));
        finish((first ? left : right) + x * place, at, bias, floor);
      }
    }
    outRow += c.outputRow;
    ownRow += c.inputRow;
  }
}

/** One row or column of A'MA. */
// @ts-ignore: decorator
@inline
function outputs(
  from: usize,
  step: usize,
  to: usize,
  toStep: usize,
  n: i32,
  side: i32,
  last: bool,
  residual: bool,
  own: usize,
  ownStep: usize,
  bias: v128,
  floor: v128,
): void {
  if (n == 5) output5to4(from, step, to, toStep, last, residual, own, ownStep, bias, floor);
  else if (n == 6) output6to4(from, step, to, toStep, last, residual, own, ownStep, bias, floor);
  else if (side == 4) output8to4(from, step, to, toStep, last, residual, own, ownStep, bias, floor);
  else output8to6(from, step, to, toStep, last, residual, own, ownStep, bias, floor);
}

// @ts-ignore: decorator
@inline
export function finish(to: usize, from: usize, bias: v128, floor: v128): void {
  v128.store(to, f32x4.pmax(f32x4.add(v128.load(from), bias), floor));
}

