/** Arrays that take decoded values: the caller's where some were given, else new ones. */
import { optionError } from './format-error.ts';
import { CODING_RANS, type TensorHead } from './tensor-record.ts';

/** Where a tensor's values may go, one a value. */
export type Target = Float32Array | Uint16Array | Int8Array;

/** Arrays of the caller's by tensor name; tensors without one get a Float32Array. */
export type Targets = ReadonlyMap<string, Target>;

export function noLevels({ name }: TensorHead, why: string) {
  return optionError(`Tensor "${name}" cannot be given as Int8Array: it has ${why}. Pass a Float32Array.`, {
    name,
  });
}

/** The array that takes a tensor's values. @throws SaccadeNetError INVALID_OPTION where the one given cannot */
export function targetOf(tensor: TensorHead, lowBits: number, given: Target | undefined): Target {
  if (given === undefined) return new Float32Array(tensor.elements);
  if (given.length !== tensor.elements) {
    throw optionError(
      `The target of "${tensor.name}" has ${given.length} values: ${tensor.elements} are needed.`,
      {
        name: tensor.name,
      },
    );
  }
  if (given instanceof Int8Array) {
    if (tensor.coding !== CODING_RANS) throw noLevels(tensor, 'no levels');
    if (lowBits > 0) throw noLevels(tensor, 'levels beyond 8 bits');
    if (tensor.transform !== 0) throw noLevels(tensor, 'transformed kernels');
  }
  return given;
}
