/**
 * Staging buffers in turn: a frame's reply is copied into the next free one and mapped when the GPU is done, so the
 * host encodes a frame while others are in flight. A caller who finds none free waits for the oldest.
 */
import { type DeviceHandle, USAGE } from './device.ts';
import { READBACK_BYTES } from './settings.ts';

/** Frames in flight at most. */
export const SLOTS = 3;

export class StagingRing {
  readonly #all: GPUBuffer[];
  readonly #free: GPUBuffer[];
  readonly #waiting: ((buffer: GPUBuffer) => void)[] = [];
  readonly #handle: DeviceHandle;
  #inFlight: Promise<unknown> = Promise.resolve();

  /** Synchronous, for an error scope. */
  constructor(handle: DeviceHandle) {
    this.#handle = handle;
    const usage = USAGE.mapRead | USAGE.copyTarget;
    this.#all = Array.from({ length: SLOTS }, (_, i) =>
      handle.device.createBuffer({ label: `reply ${i}`, size: READBACK_BYTES, usage }),
    );
    this.#free = [...this.#all];
  }

  get bytes(): number {
    return SLOTS * READBACK_BYTES;
  }

  /** Resolves when nothing is in flight. */
  get idle(): Promise<unknown> {
    return this.#inFlight;
  }

  /** The next free buffer, for `read`. */
  take(): Promise<GPUBuffer> {
    const staging = this.#free.shift();
    return staging ? Promise.resolve(staging) : new Promise((give) => this.#waiting.push(give));
  }

  /**
   * Resolves to the first `bytes` of a buffer that was taken, and frees it. @param accepted settles when the device
   * has taken the work that copies into it @throws what `accepted` rejects with, DEVICE_LOST
   */
  read(staging: GPUBuffer, accepted: Promise<void>, bytes: number): Promise<ArrayBuffer> {
    const done = this.#content(staging, accepted, bytes).finally(() => {
      const next = this.#waiting.shift();
      if (next) next(staging);
      else this.#free.push(staging);
    });
    // Without a value of its own, which would hold every reply since the first.
    this.#inFlight = Promise.allSettled([this.#inFlight, done]).then(() => undefined);
    return done;
  }

  destroy(): void {
    for (const buffer of this.#all) buffer.destroy();
  }

  async #content(staging: GPUBuffer, accepted: Promise<void>, bytes: number): Promise<ArrayBuffer> {
    // Both settle before the buffer is free again.
    const content = this.#handle.readStaging(staging, bytes);
    await Promise.allSettled([accepted, content]);
    await accepted;
    return content;
  }
}
