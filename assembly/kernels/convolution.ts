/**
 * A convolution ready to run. Written by src/backends/wasm/plan.ts, field by field in this order, 4 bytes each.
 *
 * Maps lie in one of two ways. Whole: row-major with a border of zeros. In slots: only the blocks attended, each
 * side x side places in a slot of its own, one after the other in the order of the list of all; what a slot has no
 * place for (skipped blocks, beyond the map's edge) is read as zero and kept nowhere.
 */
@unmanaged
export class Convolution {
  /** Address of place (0, 0) of a whole map, of slot 0 else. Rows and places are bytes apart, rows within their slot. */
  input: usize;
  inputRow: usize;
  inputPlace: usize;
  output: usize;
  outputRow: usize;
  outputPlace: usize;
  weights: usize;
  bias: usize;
  kernel: i32;
  stride: i32;
  /** Output places a tile side, for `convolveTiles`: 4, or 6 for 3x3 kernels. */
  tile: i32;
  /** Padded outputs / 4. */
  vectors: i32;
  relu: i32;
  residual: i32;
  /** Size of the output map in places. */
  width: i32;
  height: i32;
  /** Size of the input map in places. */
  inputWidth: i32;
  inputHeight: i32;
  /** Input places a block side, where the maps lie in slots; 0: whole maps. */
  inputSide: i32;
  /** Slot of block (0, 0) as i32, -1 for none; a ring of -1 lies around the grid. Rows are slotsRow bytes apart. */
  slots: usize;
  slotsRow: usize;
  /** As many zeros as a block has bytes: what is read for a block without a slot. Never written. */
  zeros: usize;
}
