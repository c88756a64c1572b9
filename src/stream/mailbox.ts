/**
 * One slot between a camera and whoever computes: the newest frame displaces the one that waits, which is closed.
 * So nothing queues and a result is never older than one frame and one computation. Every frame is counted.
 */
import type { FrameCounts } from '../session/engine-api.ts';

/** Owned by whoever took it: `Mailbox.freed` is to be called when it is closed. */
export interface CapturedFrame {
  readonly frame: VideoFrame | ImageBitmap;
  /** Rises from frame to frame of one capture. */
  readonly timestampMs: number;
  /** When the camera took it, as nearly as is known, in ms since 1970: a worker's clock is the page's then. */
  readonly capturedMs: number;
}

export class Mailbox {
  readonly #counts = { seen: 0, used: 0, dropped: 0, closed: 0, unread: 0 };
  #waiting: CapturedFrame | undefined;
  #taker: { resolve(frame: CapturedFrame | null): void; reject(reason: unknown): void } | undefined;
  #ended: { readonly failed: boolean; readonly reason?: unknown } | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;
  #paused = false;

  /** As they stand; another object every time. */
  get counts(): FrameCounts {
    return { ...this.#counts };
  }

  /** While it is set frames are closed as they come, the one that waits too. */
  get paused(): boolean {
    return this.#paused;
  }

  set paused(paused: boolean) {
    this.#paused = paused;
    if (paused) this.#dropWaiting();
  }

  /** Takes the frame over; one that comes late, or not later than the one before, is closed at once. */
  put(captured: CapturedFrame): void {
    this.#counts.seen++;
    if (this.#ended || this.#paused || captured.timestampMs <= this.#lastMs) {
      this.#drop(captured);
      return;
    }
    this.#lastMs = captured.timestampMs;
    if (this.#taker) {
      this.#counts.used++;
      this.#taker.resolve(captured);
      this.#taker = undefined;
      return;
    }
    this.#dropWaiting();
    this.#waiting = captured;
  }

  /** The newest frame as soon as there is one; null after the end. One taker at a time. */
  take(): Promise<CapturedFrame | null> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) {
      this.#counts.used++;
      return Promise.resolve(waiting);
    }
    if (this.#ended) return this.#ended.failed ? Promise.reject(this.#ended.reason) : Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#taker = { resolve, reject };
    });
  }

  /** Closes a frame that was taken; twice does nothing, nor where it was handed over. */
  free({ frame }: CapturedFrame): void {
    frame.close();
    this.#counts.closed++;
  }

  /** Counts a result that nobody took before the next. */
  countUnread(): void {
    this.#counts.unread++;
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
    this.#dropWaiting();
  }

  #dropWaiting(): void {
    if (this.#waiting) this.#drop(this.#waiting);
    this.#waiting = undefined;
  }

  #drop(captured: CapturedFrame): void {
    this.#counts.dropped++;
    this.free(captured);
  }
}
