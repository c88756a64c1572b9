/** What an encoder may be asked for, and the check of it. Everything wrong is INVALID_OPTION. */
import type { Calibration } from './encoder/calibration.ts';
import { optionError } from './format-error.ts';
import type { Tensor } from './tensor.ts';
import { TRELLIS_CODES, trellisOf } from './trellis.ts';

export interface EncodeOptions {
  /** Signal-to-noise ratio that every tensor of two or more dimensions reaches: one for all, or by name. Default 30. */
  readonly sqnrDb?: number | Readonly<Record<string, number>>;
  /** Largest file; the best common SQNR that fits is found by bisection. Excludes the other targets. */
  readonly bytes?: number;
  /**
   * Weighs rate against distortion: minimises error / energy + rateLambda * bits a weight in every tensor; at high
   * rate that is the SQNR 10 log10(2 ln 2 / rateLambda). With a calibration the distortion is that of the outputs:
   * see encoder/calibration.ts. Excludes the other targets.
   */
  readonly rateLambda?: number;
  /**
   * Greatest error of the network's output, in the unit of the calibration's distortions (with gradient moments or
   * `sensitivities`: mean squared error of an output value). Bits go where they spare most of it: the same slope of
   * error against bits in every tensor, found by bisection. Needs a calibration of every tensor of two or more
   * dimensions. Excludes sqnrDb, bytes and rateLambda.
   */
  readonly outputError?: number;
  /**
   * Runs the network with decoded tensors and gives the error of its output, in the unit of outputError: it is then
   * kept by measurement. Without it by the calibration's forecast, the sum of all distortions.
   */
  readonly measureOutputError?: (tensors: readonly Tensor[]) => number;
  /** Quantiser steps by tensor name; they win over sqnrDb and bytes. With rateLambda bits are weighed in. */
  readonly steps?: Readonly<Record<string, number>>;
  /**
   * Trellis-coded quantisation: 0.15 to 0.19 bits a weight less. How many states, 8, 16, ... 256: more are smaller and take
   * longer to encode, not to decode; true: DEFAULT_STATES. With gradient moments 8 are taken. Default false.
   */
  readonly trellis?: boolean | number;
  /** What is known of layers, by tensor name; with rateLambda and bytes it says what errors count. */
  readonly calibration?: Readonly<Record<string, Calibration>>;
  /** Told the share of the weights that are done, 0 .. 1; begins anew with every round of a search. */
  readonly onProgress?: (share: number) => void;
}

/** Tensors of fewer values are stored raw: tables and classes would cost more than they save. */
export const MIN_CODED_ELEMENTS = 32;
export const DEFAULT_SQNR_DB = 30;
/** Of the trellis. */
export const DEFAULT_STATES = 128;
export const LEAST_SQNR_DB = 1;
export const MOST_SQNR_DB = 120;

/** Number of the trellis' code that is asked for; 0: none. @throws SaccadeNetError INVALID_OPTION */
export function trellisAsked({ trellis = false }: EncodeOptions): number {
  if (trellis === false) return 0;
  const states = trellis === true ? DEFAULT_STATES : trellis;
  const found = trellisOf(states);
  if (found !== undefined) return found;
  const known = TRELLIS_CODES.flatMap((code) => code?.states ?? []);
  throw optionError(`trellis is ${states}: give one of ${known.join(', ')} states, or true.`, {
    trellis: states,
  });
}

/** @throws SaccadeNetError INVALID_OPTION */
export function checkOptions(options: EncodeOptions, tensors: readonly Tensor[]): void {
  const { sqnrDb, bytes, rateLambda, outputError } = options;
  if ([sqnrDb, bytes, rateLambda, outputError].filter((value) => value !== undefined).length > 1) {
    throw optionError('sqnrDb, bytes, rateLambda and outputError exclude each other: give one of them.');
  }
  trellisAsked(options);
  const positive = (what: string, value: number) => {
    if (!(value > 0 && Number.isFinite(value))) {
      throw optionError(`${what} is ${value}: give a number above 0.`, { [what]: value });
    }
  };
  if (options.bytes !== undefined) positive('bytes', options.bytes);
  if (options.rateLambda !== undefined) positive('rateLambda', options.rateLambda);
  if (outputError !== undefined) {
    positive('outputError', outputError);
    const unknown = tensors.find(({ name, shape, data, whole }) => {
      return shape.length >= 2 && !whole && data.length >= MIN_CODED_ELEMENTS && !options.calibration?.[name];
    });
    if (unknown !== undefined) {
      throw optionError(
        `outputError needs a calibration of every tensor of two or more dimensions; "${unknown.name}" has none.`,
        { name: unknown.name },
      );
    }
  } else if (options.measureOutputError !== undefined) {
    throw optionError('measureOutputError is of use with outputError only: give both, or neither.');
  }
  const names = new Set(tensors.map(({ name }) => name));
  const byName = (field: string, values: Readonly<Record<string, number>>) => {
    for (const [name, value] of Object.entries(values)) {
      if (!names.has(name)) throw optionError(`${field} names the tensor "${name}", which is not there.`);
      positive(`${field} of "${name}"`, value);
    }
  };
  if (typeof options.sqnrDb === 'number') positive('sqnrDb', options.sqnrDb);
  else if (options.sqnrDb !== undefined) byName('sqnrDb', options.sqnrDb);
  if (options.steps !== undefined) byName('steps', options.steps);
  for (const [name, calibration] of Object.entries(options.calibration ?? {})) {
    const tensor = tensors.find((one) => one.name === name);
    if (tensor === undefined)
      throw optionError(`calibration names the tensor "${name}", which is not there.`);
    checkCalibration(tensor, calibration);
  }
}

function checkCalibration({ name, shape, data }: Tensor, calibration: Calibration): void {
  const { moments, outputWeights, importance, sensitivity = 1, outputAxis = 'last' } = calibration;
  const outputs = shape.length === 0 ? 1 : outputAxis === 'first' ? shape[0] : shape[shape.length - 1];
  const columns = data.length / outputs;
  const require = (what: string, given: number | undefined, wanted: number) => {
    if (given === undefined || given === wanted) return;
    throw optionError(`The calibration of "${name}" has ${given} ${what}: ${wanted} are needed.`, { name });
  };
  require('moments', moments?.length, columns * columns);
  require('output weights', outputWeights?.length, outputs);
  require('importances', importance?.length, data.length);
  if (!(sensitivity > 0 && Number.isFinite(sensitivity))) {
    throw optionError(`The sensitivity of "${name}" is ${sensitivity}: give a number above 0.`, { name });
  }
}
