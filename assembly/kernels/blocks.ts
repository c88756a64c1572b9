/** What is done a block, besides convolving: clearing, the join's own channels, gathering cells. */

/** Zeroes the places of the blocks listed ((column, row) pairs of i32). Channels: all of a place. */
export function clearBlocks(
  map: usize,
  mapRow: usize,
  place: usize,
  width: i32,
  height: i32,
  list: usize,
  count: i32,
  side: i32,
): void {
  for (let n = 0; n < count; n++) {
    const x0 = load<i32>(list, 0) * side;
    const y0 = load<i32>(list, 4) * side;
    list += 8;
    const bytes = <usize>(min(x0 + side, width) - x0) * place;
    const y1 = min(y0 + side, height);
    for (let y = y0; y < y1; y++) {
      memory.fill(map + <usize>y * mapRow + <usize>x0 * place, 0, bytes);
    }
  }
}

/**
 * Writes the features of the block and the coordinates beside the stem's outputs in every cell of the blocks listed.
 * @param join place (0, 0), at the first feature's channel; featureBytes of features, then 4 coordinates.
 * @param width @param height cells of the map; side: cells a block side.
 */
export function fillJoin(
  join: usize,
  joinRow: usize,
  place: usize,
  width: i32,
  height: i32,
  features: usize,
  featuresRow: usize,
  featureBytes: usize,
  list: usize,
  count: i32,
  side: i32,
): void {
  const perWidth = 2.0 / <f64>width;
  const perHeight = 2.0 / <f64>height;
  const perSide = 2.0 / <f64>side;
  for (let n = 0; n < count; n++) {
    const column = load<i32>(list, 0);
    const row = load<i32>(list, 4);
    list += 8;
    const source = features + <usize>row * featuresRow + <usize>column * featureBytes;
    const x0 = column * side;
    const y0 = row * side;
    const x1 = min(x0 + side, width);
    const y1 = min(y0 + side, height);
    for (let y = y0; y < y1; y++) {
      let at = join + <usize>y * joinRow + <usize>x0 * place;
      const down = <f32>((<f64>y + 0.5) * perHeight - 1.0);
      const inRow = <f32>((<f64>(y - y0) + 0.5) * perSide - 1.0);
      for (let x = x0; x < x1; x++) {
        for (let c: usize = 0; c < featureBytes; c += 16) v128.store(at + c, v128.load(source + c));
        const end = at + featureBytes;
        store<f32>(end, down);
        store<f32>(end, <f32>Math.abs((<f64>x + 0.5) * perWidth - 1.0), 4);
        store<f32>(end, <f32>((<f64>(x - x0) + 0.5) * perSide - 1.0), 8);
        store<f32>(end, inRow, 12);
        at += place;
      }
    }
  }
}

/**
 * Copies the head's places of each block listed to cells [count, side, side, channels], unpadded; cells over the
 * map's edge become zero.
 */
export function gatherCells(
  head: usize,
  headRow: usize,
  place: usize,
  width: i32,
  height: i32,
  channels: i32,
  list: usize,
  count: i32,
  side: i32,
  cells: usize,
): void {
  const bytes = <usize>channels << 2;
  for (let n = 0; n < count; n++) {
    const x0 = load<i32>(list, 0) * side;
    const y0 = load<i32>(list, 4) * side;
    list += 8;
    for (let y = y0; y < y0 + side; y++) {
      for (let x = x0; x < x0 + side; x++) {
        if (x < width && y < height) {
          memory.copy(cells, head + <usize>y * headRow + <usize>x * place, bytes);
        } else {
          memory.fill(cells, 0, bytes);
        }
        cells += bytes;
      }
    }
  }
}
