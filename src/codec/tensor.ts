/** A named array of float32 values, row-major: what the codec takes and gives. */
import { optionError } from './format-error.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { countElements, MAX_NAME_BYTES, MAX_RANK } from './tensor-record.ts';

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Values are whole numbers, at most 2^22 either way, and come back exactly whatever the encoder is asked for. */
  readonly whole?: boolean;
}

const MOST_WHOLE = 2 ** 22;

/** @throws SaccadeNetError INVALID_OPTION where a tensor cannot be stored or two have the same name */
export function checkTensors(tensors: readonly Tensor[]): void {
  if (!Array.isArray(tensors)) {
    throw optionError(`The tensors are given as ${typeof tensors}: pass an array of { name, shape, data }.`);
  }
  if (tensors.length > DEFAULT_LIMITS.maxTensors) {
    throw optionError(
      `${tensors.length} tensors are too many: a file holds at most ${DEFAULT_LIMITS.maxTensors}.`,
    );
  }
  const names = new Set<string>();
  for (const tensor of tensors) {
    requireTensor(tensor);
    const { name, shape, data, whole } = tensor;
    const nameBytes = new TextEncoder().encode(name).length;
    if (nameBytes < 1 || nameBytes > MAX_NAME_BYTES) {
      throw optionError(`The tensor name "${name}" has ${nameBytes} bytes: use 1 to ${MAX_NAME_BYTES}.`);
    }
    if (names.has(name)) throw optionError(`Two tensors are named "${name}": names must be unique.`);
    names.add(name);
    if (shape.length > MAX_RANK) {
      throw optionError(
        `Tensor "${name}" has ${shape.length} dimensions: at most ${MAX_RANK} can be stored.`,
      );
    }
    if (countElements(shape) !== data.length) {
      throw optionError(
        `Tensor "${name}" has ${data.length} values but the shape [${shape}]: they must agree and not be empty.`,
      );
    }
    if (whole && !data.every((value: number) => Number.isInteger(value) && Math.abs(value) <= MOST_WHOLE)) {
      throw optionError(`Tensor "${name}" is to hold whole numbers up to ${MOST_WHOLE}, but does not.`, {
        name,
      });
    }
  }
}

/** JavaScript callers have no types. */
function requireTensor(tensor: Tensor | undefined): void {
  const { name, shape, data } = tensor ?? {};
  if (typeof name === 'string' && Array.isArray(shape) && isFloats(data)) return;
  throw optionError(
    `The tensor ${typeof name === 'string' ? `"${name}"` : 'without a name'} is none: it needs a name, a shape (an array) and data (a Float32Array).`,
  );
}

/** By tag rather than instanceof: arrays of another realm count too. */
function isFloats(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Float32Array]';
}
