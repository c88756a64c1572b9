/** What may be asked of every frame, in-thread or across a worker. Types only. */
import type { Policy } from '../attention/select.ts';

export interface FrameOptions {
  /** Share of blocks that may be attended, 0..1. Default 0.2. */
  readonly budget?: number;
  /** Default 'static'. */
  readonly policy?: Policy;
  /** Least score of every label. Default: the model's own, by label. */
  readonly scoreThreshold?: number;
  /** Default 100. */
  readonly maxDetections?: number;
  /** Frames with more pixels are scaled down. Default 230400. */
  readonly maxWorkingPixels?: number;
  /** Whether what moves by itself draws the eye and gives alerts, in a stream. Default true. */
  readonly motion?: boolean;
  /** Whether faces that look at the camera draw the eye and give alerts, in stills too. Default false. */
  readonly eyes?: boolean;
  /** Whether noisy, blocky and flat frames are treated before the network sees them. Default true. */
  readonly conditioning?: boolean;
}
