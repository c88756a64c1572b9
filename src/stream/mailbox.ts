/**
 * One slot between a camera and a slower consumer: the newest frame displaces the one that waits, which is closed.
 * So nothing queues and a result is never older than one frame and one computation.
 */

/** Owned by whoever took it, to be closed by them. */
export interface CapturedFrame {
  readonly frame: VideoFrame | ImageBitmap;
  /** Rises from frame to frame of one capture. */
  readonly timestampMs: number;
}

export class Mailbox {
  #waiting: CapturedFrame | undefined;
  #taker: { resolve(frame: CapturedFrame | null): void; reject(reason: unknown): void } | undefined;
  #ended: { readonly failed: boolean; readonly reason?: unknown } | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** Takes the frame over; one that comes late, or not later than the one before, is closed at once. */
  put(captured: CapturedFrame): void {
    if (this.#ended || captured.timestampMs <= this.#lastMs) {
      captured.frame.close();
      return;
    }
    this.#lastMs = captured.timestampMs;
    if (this.#taker) {
      this.#taker.resolve(captured);
      this.#taker = undefined;
      return;
    }
    this.#waiting?.frame.close();
    this.#waiting = captured;
  }

  /** The newest frame as soon as there is one; null after the end. One taker at a time. */
  take(): Promise<CapturedFrame | null> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) return Promise.resolve(waiting);
    if (this.#ended) return this.#ended.failed ? Promise.reject(this.#ended.reason) : Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#taker = { resolve, reject };
    });
  }

  /** No more frames; the one that waits may still be taken. */
  end(): void {
    this.#ended ??= { failed: false };
    this.#taker?.resolve(null);
    this.#taker = undefined;
  }

  /** Ends with an error for the taker; the frame that waits is closed. */
  fail(reason: unknown): void {
    this.#ended ??= { failed: true, reason };
    this.#taker?.reject(reason);
    this.#taker = undefined;
    this.#waiting?.frame.close();
    this.#waiting = undefined;
  }
}
