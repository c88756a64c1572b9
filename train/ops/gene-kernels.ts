/**
 * The kernels of a layer with genes as a differentiable tfjs op: chosen and expanded on the host by the very code that
 * executors expand with, since a dictionary is small. For backends whose tensors can be read at once (wasm, cpu).
 */
import * as tf from '@tensorflow/tfjs-core';
import { expandKernels, patternsOf } from '../../src/network/genes.ts';
import { type DictionarySpec, dictionaryShapes } from '../../src/network/spec.ts';
import { chooseGenes, dictionaryGradients, geneGradients } from './gene-choice.ts';

/**
 * @param kernels plain kernels beneath the genes, [reach, reach, inputs, outputs]
 * @param tensorOf a tensor of the dictionary by its name
 */
export function geneKernels(
  kernels: tf.Tensor4D,
  dictionary: DictionarySpec,
  tensorOf: (name: string) => tf.Tensor,
): tf.Tensor4D {
  const taps = dictionary.reach ** 2;
  const names = dictionaryShapes(dictionary).map(({ name }) => name);
  const op = tf.customGrad((...args: unknown[]) => {
    const tensors = args.slice(0, -1) as tf.Tensor[];
    // Copies: the backend's memory moves when it grows.
    const [fine, ...stored] = tensors.map((tensor) => Float32Array.from(tensor.dataSync()));
    const weights = new Map(names.map((name, i) => [name, stored[i]]));
    const patterns = patternsOf(dictionary, weights);
    const genes = chooseGenes(fine, patterns, taps);
    return {
      value: tf.tensor(expandKernels(patterns, taps, genes.index, genes.gain), kernels.shape),
      gradFunc: (dy: tf.Tensor) => {
        const gradients = geneGradients(fine, patterns, taps, genes, dy.dataSync());
        const byName = dictionaryGradients(dictionary, weights, patterns, gradients.patterns);
        return tensors.map((tensor, i) =>
          tf.tensor(i === 0 ? gradients.kernels : byName.get(names[i - 1])!, tensor.shape),
        );
      },
    };
  });
  return op(kernels, ...names.map(tensorOf)) as tf.Tensor4D;
}
