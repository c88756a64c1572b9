/** createSaccadeNet: options -> model bytes -> engine -> net. */
import type { SaccadeNetError } from '../errors/errors.ts';
import type { EngineApi, EngineEvent, EngineStatus } from '../session/engine-api.ts';
import { startEngine } from './engine-start.ts';
import { callSafely } from './events.ts';
import { loadModel } from './load-model.ts';
import { checkCreateOptions, frameOptions } from './options.ts';
import { type NetLink, SaccadeNet } from './saccade-net.ts';
import type { CreateOptions, LoadProgress } from './types.ts';

/** Workers compile the runtime before they answer. */
const DEFAULT_WORKER_TIMEOUT_MS = 10_000;
/** The number of the first call; calls.ts counts on from here. */
const START_CALL = 0;

/**
 * A net that is ready to detect.
 * @throws INVALID_OPTION, UNSUPPORTED (with every backend's reason), MODEL_FETCH, MODEL_FORMAT, MODEL_VERSION,
 *   MODEL_CHECKSUM, MODEL_INTEGRITY, WORKER_START, WORKER_CRASHED; the signal's reason. Nothing is left behind then.
 */
export async function createSaccadeNet(given?: CreateOptions): Promise<SaccadeNet> {
  const options = checkCreateOptions(given);
  const { signal } = options;
  let loaded: LoadProgress = { stage: 'fetch', loadedBytes: 0 };
  const report = (progress: LoadProgress) => {
    loaded = progress;
    if (options.onProgress && !signal?.aborted) callSafely(options.onProgress, progress);
  };
  const modelBytes = await loadModel(options.model, {
    integrity: options.integrity,
    signal,
    onProgress: report,
  });

  report({ ...loaded, stage: 'worker' });
  let link: NetLink | undefined;
  /** What happened before there was a net to tell: a device lost while it started. */
  const early: EngineEvent[] = [];
  let crash: (error: SaccadeNetError) => void = () => {};
  const crashed = new Promise<never>((_, reject) => {
    crash = reject;
  });
  crashed.catch(() => {});
  const onEvent = (event: EngineEvent) => {
    if (link) link.onEvent(event);
    else if (event.type === 'progress') report({ ...loaded, stage: event.stage });
    else early.push(event);
  };
  const engine = await startEngine({
    worker: options.worker,
    device: options.device,
    timeoutMs: options.workerTimeoutMs ?? DEFAULT_WORKER_TIMEOUT_MS,
    signal,
    onEvent,
    onCrash: (error) => (link ? link.onCrash(error) : crash(error)),
  });
  const starting = engine.start(START_CALL, {
    modelBytes,
    frame: frameOptions(options),
    ...(options.backends ? { backends: options.backends } : {}),
    ...(options.powerPreference ? { powerPreference: options.powerPreference } : {}),
    ...(options.device ? { device: options.device } : {}),
    ...(options.warmup === undefined ? {} : { warmup: options.warmup }),
  });
  try {
    const status = await started(engine, Promise.race([starting, crashed]), signal);
    const attach = (own: NetLink) => {
      link = own;
      for (const event of early) own.onEvent(event);
    };
    return new SaccadeNet(engine, status, attach, options);
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

/** The engine's status, or the signal's reason as soon as it is aborted. */
function started(
  engine: EngineApi,
  status: Promise<EngineStatus>,
  signal?: AbortSignal,
): Promise<EngineStatus> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      engine.abort(START_CALL);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    status.then(resolve, reject).finally(() => signal?.removeEventListener('abort', onAbort));
  });
}
