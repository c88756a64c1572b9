/** How maps and weights are stored: float32, or float16 where the adapter has `shader-f16`. Pure. */
import { floatToHalf, halfToFloat } from '../../codec/half.ts';

export interface Precision {
  readonly half: boolean;
  /** Bytes of four values, the unit of maps and weights. */
  readonly vec4Bytes: number;
  /** As the kernels read it. */
  pack(values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  unpack(bytes: ArrayBuffer): Float32Array<ArrayBufferLike>;
}

export const SINGLE: Precision = {
  half: false,
  vec4Bytes: 16,
  pack: (values: Float32Array<ArrayBuffer>) => values,
  unpack: (bytes) => new Float32Array(bytes),
};

export const HALF: Precision = {
  half: true,
  vec4Bytes: 8,
  pack: (values) => Uint16Array.from(values, floatToHalf),
  unpack: (bytes) => Float32Array.from(new Uint16Array(bytes), halfToFloat),
};
