/** Timestamps of the streams on one net: within a stream they rise, between streams they have nothing to do. */
import { SaccadeNetError } from '../errors/errors.ts';

export class StreamClocks {
  /** By stream, milliseconds. */
  readonly #lastMs = new Map<string, number>();

  /** @throws TIMESTAMP_ORDER where the stream is at this time already, or past it */
  advance(streamId: string, timestampMs: number): void {
    const lastMs = this.#lastMs.get(streamId);
    if (lastMs !== undefined && timestampMs <= lastMs) {
      throw new SaccadeNetError(
        'TIMESTAMP_ORDER',
        `timestampMs is ${timestampMs}, but stream '${streamId}' is at ${lastMs}; timestamps must rise. Give another streamId, or call resetState('${streamId}').`,
        { details: { timestampMs, lastMs, streamId } },
      );
    }
    this.#lastMs.set(streamId, timestampMs);
  }

  /** Forgets a stream, or all of them. */
  reset(streamId?: string): void {
    if (streamId === undefined) this.#lastMs.clear();
    else this.#lastMs.delete(streamId);
  }
}
