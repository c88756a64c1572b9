/** The result of a frame: plain data, structured-clonable. Units: px of the frame given, milliseconds. */
import type { BackendName } from './backends/backend.ts';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A live track took another name: when, and what spoke for either, summed over its frames by score. */
export interface LabelChange {
  readonly ageFrames: number;
  readonly from: string;
  readonly to: string;
  readonly evidence: Readonly<Record<string, number>>;
}

export interface Detection {
  /** From the model's table: 'person' or 'pole' for the shipped model. */
  label: string;
  /** 0..1. */
  score: number;
  /** A person's box is the whole visible person, a pole's its shaft without lamp arms. */
  box: Box;
  trackId?: number;
  ageFrames?: number;
  /** Of a track that took another name, oldest first; missing where it never did. */
  labelChanges?: readonly LabelChange[];
}

export interface AttentionMap {
  columns: number;
  rows: number;
  /** px of the frame given. */
  blockWidth: number;
  blockHeight: number;
  /** [rows, columns]: 0 skipped, 1 = 3x3 kernels, 2 = 5x5 kernels. */
  gates: Uint8Array;
  /**
   * [rows, columns]: what the gates were chosen by; sigmoid of the look logit. Left out where the logits stayed on the
   * GPU.
   */
  priority?: Float32Array;
}

export interface Macs {
  /** Executed. */
  attention: number;
  /** Executed, on attended blocks. */
  detail: number;
  /** Attention plus one whole-frame convolution of the detail network with 3x3 kernels. */
  dense: number;
}

export interface Timings {
  totalMs: number;
  /** From the camera to the loop that takes the result; of results of `stream`. */
  ageMs?: number;
  /** Of measuring a frame and treating it; where it is told apart. */
  conditioningMs?: number;
  uploadMs?: number;
  /** Of the prior `eyes`. */
  eyesMs?: number;
  /** Of the attention network's input; within `uploadMs` on WebGPU, where one pass does both. */
  downsampleMs?: number;
  attentionMs?: number;
  selectMs?: number;
  detailMs?: number;
  decodeMs?: number;
  readbackMs?: number;
}

/** What was done to a noisy, blocky or flat frame before the network saw it; the same for all of its pixels. */
export interface Treatment {
  /** Pixels that stand out of the 3x3 around them replaced by their median. */
  readonly outliers: boolean;
  /** Then so far from what is there to what a binomial filter of 5x5 makes of it: 0 to 1, in steps of 1/128. */
  readonly smoothing: number;
  /** Then a level v became gain * v + offset. */
  readonly gain: number;
  readonly offset: number;
}

export interface Result {
  timestampMs?: number;
  width: number;
  height: number;
  backend: BackendName;
  /** Missing where nothing was done: the frame (of a stream, the last one measured) was clear, or conditioning is off. */
  treatment?: Treatment;
  detections: Detection[];
  /**
   * In streams, from the second frame on: the frame before with what this one shows of it, so one frame late. Boxes lie
   * better, last longer and fewer are wrong; px of a frame of this size. Missing where the scene is another.
   */
  hindsight?: { timestampMs: number; detections: Detection[] };
  attention: AttentionMap;
  /** Kind 'motion': what moves suddenly, in streams; 'eyes': a face that looks at the camera, where that prior is on. */
  alerts?: { kind: string; box: Box; strength: number }[];
  /** Where the prior `eyes` is on: of smaller faces, px of the frame given, nothing is known. */
  eyes?: { leastFacePx: number };
  scanPath?: { x: number; y: number; timestampMs: number }[];
  macs: Macs;
  timings: Timings;
}
