/**
 * Takes frames from a source one at a time, has each looked at, and shows frame and result together: boxes never
 * lag behind the picture they belong to. While a frame is being looked at, newer ones are dropped by the source.
 *
 * Invariants: one source at a time; timestamps grow from frame to frame, over all sources; every ImageBitmap taken
 * is closed.
 */
import type { Result } from 'saccadenet';
import type { FrameSource } from './sources/frame-source.ts';

export interface PlayerEvents {
  /** @param image the frame that was given; @param moving whether it follows on the one before. */
  look(image: ImageBitmap, timestampMs: number, moving: boolean): Promise<Result>;
  /** A new result; it is drawn at once. */
  looked(result: Result): void;
  /** Draws: after `looked`, and again when only the drawing changed. */
  draw(image: HTMLCanvasElement, result: Result): void;
  /** Nothing is under way: the source is paused or is a single picture. */
  idle(idle: boolean): void;
  /** The source or the network failed; the source is closed already. */
  failed(error: unknown): void;
}

/** Timestamps rise, whatever the clock does. */
const LEAST_STEP_MS = 0.01;

/** What the run does next when it would otherwise stand still. */
type Wish = 'step' | 'again';

export class Player {
  readonly #events: PlayerEvents;
  #source: FrameSource | null = null;
  #running = new AbortController();
  #paused = false;
  #wish: Wish | null = null;
  /** Of the last frame. */
  #timestampMs = 0;
  #wake: () => void = () => undefined;
  /** The frame shown, and the one being looked at. */
  #shown = document.createElement('canvas');
  #pending = document.createElement('canvas');
  #result: Result | null = null;

  constructor(events: PlayerEvents) {
    this.#events = events;
  }

  get source(): FrameSource | null {
    return this.#source;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Closes the source before and plays this one. */
  open(source: FrameSource): void {
    this.close();
    this.#events.idle(false);
    this.#source = source;
    this.#running = new AbortController();
    void this.#run(source, this.#running.signal);
  }

  close(): void {
    this.#running.abort(new DOMException('another source was opened', 'AbortError'));
    this.#source?.close();
    this.#source = null;
    this.#paused = false;
    this.#wish = null;
    this.#result = null;
  }

  setPaused(paused: boolean): void {
    if (!this.#source) return;
    this.#paused = paused;
    this.#source.setPaused(paused);
    this.#wake();
  }

  /** One frame on; a playing source is paused first. */
  step(): void {
    this.setPaused(true);
    this.#wish = 'step';
    this.#wake();
  }

  /** Looks at the frame shown once more, where the source stands still: the settings changed. */
  lookAgain(): void {
    if (!this.#result) return;
    this.#wish ??= 'again';
    this.#wake();
  }

  /** Shows the last frame and result once more: only the way it is drawn changed. */
  redraw(): void {
    if (this.#result) this.#events.draw(this.#shown, this.#result);
  }

  async #run(source: FrameSource, signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const still = this.#paused || !source.moving;
        if (still && this.#result && !this.#wish) {
          this.#events.idle(true);
          await this.#woken(signal);
          this.#events.idle(false);
          continue;
        }
        const again = this.#wish === 'again' && still && this.#result !== null;
        const stepping = this.#wish === 'step' && source.moving;
        this.#wish = null;
        const image = again
          ? await createImageBitmap(this.#shown)
          : await (stepping ? source.step(signal) : source.next(signal));
        await this.#look(image, source, signal, again);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.close();
      this.#events.failed(error);
    }
  }

  async #look(image: ImageBitmap, source: FrameSource, signal: AbortSignal, again: boolean): Promise<void> {
    try {
      // A source that was closed may still give a frame: the canvas is the next one's by then.
      if (signal.aborted) return;
      const pending = this.#pending;
      pending.width = image.width;
      pending.height = image.height;
      pending.getContext('2d')!.drawImage(image, 0, 0);
      // A second look at a picture tells nothing of movement: it is looked at for itself.
      if (!again) this.#timestampMs = this.#nextMs(source);
      const result = await this.#events.look(image, this.#timestampMs, source.moving && !again);
      if (signal.aborted) return;
      [this.#shown, this.#pending] = [pending, this.#shown];
      this.#result = result;
      this.#events.looked(result);
      this.#events.draw(this.#shown, result);
    } finally {
      image.close();
    }
  }

  /** Motion is judged by these: a clip that is shown slowly does not move slowly. */
  #nextMs({ stepMs }: FrameSource): number {
    if (stepMs !== undefined) return this.#timestampMs + stepMs;
    return Math.max(this.#timestampMs + LEAST_STEP_MS, performance.now());
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
