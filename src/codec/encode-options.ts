/** What an encoder may be asked for, and the check of it. Everything wrong is INVALID_OPTION. */
import { optionError } from './format-error.ts';
import type { Tensor } from './tensor.ts';

export interface EncodeOptions {
  /** Signal-to-noise ratio that every tensor of two or more dimensions reaches: one for all, or by name. Default 30. */
  readonly sqnrDb?: number | Readonly<Record<string, number>>;
  /** Largest file; the best common SQNR that fits is found by bisection. Excludes sqnrDb and rateLambda. */
  readonly bytes?: number;
  /**
   * Weighs rate against distortion: minimises error / energy + rateLambda * bits a weight in every tensor. Solved at
   * high rate, where it means the SQNR 10 log10(2 ln 2 / rateLambda). Excludes sqnrDb and bytes.
   */
  readonly rateLambda?: number;
  /** Quantiser steps by tensor name; they win over everything else. */
  readonly steps?: Readonly<Record<string, number>>;
}

export const DEFAULT_SQNR_DB = 30;
export const LEAST_SQNR_DB = 1;
export const MOST_SQNR_DB = 120;

/** @throws SaccadeNetError INVALID_OPTION */
export function checkOptions(options: EncodeOptions, tensors: readonly Tensor[]): void {
  const rates = [options.sqnrDb, options.bytes, options.rateLambda].filter((value) => value !== undefined);
  if (rates.length > 1)
    throw optionError('sqnrDb, bytes and rateLambda exclude each other: give one of them.');
  const positive = (what: string, value: number) => {
    if (!(value > 0 && Number.isFinite(value))) {
      throw optionError(`${what} is ${value}: give a number above 0.`, { [what]: value });
    }
  };
  if (options.bytes !== undefined) positive('bytes', options.bytes);
  if (options.rateLambda !== undefined) positive('rateLambda', options.rateLambda);
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
}
