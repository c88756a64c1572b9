/** Written by src/backends/wasm/plan.ts, field by field in this order, 4 bytes each. */
@unmanaged
export class Convolution {
  /** Address of place (0, 0), inside the border. */
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
}
