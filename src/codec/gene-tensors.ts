/**
 * Weights of layers with genes as a file holds them. Which pairs of channels are connected is said once, by the indices:
 *
 * - `<layer>.index` [inputs, outputs]: the pattern n as a signed number, 0, 1, -1, 2, -2, ... for n = 0, 1, 2, 3, 4, ...,
 *   whole and exact, so that the symmetric tables of the coder fit them;
 * - `<layer>.gain` [1, connected]: the gains of the pairs whose index is not 0, in order; a single 0 where none is.
 */
import { checkIndices, type GeneLayer } from '../network/genes.ts';
import { formatError } from './format-error.ts';
import type { Tensor } from './tensor.ts';

const indexName = ({ layer }: GeneLayer) => `${layer.name}.index`;

/** By the name of a tensor that differs from the model's, its layer. */
function named(genes: readonly GeneLayer[], part: 'index' | 'gain'): Map<string, GeneLayer> {
  return new Map(genes.map((one) => [`${one.layer.name}.${part}`, one]));
}

/**
 * The tensors of a model as they are coded. @param genes the network's layers with genes
 * @throws SaccadeNetError MODEL_FORMAT where an index names no pattern
 */
export function packGenes(genes: readonly GeneLayer[], tensors: readonly Tensor[]): Tensor[] {
  const [indexed, gained] = [named(genes, 'index'), named(genes, 'gain')];
  const dataOf = new Map(tensors.map(({ name, data }) => [name, data]));
  return tensors.map((tensor) => {
    const { name, data } = tensor;
    const ofIndex = indexed.get(name);
    if (ofIndex !== undefined) {
      checkIndices(ofIndex, data);
      return { ...tensor, data: data.map((n) => (n % 2 === 1 ? (n + 1) / 2 : -n / 2)), whole: true };
    }
    const ofGain = gained.get(name);
    if (ofGain === undefined) return tensor;
    const index = dataOf.get(indexName(ofGain))!;
    const connected = data.filter((_, pair) => index[pair] !== 0);
    const packed = connected.length > 0 ? connected : new Float32Array(1);
    return { name, shape: [1, packed.length], data: packed };
  });
}

/** Whether a stored tensor may have another shape than the model's: gains, as many as there are connected pairs. */
export function isGains(
  genes: readonly GeneLayer[],
  { name, shape }: Pick<Tensor, 'name' | 'shape'>,
): boolean {
  const layer = named(genes, 'gain').get(name)?.layer;
  return (
    layer !== undefined && shape.length === 2 && shape[0] === 1 && shape[1] <= layer.inputs * layer.outputs
  );
}

/** Weights of the model by name, from the tensors of a file. @throws SaccadeNetError MODEL_FORMAT */
export function unpackGenes(
  genes: readonly GeneLayer[],
  tensors: readonly Tensor[],
): Map<string, Float32Array> {
  const weights = new Map(tensors.map(({ name, data }) => [name, data]));
  for (const [name, one] of named(genes, 'index')) {
    const index = weights.get(name)!.map((z) => (z > 0 ? 2 * z - 1 : z === 0 ? 0 : -2 * z));
    checkIndices(one, index);
    weights.set(name, index);
  }
  for (const [name, one] of named(genes, 'gain')) {
    const stored = weights.get(name)!;
    const index = weights.get(indexName(one))!;
    const connected = index.reduce((count, n) => count + Number(n !== 0), 0);
    if (stored.length !== Math.max(1, connected)) {
      throw formatError(`"${name}" holds ${stored.length} gains, but ${connected} pairs are connected`, {
        name,
      });
    }
    let next = 0;
    weights.set(
      name,
      index.map((n) => (n === 0 ? 0 : stored[next++])),
    );
  }
  return weights;
}
