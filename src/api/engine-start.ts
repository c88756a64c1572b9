/**
 * Where the engine runs: in-thread (Node, `worker: false`, the caller's `device`) or in a worker. The runtime is
 * reached by `await import()` only, so a page with the worker does not carry it twice.
 */
import { SaccadeNetError } from '../errors/errors.ts';
import type { EngineApi, EngineEvent } from '../session/engine-api.ts';
import type { WorkerOption } from './types.ts';

export interface EngineStartOptions {
  readonly worker: WorkerOption | undefined;
  readonly device: GPUDevice | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: (event: EngineEvent) => void;
  readonly onCrash: (error: SaccadeNetError) => void;
}

const WORKER_NAME = 'saccadenet';

/** In a worker frames are handed over, and `dispose` ends the thread. */
export async function startEngine(options: EngineStartOptions): Promise<EngineApi> {
  const { worker, device, timeoutMs, signal, onEvent, onCrash } = options;
  if (device || worker === false || (worker === undefined && runsInThreadByDefault())) {
    const { Engine } = await import('../session/engine.ts');
    return new Engine(onEvent);
  }
  // Before the worker is made: the error of one that is blocked comes at once, and only once.
  const { connectWorker } = await import('../../workers/client.ts');
  const { WorkerEngine } = await import('./worker-engine.ts');
  // It stops the creation, not a restart.
  let creation = signal;
  return WorkerEngine.start({
    connect: async (crashed) => {
      const stop = creation;
      creation = undefined;
      const thread = await startWorker(worker ?? true);
      return connectWorker(thread, { timeoutMs, signal: stop, onEvent, onCrash: crashed });
    },
    restartable: typeof worker !== 'object' || worker instanceof URL,
    onEvent,
    onCrash,
  });
}

function runsInThreadByDefault(): boolean {
  const inNode = typeof process === 'object' && typeof process?.versions?.node === 'string';
  return inNode || typeof Worker !== 'function';
}

async function startWorker(option: Exclude<WorkerOption, false>): Promise<Worker> {
  if (typeof option === 'object' && !(option instanceof URL)) return option;
  if (typeof Worker !== 'function' && typeof option !== 'function') {
    throw new SaccadeNetError(
      'UNSUPPORTED',
      'There are no web workers here; leave `worker` out or set it to false to run in this thread.',
      { details: { field: 'worker' } },
    );
  }
  try {
    if (typeof option === 'function') return checkedWorker(option());
    if (option === true) return (await import('./inline-worker.ts')).startInlineWorker(WORKER_NAME);
    return new Worker(option, { type: 'module', name: WORKER_NAME });
  } catch (cause) {
    if (cause instanceof SaccadeNetError) throw cause;
    throw new SaccadeNetError(
      'WORKER_START',
      `The worker could not be made: ${String(cause)}. A worker file must come from the page's own origin and be allowed by its Content-Security-Policy (worker-src); \`worker: false\` runs without one.`,
      { details: { worker: String(option) }, cause },
    );
  }
}

function checkedWorker(made: unknown): Worker {
  if (typeof (made as Worker | undefined)?.postMessage === 'function') return made as Worker;
  throw new SaccadeNetError(
    'INVALID_OPTION',
    `The function given as \`worker\` returned ${String(made)}; it must return a Worker.`,
    { details: { field: 'worker' } },
  );
}
