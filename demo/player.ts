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
  /** Draws: after `looked`, and again when only the drawing changed. @param before the frame before of a moving source */
  draw(shown: Shown, before: Shown | null): void;
  /** Nothing is under way: the source is paused or is a single picture. */
  idle(idle: boolean): void;
  /** The source or the network failed; the source is closed already. */
  failed(error: unknown): void;
}

export interface Shown {
  readonly image: HTMLCanvasElement;
  readonly result: Result;
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
  /** The frame shown, and the one before it where it follows on that. */
  #shown: Shown | null = null;
  #before: Shown | null = null;
  /** Canvases of frames that are shown no longer. */
  readonly #free: HTMLCanvasElement[] = [];

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
    this.#before = this.#shown = null;
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
    if (!this.#shown) return;
    this.#wish ??= 'again';
    this.#wake();
  }

  /** Shows the last frame and result once more: only the way it is drawn changed. */
  redraw(): void {
    if (this.#shown) this.#events.draw(this.#shown, this.#before);
  }

  async #run(source: FrameSource, signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const still = this.#paused || !source.moving;
        if (still && this.#shown && !this.#wish) {
          this.#events.idle(true);
          await this.#woken(signal);
          this.#events.idle(false);
          continue;
        }
        const again = this.#wish === 'again' && still ? this.#shown : null;
        const stepping = this.#wish === 'step' && source.moving;
        this.#wish = null;
        const image = again
          ? await createImageBitmap(again.image)
          : await (stepping ? source.step(signal) : source.next(signal));
        await this.#look(image, source, signal, again !== null);
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
      const canvas = this.#free.pop() ?? document.createElement('canvas');
      canvas.width = image.width;
      canvas.height = image.height;
      canvas.getContext('2d')!.drawImage(image, 0, 0);
      // A second look at a picture tells nothing of movement: it is looked at for itself.
      if (!again) this.#timestampMs = this.#nextMs(source);
      const result = await this.#events.look(image, this.#timestampMs, source.moving && !again);
      if (signal.aborted) return;
      this.#show({ image: canvas, result }, again);
    } finally {
      image.close();
    }
  }

  #show(shown: Shown, again: boolean): void {
    if (this.#before) this.#free.push(this.#before.image);
    this.#before = again ? null : this.#shown;
    if (again && this.#shown) this.#free.push(this.#shown.image);
    this.#shown = shown;
    this.#events.looked(shown.result);
    this.#events.draw(shown, this.#before);
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
