/**
 * An engine in a worker that is started again when it crashes, with the same model. What ran then rejects with
 * WORKER_CRASHED (`details.restarts`), for its frame went with the worker; what waits runs in the next one. A crash
 * within 10 s of a restart is the second of a row and ends the engine, as does one of a worker that cannot be made anew.
 */
import { disposedError, SaccadeNetError } from '../errors/errors.ts';
import type { EngineApi, EngineEvent, EngineInit, EngineStatus, StreamsApi } from '../session/engine-api.ts';

/** A crash this soon after a restart is the second of a row. */
const SECOND_CRASH_MS = 10_000;

export interface WorkerEngineOptions {
  /** Starts a worker. @param onCrash called once, with what was said */
  readonly connect: (onCrash: (said: string) => void) => Promise<EngineApi>;
  /** False where the worker was given as it is. */
  readonly restartable: boolean;
  readonly onEvent: (event: EngineEvent) => void;
  /** It has ended. */
  readonly onCrash: (error: SaccadeNetError) => void;
}

export class WorkerEngine implements EngineApi {
  readonly #options: WorkerEngineOptions;
  /** Of calls that run in the worker, or wait for it. */
  readonly #rejects = new Set<(error: SaccadeNetError) => void>();
  /** The worker at work, or being started. */
  #engine: Promise<EngineApi>;
  #at: EngineApi | undefined;
  /** What a restart is given; undefined before the first start is done. */
  #init: EngineInit | undefined;
  /** When the last restart began or was done. */
  #restartMs = Number.NEGATIVE_INFINITY;
  /** Why it has ended: a dead worker answers nothing. */
  #over: SaccadeNetError | undefined;

  private constructor(options: WorkerEngineOptions) {
    this.#options = options;
    this.#engine = this.#connect();
  }

  /** @throws what `connect` throws. */
  static async start(options: WorkerEngineOptions): Promise<WorkerEngine> {
    const made = new WorkerEngine(options);
    await made.#engine;
    return made;
  }

  start(call: number, init: EngineInit): Promise<EngineStatus> {
    const copy = { ...init, modelBytes: init.modelBytes.slice() };
    return this.#run(async (engine) => {
      const status = await engine.start(call, init);
      this.#init = copy;
      return status;
    });
  }

  detect: EngineApi['detect'] = (...args) => this.#run((engine) => engine.detect(...args));

  sightings: EngineApi['sightings'] = (...args) => this.#run((engine) => engine.sightings(...args));

  readonly streams: StreamsApi = {
    open: (...args) => this.#run((engine) => engine.streams!.open(...args)),
    take: (...args) => this.#run((engine) => engine.streams!.take(...args)),
    pause: (...args) => this.#run((engine) => engine.streams!.pause(...args)),
    close: (...args) => this.#run((engine) => engine.streams!.close(...args)),
  };

  abort(call: number): void {
    this.#at?.abort(call);
  }

  reset(streamId?: string): void {
    this.#at?.reset(streamId);
  }

  dispose(): void {
    this.#over ??= disposedError();
    this.#at?.dispose();
    this.#rejectAll(this.#over);
    this.#init = undefined;
  }

  #run<T>(work: (engine: EngineApi) => Promise<T>): Promise<T> {
    if (this.#over) return Promise.reject(this.#over);
    return new Promise((resolve, reject) => {
      this.#rejects.add(reject);
      this.#engine
        .then(work)
        .then(resolve, reject)
        .finally(() => this.#rejects.delete(reject));
    });
  }

  #rejectAll(error: SaccadeNetError): void {
    for (const reject of this.#rejects) reject(error);
    this.#rejects.clear();
  }

  async #connect(): Promise<EngineApi> {
    const engine = await this.#options.connect((said) => this.#crash(said));
    if (this.#over) engine.dispose();
    this.#at = engine;
    return engine;
  }

  #crash(said: string): void {
    const { restartable, onEvent } = this.#options;
    const nowMs = performance.now();
    const restarts = restartable && this.#init !== undefined && nowMs - this.#restartMs > SECOND_CRASH_MS;
    const error = crashError(said, restarts);
    this.#at = undefined;
    if (!restarts) {
      this.#end(error);
      return;
    }
    this.#engine = this.#restart(this.#init!, nowMs);
    this.#engine.catch((cause) => this.#end(crashError(said, false, cause)));
    this.#rejectAll(error);
    onEvent({ type: 'warning', code: error.code, message: error.message });
  }

  async #restart(init: EngineInit, crashedMs: number): Promise<EngineApi> {
    this.#restartMs = crashedMs;
    const engine = await this.#connect();
    const status = await engine.start(0, { ...init, modelBytes: init.modelBytes.slice() });
    this.#restartMs = performance.now();
    this.#options.onEvent({ type: 'restored', status, tookMs: this.#restartMs - crashedMs });
    return engine;
  }

  #end(error: SaccadeNetError): void {
    if (this.#over) return;
    this.#over = error;
    this.#rejectAll(error);
    this.#options.onCrash(error);
  }
}

function crashError(said: string, restarts: boolean, cause?: unknown): SaccadeNetError {
  const what = restarts
    ? 'It is started again; the frame that it computed is lost.'
    : 'Dispose of this net and create a new one.';
  return new SaccadeNetError(
    'WORKER_CRASHED',
    `The worker crashed (${said || 'the browser gives no reason'}). ${what}`,
    { details: { said, restarts }, cause },
  );
}
