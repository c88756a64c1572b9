/**
 * One slot between a camera and whoever computes: the newest frame displaces the one that waits, which is closed. Every
 * frame is counted.
 *
 * What comes may have waited on its way: a browser hands a stream over with a frame or two in between, and a worker that
 * computes reads none. So with a clock a frame that is older than the camera's frames are apart is not given out at once:
 * newer ones must be near. It is given after that time if none came. So a computation begins with a frame that is no older
 * than one camera frame where the camera keeps up, and a result is no older than that and one computation.
 */
import type { FrameCounts } from '../session/engine-api.ts';
import { epochMs } from './epoch.ts';

/** Owned by whoever took it: `Mailbox.freed` is to be called when it is closed. */
export interface CapturedFrame {
  readonly frame: VideoFrame | ImageBitmap;
  /** Rises from frame to frame of one capture. */
  readonly timestampMs: number;
  /** When the camera took it, as nearly as is known, in ms since 1970: a worker's clock is the page's then. */
  readonly capturedMs: number;
}

export interface Clock {
  /** As `CapturedFrame.capturedMs`. */
  now(): number;
  after(ms: number, run: () => void): void;
}

export const REAL_CLOCK: Clock = { now: epochMs, after: (ms, run) => void setTimeout(run, ms) };

/** How much longer two frames may be apart than the quickest before; so a camera that slows down is noticed. */
const SLOWER = 1.05;
/** Of the time between two frames; a frame that is older waits for a newer one. */
const FRESH = 1.1;

export class Mailbox {
  readonly #clock: Clock | undefined;
  readonly #counts = { seen: 0, used: 0, dropped: 0, closed: 0, unread: 0 };
  #waiting: CapturedFrame | undefined;
  #taker: { resolve(frame: CapturedFrame | null): void; reject(reason: unknown): void } | undefined;
  /** For whom a clock runs. */
  #givingTo: unknown;
  #ended: { readonly failed: boolean; readonly reason?: unknown } | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;
  /** How far the camera's frames are apart. */
  #paceMs = Number.POSITIVE_INFINITY;
  #paused = false;

  /** @param clock none: every frame is given out as it comes */
  constructor(clock?: Clock) {
    this.#clock = clock;
  }

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
    this.#paceMs = Math.min(this.#paceMs * SLOWER, captured.timestampMs - this.#lastMs);
    this.#lastMs = captured.timestampMs;
    this.#dropWaiting();
    this.#waiting = captured;
    if (this.#taker && this.#isFresh(captured)) this.#give();
    else this.#giveLater();
  }

  /** The newest frame as soon as there is a fresh one; null after the end. One taker at a time. */
  take(): Promise<CapturedFrame | null> {
    const waiting = this.#waiting;
    if (!waiting && this.#ended)
      return this.#ended.failed ? Promise.reject(this.#ended.reason) : Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#taker = { resolve, reject };
      if (!waiting) return;
      if (this.#ended || this.#isFresh(waiting)) this.#give();
      else this.#giveLater();
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
    this.#give();
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

  #isFresh({ capturedMs }: CapturedFrame): boolean {
    return !this.#clock || this.#clock.now() - capturedMs <= FRESH * this.#paceMs;
  }

  /** Whatever waits then, if the same taker still does. */
  #giveLater(): void {
    const taker = this.#taker;
    if (!taker || this.#givingTo === taker) return;
    this.#givingTo = taker;
    this.#clock?.after(this.#paceMs, () => {
      if (this.#taker === taker) this.#give();
    });
  }

  #give(): void {
    if (!this.#taker || !this.#waiting) return;
    this.#counts.used++;
    this.#taker.resolve(this.#waiting);
    this.#taker = this.#waiting = undefined;
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
