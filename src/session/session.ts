/**
 * One model on one executor: frame -> working size -> upload -> glance -> select -> inspect -> decode -> result.
 *
 * Ownership: the frame given is only read, and free again when the call settles; everything in a `Trace` is a
 * copy that the caller may keep. Calls run one after the other in call order. After `dispose` calls reject
 * with DISPOSED.
 */
import { DEFAULT_BUDGET, type Policy, selectGates, sigmoid } from '../attention/select.ts';
import type { Backend, Executor, Glance, Inspection, PixelFrame } from '../backends/backend.ts';
import { checkFrame } from '../backends/checks.ts';
import { decodeCells } from '../detection/decode.ts';
import { SaccadeNetError } from '../errors/errors.ts';
import { attentionMacs, denseMacs, type Size } from '../network/geometry.ts';
import { GATE_FIVE, type Model, type NetworkSpec } from '../network/spec.ts';
import type { Result, Timings } from '../result.ts';
import { resizeArea } from './resize.ts';
import { SerialQueue } from './serial-queue.ts';
import { boxInFrame, DEFAULT_MAX_WORKING_PIXELS, workingSize } from './working-size.ts';

export type { Policy };

/** Chooses the gates [rows, columns] itself, for evaluation: random, centre, oracle. */
export type GateSelector = (glance: Glance, working: Size, spec: NetworkSpec) => Uint8Array;

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
}

export interface SessionOptions extends FrameOptions {
  readonly signal?: AbortSignal;
}

export interface DetectOptions extends FrameOptions {
  /** Forces the gates; budget and policy are then not looked at. */
  readonly gates?: Uint8Array | GateSelector;
  readonly timestampMs?: number;
  /** Looked at between the stages; the call then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** A result and what it was made from, for evaluation. */
export interface Trace {
  readonly result: Result;
  /** The size that was worked at; `inspection` is in its pixels. */
  readonly working: Size;
  readonly glance: Glance;
  readonly inspection: Inspection;
}

/** Used where neither the caller nor the model names a threshold. */
const FALLBACK_SCORE_THRESHOLD = 0.5;
type Defaults = Required<Omit<FrameOptions, 'scoreThreshold'>>;
const DEFAULTS: Defaults = {
  budget: DEFAULT_BUDGET,
  policy: 'static',
  maxDetections: 100,
  maxWorkingPixels: DEFAULT_MAX_WORKING_PIXELS,
};

export class Session {
  readonly model: Pick<Model, 'network' | 'scoreThresholds' | 'gateThreshold' | 'card'>;
  readonly #executor: Executor;
  readonly #options: FrameOptions;
  readonly #queue = new SerialQueue();
  #disposed = false;

  private constructor(model: Model, executor: Executor, options: FrameOptions) {
    const { network, scoreThresholds, gateThreshold, card } = model;
    this.model = { network, scoreThresholds, gateThreshold, card };
    this.#executor = executor;
    this.#options = options;
  }

  /** @throws what `Backend.load` throws; the signal's reason when it is aborted. */
  static async create(model: Model, backend: Backend, options: SessionOptions = {}): Promise<Session> {
    const { signal, ...frameOptions } = options;
    signal?.throwIfAborted();
    const executor = await backend.load(model, { signal });
    return new Session(model, executor, frameOptions);
  }

  get backend(): Executor['backend'] {
    return this.#executor.backend;
  }

  /** Bytes held by weights and maps. */
  memoryBytes(): number {
    return this.#disposed ? 0 : this.#executor.memoryBytes();
  }

  /** @param frame RGBA at its own size; boxes and block sizes come back in its pixels. */
  async detect(frame: PixelFrame, options: DetectOptions = {}): Promise<Result> {
    return (await this.#enqueue(frame, options, false)).result;
  }

  /** `detect`, with the copies of what it was made from. */
  trace(frame: PixelFrame, options: DetectOptions = {}): Promise<Trace> {
    return this.#enqueue(frame, options, true);
  }

  /** As `Executor.onLost`; never called where the backend has no device. */
  onLost(listener: (error: SaccadeNetError) => void): void {
    this.#executor.onLost?.(listener);
  }

  /** May be called at any time, twice too. */
  dispose(): void {
    this.#disposed = true;
    this.#executor.dispose();
  }

  #enqueue(frame: PixelFrame, options: DetectOptions, copy: boolean): Promise<Trace> {
    return this.#queue.run(() =>
      this.#run(frame, { ...DEFAULTS, ...defined(this.#options), ...defined(options) }, copy),
    );
  }

  async #run(frame: PixelFrame, options: DetectOptions & Defaults, copy: boolean): Promise<Trace> {
    const { network } = this.model;
    const clock = new StageClock(() => this.#check(options.signal));
    checkFrame(frame);
    const working = workingSize(frame, options.maxWorkingPixels);
    await this.#executor.upload(resizeArea(frame, working));
    clock.lap('uploadMs');
    const glance = copyGlance(await this.#executor.glance());
    clock.lap('attentionMs');
    const gates = this.#gates(glance, working, options);
    clock.lap('selectMs');
    const inspection = await this.#executor.inspect(gates);
    clock.lap('detailMs');
    const decoded = decodeCells(network, working, inspection, {
      scoreThreshold: (label) => this.#scoreThreshold(label, options),
      maxDetections: options.maxDetections,
    });
    const detections = decoded.flatMap(({ label, score, box }) => {
      const mapped = boxInFrame(box, working, frame);
      return mapped ? [{ label, score, box: mapped }] : [];
    });
    clock.lap('decodeMs');
    const result: Result = {
      ...(options.timestampMs === undefined ? {} : { timestampMs: options.timestampMs }),
      width: frame.width,
      height: frame.height,
      backend: this.backend,
      detections,
      attention: {
        columns: glance.columns,
        rows: glance.rows,
        blockWidth: (network.block * frame.width) / working.width,
        blockHeight: (network.block * frame.height) / working.height,
        gates,
        priority: glance.look.map(sigmoid),
      },
      macs: {
        attention: attentionMacs(network, working),
        detail: inspection.macs,
        dense: denseMacs(network, working),
      },
      timings: clock.timings(),
    };
    return { result, working, glance, inspection: copy ? copyInspection(inspection) : inspection };
  }

  #gates(glance: Glance, working: Size, options: DetectOptions & Defaults): Uint8Array {
    if (options.gates === undefined) {
      const { budget, policy } = options;
      return selectGates(glance, { budget, policy, threshold: this.model.gateThreshold });
    }
    const forced =
      typeof options.gates === 'function'
        ? options.gates(glance, working, this.model.network)
        : options.gates;
    const blocks = glance.columns * glance.rows;
    if (forced.length !== blocks || forced.some((gate) => gate > GATE_FIVE)) {
      throw new SaccadeNetError(
        'INVALID_OPTION',
        `gates holds ${forced.length} values; this frame needs ${blocks} (${glance.rows} rows of ${glance.columns} blocks), each 0, 1 or 2.`,
        { details: { field: 'gates', columns: glance.columns, rows: glance.rows } },
      );
    }
    return Uint8Array.from(forced);
  }

  #scoreThreshold(label: string, options: FrameOptions): number {
    return options.scoreThreshold ?? this.model.scoreThresholds[label] ?? FALLBACK_SCORE_THRESHOLD;
  }

  #check(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#disposed) {
      throw new SaccadeNetError('DISPOSED', 'The session was disposed; create a new one to go on.');
    }
  }
}

/** Laps of one frame in ms; every lap is also a place to stop. */
class StageClock {
  readonly #check: () => void;
  readonly #startMs = performance.now();
  readonly #laps: Partial<Timings> = {};
  #lapMs = this.#startMs;

  constructor(check: () => void) {
    this.#check = check;
    check();
  }

  lap(stage: Exclude<keyof Timings, 'totalMs'>): void {
    const nowMs = performance.now();
    this.#laps[stage] = nowMs - this.#lapMs;
    this.#lapMs = nowMs;
    this.#check();
  }

  timings(): Timings {
    return { totalMs: this.#lapMs - this.#startMs, ...this.#laps };
  }
}

/** The fields that have a value: an undefined option does not hide a default. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function copyGlance(glance: Glance): Glance {
  return { ...glance, look: glance.look.slice(), five: glance.five.slice() };
}

function copyInspection(inspection: Inspection): Inspection {
  return { ...inspection, blocks: inspection.blocks.slice(), cells: inspection.cells.slice() };
}
