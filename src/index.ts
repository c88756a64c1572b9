/** saccadenet: people and poles in camera frames, by computing only the blocks that are attended to. */

export { checkSupport, type Support } from './api/check-support.ts';
export { createSaccadeNet } from './api/create.ts';
export type { PriorContext, PriorRegion, Priors } from './api/priors.ts';
export type { SaccadeNet } from './api/saccade-net.ts';
export type {
  AttentionOptions,
  Benchmark,
  BenchmarkOptions,
  BenchmarkRow,
  CreateOptions,
  DetectOptions,
  Explanation,
  FrameSource,
  LoadProgress,
  LostInfo,
  ModelSource,
  NetEvents,
  NetMemory,
  ResultStream,
  StreamOptions,
  StreamSource,
  VideoOptions,
  WorkerOption,
} from './api/types.ts';
export type { BackendName, PixelFrame } from './backends/backend.ts';
export { type ErrorCode, SaccadeNetError } from './errors/errors.ts';
export type {
  AttentionMap,
  Box,
  Detection,
  LabelChange,
  Macs,
  Result,
  Timings,
  Treatment,
} from './result.ts';
export type { ModelInfo, PassedOver, Sighting } from './session/engine-api.ts';
export type { Policy } from './session/session.ts';
export { DEFAULT_MAX_WORKING_PIXELS } from './session/working-size.ts';
export type { StreamStats } from './stream/results.ts';
