/**
 * The weights of a network with genes as training holds them: the plain network's, kernels beneath the genes included,
 * and the dictionaries. And from there to what a model holds, and back. Networks without genes are left as they are.
 */
import { geneLayers, patternsOf, plainModel, plainNetwork } from '../../src/network/genes.ts';
import {
  dictionaryShapes,
  type Model,
  type NetworkSpec,
  type WeightShape,
  type Weights,
  weightShapes,
} from '../../src/network/spec.ts';
import { chooseGenes, forgetUnsaid } from '../ops/gene-choice.ts';
import { normal, type Random } from '../random.ts';

/** Names and shapes of all that is trained: dictionaries first. */
export function trainedShapes(spec: NetworkSpec): WeightShape[] {
  return [...(spec.dictionaries ?? []).flatMap(dictionaryShapes), ...weightShapes(plainNetwork(spec))];
}

/** What a model holds of trained weights: the genes nearest to the kernels. */
export function storedWeights(spec: NetworkSpec, trained: Weights): Weights {
  if (spec.dictionaries === undefined) return trained;
  const all = new Map(trained);
  for (const { layer, dictionary } of geneLayers(spec)) {
    const patterns = patternsOf(dictionary, trained);
    const { index, gain } = chooseGenes(trained.get(`${layer.name}.w`)!, patterns, layer.kernel ** 2);
    all.set(`${layer.name}.index`, index);
    all.set(`${layer.name}.gain`, gain);
  }
  return new Map(weightShapes(spec).map(({ name }) => [name, all.get(name)!]));
}

/** After a step of the optimiser: kernels forget a little of what their genes do not say. @param weightOf in place */
export function settleGenes(spec: NetworkSpec, weightOf: (name: string) => Float32Array): void {
  for (const { layer, dictionary } of geneLayers(spec)) {
    const stored = new Map(dictionaryShapes(dictionary).map(({ name }) => [name, weightOf(name)]));
    const patterns = patternsOf(dictionary, stored);
    const kernels = weightOf(`${layer.name}.w`);
    forgetUnsaid(kernels, patterns, chooseGenes(kernels, patterns, layer.kernel ** 2));
  }
}

/** What training holds of a model's weights: the kernels that its genes expand to. */
export function trainedWeights(spec: NetworkSpec, weights: Weights): Weights {
  if (spec.dictionaries === undefined) return weights;
  const model: Model = { network: spec, weights, scoreThresholds: {}, gateThreshold: 0, card: {} };
  return plainModel(model).weights;
}

/** About that of kernels, so that an optimiser that steps by sign moves both alike. */
export const FIRST_TAPS = 0.2;

/**
 * First dictionaries: small taps, no fall of density, local and long-range patterns equally strong. The
 * kernels beneath become what their genes can say, at the size that they had.
 */
export function initializeGenes(spec: NetworkSpec, weights: Map<string, Float32Array>, random: Random): void {
  for (const { name, shape } of (spec.dictionaries ?? []).flatMap(dictionaryShapes)) {
    const length = shape.reduce((product, n) => product * n, 1);
    const density = shape.length === 1;
    weights.set(
      name,
      Float32Array.from({ length }, () => (density ? 0 : FIRST_TAPS * normal(random))),
    );
  }
  if (spec.dictionaries === undefined) return;
  const said = trainedWeights(spec, storedWeights(spec, weights));
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, w) => sum + w * w, 0));
  for (const { layer } of geneLayers(spec)) {
    const name = `${layer.name}.w`;
    const kernels = said.get(name)!;
    const scale = norm(weights.get(name)!) / norm(kernels);
    weights.set(
      name,
      kernels.map((w) => w * scale),
    );
  }
}
