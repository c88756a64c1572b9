/**
 * `saccadenet/codec`: the .sacc weight codec by itself, for the weights of any net.
 * The format is described byte by byte in docs/format.md.
 */
export { decodeModel } from './codec/decode-model.ts';
export {
  type DecodedTensors,
  type DecodeOptions,
  decodeTensors as decode,
} from './codec/decode-tensors.ts';
export { encodeModel } from './codec/encode-model.ts';
export type { EncodeOptions } from './codec/encode-options.ts';
export { encodeTensors as encode } from './codec/encode-tensors.ts';
export {
  type FileInspection,
  inspectModel as inspect,
  type TensorInspection,
} from './codec/inspect-model.ts';
export { DEFAULT_LIMITS, type DecodeLimits } from './codec/limits.ts';
export { readSafetensors, type Safetensors, writeSafetensors } from './codec/safetensors.ts';
export type { Tensor } from './codec/tensor.ts';
export { type ErrorCode, SaccadeNetError } from './errors/errors.ts';
