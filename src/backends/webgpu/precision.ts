/** How maps and weights are stored, and what the kernels of it begin with. Pure. */
import { floatToHalf, halfToFloat } from '../../network/half.ts';
import realF16 from './kernels/real-f16.wgsl';
import realF16Emulated from './kernels/real-f16-emulated.wgsl';
import realF32 from './kernels/real-f32.wgsl';

/**
 * 'float16' needs the device's `shader-f16`. 'float16-emulated' rounds the same values the same way but keeps them in
 * float32: it shows on any adapter what float16 does to results.
 */
export type PrecisionName = 'float32' | 'float16' | 'float16-emulated';

export interface Precision {
  readonly name: PrecisionName;
  /** Declares Real4 and stored(). */
  readonly prelude: string;
  /** Bytes of four values, the unit of maps and weights. */
  readonly vec4Bytes: number;
  /** As the kernels read it. */
  pack(values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  unpack(bytes: ArrayBuffer): Float32Array<ArrayBufferLike>;
}

const SINGLE: Precision = {
  name: 'float32',
  prelude: realF32,
  vec4Bytes: 16,
  pack: (values) => values,
  unpack: (bytes) => new Float32Array(bytes),
};

export const PRECISIONS: Readonly<Record<PrecisionName, Precision>> = {
  float32: SINGLE,
  float16: {
    name: 'float16',
    prelude: realF16,
    vec4Bytes: 8,
    pack: (values) => Uint16Array.from(values, floatToHalf),
    unpack: (bytes) => Float32Array.from(new Uint16Array(bytes), halfToFloat),
  },
  'float16-emulated': {
    ...SINGLE,
    name: 'float16-emulated',
    prelude: realF16Emulated,
    pack: (values) => values.map((value) => halfToFloat(floatToHalf(value))),
  },
};
