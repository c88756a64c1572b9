/**
 * The session behind an engine, and what becomes of it when its GPU device is lost.
 *
 * - A device of our own is replaced: the model is decoded again and uploaded to a new one, and what ran on the lost
 *   one runs anew. So a result is late or an error, never what a dead device gave back.
 * - A device that is lost within 10 s of a recovery is given up, and so is the caller's own, which is not ours to
 *   replace: the other backends that the caller allows take over for good. Where there is none it has ended, and
 *   every call rejects with DEVICE_LOST.
 * - A session that ran out of memory is closed; the next call opens another.
 *
 * Knows nothing of how a backend works but `Executor.onLost` and the codes of its errors. `open` is called first and
 * once; `run` and `recover` may overlap, and all that wait for a recovery wait for the same one; `close` at any time.
 */
import type { BackendName } from '../backends/backend.ts';
import { decodeModel } from '../codec/decode-model.ts';
import { SaccadeNetError } from '../errors/errors.ts';
import { openSession } from './choose-backend.ts';
import type {
  EngineEvent,
  EngineInit,
  EngineMemory,
  EngineStatus,
  ModelInfo,
  PassedOver,
} from './engine-api.ts';
import { describeModel } from './model-info.ts';
import type { Session } from './session.ts';

/** A loss this soon after a recovery is the second of a row. */
export const SECOND_LOSS_MS = 10_000;

/** How long the news of a loss may come after a call failed of it. */
const LOSS_GRACE_MS = 100;

/** What is allowed where the caller names nothing; the order does not matter here. */
const DEFAULT_BACKENDS: readonly BackendName[] = ['webgpu', 'wasm'];

export interface LiveSessionOptions {
  readonly emit: (event: EngineEvent) => void;
  /** Told of every loss: `recover` is to be called when its turn comes. */
  readonly onLost: () => void;
  /** Milliseconds that only rise. */
  readonly now: () => number;
  readonly framesHeld: () => number;
}

interface Opened {
  readonly session: Session;
  readonly model: ModelInfo;
  readonly passedOver: readonly PassedOver[];
}

interface Loss {
  readonly error: SaccadeNetError;
  readonly atMs: number;
  readonly givenUp: boolean;
}

export class LiveSession {
  readonly #options: LiveSessionOptions;
  readonly #closing = new AbortController();
  #init: EngineInit | undefined;
  /** Undefined before `open`, between a loss and the recovery, and after the end. */
  #opened: Opened | undefined;
  #loss: Loss | undefined;
  #recovering: Promise<void> | undefined;
  /** Resolve when a loss is told of. */
  readonly #awaitingNews = new Set<() => void>();
  #recoveredMs = Number.NEGATIVE_INFINITY;
  #ended: SaccadeNetError | undefined;

  constructor(options: LiveSessionOptions) {
    this.#options = options;
  }

  /** @throws what `run` throws where nothing is open. */
  status(): EngineStatus {
    const { session, model, passedOver } = this.#mustBeOpen();
    const { backend, depth, pipelines } = session;
    return { backend, passedOver, model, memory: this.memory(), depth, ...(pipelines ? { pipelines } : {}) };
  }

  memory(): EngineMemory {
    const backendBytes = this.#opened?.session.memoryBytes() ?? 0;
    return { backendBytes, framesHeld: this.#options.framesHeld() };
  }

  /** @throws what decoding and `openSession` throw. */
  async open(init: EngineInit, signal: AbortSignal): Promise<void> {
    this.#init = init;
    this.#opened = await this.#open(init, init.backends, signal);
    this.#listen(this.#opened.session);
  }

  /**
   * Runs `work` on the session, and again where its device was lost meanwhile.
   * @throws DEVICE_LOST where it has ended, DISPOSED, the signal's reason, what `work` throws.
   */
  async run<T>(work: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      signal.throwIfAborted();
      if (!this.#opened) await this.recover();
      // Another loss may have followed at once.
      if (!this.#opened) continue;
      signal.throwIfAborted();
      const { session } = this.#opened;
      try {
        const value = await work(session);
        if (this.#isCurrent(session)) return value;
      } catch (error) {
        if (this.#isCurrent(session)) await this.#judge(session, error, signal);
      }
      // Here it was lost meanwhile, or closed, which the next round tells.
    }
  }

  /** Opens another session where there is none. @throws what `run` would. */
  async recover(): Promise<void> {
    if (this.#opened) return;
    this.#recovering ??= this.#reopen().finally(() => {
      this.#recovering = undefined;
    });
    await this.#recovering;
  }

  async #reopen(): Promise<void> {
    this.#mustNotHaveEnded();
    const init = this.#init!;
    const { emit, now } = this.#options;
    const loss = this.#loss;
    const startMs = loss?.atMs ?? now();
    let opened: Opened;
    try {
      const backends = loss?.givenUp ? withoutGpu(init.backends) : init.backends;
      opened = await this.#open(init, backends, this.#closing.signal);
    } catch (cause) {
      if (!loss || this.#closing.signal.aborted) throw cause;
      this.#ended = endError(loss.error, init, cause);
      emit({ type: 'lost', message: this.#ended.message });
      throw this.#ended;
    }
    this.#opened = opened;
    this.#loss = undefined;
    this.#recoveredMs = now();
    emit({ type: 'restored', status: this.status(), tookMs: this.#recoveredMs - startMs });
    const { backend } = opened.session;
    if (loss && backend !== 'webgpu') {
      const message = `${loss.error.message} Going on with ${backend}.`;
      emit({ type: 'lost', message, goesOnWith: backend });
      emit({ type: 'warning', code: 'DEVICE_LOST', message });
    }
    this.#listen(opened.session);
  }

  /** Frees everything; what runs rejects with DISPOSED. */
  close(reason: SaccadeNetError): void {
    this.#closing.abort(reason);
    this.#opened?.session.dispose();
    this.#opened = undefined;
    this.#init = undefined;
    this.#loss = undefined;
  }

  #mustNotHaveEnded(): void {
    this.#closing.signal.throwIfAborted();
    if (this.#ended) throw this.#ended;
  }

  #mustBeOpen(): Opened {
    this.#mustNotHaveEnded();
    if (this.#opened) return this.#opened;
    throw new SaccadeNetError('INTERNAL', 'The engine was used before it had started; please report this.');
  }

  #isCurrent(session: Session): boolean {
    return session === this.#opened?.session;
  }

  #listen(session: Session): void {
    session.onLost((error) => this.#lose(session, error));
  }

  /** What an error of the session that is at work means for it. Returns where the work is to run again. */
  async #judge(session: Session, error: unknown, signal: AbortSignal): Promise<void> {
    const code = error instanceof SaccadeNetError ? error.code : 'INTERNAL';
    if (code === 'DEVICE_LOST') {
      this.#lose(session, error as SaccadeNetError);
      return;
    }
    if (code === 'OUT_OF_MEMORY') {
      this.#opened = undefined;
      session.dispose();
    }
    // A dying device fails in whichever way before it says that it is lost.
    if (code === 'INTERNAL' && session.backend === 'webgpu' && !signal.aborted) {
      await this.#lossNews();
      if (!this.#isCurrent(session)) return;
    }
    throw error;
  }

  /** Resolves when a loss is told of, or none was in time. */
  async #lossNews(): Promise<void> {
    let stopWaiting = () => {};
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      stopWaiting = resolve;
      this.#awaitingNews.add(resolve);
      timer = setTimeout(resolve, LOSS_GRACE_MS);
    });
    clearTimeout(timer);
    this.#awaitingNews.delete(stopWaiting);
  }

  /** Called by whoever learns of it first: the device itself or a call that failed. */
  #lose(session: Session, error: SaccadeNetError): void {
    if (!this.#isCurrent(session)) return;
    const atMs = this.#options.now();
    const tooSoon = atMs - this.#recoveredMs < SECOND_LOSS_MS;
    this.#loss = { error, atMs, givenUp: tooSoon || this.#init?.device !== undefined };
    this.#opened = undefined;
    // What runs on it rejects now, rather than when the driver sees fit.
    session.dispose();
    for (const resolve of this.#awaitingNews) resolve();
    this.#options.emit({ type: 'devicelost', message: error.message });
    this.#options.onLost();
  }

  async #open(
    init: EngineInit,
    backends: readonly BackendName[] | undefined,
    signal: AbortSignal,
  ): Promise<Opened> {
    const { emit } = this.#options;
    emit({ type: 'progress', stage: 'decode' });
    const model = await decodeModel(init.modelBytes);
    signal.throwIfAborted();
    emit({ type: 'progress', stage: 'backend' });
    const { session, passedOver } = await openSession(model, { ...init, backends }, signal);
    const closed = this.#closing.signal;
    if (!closed.aborted) {
      return { session, model: describeModel(model, init.modelBytes.length), passedOver };
    }
    session.dispose();
    throw closed.reason;
  }
}

function withoutGpu(backends = DEFAULT_BACKENDS): BackendName[] {
  return backends.filter((name) => name !== 'webgpu');
}

function endError(loss: SaccadeNetError, { device }: EngineInit, cause: unknown): SaccadeNetError {
  const why = device
    ? 'It was the one given as `device`, which only its owner can replace.'
    : 'It could not be replaced, or was lost again at once.';
  return new SaccadeNetError(
    'DEVICE_LOST',
    `${loss.message} ${why} No other backend is allowed or runs here: create a new net, or name 'wasm' in backends to go on without the GPU.`,
    { details: loss.details, cause },
  );
}
