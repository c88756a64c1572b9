/** A .sacc file to a network of ours and its weights. */
import { geneLayers } from '../network/genes.ts';
import { type Model, weightShapes } from '../network/spec.ts';
import { FLAG_NETWORK } from './container.ts';
import { type DecodedTensors, type DecodeOptions, decodeTensors } from './decode-tensors.ts';
import { formatError } from './format-error.ts';
import { isGains, unpackGenes } from './gene-tensors.ts';
import { type ModelHead, readModelJson } from './model-json.ts';

export type { DecodeOptions } from './decode-tensors.ts';
export type { DecodeLimits } from './limits.ts';

/** The checked JSON of a container whose tensors are exactly the network's. @throws SaccadeNetError MODEL_FORMAT */
export function readModelHead(container: DecodedTensors['container']): ModelHead {
  if ((container.flags & FLAG_NETWORK) === 0) {
    throw formatError('The file holds tensors but no network that can be run');
  }
  const head = readModelJson(container.json);
  const wanted = weightShapes(head.network);
  if (wanted.length !== container.tensors.length) {
    throw formatError(`The network has ${wanted.length} tensors, the file ${container.tensors.length}`);
  }
  const genes = geneLayers(head.network);
  const found = new Map(container.tensors.map((tensor) => [tensor.name, tensor.shape]));
  for (const { name, shape } of wanted) {
    const stored = found.get(name);
    if (stored === undefined) throw formatError(`The file lacks the network's tensor "${name}"`);
    if (stored.join() !== shape.join() && !isGains(genes, { name, shape: stored })) {
      throw formatError(`Tensor "${name}" has the shape [${stored}], the network needs [${shape}]`);
    }
  }
  return head;
}

export function toModel({ container, tensors }: DecodedTensors): Model {
  const head = readModelHead(container);
  for (const { name, data } of tensors) {
    if (!data.every(Number.isFinite)) throw formatError(`Tensor "${name}" holds a value that is not finite`);
  }
  return { ...head, weights: unpackGenes(geneLayers(head.network), tensors) };
}

/**
 * Decodes a model file; keeps no reference to `bytes`.
 * @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION, MODEL_CHECKSUM; INVALID_OPTION for wrong limits
 */
export async function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): Promise<Model> {
  return toModel(await decodeTensors(bytes, options));
}
