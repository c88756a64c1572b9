/**
 * Layers whose kernels come from a dictionary: each pair of channels names a pattern and scales it,
 *
 *     kernel[y, x, i, o] = gain[i, o] * pattern[y, x, index[i, o]]
 *
 * A pattern is what the dictionary stores times the density of connections at its distance from the kernel's centre,
 * a code of two numbers for the whole dictionary (`<name>.density`: fall, share), trained like the taps:
 *
 *     local patterns: exp(-fall * distance)        long-range ones: exp(share - fall * distance)
 *
 * Every executor runs the plain network that `plainModel` makes of it, so genes cost them nothing. A plain convolution
 * is the case of a pattern for every pair, with gain 1. Pure.
 */
import { SaccadeNetError } from '../errors/errors.ts';
import {
  type ConvLayer,
  type DictionarySpec,
  type Model,
  type NetworkSpec,
  networkLayers,
  type Weights,
} from './spec.ts';

/** A layer with genes and what it reads. */
export interface GeneLayer {
  readonly layer: Pick<ConvLayer, 'name' | 'kernel' | 'inputs' | 'outputs'>;
  readonly dictionary: DictionarySpec;
}

/** All layers with genes, in execution order. @throws SaccadeNetError MODEL_FORMAT where there is no such dictionary */
export function geneLayers(spec: NetworkSpec): GeneLayer[] {
  return networkLayers(spec).flatMap((layer) => {
    if (layer.genes === undefined) return [];
    const dictionary = spec.dictionaries?.find(({ name }) => name === layer.genes);
    if (dictionary !== undefined) return [{ layer, dictionary }];
    throw new SaccadeNetError(
      'MODEL_FORMAT',
      `Layer "${layer.name}" takes its kernels from dictionary "${layer.genes}", which the network lacks.`,
      { details: { layer: layer.name, genes: layer.genes } },
    );
  });
}

/** Tap k of a kernel of side `reach` lies so far from its centre, in places. */
export function tapDistance(reach: number, k: number): number {
  const centre = (reach - 1) / 2;
  return Math.hypot(Math.floor(k / reach) - centre, (k % reach) - centre);
}

/** Where the taps of a local pattern lie among those of a kernel of side `reach`: 9 indices. */
export function localTaps(reach: number): number[] {
  const before = (reach - 3) / 2;
  return Array.from({ length: 9 }, (_, k) => (Math.floor(k / 3) + before) * reach + (k % 3) + before);
}

/** How strong connections are: [reach * reach] of local patterns, then of long-range ones. */
export function densities({ name, reach }: DictionarySpec, weights: Weights): [Float64Array, Float64Array] {
  const [fall, share] = weights.get(`${name}.density`)!;
  const local = Float64Array.from({ length: reach * reach }, (_, k) =>
    Math.exp(-fall * tapDistance(reach, k)),
  );
  return [local, local.map((density) => Math.exp(share) * density)];
}

/** The patterns of a dictionary, [patterns, reach * reach]. */
export function patternsOf(dictionary: DictionarySpec, weights: Weights): Float64Array {
  const { name, reach, local, long } = dictionary;
  const taps = reach * reach;
  const [near, far] = densities(dictionary, weights);
  const patterns = new Float64Array((local + long) * taps);
  const places = localTaps(reach);
  for (let p = 0; p < local; p++) {
    const stored = weights.get(`${name}.local`)!;
    places.forEach((k, i) => {
      patterns[p * taps + k] = near[k] * stored[i * local + p];
    });
  }
  for (let p = 0; p < long; p++) {
    const stored = weights.get(`${name}.long`)!;
    for (let k = 0; k < taps; k++) patterns[(local + p) * taps + k] = far[k] * stored[k * long + p];
  }
  return patterns;
}

/**
 * The kernels of a layer, [taps, pairs] in the order of HWIO.
 * @param index pattern of each pair, from 1; 0 gives zeros
 */
export function expandKernels(
  patterns: Float64Array,
  taps: number,
  index: ArrayLike<number>,
  gain: ArrayLike<number>,
): Float32Array {
  const pairs = index.length;
  const kernels = new Float32Array(taps * pairs);
  for (let pair = 0; pair < pairs; pair++) {
    if (index[pair] === 0) continue;
    const from = (index[pair] - 1) * taps;
    for (let k = 0; k < taps; k++) kernels[k * pairs + pair] = gain[pair] * patterns[from + k];
  }
  return kernels;
}

/** @throws SaccadeNetError MODEL_FORMAT where an index names no pattern of the dictionary */
export function checkIndices({ layer, dictionary }: GeneLayer, index: ArrayLike<number>): void {
  const patterns = dictionary.local + dictionary.long;
  for (let pair = 0; pair < index.length; pair++) {
    const wanted = index[pair];
    if (Number.isInteger(wanted) && wanted >= 0 && wanted <= patterns) continue;
    throw new SaccadeNetError(
      'MODEL_FORMAT',
      `Layer "${layer.name}" names pattern ${wanted} of dictionary "${dictionary.name}", which has 1 to ${patterns}; use a model made for this network.`,
      { details: { layer: layer.name, pair, index: wanted, patterns } },
    );
  }
}

/** The network with plain convolutions in place of genes: what executors run. */
export function plainNetwork(spec: NetworkSpec): NetworkSpec {
  if (spec.dictionaries === undefined) return spec;
  const plain = ({ genes: _, ...layer }: ConvLayer): ConvLayer => layer;
  const { dictionaries: _, attention, detail, ...rest } = spec;
  return {
    ...rest,
    attention: {
      ...attention,
      layers: attention.layers.map(plain),
      gate: plain(attention.gate),
      features: plain(attention.features),
    },
    detail: { stem: detail.stem.map(plain), trunk: detail.trunk.map(plain), head: plain(detail.head) },
  };
}

/**
 * The model with plain convolutions in place of genes; a model without them is given back as it is.
 * @throws SaccadeNetError MODEL_FORMAT where an index names no pattern
 */
export function plainModel(model: Model): Model {
  const { network, weights } = model;
  if (network.dictionaries === undefined) return model;
  const plain = new Map(weights);
  const patterns = new Map(network.dictionaries.map((one) => [one.name, patternsOf(one, weights)]));
  for (const one of geneLayers(network)) {
    const { name, kernel } = one.layer;
    const index = weights.get(`${name}.index`)!;
    checkIndices(one, index);
    const gain = weights.get(`${name}.gain`)!;
    const kernels = expandKernels(patterns.get(one.dictionary.name)!, kernel * kernel, index, gain);
    if (!kernels.every(Number.isFinite)) {
      throw new SaccadeNetError(
        'MODEL_FORMAT',
        `The kernels of layer "${name}" are not finite; use another model.`,
      );
    }
    plain.set(`${name}.w`, kernels);
    for (const part of ['index', 'gain']) plain.delete(`${name}.${part}`);
  }
  return { ...model, network: plainNetwork(network), weights: plain };
}
