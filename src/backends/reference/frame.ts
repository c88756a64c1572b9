/** From RGBA bytes to the two networks' inputs, as src/network/spec.ts fixes them. */
import { responseTable } from '../../network/response.ts';
import { FRAME_CHANNELS, type NetworkSpec } from '../../network/spec.ts';
import type { PixelFrame } from '../backend.ts';
import { type Tensor, zeros } from './tensor.ts';

/** R, G, B by the spec's response and y in [-1, 1] (`2 * (row + 0.5) / H - 1`): [H, W, 4]. */
export function frameTensor(spec: NetworkSpec, frame: PixelFrame): Tensor {
  const response = responseTable(spec);
  const { width, height } = frame;
  const tensor = zeros(height, width, FRAME_CHANNELS);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * 4;
      for (let c = 0; c < 3; c++) tensor.data[at + c] = response[frame.data[at + c]];
      tensor.data[at + 3] = (2 * (row + 0.5)) / height - 1;
    }
  }
  return tensor;
}

/** Means of factor x factor boxes; boxes over the edge average the places there are. */
export function boxAverage(input: Tensor, factor: number): Tensor {
  const { channels } = input;
  const output = zeros(Math.ceil(input.height / factor), Math.ceil(input.width / factor), channels);
  for (let row = 0; row < output.height; row++) {
    for (let column = 0; column < output.width; column++) {
      const bottom = Math.min(input.height, (row + 1) * factor);
      const right = Math.min(input.width, (column + 1) * factor);
      const count = (bottom - row * factor) * (right - column * factor);
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let y = row * factor; y < bottom; y++) {
          for (let x = column * factor; x < right; x++)
            sum += input.data[(y * input.width + x) * channels + c];
        }
        output.data[(row * output.width + column) * channels + c] = sum / count;
      }
    }
  }
  return output;
}
