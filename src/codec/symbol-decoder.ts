/**
 * What a decoder of coded segments does. Two stand: the readable one in TypeScript, which is the specification, and
 * the one in WebAssembly; they give the same bits.
 */
import type { SegmentPayload } from './segment-payload.ts';
import type { Frequencies } from './tables.ts';

export interface SymbolDecoder {
  readonly name: 'wasm' | 'reference';
  /**
   * Decodes the high parts (-63 .. 63) of a segment.
   * @param contexts table number of each element, padded with 0 to a multiple of 32
   * @returns one level an element of `contexts`; valid until the next call
   * @throws SaccadeNetError MODEL_FORMAT where the words run out, are left over, or a lane does not end at 2^16
   */
  symbols(payload: SegmentPayload, contexts: Uint8Array, tables: readonly Frequencies[]): Int8Array;
  /** out[i] = float32(levels[i] * step); `levels` came from the last call of `symbols`. */
  dequantise(levels: Int8Array, step: number, out: Float32Array): void;
}
