/** Streams in the worker: frames come in by a readable that was handed over, results go out as they are asked for. */
import { SaccadeNetError } from '../errors/errors.ts';
import type {
  EngineApi,
  EngineDetectOptions,
  FrameCounts,
  StreamReply,
  StreamsApi,
} from '../session/engine-api.ts';
import { Mailbox, REAL_CLOCK } from './mailbox.ts';
import { captureReadable } from './readable.ts';
import { StreamLoop } from './stream-loop.ts';

const NO_FRAMES: FrameCounts = { seen: 0, used: 0, dropped: 0, closed: 0, unread: 0 };

export class EngineStreams implements StreamsApi {
  readonly #engine: Pick<EngineApi, 'detect' | 'abort'>;
  readonly #loops = new Map<number, StreamLoop>();
  /** Falls: the page's numbers rise. */
  #call = 0;

  constructor(engine: Pick<EngineApi, 'detect' | 'abort'>) {
    this.#engine = engine;
  }

  async open(
    stream: number,
    readable: ReadableStream<VideoFrame>,
    options: EngineDetectOptions,
  ): Promise<void> {
    const mailbox = new Mailbox(REAL_CLOCK);
    const run = async (
      { frame, timestampMs }: { frame: unknown; timestampMs: number },
      signal: AbortSignal,
    ) => {
      const call = --this.#call;
      const abort = () => this.#engine.abort(call);
      signal.addEventListener('abort', abort);
      return this.#engine
        .detect(call, frame as VideoFrame, { ...options, timestampMs })
        .finally(() => signal.removeEventListener('abort', abort));
    };
    this.#loops.set(stream, new StreamLoop(mailbox, run, captureReadable(readable, mailbox)));
  }

  async take(stream: number): Promise<StreamReply> {
    const loop = this.#loops.get(stream);
    if (loop) return loop.take();
    // Opened in a worker before this one.
    throw new SaccadeNetError('WORKER_CRASHED', 'The stream went with a worker that crashed.', {
      details: { restarts: true },
    });
  }

  async pause(stream: number, paused: boolean): Promise<void> {
    const loop = this.#loops.get(stream);
    if (loop) loop.paused = paused;
  }

  async close(stream: number): Promise<FrameCounts> {
    const loop = this.#loops.get(stream);
    this.#loops.delete(stream);
    return loop?.stop() ?? NO_FRAMES;
  }
}
