/**
 * Computes the newest frame again and again and keeps the newest result for whoever takes it. So a slow consumer slows
 * nothing: what it does not take is displaced, but for its alerts, which join the next result.
 *
 * Runs where the frames are: in the worker beside the engine, or in the page.
 */
import type { EngineReply, FrameCounts, StreamReply } from '../session/engine-api.ts';
import type { CapturedFrame, Mailbox } from './mailbox.ts';

/** Computes a frame, which stays the loop's; undefined where the frame was lost and the next may be tried. */
export type RunFrame = (captured: CapturedFrame, signal: AbortSignal) => Promise<EngineReply | undefined>;

export class StreamLoop {
  readonly #mailbox: Mailbox;
  readonly #stopped = new AbortController();
  readonly #worked: Promise<void>;
  #unread: StreamReply | undefined;
  #taker: { resolve(reply: StreamReply): void; reject(reason: unknown): void } | undefined;
  #over: { readonly failed: boolean; readonly reason?: unknown } | undefined;

  /** Begins at once. @param release stops what fills the mailbox */
  constructor(mailbox: Mailbox, run: RunFrame, release: () => void) {
    this.#mailbox = mailbox;
    this.#worked = this.#work(run)
      .then(
        () => ({ failed: false }),
        (reason: unknown) => ({ failed: !this.#stopped.signal.aborted, reason }),
      )
      .then((over) => {
        // An end without a reason too frees the frame that waits.
        mailbox.fail(undefined);
        release();
        this.#over = over;
        this.#settle();
      });
  }

  set paused(paused: boolean) {
    this.#mailbox.paused = paused;
  }

  /** The newest result, as soon as there is one that was not taken; without `reply` at the end. One taker at a time. */
  take(): Promise<StreamReply> {
    return new Promise((resolve, reject) => {
      this.#taker = { resolve, reject };
      this.#settle();
    });
  }

  /** Ends it; resolves when every frame is closed, with the final counts. What waits in `take` is told of the end. */
  async stop(): Promise<FrameCounts> {
    this.#stopped.abort();
    this.#mailbox.fail(undefined);
    await this.#worked;
    return this.#mailbox.counts;
  }

  async #work(run: RunFrame): Promise<void> {
    const { signal } = this.#stopped;
    for (;;) {
      const captured = await this.#mailbox.take();
      if (captured === null) return;
      const reply = await run(captured, signal).finally(() => this.#mailbox.free(captured));
      if (reply) this.#give(reply, captured.capturedMs);
    }
  }

  #give({ result, memory }: EngineReply, capturedMs: number): void {
    const missed = this.#unread?.reply?.result.alerts;
    if (this.#unread) this.#mailbox.countUnread();
    if (missed) result.alerts = [...missed, ...(result.alerts ?? [])];
    this.#unread = { reply: { result, memory }, capturedMs, counts: this.#mailbox.counts };
    this.#settle();
  }

  #settle(): void {
    const taker = this.#taker;
    if (!taker) return;
    if (this.#unread) taker.resolve(this.#unread);
    else if (this.#over?.failed) taker.reject(this.#over.reason);
    else if (this.#over) taker.resolve({ counts: this.#mailbox.counts });
    else return;
    this.#taker = this.#unread = undefined;
  }
}
