/**
 * The engine behind a net: takes calls in their order, each when the one before it has ended or the device has its
 * frame, and detects on a session that outlives the loss of its GPU device (live-session.ts). Runs in a worker (workers/worker.ts) or in-thread; both reach it by
 * `await import()`.
 *
 * Ownership: frames given belong to the engine and are closed when their call settles, however it does. The
 * model file is kept (a few hundred kB) for the restart after a lost device; its decoded weights are not.
 */
import type { PixelFrame } from '../backends/backend.ts';
import { disposedError } from '../errors/errors.ts';
import type { Timings } from '../result.ts';
import type {
  EngineApi,
  EngineDetectOptions,
  EngineEvent,
  EngineFrame,
  EngineInit,
  EngineReply,
  EngineStatus,
  Sighting,
} from './engine-api.ts';
import { LiveSession } from './live-session.ts';
import { closeFrame } from './read-frame.ts';
import { SerialQueue } from './serial-queue.ts';
import type { DeviceStats } from './session.ts';
import { Sightings } from './sightings.ts';
import { StreamState } from './stream-state.ts';

/** Side of the grey frame of the warm-up, px: a few blocks. */
const WARMUP_SIDE_PX = 64;

export interface EngineOptions {
  /** Milliseconds that only rise; for tests. Default: performance.now. */
  readonly now?: () => number;
}

export class Engine implements EngineApi {
  readonly #emit: (event: EngineEvent) => void;
  readonly #queue = new SerialQueue();
  readonly #calls = new Map<number, AbortController>();
  readonly #live: LiveSession;
  /** What is remembered of each stream, by its name. */
  readonly #memories = new Map<string, StreamState>();
  readonly #sightings = new Sightings();
  #framesHeld = 0;
  #disposed = false;

  constructor(emit: (event: EngineEvent) => void, { now = () => performance.now() }: EngineOptions = {}) {
    this.#emit = emit;
    this.#live = new LiveSession({
      emit,
      now,
      framesHeld: () => this.#framesHeld,
      // Whoever calls learns of its failure; here nobody does.
      onLost: () => void this.#queue.run(() => this.#live.recover()).catch(() => {}),
    });
  }

  start(call: number, init: EngineInit): Promise<EngineStatus> {
    return this.#call(call, async (signal) => {
      await this.#live.open(init, signal);
      const { warmup = this.#live.status().backend === 'webgpu' } = init;
      if (warmup) {
        this.#emit({ type: 'progress', stage: 'warmup' });
        const frame = greyFrame();
        await this.#live.run((session) => session.detect(frame, { policy: 'dense', signal }), signal);
      }
      return this.#live.status();
    });
  }

  detect(call: number, frame: EngineFrame, options: EngineDetectOptions): Promise<EngineReply> {
    this.#framesHeld++;
    let held = true;
    const free = () => {
      if (!held) return;
      held = false;
      this.#framesHeld--;
      closeFrame(frame);
    };
    return this.#call(call, async (signal, onTaken) => {
      const startMs = performance.now();
      const { stats, streamId, ...rest } = options;
      const stream = streamId === undefined ? {} : { stream: this.#memoryOf(streamId) };
      let device: DeviceStats | undefined;
      const onStats = (given: DeviceStats) => {
        device = given;
      };
      const result = await this.#live.run(
        (session) =>
          session.detect(frame, { ...rest, ...stream, ...(stats ? { onStats } : {}), onTaken, signal }),
        signal,
      );
      free();
      if (streamId !== undefined) this.#sightings.note(streamId, result);
      if (device?.stageMs) joinStages(result.timings, device.stageMs);
      // A recovery in between counts: the frame was that late.
      result.timings.totalMs = performance.now() - startMs;
      const { readbackBytes } = device ?? {};
      return { result, memory: this.#live.memory(), ...(readbackBytes ? { readbackBytes } : {}) };
    }).finally(free);
  }

  abort(call: number): void {
    this.#calls.get(call)?.abort();
  }

  async sightings(streamId: string, trackId: number): Promise<Sighting[]> {
    return this.#sightings.of(streamId, trackId);
  }

  reset(streamId?: string): void {
    if (streamId === undefined) this.#memories.clear();
    else this.#memories.delete(streamId);
    this.#sightings.reset(streamId);
  }

  dispose(): void {
    this.#disposed = true;
    for (const controller of this.#calls.values()) controller.abort(disposedError());
    this.#live.close(disposedError());
  }

  #memoryOf(streamId: string): StreamState {
    const memory = this.#memories.get(streamId) ?? new StreamState();
    this.#memories.set(streamId, memory);
    return memory;
  }

  /** @param task may call `release` where the next call can begin before it has ended */
  #call<T>(call: number, task: (signal: AbortSignal, release: () => void) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#calls.set(call, controller);
    return this.#queue
      .run(async (release) => {
        if (this.#disposed) throw disposedError();
        controller.signal.throwIfAborted();
        return task(controller.signal, release);
      })
      .finally(() => this.#calls.delete(call));
  }
}

/** Stages on the GPU under the names of the result. Candidates are found there, boxes made of them here: one stage. */
function joinStages(timings: Timings, stageMs: Readonly<Record<string, number>>): void {
  timings.uploadMs = stageMs.input;
  timings.attentionMs = stageMs.attention;
  timings.selectMs = stageMs.select;
  timings.detailMs = stageMs.detail;
  timings.decodeMs = (timings.decodeMs ?? 0) + stageMs.candidates;
}

function greyFrame(): PixelFrame {
  const data = new Uint8ClampedArray(WARMUP_SIDE_PX * WARMUP_SIDE_PX * 4).fill(128);
  return { width: WARMUP_SIDE_PX, height: WARMUP_SIDE_PX, data };
}
