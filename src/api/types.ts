/** Public types of the package. Units: px of the frame given, milliseconds, bytes. Types only. */
import type { BackendName, PixelFrame } from '../backends/backend.ts';
import type { SaccadeNetError } from '../errors/errors.ts';
import type { Detection, Result } from '../result.ts';
import type { Sighting } from '../session/engine-api.ts';
import type { Policy } from '../session/session.ts';
import type { StreamStats } from '../stream/results.ts';
import type { Priors } from './priors.ts';

/**
 * A frame. It is read when the call is made (not when its turn comes) and stays the caller's: a VideoFrame or
 * ImageBitmap is neither closed nor detached. In Node: `{ data, width, height }`, RGBA as in ImageData.
 */
export type FrameSource =
  | PixelFrame
  | ImageData
  | VideoFrame
  | ImageBitmap
  | HTMLVideoElement
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas;

export type StreamSource = MediaStreamTrack | MediaStream | HTMLVideoElement;

export type ModelSource = string | URL | Response | ArrayBuffer | Uint8Array | Blob;

/** A Worker given, or made by the function given, belongs to the net: `dispose` terminates it. */
export type WorkerOption = boolean | string | URL | Worker | (() => Worker);

export interface AttentionOptions {
  /** Share of the blocks that may be computed in a frame, 0..1, a hard cap. Default 0.2. */
  readonly budget?: number;
  /** Default: static for detect, saccade for detectForVideo and stream. dense computes every block. */
  readonly policy?: Policy;
  /** What draws the eye beside the attention network. */
  readonly priors?: Priors;
}

export interface LoadProgress {
  readonly stage: 'fetch' | 'worker' | 'decode' | 'backend' | 'warmup';
  /** Of the model file. */
  readonly loadedBytes: number;
  /** Where it is known. */
  readonly totalBytes?: number;
}

export interface CreateOptions {
  /** Address (in Node a path too) or contents of a .sacc file. Default: the shipped people-vs-poles model. */
  readonly model?: ModelSource;
  /** 'sha256-<base64>': another file is refused with MODEL_INTEGRITY. */
  readonly integrity?: string;
  /** In order of preference. Default: webgpu, wasm; wasm first where the adapter is a software fallback. */
  readonly backends?: readonly BackendName[];
  /** Default: an inlined worker in browsers; Node runs in-thread. */
  readonly worker?: WorkerOption;
  /** How long a worker may take to answer before WORKER_START. Default 10000. */
  readonly workerTimeoutMs?: number;
  /**
   * The caller's, never destroyed and never replaced: once it is lost the net goes on with another of `backends`, or
   * has ended. Runs in-thread.
   */
  readonly device?: GPUDevice;
  readonly attention?: AttentionOptions;
  /** Least score of a detection, 0..1. Default: the model's own, by label. */
  readonly scoreThreshold?: number;
  /** Default 100. */
  readonly maxDetections?: number;
  /** Frames with more pixels are scaled down, and boxes mapped back. Default 230400 (640 x 360). */
  readonly maxWorkingPixels?: number;
  /**
   * Whether noisy frames and those of a coarse coder are smoothed and flat ones given contrast before the network sees
   * them; what was done is `result.treatment`. A clear still is not touched; of a stream one frame a second is measured,
   * and the next are treated as it was. Default true.
   */
  readonly conditioning?: boolean;
  readonly powerPreference?: GPUPowerPreference;
  /** Runs one small frame before the net is given out. Default: on webgpu, which compiles on first use. */
  readonly warmup?: boolean;
  /** Stops the creation, which rejects with its reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** What a call may set otherwise than the net. */
export interface DetectOptions {
  readonly attention?: AttentionOptions;
  readonly scoreThreshold?: number;
  readonly maxDetections?: number;
  readonly maxWorkingPixels?: number;
  readonly conditioning?: boolean;
  /** The call rejects with its reason. */
  readonly signal?: AbortSignal;
}

export interface VideoOptions extends DetectOptions {
  /** Keeps cameras on one net apart. Default 'default'; every stream() has its own. */
  readonly streamId?: string;
}

export interface StreamOptions extends VideoOptions {
  /** Drops all frames while the page is hidden. Default true. */
  readonly pauseWhenHidden?: boolean;
}

/** Results as they come; `stats` may be read at any time, and is undefined before the first `next()` is done. */
export type ResultStream = AsyncGenerator<Result, void, undefined> & { readonly stats?: StreamStats };

export interface NetEvents {
  /** The GPU was lost. Frames wait for `restored`; where nothing can take over, `error` follows. */
  devicelost: { readonly message: string };
  /**
   * The net runs again, `tookMs` after the loss: on a new GPU device, on `backend` for good (see `net.lost`), or in a new
   * worker after the old one crashed.
   */
  restored: { readonly backend: BackendName; readonly tookMs: number };
  warning: { readonly code: string; readonly message: string };
  /** The net can do no more: dispose of it. */
  error: SaccadeNetError;
}

/** Why a net ended, or lost its GPU; `net.lost` resolves with it. */
export interface LostInfo {
  /**
   * `device`: the GPU was lost for good. It was lost twice, the second time within 10 s of a recovery; or could not
   * be replaced; or it was the caller's own device, which is never replaced.
   */
  readonly reason: 'disposed' | 'crashed' | 'device';
  readonly message: string;
  /** With `device`: the backend that took over. Without it the net has ended. */
  readonly goesOnWith?: BackendName;
}

export interface NetMemory {
  /** Weights and maps on the backend. */
  readonly backendBytes: number;
  /** Frames handed to the engine and not closed yet. */
  readonly framesHeld: number;
}

export interface Explanation {
  /** What was found with the gates as they were. */
  readonly result: Result;
  readonly detection: Detection;
  /** The blocks that its box touches, of this frame; `gate` 0 was not computed. */
  readonly blocks: readonly {
    readonly column: number;
    readonly row: number;
    readonly gate: number;
    readonly timestampMs?: number;
  }[];
  /**
   * Of a track: the frames before this one in which blocks under it were attended, oldest first, at most 63. A track's
   * box and score come from these too. Known of results of this net's streams, not of copies.
   */
  readonly earlier: readonly Sighting[];
  /**
   * Only where a frame was given, as what follows: a result has no pixels any more. With those blocks skipped, the best
   * score of the label where the box was (IoU of at least 0.3); 0 where nothing is left.
   */
  readonly scoreWithout?: number;
  /** The same with those blocks attended and no others. */
  readonly scoreAlone?: number;
  /**
   * The way of skipped blocks by the attention network: the frame with all of them in its mean colour, but for the
   * `haloPx` around attended blocks that the detail network reads.
   */
  readonly skipped?: {
    /** px of the frame given. */
    readonly haloPx: number;
    /** The same blocks attended: what is missing of the score came from skipped blocks, by the attention's features. */
    readonly scoreWithout: number;
    /** Blocks whose gate would have been another. */
    readonly gatesChanged: number;
  };
}

export interface BenchmarkOptions {
  /** Frames of each kind. Default 20. */
  readonly frames?: number;
  /** Also what it costs to attend to these shares of the blocks, 0..1 each. Default: none. */
  readonly shares?: readonly number[];
  /** Called after every frame. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Default: seeded noise of 480 x 360. */
  readonly image?: FrameSource;
  readonly signal?: AbortSignal;
}

export interface BenchmarkRow {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Share of blocks computed. */
  readonly attended: number;
  /** Executed multiply-accumulates of a frame. */
  readonly macs: number;
  /**
   * Realised over theoretical speed-up: (dense time / time) / (dense MACs / executed MACs), the median of frames that
   * were run in turn.
   */
  readonly realised: number;
  /** p50 of what comes back from the GPU for a frame, at most 4096; missing where frames do not stay there. */
  readonly readbackBytes?: number;
  /** p50 of every stage; on WebGPU by its timestamps, where the GPU has them. */
  readonly stages: Readonly<Record<string, number>>;
}

export interface Benchmark {
  readonly backend: BackendName;
  readonly width: number;
  readonly height: number;
  /** The net's first frame ever. */
  readonly firstFrameMs: number;
  /** Compute pipelines that the network needs, on WebGPU. */
  readonly pipelines?: number;
  /** As `detect` does it, with the net's own budget. */
  readonly foveated: BenchmarkRow;
  readonly dense: BenchmarkRow;
  /** One for each of the shares asked for: so many blocks, whatever is seen, 5x5 kernels where the model wants them. */
  readonly shares: readonly (BenchmarkRow & { readonly share: number })[];
}
