/**
 * The narrow interface that every backend implements, and what callers may rely on.
 *
 * Order of a frame: `upload` -> `glance` -> `inspect`, each awaited before the next. The caller chooses the
 * gates between glance and inspect, so gates can be forced and compared across backends.
 * - `upload` copies or converts: the source is free again when it resolves.
 * - `glance` and `inspect` read the last upload. `upload` then `inspect` without a new `glance` is allowed and
 *   uses the features of the last glance (that is how "features held fixed" is tested).
 * - Arrays that come back are owned by the executor and stay valid until its next call; copy what must last.
 * - The working size may change from upload to upload; buffers are reallocated then and only then.
 * - Calls after `dispose` reject with DISPOSED. `dispose` may be called at any time, twice too.
 * - A failing call leaves the executor usable, save DEVICE_LOST and OUT_OF_MEMORY.
 */

import type { SaccadeNetError } from '../errors/errors.ts';
import type { Size } from '../network/geometry.ts';
import type { Model } from '../network/spec.ts';

export type BackendName = 'webgpu' | 'wasm' | 'reference';

/** Working-size RGBA, 8 bit, row-major, no padding between rows; alpha is ignored. */
export interface PixelFrame extends Size {
  readonly data: Uint8ClampedArray | Uint8Array;
}

/** What the attention network says, one value a block, row-major [rows, columns]. */
export interface Glance {
  readonly columns: number;
  readonly rows: number;
  /** Logit of "worth looking at". */
  readonly look: Float32Array;
  /** Logit of "with 5x5 kernels rather than 3x3". */
  readonly five: Float32Array;
  /** Of the call, for making the attention network's input; where that is told apart. */
  readonly downsampleMs?: number;
}

/** What the detail network says of the attended blocks. */
export interface Inspection {
  /** Indices (row * columns + column) of the attended blocks, ascending: [blocks]. */
  readonly blocks: Uint32Array;
  /**
   * Head outputs [blocks, n, n, channels], n = block / cell side; rows of cells within the block first.
   * Cells over the frame's edge are zero.
   */
  readonly cells: Float32Array;
  /** MACs executed by this call, counted where the work is dispatched. */
  readonly macs: number;
}

/** A frame as a camera, a decoder or a page gives it, at its own size. */
export type SourceFrame = PixelFrame | ImageBitmap | VideoFrame | HTMLCanvasElement | OffscreenCanvas;

/** Which blocks a resident detection attends to: attention/select.ts in numbers. */
export interface BlockSelection {
  /** Most blocks, by highest look logit (prior added), ties to the lower index. */
  readonly limit: number;
  /** Least sigmoid(look) of an attended block. */
  readonly threshold: number;
  /** Attends to all with 3x3 kernels; the rest is then not looked at. */
  readonly dense: boolean;
  /** Look logit from which on more counts less (attention/select.ts), before the priors; infinite: never. */
  readonly sure: number;
}

/** What a resident detection is told. */
export interface ResidentOrder {
  /** The frame is scaled to this size by box averages. */
  readonly working: Size;
  readonly select: BlockSelection;
  /** Least score of a candidate, 0..1, by label as in the spec. */
  readonly leastScores: readonly number[];
  /** Added to the look logits before the selection, one a block; none where left out. */
  readonly priors?: Float32Array;
  /** Asks for `Sighting.stageMs`. */
  readonly stats?: boolean;
  /** Called once the frame is on its way to the device: the next one may follow. */
  readonly onTaken?: () => void;
}

/** Cells that speak for a label, ascending by cell, then label. */
export interface CandidateList {
  readonly count: number;
  /** [count]: block * n * n + cell within the block, rows first; n = block / cell side. */
  readonly cells: Uint32Array;
  /** [count]: index in the spec's labels. */
  readonly labels: Uint8Array;
  /** [count]: 0..1, to 1 / 16383. */
  readonly scores: Float32Array;
  /** [count, 4]: centre, width, top, bottom as the head has them, to float16. */
  readonly geometry: Float32Array;
}

/** What came of a resident detection; owned by the caller. */
export interface Sighting {
  readonly columns: number;
  readonly rows: number;
  /** [rows, columns], by the rule of attention/select.ts. */
  readonly gates: Uint8Array;
  readonly candidates: CandidateList;
  /**
   * Candidates that reached their least score. Where they are more than fit into the reply, `candidates` holds first
   * the best of every block and label, then the others, each by falling score.
   */
  readonly found: number;
  /** MACs of the detail network. */
  readonly macs: number;
  /** Bytes that came back from the device for this frame, at most 4096. */
  readonly readbackBytes: number;
  /** Milliseconds on the device by stage, where asked for and the device can tell. */
  readonly stageMs?: Readonly<Record<string, number>>;
}

/**
 * From frame to candidates without the host in between. Calls may overlap: frames are taken in call order and several
 * are in flight. `glance`, `inspect` and `read` wait for them.
 */
export interface Resident {
  /** Frames that are in flight at most; more wait for their turn. */
  readonly depth: number;
  /** False where such a frame is too large to be taken, or its gates to come back; glance and inspect then. */
  fits(frame: Size, working: Size): boolean;
  /** The frame is free again when it resolves. @throws as glance and inspect */
  detect(frame: SourceFrame, order: ResidentOrder): Promise<Sighting>;
}

export interface Executor {
  readonly backend: BackendName;
  /** Compute pipelines that the network needs, on backends that compile some. */
  readonly pipelines?: number;
  /** Where the backend can keep a frame to itself from pixels to candidates. */
  readonly resident?: Resident;
  upload(frame: PixelFrame): Promise<void>;
  glance(): Promise<Glance>;
  /** @param gates 0, 1 or 2 a block, [rows, columns]. */
  inspect(gates: Uint8Array): Promise<Inspection>;
  /**
   * A copy of an intermediate map, for conformance tests: the output of the layer of that name, or 'input'
   * (the down-sampled attention input; between an upload and its glance of either), 'join'. NHWC without N:
   * [height, width, channels], zero where nothing was computed.
   */
  read(name: string): Promise<{ shape: [number, number, number]; data: Float32Array }>;
  /** Bytes held by weights and maps. */
  memoryBytes(): number;
  /**
   * Only where there is a device to lose. The listener, one an executor, is called once with DEVICE_LOST when the
   * device is lost, at once where it already is; not for a loss that `dispose` brings about, nor after it.
   */
  onLost?(listener: (error: SaccadeNetError) => void): void;
  dispose(): void;
}

export interface Backend {
  readonly name: BackendName;
  /** Resolves to null where it can run, to a sentence that says why not where it cannot. Never throws. */
  unavailable(): Promise<string | null>;
  /** Rejects with UNSUPPORTED, OUT_OF_MEMORY, SHADER_COMPILE. The model's weights may be dropped afterwards. */
  load(model: Model, options?: { signal?: AbortSignal }): Promise<Executor>;
}
