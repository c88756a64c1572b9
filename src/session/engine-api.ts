/**
 * What createSaccadeNet drives, in-thread or across a worker: everything here is plain, structured-clonable
 * data, save `device`, which is for in-thread use only. Types only.
 */
import type { Region } from '../attention/saccade.ts';
import type { BackendName, PixelFrame } from '../backends/backend.ts';
import type { Result, Treatment } from '../result.ts';
import type { FrameOptions } from './frame-options.ts';

/** A frame as the engine takes it. It owns the frame from then on and closes ImageBitmap and VideoFrame. */
export type EngineFrame = PixelFrame | ImageBitmap | VideoFrame;

export interface EngineInit {
  /** A whole .sacc file; the engine owns it from then on. */
  readonly modelBytes: Uint8Array;
  /** In order of preference. Default: webgpu, wasm; wasm first where the adapter is a software fallback. */
  readonly backends?: readonly BackendName[];
  readonly frame: FrameOptions;
  readonly powerPreference?: GPUPowerPreference;
  /** In-thread only; the caller's, never destroyed. */
  readonly device?: GPUDevice;
  /** Runs one small frame before `start` resolves. Default: on webgpu only, which compiles on first use. */
  readonly warmup?: boolean;
}

/** A backend that was preferred and cannot run here. */
export interface PassedOver {
  readonly backend: BackendName;
  /** A sentence. */
  readonly reason: string;
}

export interface ModelInfo {
  readonly name: string;
  readonly labels: readonly string[];
  /** Side of a block in working px. */
  readonly blockPx: number;
  /** Working px that the detail network reads around an attended block. */
  readonly haloPx: number;
  readonly parameters: number;
  readonly fileBytes: number;
  readonly scoreThresholds: Readonly<Record<string, number>>;
  readonly card: Readonly<Record<string, unknown>>;
}

export interface EngineMemory {
  /** Weights and maps on the backend. */
  readonly backendBytes: number;
  /** Frames that were handed over and not closed yet. */
  readonly framesHeld: number;
}

export interface EngineStatus {
  readonly backend: BackendName;
  readonly passedOver: readonly PassedOver[];
  readonly model: ModelInfo;
  readonly memory: EngineMemory;
  /** Frames that are worth giving to it at a time. */
  readonly depth: number;
  /** Compute pipelines of the network, on a GPU. */
  readonly pipelines?: number;
}

export interface EngineDetectOptions extends FrameOptions {
  readonly gates?: Uint8Array;
  /** As `DetectOptions.priors` of the session. */
  readonly priors?: Float32Array;
  /** As `DetectOptions.treatment` of the session. */
  readonly treatment?: Treatment | null;
  /** Of the caller's own prior, px of the frame. */
  readonly regions?: readonly Region[];
  /** Asks for the stages of a frame that stays on a GPU, by its timestamps: they join the result's timings. */
  readonly stats?: boolean;
  readonly timestampMs?: number;
  /** The stream whose memory the frame goes on with; without one it stands alone. */
  readonly streamId?: string;
}

export interface EngineReply {
  readonly result: Result;
  readonly memory: EngineMemory;
  /** Bytes that came back from a GPU for this frame, where `stats` asked and the frame stayed there. */
  readonly readbackBytes?: number;
}

/** A frame in which blocks under a track were attended. */
export interface Sighting {
  readonly timestampMs: number;
  readonly blocks: readonly { readonly column: number; readonly row: number; readonly gate: number }[];
}

/** Frames of a stream, counted where they are read: `seen` is `used` and `dropped`, and at the end `closed`. */
export interface FrameCounts {
  readonly seen: number;
  /** Computed, or being computed. */
  readonly used: number;
  readonly dropped: number;
  readonly closed: number;
  /** Results that nobody took before the next one. */
  readonly unread: number;
}

export interface StreamReply {
  /** Missing at the end of the stream. */
  readonly reply?: EngineReply;
  /** When the frame was captured, ms since 1970. */
  readonly capturedMs?: number;
  readonly counts: FrameCounts;
}

/** Streams that run beside the engine. `stream` numbers are the caller's, each used once. */
export interface StreamsApi {
  /** Takes the readable of a MediaStreamTrackProcessor over. */
  open(stream: number, readable: ReadableStream<VideoFrame>, options: EngineDetectOptions): Promise<void>;
  /** The newest result that was not taken yet. */
  take(stream: number): Promise<StreamReply>;
  pause(stream: number, paused: boolean): Promise<void>;
  /** Resolves when every frame is closed. */
  close(stream: number): Promise<FrameCounts>;
}

export type EngineEvent =
  | { readonly type: 'progress'; readonly stage: 'decode' | 'backend' | 'warmup' }
  | { readonly type: 'devicelost'; readonly message: string }
  /** `tookMs`: from the loss until it runs again. */
  | { readonly type: 'restored'; readonly status: EngineStatus; readonly tookMs: number }
  /** No more GPU. Without `goesOnWith` the engine has ended: every call rejects with DEVICE_LOST. */
  | { readonly type: 'lost'; readonly message: string; readonly goesOnWith?: BackendName }
  | { readonly type: 'warning'; readonly code: string; readonly message: string };

/** `call` numbers are the caller's, each used once. */
export interface EngineApi {
  start(call: number, init: EngineInit): Promise<EngineStatus>;
  detect(call: number, frame: EngineFrame, options: EngineDetectOptions): Promise<EngineReply>;
  /** Stops a call between two stages; unknown numbers are no error, the call may just have ended. */
  abort(call: number): void;
  /** Of the last frames of a stream, oldest first. */
  sightings(streamId: string, trackId: number): Promise<Sighting[]>;
  /** Forgets what is remembered of a stream, or of all. */
  reset(streamId?: string): void;
  /** Where frames of a stream can be read beside the engine: in a worker. */
  readonly streams?: StreamsApi;
  dispose(): void;
}
