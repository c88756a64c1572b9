/** What is done a block, besides convolving: the join's own channels, gathering cells. Maps lie in slots. */

/**
 * Writes the features of the block and the coordinates beside the stem's outputs in every cell of the blocks listed.
 * @param join slot 0, at the first feature's channel; featureBytes of features, then 4 coordinates.
 * @param width @param height cells of the map; side: cells a block side.
 * @param list all attended blocks, in the order of their slots.
 */
export function fillJoin(
  join: usize,
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
    for (let j = 0; j < side; j++) {
      const down = <f32>((<f64>(row * side + j) + 0.5) * perHeight - 1.0);
      const inRow = <f32>((<f64>j + 0.5) * perSide - 1.0);
      for (let i = 0; i < side; i++) {
        for (let c: usize = 0; c < featureBytes; c += 16) v128.store(join + c, v128.load(source + c));
        const end = join + featureBytes;
        store<f32>(end, down);
        store<f32>(end, <f32>Math.abs((<f64>(column * side + i) + 0.5) * perWidth - 1.0), 4);
        store<f32>(end, <f32>((<f64>i + 0.5) * perSide - 1.0), 8);
        store<f32>(end, inRow, 12);
        join += place;
      }
    }
  }
}

/**
 * Copies the head's slots to cells [count, side, side, channels], unpadded; cells over the map's edge become zero.
 * @param list all attended blocks, in the order of their slots.
 */
export function gatherCells(
  head: usize,
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
    const x = load<i32>(list, 0) * side;
    const y = load<i32>(list, 4) * side;
    list += 8;
    for (let j = 0; j < side; j++) {
      for (let i = 0; i < side; i++) {
        if (x + i < width && y + j < height) {
          for (let c: usize = 0; c < bytes; c += 4) store<f32>(cells + c, load<f32>(head + c));
        } else {
          memory.fill(cells, 0, bytes);
        }
        head += place;
        cells += bytes;
      }
    }
  }
}
