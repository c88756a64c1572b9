/** A network of ours and its weights to a .sacc file. */
import { SaccadeNetError } from '../errors/errors.ts';
import { geneLayers } from '../network/genes.ts';
import { type Model, weightShapes } from '../network/spec.ts';
import { FLAG_NETWORK } from './container.ts';
import type { EncodeOptions } from './encode-options.ts';
import { encodeTensors } from './encode-tensors.ts';
import { optionError } from './format-error.ts';
import { packGenes } from './gene-tensors.ts';
import { readModelJson, writeModelJson } from './model-json.ts';
import type { Tensor } from './tensor.ts';

export type { EncodeOptions } from './encode-options.ts';

/** The weights in execution order, with their shapes. @throws SaccadeNetError INVALID_OPTION where one is missing */
export function modelTensors(model: Model): Tensor[] {
  return weightShapes(model.network).map(({ name, shape }) => {
    const data = model.weights.get(name);
    const elements = shape.reduce((product, dimension) => product * dimension, 1);
    if (data === undefined || data.length !== elements) {
      throw optionError(
        `The model's weights have ${data?.length ?? 'no'} values for "${name}", its network needs ${elements}.`,
        { name, elements },
      );
    }
    if (!data.every(Number.isFinite)) {
      throw optionError(`The weights of "${name}" hold a value that is not finite: the training diverged.`, {
        name,
      });
    }
    return { name, shape, data };
  });
}

/**
 * Encodes a model; deterministic. What it gives, decodeModel accepts: the spec is checked here too.
 * @throws SaccadeNetError INVALID_OPTION
 */
export function encodeModel(model: Model, options: EncodeOptions = {}): Uint8Array {
  if (typeof model !== 'object' || model === null) {
    throw optionError(`The model is given as ${String(model)}: pass what decodeModel gives.`);
  }
  const json = writeModelJson(model);
  try {
    readModelJson(new TextEncoder().encode(json));
  } catch (cause) {
    const why = cause instanceof SaccadeNetError ? cause.message : String(cause);
    throw new SaccadeNetError('INVALID_OPTION', `This model cannot be encoded: ${why}`, { cause });
  }
  return encodeTensors(packGenes(geneLayers(model.network), modelTensors(model)), options, {
    flags: FLAG_NETWORK,
    json,
  });
}
