/**
 * What `compress --calibration FILE` reads: a .json file { "tensor name": sensitivity } or a safetensors file with,
 * for a tensor NAME, NAME.sensitivity [1], NAME.moments [columns, columns], NAME.outputWeights [outputs] or
 * NAME.importance [the tensor's shape], each where there is one (src/codec/encoder/calibration.ts says what they mean).
 */
import { type Calibration, outputSensitivity } from '../src/codec/encoder/calibration.ts';
import { readSafetensors } from '../src/codec/safetensors.ts';
import type { Tensor } from '../src/codec/tensor.ts';
import { SaccadeNetError } from '../src/errors/errors.ts';
import { ofFile, readBytes } from './model-files.ts';

const FIELDS = ['sensitivity', 'moments', 'outputWeights', 'importance'] as const;

function invalid(message: string): SaccadeNetError {
  return new SaccadeNetError('INVALID_OPTION', message);
}

function fromJson(text: string, tensors: readonly Tensor[]): Record<string, Calibration> {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw invalid(`This is no JSON: ${(cause as Error).message}; give { "tensor name": sensitivity }`);
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) {
    throw invalid('Calibration is no object: give { "tensor name": sensitivity }');
  }
  const found = Object.entries(read).map(([name, sensitivity]) => {
    const tensor = tensors.find((one) => one.name === name);
    if (tensor === undefined) throw invalid(`Calibration names the tensor "${name}", which is not there`);
    if (typeof sensitivity !== 'number' || !(sensitivity > 0)) {
      const given = JSON.stringify(sensitivity);
      throw invalid(`The sensitivity of "${name}" is ${given}: give a number above 0`);
    }
    return [name, outputSensitivity(tensor.data, sensitivity)] as const;
  });
  return Object.fromEntries(found);
}

function fromTensors(given: readonly Tensor[], tensors: readonly Tensor[]): Record<string, Calibration> {
  const found: Record<string, Record<string, Float32Array>> = {};
  for (const { name, data } of given) {
    const [, tensor, field] = /^(.*)\.([^.]*)$/s.exec(name) ?? [];
    if (tensor === undefined || !FIELDS.some((one) => one === field)) {
      throw invalid(`"${name}" is no part of a calibration: name it TENSOR.${FIELDS.join(', .')}`);
    }
    (found[tensor] ??= {})[field] = data;
  }
  const calibrations = Object.entries(found).map(([name, fields]): [string, Calibration] => {
    const { sensitivity, moments, outputWeights, importance } = fields;
    const measured = moments === undefined && importance === undefined;
    const data = tensors.find((one) => one.name === name)?.data;
    if (data === undefined) throw invalid(`Calibration names the tensor "${name}", which is not there`);
    if (measured && sensitivity === undefined) {
      throw invalid(`The calibration of "${name}" has neither moments, importance nor a sensitivity`);
    }
    if (measured) return [name, outputSensitivity(data, sensitivity[0])];
    return [name, { moments, outputWeights, importance, sensitivity: sensitivity?.[0] }];
  });
  return Object.fromEntries(calibrations);
}

/** @throws SaccadeNetError INVALID_OPTION, MODEL_FORMAT */
export function readCalibration(
  file: string,
  tensors: readonly Tensor[],
): Promise<Record<string, Calibration>> {
  return ofFile(file, () => {
    const bytes = readBytes(file);
    if (file.endsWith('.json')) return fromJson(new TextDecoder().decode(bytes), tensors);
    return fromTensors(readSafetensors(bytes).tensors, tensors);
  });
}
