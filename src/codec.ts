/**
 * `saccadenet/codec`: the .sacc weight codec by itself, for the weights of any net.
 * The format is described byte by byte in docs/format.md.
 */
export { decodeModel } from './codec/decode-model.ts';
export {
  createDecoder,
  type DecodedTensors,
  type DecodeOptions,
  type Decoder,
  decodeStream,
  decodeTensors as decode,
  type StreamOptions,
} from './codec/decode-tensors.ts';
export type { DetailedEncoding } from './codec/detailed-encoding.ts';
export { encodeModel } from './codec/encode-model.ts';
export type { EncodeOptions } from './codec/encode-options.ts';
export {
  encodeTensors as encode,
  encodeTensorsDetailed as encodeDetailed,
} from './codec/encode-tensors.ts';
export { type Calibration, outputSensitivity } from './codec/encoder/calibration.ts';
export {
  type FileInspection,
  inspectModel as inspect,
  type TensorInspection,
} from './codec/inspect-model.ts';
export { DEFAULT_LIMITS, type DecodeLimits } from './codec/limits.ts';
export { readSafetensors, type Safetensors, writeSafetensors } from './codec/safetensors.ts';
export type { Target, Targets } from './codec/targets.ts';
export type { Tensor } from './codec/tensor.ts';
export { type ErrorCode, SaccadeNetError } from './errors/errors.ts';
