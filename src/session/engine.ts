/**
 * The engine behind a net: decodes the model, opens a session on the first backend that runs, detects, and takes
 * a lost device up again. Runs in a worker (workers/worker.ts) or in-thread; both reach it by `await import()`.
 *
 * Ownership: frames given belong to the engine and are closed when their call settles, however it does. The
 * model file is kept (a few hundred kB) for the restart after a lost device; its decoded weights are not.
 */
import type { PixelFrame } from '../backends/backend.ts';
import { decodeModel } from '../codec/decode-model.ts';
import { SaccadeNetError } from '../errors/errors.ts';
import { type Model, weightShapes } from '../network/spec.ts';
import type { Result } from '../result.ts';
import { openSession } from './choose-backend.ts';
import type {
  EngineApi,
  EngineDetectOptions,
  EngineEvent,
  EngineFrame,
  EngineInit,
  EngineMemory,
  EngineReply,
  EngineStatus,
  ModelInfo,
  PassedOver,
} from './engine-api.ts';
import { closeFrame, FrameReader } from './read-frame.ts';
import { SerialQueue } from './serial-queue.ts';
import type { Session } from './session.ts';

/** Side of the grey frame of the warm-up, px: a few blocks. */
const WARMUP_SIDE_PX = 64;
/** After these an executor is of no more use (backend.ts); the next call opens another. */
const NEEDS_RESTART: readonly string[] = ['DEVICE_LOST', 'OUT_OF_MEMORY'];

export class Engine implements EngineApi {
  readonly #emit: (event: EngineEvent) => void;
  readonly #queue = new SerialQueue();
  readonly #reader = new FrameReader();
  readonly #calls = new Map<number, AbortController>();
  #init: EngineInit | undefined;
  #session: Session | undefined;
  #modelInfo: ModelInfo | undefined;
  #passedOver: PassedOver[] = [];
  #framesHeld = 0;
  #disposed = false;

  constructor(emit: (event: EngineEvent) => void) {
    this.#emit = emit;
  }

  start(call: number, init: EngineInit): Promise<EngineStatus> {
    return this.#call(call, async (signal) => {
      this.#init = init;
      await this.#open(signal);
      const { warmup = this.#session?.backend === 'webgpu' } = init;
      if (warmup) {
        this.#emit({ type: 'progress', stage: 'warmup' });
        await this.#session?.detect(greyFrame(), { policy: 'dense', signal });
      }
      return this.#status();
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
    return this.#call(call, async (signal) => {
      const startMs = performance.now();
      const pixels = this.#reader.read(frame);
      free();
      const readMs = performance.now() - startMs;
      const result = await this.#detect(pixels, options, signal);
      const { totalMs, uploadMs = 0 } = result.timings;
      result.timings.totalMs = totalMs + readMs;
      result.timings.uploadMs = uploadMs + readMs;
      return { result, memory: this.#memory() };
    }).finally(free);
  }

  abort(call: number): void {
    this.#calls.get(call)?.abort();
  }

  dispose(): void {
    this.#disposed = true;
    for (const controller of this.#calls.values()) controller.abort(disposedError());
    this.#session?.dispose();
  }

  #call<T>(call: number, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#calls.set(call, controller);
    return this.#queue
      .run(async () => {
        if (this.#disposed) throw disposedError();
        controller.signal.throwIfAborted();
        return task(controller.signal);
      })
      .finally(() => this.#calls.delete(call));
  }

  async #detect(pixels: PixelFrame, options: EngineDetectOptions, signal: AbortSignal): Promise<Result> {
    if (!this.#session) await this.#restore('The backend had failed before.', signal);
    try {
      return await this.#mustHaveSession().detect(pixels, { ...options, signal });
    } catch (error) {
      if (!(error instanceof SaccadeNetError) || !NEEDS_RESTART.includes(error.code)) throw error;
      this.#session?.dispose();
      this.#session = undefined;
      if (error.code !== 'DEVICE_LOST') throw error;
      const final = this.#init?.device !== undefined;
      this.#emit({ type: 'devicelost', message: error.message, final });
      if (final) throw error;
      await this.#restore(error.message, signal);
      return this.#mustHaveSession().detect(pixels, { ...options, signal });
    }
  }

  async #restore(message: string, signal: AbortSignal): Promise<void> {
    const before = this.#passedOver.length;
    await this.#open(signal);
    const status = this.#status();
    this.#emit({ type: 'restored', status });
    if (status.passedOver.length > before) {
      this.#emit({
        type: 'warning',
        code: 'DEVICE_LOST',
        message: `${message} Going on with ${status.backend}.`,
      });
    }
  }

  async #open(signal: AbortSignal): Promise<void> {
    const init = this.#init!;
    this.#emit({ type: 'progress', stage: 'decode' });
    const model = await decodeModel(init.modelBytes);
    signal.throwIfAborted();
    this.#modelInfo = describe(model, init.modelBytes.length);
    this.#emit({ type: 'progress', stage: 'backend' });
    const { session, passedOver } = await openSession(model, init, signal);
    if (this.#disposed) {
      session.dispose();
      throw disposedError();
    }
    this.#session = session;
    this.#passedOver = passedOver;
  }

  #mustHaveSession(): Session {
    if (!this.#session) {
      throw new SaccadeNetError('INTERNAL', 'The engine was used before it had started; please report this.');
    }
    return this.#session;
  }

  #status(): EngineStatus {
    const { backend } = this.#mustHaveSession();
    return { backend, passedOver: this.#passedOver, model: this.#modelInfo!, memory: this.#memory() };
  }

  #memory(): EngineMemory {
    return { backendBytes: this.#session?.memoryBytes() ?? 0, framesHeld: this.#framesHeld };
  }
}

function describe(model: Model, fileBytes: number): ModelInfo {
  const { network, scoreThresholds, card } = model;
  const parameters = weightShapes(network).reduce(
    (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );
  const { name, labels, block } = network;
  return { name, labels, blockPx: block, parameters, fileBytes, scoreThresholds, card };
}

function greyFrame(): PixelFrame {
  const data = new Uint8ClampedArray(WARMUP_SIDE_PX * WARMUP_SIDE_PX * 4).fill(128);
  return { width: WARMUP_SIDE_PX, height: WARMUP_SIDE_PX, data };
}

function disposedError(): SaccadeNetError {
  return new SaccadeNetError('DISPOSED', 'The net was disposed of; create a new one to go on.');
}
