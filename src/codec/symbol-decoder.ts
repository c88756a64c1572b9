/**
 * What a decoder of coded segments does. Two stand: the readable one in TypeScript, which is the specification, and
 * the one in WebAssembly; they give the same bits.
 */
import type { Transform } from './kernel-transform.ts';
import type { CodedRecord } from './pieces.ts';
import type { SegmentPayload } from './segment-payload.ts';
import type { TableSlots } from './table-slots.ts';

export interface SymbolDecoder {
  readonly name: 'wasm' | 'reference';
  readonly slots: TableSlots;
  /** CRC-32C of a segment's bytes. */
  checksum(segment: Uint8Array): number;
  /** Begins a segment: its bytes, and the parts that were found in them. */
  begin(segment: Uint8Array, payload: SegmentPayload): void;
  /** Makes room for the table numbers of the next run, `count` of them; up to a multiple of 32 it is padded with 0. */
  contexts(count: number): void;
  /** Fills part of them, from `at` on: those of elements [from, to) of a tensor whose context 0 has number `first`. */
  fill(tensor: CodedRecord, from: number, to: number, first: number, at: number): void;
  /**
   * Decodes the run whose contexts were filled.
   * @param trellis levels come from the trellis; contexts are then the numbers of pairs
   * @returns levels, one a context and a padding; valid until the next call
   * @throws SaccadeNetError MODEL_FORMAT where the words run out
   */
  run(trellis: boolean): Int8Array;
  /** Ends a segment. @throws SaccadeNetError MODEL_FORMAT where words are left over or a lane does not end at 2^16 */
  end(): void;
  /** out[i] = float32(levels[i] * step); `levels` came from the last call of `run`. */
  dequantise(levels: Int8Array, step: number, out: Float32Array): void;
  /** Coefficients to kernels, in place. */
  restore(data: Float32Array, shape: readonly number[], transform: Transform): void;
}
