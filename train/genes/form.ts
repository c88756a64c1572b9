/**
 * A net in two forms, trained and compressed alike: what is trained (fine), what a file holds of it (stored), and the
 * plain weights that are computed with. With genes, gains and dictionaries are stored instead of kernels; without, the
 * three are the same.
 */

import { decodeTensors } from '../../src/codec/decode-tensors.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import { packGenes, unpackGenes } from '../../src/codec/gene-tensors.ts';
import type { Tensor } from '../../src/codec/tensor.ts';
import { expandKernels, type GeneLayer, patternsOf } from '../../src/network/genes.ts';
import { type DictionarySpec, dictionaryShapes } from '../../src/network/spec.ts';
import { type CodedLayer, layerOf } from '../compress/layers.ts';
import { type Grid, onGrid } from '../compress/straight-through.ts';
import { type Architecture, parametersOf } from '../lenet/architecture.ts';
import { FIRST_TAPS } from '../loop/gene-weights.ts';
import {
  chooseGenes,
  dictionaryGradients,
  forgetUnsaid,
  type Genes,
  geneGradients,
} from '../ops/gene-choice.ts';
import { normal, seededRandom } from '../random.ts';

const letter = (i: number) => String.fromCharCode(97 + i);

interface Vector {
  readonly list: readonly CodedLayer[];
  readonly size: number;
}

function layOut(shapes: readonly { readonly name: string; readonly shape: readonly number[] }[]): Vector {
  let size = 0;
  const list = shapes.map(({ name, shape }) => {
    const own = shape.reduce((product, n) => product * n, 1);
    size += own;
    return { name, shape, offset: size - own, size: own };
  });
  return { list, size };
}

/** A gene layer's part of a pass. */
interface Chosen {
  readonly one: GeneLayer;
  readonly patterns: Float64Array;
  readonly genes: Genes;
}

export class Form {
  readonly #net: Architecture;
  readonly #genes: readonly GeneLayer[];
  readonly #dictionaries: readonly DictionarySpec[];
  /** Plain weights, then dictionaries. */
  readonly fine: Vector;
  readonly stored: Vector;
  #chosen: readonly Chosen[] = [];

  /** @param genes layers whose kernels are genes; none: the plain net */
  constructor(net: Architecture, genes: readonly GeneLayer[]) {
    this.#net = net;
    this.#genes = genes;
    this.#dictionaries = [...new Set(genes.map(({ dictionary }) => dictionary))];
    const dictionaries = this.#dictionaries.flatMap(dictionaryShapes);
    const plain = parametersOf(net).list;
    const byName = new Map(genes.map((one) => [one.layer.name, one.layer]));
    this.fine = layOut([...plain, ...dictionaries]);
    this.stored = layOut([
      ...plain.map(({ name, shape }) => {
        const layer = byName.get(name);
        return layer ? { name: `${name}.gain`, shape: [layer.inputs, layer.outputs] } : { name, shape };
      }),
      ...dictionaries,
    ]);
  }

  /** Tensors of a file that are quantised: all but the densities. */
  get coded(): CodedLayer[] {
    return this.stored.list.filter(({ name }) => !name.endsWith('.density'));
  }

  /** He normal kernels, biases and densities 0. */
  initial(seed: number): Float32Array {
    const random = seededRandom(seed);
    const fine = new Float32Array(this.fine.size);
    const taken = new Set(this.#dictionaries.flatMap(dictionaryShapes).map(({ name }) => name));
    for (const one of this.fine.list) {
      if (one.shape.length === 1) continue;
      const fanIn = one.size / one.shape[one.shape.length - 1];
      const deviation = taken.has(one.name) ? FIRST_TAPS : Math.sqrt(2 / fanIn);
      layerOf(fine, one).forEach((_, i, values) => {
        values[i] = normal(random) * deviation;
      });
    }
    // Kernels begin as what their genes can say, at the size that they had.
    this.store(fine);
    for (const { one, patterns, genes } of this.#chosen) {
      const kernels = this.#part(fine, one.layer.name);
      const said = expandKernels(patterns, one.layer.kernel ** 2, genes.index, genes.gain);
      const norm = (values: Float32Array) => Math.hypot(...values);
      const scale = norm(kernels) / norm(said);
      said.forEach((w, i) => {
        kernels[i] = w * scale;
      });
    }
    return fine;
  }

  #part(vector: Float32Array, name: string, { list } = this.fine): Float32Array {
    return layerOf(vector, list.find((one) => one.name === name)!);
  }

  #weights(vector: Float32Array, form: Vector): Map<string, Float32Array> {
    return new Map(form.list.map((one) => [one.name, layerOf(vector, one)]));
  }

  /** What a file holds of fine weights; genes are chosen anew, among the patterns of the grid where there is one. */
  store(fine: Float32Array, grid?: Grid): Float32Array {
    const stored = new Float32Array(this.stored.size);
    const all = this.#weights(fine, this.fine);
    for (const one of this.stored.list) if (all.has(one.name)) layerOf(stored, one).set(all.get(one.name)!);
    if (this.#genes.length === 0) return stored;
    const decoded = stored.slice();
    if (grid) onGrid(stored, grid, decoded);
    const weights = this.#weights(decoded, this.stored);
    this.#chosen = this.#genes.map((one) => {
      const patterns = patternsOf(one.dictionary, weights);
      const genes = chooseGenes(all.get(one.layer.name)!, patterns, one.layer.kernel ** 2);
      this.#part(stored, `${one.layer.name}.gain`, this.stored).set(genes.gain);
      return { one, patterns, genes };
    });
    return stored;
  }

  /** Plain weights from stored ones, with the genes that were chosen last. */
  expand(stored: Float32Array): Float32Array {
    const weights = this.#weights(stored, this.stored);
    const vector = new Float32Array(parametersOf(this.#net).size);
    for (const one of parametersOf(this.#net).list) {
      const chosen = this.#chosen.find(({ one: { layer } }) => layer.name === one.name);
      const own = chosen
        ? expandKernels(
            patternsOf(chosen.one.dictionary, weights),
            chosen.one.layer.kernel ** 2,
            chosen.genes.index,
            weights.get(`${one.name}.gain`)!,
          )
        : weights.get(one.name)!;
      layerOf(vector, one).set(own);
    }
    return vector;
  }

  /**
   * From the gradient by plain weights to that by fine and by stored ones. @param pull gradient of the rate by the size
   * of each stored value; added to that by fine ones
   */
  backward(
    fine: Float32Array,
    gradient: Float32Array,
    pull: Float32Array | undefined,
    out: { readonly fine: Float32Array; readonly stored: Float32Array },
  ): void {
    out.fine.fill(0);
    out.fine.set(gradient);
    const parts = new Map<string, Float32Array>();
    for (const { one, patterns, genes } of this.#chosen) {
      const { name, kernel } = one.layer;
      const taps = kernel ** 2;
      const pairs = genes.index.length;
      const kernels = this.#part(fine, name);
      const dy = this.#part(gradient, name);
      const found = geneGradients(kernels, patterns, taps, genes, dy);
      const weights = this.#weights(fine, this.fine);
      for (const [tensor, values] of dictionaryGradients(one.dictionary, weights, patterns, found.patterns)) {
        this.#part(out.fine, tensor).set(values);
      }
      const byGain = this.#part(out.stored, `${name}.gain`, this.stored);
      const price = pull && this.#part(pull, `${name}.gain`, this.stored);
      const target = this.#part(out.fine, name);
      for (let pair = 0; pair < pairs; pair++) {
        byGain[pair] = 0;
        if (genes.index[pair] === 0) continue;
        const from = (genes.index[pair] - 1) * taps;
        let energy = 0;
        for (let k = 0; k < taps; k++) {
          byGain[pair] += dy[k * pairs + pair] * patterns[from + k];
          energy += patterns[from + k] ** 2;
        }
        if (price === undefined) continue;
        const drawn = (price[pair] * Math.sign(genes.gain[pair])) / energy;
        for (let k = 0; k < taps; k++) target[k * pairs + pair] += drawn * patterns[from + k];
      }
      parts.set(name, byGain);
    }
    for (const one of this.fine.list) {
      if (parts.has(one.name)) continue;
      const to = this.#part(out.stored, one.name, this.stored);
      const own = layerOf(out.fine, one);
      to.set(own);
      const price = pull && this.#part(pull, one.name, this.stored);
      const values = layerOf(fine, one);
      if (price) for (let i = 0; i < own.length; i++) own[i] += price[i] * Math.sign(values[i]);
    }
  }

  /** Pruned values stay zero; kernels forget what their genes cannot say. */
  settle(fine: Float32Array, live: Uint8Array | undefined): void {
    const zero = (name: string) => {
      const { offset } = this.stored.list.find((one) => one.name === name)!;
      return (i: number) => live !== undefined && live[offset + i] === 0;
    };
    for (const one of this.fine.list) {
      const values = layerOf(fine, one);
      const chosen = this.#chosen.find(({ one: { layer } }) => layer.name === one.name);
      if (!chosen) {
        const dead = zero(one.name);
        for (let i = 0; i < values.length; i++) if (dead(i)) values[i] = 0;
        continue;
      }
      const { patterns, genes } = chosen;
      const dead = zero(`${one.name}.gain`);
      forgetUnsaid(values, patterns, genes);
      for (let i = 0; i < values.length; i++) if (dead(i % genes.index.length)) values[i] = 0;
    }
  }

  /** Names of a file's tensors, in order: there they are single letters. */
  get #inFile(): string[] {
    return this.stored.list.flatMap(({ name }) =>
      name.endsWith('.gain') ? [name.replace('.gain', '.index'), name] : [name],
    );
  }

  /** A .sacc file of decoded stored values, with the genes that were chosen last. */
  encode(stored: Float32Array, steps: readonly number[]): Uint8Array {
    const stepOf = Object.fromEntries(this.coded.map(({ name }, i) => [name, steps[i]]));
    const tensors = this.stored.list.flatMap(({ name, shape, offset, size }): Tensor[] => {
      const data = stored.slice(offset, offset + size);
      const chosen = this.#chosen.find(({ one: { layer } }) => name === `${layer.name}.gain`);
      if (!chosen)
        return [{ name, shape: shape.filter((n, axis) => n > 1 || axis === shape.length - 1), data }];
      const index = chosen.genes.index.map((n, pair) => (data[pair] === 0 ? 0 : n));
      return [
        { name: `${chosen.one.layer.name}.index`, shape, data: index },
        { name, shape, data },
      ];
    });
    const packed = packGenes(this.#genes, tensors);
    const coded = packed.map((tensor, i) => ({ ...tensor, name: letter(i) }));
    const entries = packed.flatMap(({ name }, i) => (name in stepOf ? [[letter(i), stepOf[name]]] : []));
    return encodeTensors(coded, { steps: Object.fromEntries(entries) });
  }

  /** The plain weights that a file holds. */
  async decode(bytes: Uint8Array): Promise<Float32Array> {
    const { tensors } = await decodeTensors(bytes);
    const named = tensors.map((tensor, i) => ({ ...tensor, name: this.#inFile[i] }));
    const weights = unpackGenes(this.#genes, named);
    const vector = new Float32Array(parametersOf(this.#net).size);
    for (const one of parametersOf(this.#net).list) {
      const gene = this.#genes.find(({ layer }) => layer.name === one.name);
      const [index, gain] = ['index', 'gain'].map((part) => weights.get(`${one.name}.${part}`)!);
      const own = gene
        ? expandKernels(patternsOf(gene.dictionary, weights), gene.layer.kernel ** 2, index, gain)
        : weights.get(one.name)!;
      layerOf(vector, one).set(own);
    }
    return vector;
  }
}
