/**
 * A net: one model on one engine, as the user holds it. Made by createSaccadeNet.
 *
 * Invariants: calls run in call order; a frame is copied when the call is made and stays the caller's; after
 * `dispose` every call rejects with DISPOSED, and those in flight did so then.
 */

import type { BackendName } from '../backends/backend.ts';
import { disposedError, SaccadeNetError } from '../errors/errors.ts';
import type { Detection, Result } from '../result.ts';
import type {
  EngineApi,
  EngineEvent,
  EngineFrame,
  EngineReply,
  EngineStatus,
  ModelInfo,
  PassedOver,
} from '../session/engine-api.ts';
import type { StreamStats } from '../stream/results.ts';
import type { RunFrame } from '../stream/stream-loop.ts';
import { Calls, type CheckedCall } from './calls.ts';
import { EventHub, type Listener } from './events.ts';
import { captureFrame, readPixels } from './frame-source.ts';
import {
  checkBenchmarkOptions,
  checkDetectOptions,
  checkStreamOptions,
  checkTimestamp,
  checkVideoOptions,
  frameOptions,
} from './options.ts';
import { customRegions, type Priors } from './priors.ts';
import { StreamClocks } from './stream-clocks.ts';
import type {
  Benchmark,
  BenchmarkOptions,
  DetectOptions,
  Explanation,
  FrameSource,
  LostInfo,
  NetEvents,
  NetMemory,
  ResultStream,
  StreamOptions,
  StreamSource,
  VideoOptions,
} from './types.ts';
import { invalid } from './validate.ts';

const DEFAULT_STREAM = 'default';
const EVENT_NAMES: readonly (keyof NetEvents)[] = ['devicelost', 'restored', 'warning', 'error'];

/** What the engine tells the net. */
export interface NetLink {
  readonly onEvent: (event: EngineEvent) => void;
  readonly onCrash: (error: SaccadeNetError) => void;
}

/** A model that runs here. Calls may be made while others run: they take their turn. `await using` disposes of it. */
export class SaccadeNet {
  readonly #engine: EngineApi;
  readonly #calls: Calls;
  readonly #events = new EventHub<NetEvents>();
  readonly #clocks = new StreamClocks();
  readonly #lost: Promise<LostInfo>;
  /** The stream of its results. */
  readonly #streamOf = new WeakMap<Result, string>();
  /** Codes of which the console knows. */
  readonly #warned = new Set<string>();
  /** Of streams that run: they end with the net. */
  readonly #streamEnds = new Set<(reason: unknown) => void>();
  #resolveLost!: (info: LostInfo) => void;
  #status: EngineStatus;
  #ended: SaccadeNetError | undefined;
  #disposed = false;
  readonly #priors: Priors | undefined;
  /** The last result of every stream, for the caller's prior. */
  readonly #previous = new Map<string, Result>();
  #streams = 0;
  #firstFrameMs: number | undefined;

  /** Use createSaccadeNet. */
  constructor(
    engine: EngineApi,
    status: EngineStatus,
    attach: (link: NetLink) => void,
    options: DetectOptions = {},
  ) {
    this.#engine = engine;
    this.#status = status;
    this.#calls = new Calls(engine, () => this.#status.depth);
    this.#lost = new Promise((resolve) => {
      this.#resolveLost = resolve;
    });
    attach({
      onEvent: (event) => this.#handleEvent(event),
      onCrash: (error) => {
        if (!this.#ended) this.#fail(error, 'crashed');
      },
    });
    this.#priors = options.attention?.priors;
  }

  /** The backend at work; it may change after 'restored'. */
  get backend(): BackendName {
    return this.#status.backend;
  }

  /** Backends that were preferred and cannot run here, each with its reason. */
  get passedOver(): readonly PassedOver[] {
    return this.#status.passedOver;
  }

  get model(): ModelInfo {
    return this.#status.model;
  }

  /**
   * Resolves when the GPU is gone for good or the net has ended, whichever is first; it never rejects. A net whose
   * `backends` allow another goes on with it (`goesOnWith`), after the GPU as before.
   */
  get lost(): Promise<LostInfo> {
    return this.#lost;
  }

  /**
   * One still image, without memory of others.
   * @throws INVALID_OPTION, DISPOSED, WORKER_CRASHED, DEVICE_LOST, OUT_OF_MEMORY; the signal's reason
   */
  async detect(source: FrameSource, options?: DetectOptions): Promise<Result> {
    return this.#run(captured(source), { options: checkDetectOptions(options) });
  }

  /**
   * A frame of a video. Frames of one `streamId` must come with rising timestamps.
   * @throws TIMESTAMP_ORDER, and what `detect` throws
   */
  async detectForVideo(source: FrameSource, timestampMs: number, options?: VideoOptions): Promise<Result> {
    return this.#runVideo(() => captured(source), checkTimestamp(timestampMs), checkVideoOptions(options));
  }

  /**
   * Results of a camera or a video, of the latest frame each time: what comes while a frame is computed is dropped, but
   * for the newest. Frames go on being computed while the loop is busy with a result; it then gets the newest. Waits
   * while the page is hidden. Ends with the track or the video; breaking off the loop frees everything, not the source.
   * Where its worker crashes and is restarted it goes on, having forgotten what it saw.
   * @throws INVALID_OPTION for the source, and what `detectForVideo` throws
   */
  stream(source: StreamSource, options?: StreamOptions): ResultStream {
    let stats: StreamStats | undefined;
    const results = this.#stream(source, options, (now) => {
      stats = now;
    });
    return Object.defineProperty(results, 'stats', { get: () => stats }) as ResultStream;
  }

  async *#stream(
    source: StreamSource,
    options: StreamOptions | undefined,
    onStats: (stats: StreamStats) => void,
  ): AsyncGenerator<Result, void, undefined> {
    const { signal, pauseWhenHidden = true, streamId, ...rest } = checkStreamOptions(options);
    const id = streamId ?? `stream ${++this.#streams}`;
    this.#mustLive();
    signal?.throwIfAborted();
    const { isRestart, streamResults } = await import('../stream/results.ts');
    this.#mustLive();
    const engineOptions = { ...frameOptions(rest, 'saccade'), streamId: id };
    const priors = rest.attention?.priors ?? this.#priors;
    const run: RunFrame = async ({ frame, timestampMs }, stop) => {
      try {
        const taken = Promise.resolve(frame);
        const regions = this.#regions(priors, taken, timestampMs, id);
        const options = { ...engineOptions, timestampMs, ...regions };
        const reply = await this.#calls.detect(taken, options, stop);
        this.#remember(priors, id, reply.result);
        return reply;
      } catch (error) {
        if (isRestart(error)) return undefined;
        throw error;
      }
    };
    // The caller's function runs here, before every frame: then frames are read here too.
    const streams = priors?.custom ? undefined : this.#engine.streams;
    try {
      yield* streamResults({
        source,
        computer: { streams, options: engineOptions, run },
        signal,
        pauseWhenHidden,
        onStats,
        onReply: ({ result, memory }) => {
          this.#streamOf.set(result, id);
          this.#status = { ...this.#status, memory };
        },
        onOpen: (fail) => {
          this.#streamEnds.add(fail);
          return () => this.#streamEnds.delete(fail);
        },
      });
    } finally {
      if (streamId === undefined) this.resetState(id);
    }
  }

  /**
   * Why a detection is there: the blocks under it, at which gate, in this frame and earlier ones of its track; where a
   * frame is given, what is left of it without them, and what came from skipped blocks by the attention network.
   * @param subject a frame, which is looked at as by `detect`, or a result
   * @param detection of that result, its hindsight too, or of that frame; default: the one with the best score
   */
  async explain(subject: FrameSource | Result, detection?: Detection): Promise<Explanation> {
    this.#mustLive();
    const { explain } = await import('./explain.ts');
    const { haloPx, blockPx } = this.model;
    return explain(
      {
        ...{ haloPx, blockPx, pixels: readPixels },
        run: (source, call) => this.#run(captured(source), call),
        sightings: async (result, trackId) => {
          const streamId = this.#streamOf.get(result);
          return streamId === undefined ? [] : this.#engine.sightings(streamId, trackId);
        },
      },
      subject,
      detection,
    );
  }

  /**
   * How long frames take here: the first one, then foveated against dense, by turns, and what every share of the blocks
   * costs where `shares` asks for it; with the p50 of every stage.
   */
  async benchmark(options?: BenchmarkOptions): Promise<Benchmark> {
    const checked = checkBenchmarkOptions(options);
    this.#mustLive();
    const { benchmark } = await import('./benchmark.ts');
    return benchmark(
      (source, call) => this.#reply(captured(source), call),
      () => ({ firstFrameMs: this.#firstFrameMs, pipelines: this.#status.pipelines }),
      checked,
    );
  }

  /** @returns the remover; `signal` removes the listener too. */
  on<Name extends keyof NetEvents>(
    name: Name,
    listener: Listener<NetEvents[Name]>,
    options?: { signal?: AbortSignal },
  ): () => void {
    if (!EVENT_NAMES.includes(name)) throw invalid('the event', name, `one of ${EVENT_NAMES.join(', ')}`);
    if (typeof listener !== 'function') throw invalid('the listener', listener, 'a function');
    return this.#events.on(name, listener, options);
  }

  /** As of the last call that ended. */
  memory(): NetMemory {
    return this.#ended ? { backendBytes: 0, framesHeld: 0 } : this.#status.memory;
  }

  /** Forgets what was seen in a stream, or in all of them: timestamps may begin anew. */
  resetState(streamId?: string): void {
    this.#clocks.reset(streamId);
    if (streamId === undefined) this.#previous.clear();
    else this.#previous.delete(streamId);
    if (!this.#ended) this.#engine.reset(streamId);
  }

  /** Frees everything, once; calls in flight reject with DISPOSED. Never rejects. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#end(disposedError(), { reason: 'disposed', message: 'dispose() was called.' });
    this.#events.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #handleEvent(event: EngineEvent): void {
    if (this.#ended) return;
    if (event.type === 'restored') {
      this.#status = event.status;
      this.#events.emit('restored', { backend: event.status.backend, tookMs: event.tookMs });
    } else if (event.type === 'devicelost') {
      this.#events.emit('devicelost', { message: event.message });
    } else if (event.type === 'lost') {
      const { message, goesOnWith } = event;
      if (goesOnWith) this.#resolveLost({ reason: 'device', message, goesOnWith });
      else this.#fail(new SaccadeNetError('DEVICE_LOST', message), 'device');
    } else if (event.type === 'warning') {
      const { code, message } = event;
      if (!this.#warned.has(code)) console.warn(`saccadenet: ${message}`);
      this.#warned.add(code);
      this.#events.emit('warning', { code, message });
    }
  }

  #fail(error: SaccadeNetError, reason: LostInfo['reason']): void {
    this.#end(error, { reason, message: error.message });
    this.#events.emit('error', error);
  }

  #end(error: SaccadeNetError, info: LostInfo): void {
    const already = this.#ended !== undefined;
    this.#ended = error;
    if (already) return;
    this.#calls.rejectAll(error);
    for (const end of this.#streamEnds) end(error);
    this.#engine.dispose();
    this.#resolveLost(info);
  }

  async #runVideo(
    capture: () => Promise<EngineFrame>,
    timestampMs: number,
    options: VideoOptions,
  ): Promise<Result> {
    const { streamId = DEFAULT_STREAM, ...rest } = options;
    this.#mustLive();
    this.#clocks.advance(streamId, timestampMs);
    return this.#run(capture(), { options: rest, policy: 'saccade', timestampMs, streamId });
  }

  /** Captures at once, computes when its turn comes. */
  async #run(frame: Promise<EngineFrame>, call: CheckedCall): Promise<Result> {
    return (await this.#reply(frame, call)).result;
  }

  async #reply(frame: Promise<EngineFrame>, call: CheckedCall): Promise<EngineReply> {
    const { options, policy, timestampMs, streamId, gates, priors, treatment, stats } = call;
    if (this.#ended) closeLater(frame);
    this.#mustLive();
    const startMs = performance.now();
    const own = options.attention?.priors ?? this.#priors;
    const regions = this.#regions(own, frame, timestampMs, streamId);
    const reply = await this.#calls.detect(
      frame,
      {
        ...frameOptions(options, policy),
        timestampMs,
        streamId,
        gates,
        priors,
        treatment,
        stats,
        ...regions,
      },
      options.signal,
    );
    const { result, memory } = reply;
    this.#remember(own, streamId, result);
    this.#firstFrameMs ??= performance.now() - startMs;
    if (streamId !== undefined) this.#streamOf.set(result, streamId);
    this.#status = { ...this.#status, memory };
    return reply;
  }

  /** @param frame freed where the caller's function fails */
  #regions(priors: Priors | undefined, frame: Promise<EngineFrame>, timestampMs?: number, streamId?: string) {
    const previous = streamId === undefined ? undefined : this.#previous.get(streamId);
    try {
      const regions = customRegions(priors, { timestampMs, previous });
      return regions ? { regions } : {};
    } catch (error) {
      closeLater(frame);
      throw error;
    }
  }

  #remember(priors: Priors | undefined, streamId: string | undefined, result: Result): void {
    if (priors?.custom && streamId !== undefined) this.#previous.set(streamId, result);
  }

  #mustLive(): void {
    if (this.#ended) throw this.#ended;
  }
}

function closeLater(frame: Promise<EngineFrame>): void {
  frame.then(
    (given) => 'close' in given && given.close(),
    () => {},
  );
}

function captured(source: FrameSource): Promise<EngineFrame> {
  return captureFrame(source);
}
