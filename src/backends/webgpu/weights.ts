/**
 * A layer's weights as conv.wgsl reads them: [kernel, kernel, padded inputs, padded outputs], then the bias
 * [padded outputs]; what is padding is zero.
 *
 * A residual layer gets 1 added to the weight of its own channel at the kernel's centre, which is the same
 * function (x + conv(x)) at no cost; the rounding of w + 1 costs at most 2^-24 |x|.
 */
import type { Weights } from '../../network/spec.ts';
import { type ConvStep, padded, pitchOf, vec4s } from './plan.ts';

/** Packs the weights and bias of one step; the weights are as checkWeights demands. */
export function packWeights(step: ConvStep, weights: Weights): Float32Array<ArrayBuffer> {
  const { kernel, layer } = step;
  const kernels = weights.get(`${step.weights}.w`)!;
  const bias = weights.get(`${step.weights}.b`)!;
  const positions = padded(step.source);
  const inputs = 4 * pitchOf(step.source);
  const outputs = 4 * vec4s(layer.outputs);
  const packed = new Float32Array(kernel * kernel * inputs * outputs + outputs);
  const centre = (kernel * kernel - 1) / 2;
  for (let tap = 0; tap < kernel * kernel; tap++) {
    for (let i = 0; i < layer.inputs; i++) {
      const from = (tap * layer.inputs + i) * layer.outputs;
      const to = (tap * inputs + positions[i]) * outputs;
      for (let o = 0; o < layer.outputs; o++) packed[to + o] = kernels[from + o];
      if (layer.residual && tap === centre) packed[to + i] += 1;
    }
  }
  packed.set(bias.subarray(0, layer.outputs), kernel * kernel * inputs * outputs);
  return packed;
}
