/**
 * What is known of a layer beyond its weights: how its errors reach the output.
 *
 * How to use it (compression in the training loop, models for a given size):
 *
 *     import { encodeTensorsDetailed } from '../../src/codec/encode-tensors.ts';
 *     const { bytes, decoded, bits } = encodeTensorsDetailed(tensors, {
 *       rateLambda,              // distortion that a bit is worth
 *       trellis: true,           // 8-state trellis-coded quantisation: about 0.15 bits a weight less
 *       calibration: {
 *         'd3.w': { moments, outputWeights },  // error feedback (GPTQ) against E[x x^T] of the layer's inputs
 *         'd4.w': { importance },              // or a curvature for each weight (Fisher, Adam's second moment)
 *       },
 *     });
 *
 * minimises, over all tensors together,
 *
 *     sum of distortions + rateLambda * bits
 *
 * - with `moments` M [columns][columns] the distortion is sensitivity * sum over outputs o of
 *   outputWeights[o] * e_o^T M e_o, where e_o is the error of output o's weights. With M = sum over samples of
 *   x x^T / samples and outputWeights = E[(dL/dy_o)^2] / 2 that is the expected rise of the loss, in nats;
 * - with `importance` h it is sensitivity * sum of h_i e_i^2 (h = half the second derivative: Optimal Brain Damage);
 * - with neither it is sensitivity * elements * sum e^2 / sum w^2: the weights' own relative error. Mixing calibrated
 *   and uncalibrated tensors only makes sense where `sensitivity` brings them to one scale.
 *
 * `outputError` finds the price at which the sum of distortions, or a measured error, is as wanted. For networks whose
 * output error was measured by disturbing one layer after the other, `outputSensitivity` makes the calibration.
 *
 * Tensors with a calibration are coded whatever their rank (biases else stay in half precision). `steps` fixes steps by
 * name; with rateLambda the bits are weighed in at that step, without it every weight goes to the nearest level, so
 * weights that are multiples of their step come back exactly. Exact zeros of pruned weights stay zeros in every mode
 * but where moments feed errors into them.
 */
export interface Calibration {
  /** Second moments of the inputs [columns][columns], row-major; columns are all axes but the output's, row-major. */
  readonly moments?: ArrayLike<number>;
  /** What a squared error of each output counts [outputs]. Used with moments only; default 1. */
  readonly outputWeights?: Float32Array;
  /** What a squared error of each weight counts, in the tensor's shape. Ignored where moments are given. */
  readonly importance?: Float32Array;
  /** Factor of the distortion; default 1. */
  readonly sensitivity?: number;
  /** Which axis are the outputs; default the last, as in (height, width, inputs, outputs). */
  readonly outputAxis?: 'first' | 'last';
}

/**
 * A calibration from a measurement: noise on a tensor's weights, of squared sum n, raised the mean squared error of the
 * network's output by s * n. With it the distortion of the tensor is s times the squared sum of its errors.
 * @param sensitivity s, above 0
 */
export function outputSensitivity(data: Float32Array, sensitivity: number): Calibration {
  let energy = 0;
  for (const value of data) energy += value * value;
  return { sensitivity: energy > 0 ? (sensitivity * energy) / data.length : sensitivity };
}
