/**
 * How kernels become genes, and gradients come back. Training holds plain kernels beneath the genes, as compression
 * holds fine weights beneath levels: each pair of channels takes the pattern that comes nearest to its kernel, and the
 * gain that does. Pure.
 *
 * Kernels are [taps, pairs] (HWIO), patterns [patterns, taps] (src/network/genes.ts).
 */
import { densities, localTaps, tapDistance } from '../../src/network/genes.ts';
import type { DictionarySpec, Weights } from '../../src/network/spec.ts';

export interface Genes {
  /** Pattern of each pair, from 1; 0 where the kernel is zero or no pattern is like it. */
  readonly index: Float32Array;
  readonly gain: Float32Array;
}

/** Squared length of every pattern. */
function energies(patterns: Float64Array, taps: number): Float64Array {
  const sums = new Float64Array(patterns.length / taps);
  for (let i = 0; i < patterns.length; i++) sums[Math.floor(i / taps)] += patterns[i] ** 2;
  return sums;
}

/** The nearest genes: they leave the least squared error. */
export function chooseGenes(kernels: Float32Array, patterns: Float64Array, taps: number): Genes {
  const pairs = kernels.length / taps;
  const energy = energies(patterns, taps);
  const index = new Float32Array(pairs);
  const gain = new Float32Array(pairs);
  const kernel = new Float64Array(taps);
  for (let pair = 0; pair < pairs; pair++) {
    for (let k = 0; k < taps; k++) kernel[k] = kernels[k * pairs + pair];
    let most = 0;
    for (let p = 0; p < energy.length; p++) {
      let product = 0;
      for (let k = 0; k < taps; k++) product += kernel[k] * patterns[p * taps + k];
      const explained = energy[p] > 0 ? product ** 2 / energy[p] : 0;
      if (explained <= most) continue;
      most = explained;
      index[pair] = p + 1;
      gain[pair] = product / energy[p];
    }
  }
  return { index, gain };
}

export interface GeneGradients {
  /** By the kernels beneath, [taps, pairs]. */
  readonly kernels: Float32Array;
  /** By the patterns, [patterns, taps]. */
  readonly patterns: Float64Array;
}

/**
 * Gradients of a loss whose gradient by the expanded kernels is given. By the patterns they are exact while no pair
 * changes its choice: the gain is the projection of the kernel on its pattern. By the kernels beneath they are
 * straight-through (Bengio and others 2013): what the expanded kernel should become, the kernel beneath it does, also
 * where its pattern cannot follow, until another pattern comes nearer.
 * @param through 0: exact by the kernels too
 */
export function geneGradients(
  kernels: Float32Array,
  patterns: Float64Array,
  taps: number,
  { index, gain }: Genes,
  gradient: ArrayLike<number>,
  through: 0 | 1 = 1,
): GeneGradients {
  const pairs = index.length;
  const energy = energies(patterns, taps);
  const byKernels = new Float32Array(kernels.length);
  const byPatterns = new Float64Array(patterns.length);
  if (through === 1) byKernels.set(gradient);
  for (let pair = 0; pair < pairs; pair++) {
    if (index[pair] === 0) continue;
    const from = (index[pair] - 1) * taps;
    let byGain = 0;
    for (let k = 0; k < taps; k++) byGain += gradient[k * pairs + pair] * patterns[from + k];
    byGain /= energy[index[pair] - 1];
    for (let k = 0; k < taps; k++) {
      const at = k * pairs + pair;
      const pattern = patterns[from + k];
      byPatterns[from + k] += gain[pair] * gradient[at] + byGain * (kernels[at] - 2 * gain[pair] * pattern);
      if (through === 0) byKernels[at] = byGain * pattern;
    }
  }
  return { kernels: byKernels, patterns: byPatterns };
}

/** Of what a kernel holds that its pattern cannot say, this share is forgotten a step. */
const FORGETTING = 0.01;

/**
 * Draws kernels to what their genes say, in place. What stays of the difference are the gradients of the last hundred
 * steps or so: without it they would pile up until some pattern is taken for what was wanted long ago.
 */
export function forgetUnsaid(kernels: Float32Array, patterns: Float64Array, { index, gain }: Genes): void {
  const pairs = index.length;
  const taps = kernels.length / pairs;
  for (let at = 0; at < kernels.length; at++) {
    const pair = at % pairs;
    const named = index[pair] > 0;
    const said = named ? gain[pair] * patterns[(index[pair] - 1) * taps + Math.floor(at / pairs)] : 0;
    kernels[at] += FORGETTING * (said - kernels[at]);
  }
}

/** From the gradient by the patterns, [patterns, taps], to that by a dictionary's tensors, by name. */
export function dictionaryGradients(
  dictionary: DictionarySpec,
  weights: Weights,
  patterns: Float64Array,
  gradient: Float64Array,
): Map<string, Float32Array> {
  const { name, reach, local, long } = dictionary;
  const taps = reach * reach;
  const [near, far] = densities(dictionary, weights);
  const density = new Float32Array(2);
  for (let i = 0; i < patterns.length; i++) {
    const change = gradient[i] * patterns[i];
    density[0] -= change * tapDistance(reach, i % taps);
    if (i >= local * taps) density[1] += change;
  }
  const found = new Map([[`${name}.density`, density]]);
  const places = localTaps(reach);
  if (local > 0) {
    const stored = new Float32Array(9 * local);
    stored.forEach((_, at) => {
      const k = places[Math.floor(at / local)];
      stored[at] = near[k] * gradient[(at % local) * taps + k];
    });
    found.set(`${name}.local`, stored);
  }
  if (long > 0) {
    const stored = new Float32Array(taps * long);
    stored.forEach((_, at) => {
      const k = Math.floor(at / long);
      stored[at] = far[k] * gradient[(local + (at % long)) * taps + k];
    });
    found.set(`${name}.long`, stored);
  }
  return found;
}
