/**
 * The page's side of a worker: handshake, calls, events, crash. The worker belongs to the client from `connect`
 * on: it is terminated by `dispose`, by a failed start and by a crash.
 *
 * Invariant: after a crash or `dispose` calls in flight never settle here (a dead worker answers nothing); the
 * net above rejects them.
 */
import { type Remote, releaseProxy, transfer, wrap } from 'comlink';
import { SaccadeNetError } from '../src/errors/errors.ts';
import type { EngineApi, EngineEvent, EngineFrame, StreamsApi } from '../src/session/engine-api.ts';
import {
  type FromWorker,
  PROTOCOL_VERSION,
  type RemoteEngine,
  sideMessage,
  type ToWorker,
} from './protocol.ts';
import { installThrowHandler } from './throw-handler.ts';

export interface WorkerClientOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
  /** Called once, with what was said, when the worker throws outside any call. */
  readonly onCrash: (said: string) => void;
}

const WHAT_TO_CHANGE =
  "Where a Content-Security-Policy is set, allow 'worker-src blob:', or serve saccadenet/worker from your own origin and pass its address as `worker`; `worker: false` runs without one.";

/** @throws WORKER_START where the worker does not answer; the signal's reason. */
export async function connectWorker(worker: Worker, options: WorkerClientOptions): Promise<EngineApi> {
  installThrowHandler();
  try {
    await handshake(worker, options);
  } catch (error) {
    worker.terminate();
    throw error;
  }
  worker.addEventListener('message', (event) => {
    const message = sideMessage<FromWorker>(event);
    if (message?.saccadenet === 'event') options.onEvent(message.event);
  });
  // Held here: comlink drops replies in flight when its proxy is collected.
  const remote = wrap<RemoteEngine>(worker);
  // comlink's types know methods of the top only.
  const streams = remote.streams as unknown as Remote<StreamsApi>;
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    // comlink's registry holds the worker until every proxy goes, and the worker's listeners hold the proxies.
    streams[releaseProxy]();
    remote[releaseProxy]();
    worker.terminate();
  };
  const crash = (said: string) => {
    if (over) return;
    end();
    options.onCrash(said);
  };
  worker.addEventListener('error', (event) => {
    event.preventDefault(); // said by the error; not by the console too
    crash(event.message ?? '');
  });
  worker.addEventListener('messageerror', () => crash('a message could not be read'));

  const post = (message: ToWorker) => worker.postMessage(message);
  return {
    start: (call, init) => remote.start(call, transfer(init, [init.modelBytes.buffer as ArrayBuffer])),
    detect: (call, frame, detectOptions) =>
      remote.detect(call, transfer(frame, transferables(frame)), detectOptions),
    abort: (call) => post({ saccadenet: 'abort', call }),
    sightings: (streamId, trackId) => remote.sightings(streamId, trackId),
    reset: (streamId) => post({ saccadenet: 'reset', streamId }),
    streams: {
      open: (stream, readable, streamOptions) =>
        streams.open(stream, transfer(readable, [readable]), streamOptions),
      take: (stream) => streams.take(stream),
      pause: (stream, paused) => streams.pause(stream, paused),
      close: (stream) => streams.close(stream),
    },
    dispose: end,
  };
}

function handshake(worker: Worker, { timeoutMs, signal }: WorkerClientOptions): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const listeners = new AbortController();
    const settle = (action: () => void) => {
      clearTimeout(timer);
      listeners.abort();
      action();
    };
    const fail = (what: string) =>
      settle(() =>
        reject(new SaccadeNetError('WORKER_START', `${what} ${WHAT_TO_CHANGE}`, { details: { timeoutMs } })),
      );
    const timer = setTimeout(() => fail(`The worker did not answer within ${timeoutMs} ms.`), timeoutMs);
    const on = { signal: listeners.signal };
    worker.addEventListener(
      'message',
      (event) => {
        const message = sideMessage<FromWorker>(event);
        if (message?.saccadenet !== 'ready') return;
        if (message.version === PROTOCOL_VERSION) return settle(resolve);
        fail(
          `The worker speaks protocol ${message.version}, this package ${PROTOCOL_VERSION}: serve the worker file of the same version.`,
        );
      },
      on,
    );
    // A worker that the policy of the page blocks gives an error without a message.
    worker.addEventListener(
      'error',
      (event) => {
        event.preventDefault();
        fail(
          `The worker failed to start: ${event.message || 'the browser gives no reason; it may have blocked it'}.`,
        );
      },
      on,
    );
    signal?.addEventListener('abort', () => settle(() => reject(signal.reason)), on);
    if (signal?.aborted) return settle(() => reject(signal.reason));
    worker.postMessage({ saccadenet: 'hello' } satisfies ToWorker);
  });
}

function transferables(frame: EngineFrame): Transferable[] {
  if ('data' in frame) return [frame.data.buffer as ArrayBuffer];
  return [frame];
}
