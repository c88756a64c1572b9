/** What an encoder tells of a file besides its bytes. Types only. */
import type { Tensor } from './tensor.ts';

export interface DetailedEncoding {
  readonly bytes: Uint8Array;
  /** The tensors as a decoder gives them: no need to decode. */
  readonly decoded: readonly Tensor[];
  /** Bits of each tensor's values, tables and classes, about, by name. */
  readonly bits: ReadonlyMap<string, number>;
  /** What each tensor's errors count by its calibration; 0 where there was no price of bits, and of raw tensors. */
  readonly distortions: ReadonlyMap<string, number>;
  /** Quantiser steps of coded tensors, by name. */
  readonly steps: ReadonlyMap<string, number>;
}
