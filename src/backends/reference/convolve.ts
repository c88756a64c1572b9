/**
 * One convolution, written as the spec says it. Sums are float64, results float32: this is the oracle.
 * Letters: k kernel place, i input channel, o output channel.
 */
import type { ConvLayer, Weights } from '../../network/spec.ts';
import { type Tensor, zeros } from './tensor.ts';

/** One set of weights of a layer: w [kernel, kernel, inputs, outputs], b [outputs]. */
export interface Branch {
  readonly kernel: number;
  readonly w: Float32Array;
  readonly b: Float32Array;
}

/** The layer's own kernel, or its 5x5 branch where `five` and it has one. */
export function branchOf(layer: ConvLayer, weights: Weights, five: boolean): Branch {
  const branched = five && layer.fiveByFive === true;
  const name = branched ? `${layer.name}.five` : layer.name;
  return {
    kernel: branched ? 5 : layer.kernel,
    w: weights.get(`${name}.w`)!,
    b: weights.get(`${name}.b`)!,
  };
}

/**
 * Output place (row, column) is computed with the branch that `branchAt` names, and stays zero where it names none.
 * @returns the output [ceil(H/stride), ceil(W/stride), outputs] and the MACs of the places computed.
 */
export function convolve(
  input: Tensor,
  layer: ConvLayer,
  branchAt: (row: number, column: number) => Branch | null,
): { output: Tensor; macs: number } {
  const { stride, inputs, outputs } = layer;
  const output = zeros(Math.ceil(input.height / stride), Math.ceil(input.width / stride), outputs);
  const sums = new Float64Array(outputs);
  let macs = 0;
  for (let row = 0; row < output.height; row++) {
    for (let column = 0; column < output.width; column++) {
      const branch = branchAt(row, column);
      if (branch === null) continue;
      const { kernel, w, b } = branch;
      const pad = (kernel - 1) / 2;
      sums.set(b);
      for (let ky = 0; ky < kernel; ky++) {
        const y = row * stride + ky - pad;
        if (y < 0 || y >= input.height) continue;
        for (let kx = 0; kx < kernel; kx++) {
          const x = column * stride + kx - pad;
          if (x < 0 || x >= input.width) continue;
          for (let i = 0; i < inputs; i++) {
            const value = input.data[(y * input.width + x) * inputs + i];
            const wAt = ((ky * kernel + kx) * inputs + i) * outputs;
            for (let o = 0; o < outputs; o++) sums[o] += value * w[wAt + o];
          }
        }
      }
      const at = (row * output.width + column) * outputs;
      for (let o = 0; o < outputs; o++) {
        const sum = layer.residual ? sums[o] + input.data[at + o] : sums[o];
        output.data[at + o] = layer.activation === 'relu' ? Math.max(0, sum) : sum;
      }
      macs += kernel * kernel * inputs * outputs;
    }
  }
  return { output, macs };
}
