/** The head's output as it comes from the GPU, [blocks, n, n, padded channels], in the forms that callers read. */
import type { Size } from '../../network/geometry.ts';

/** Drops the padding: [blocks, n, n, channels]. @param pitch vec4s of a cell. */
export function unpadCells(cells: Float32Array, pitch: number, channels: number): Float32Array {
  const width = 4 * pitch;
  if (width === channels) return cells;
  const places = cells.length / width;
  const data = new Float32Array(places * channels);
  for (let place = 0; place < places; place++) {
    data.set(cells.subarray(place * width, place * width + channels), place * channels);
  }
  return data;
}

/** Cells of the blocks listed, as a map [height, width, channels] that is zero elsewhere. */
export function scatterCells(
  cells: Float32Array,
  blocks: Uint32Array,
  columns: number,
  side: number,
  map: Size,
  channels: number,
): Float32Array {
  const data = new Float32Array(map.width * map.height * channels);
  blocks.forEach((block, index) => {
    const left = (block % columns) * side;
    const top = Math.floor(block / columns) * side;
    const run = Math.min(side, map.width - left) * channels;
    for (let j = 0; j < side && top + j < map.height; j++) {
      const from = (index * side + j) * side * channels;
      data.set(cells.subarray(from, from + run), ((top + j) * map.width + left) * channels);
    }
  });
  return data;
}
