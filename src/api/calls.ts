/**
 * The calls of one net on its engine: in call order, as many at a time as the engine can overlap, each ended early by
 * its signal or by the end of the net. A call that ends early frees its frame, and the engine is told where it has begun.
 */
import type { Treatment } from '../result.ts';
import type { EngineApi, EngineDetectOptions, EngineFrame, EngineReply } from '../session/engine-api.ts';
import type { Policy } from '../session/session.ts';
import { frameError } from './frame-source.ts';
import type { DetectOptions } from './types.ts';

/** What a call is made of once its options are checked. */
export interface CheckedCall {
  readonly options: DetectOptions;
  /** Where the caller names no policy. */
  readonly policy?: Policy;
  readonly timestampMs?: number;
  readonly streamId?: string;
  readonly gates?: Uint8Array;
  /** As those of `EngineDetectOptions`. */
  readonly priors?: Float32Array;
  readonly treatment?: Treatment | null;
  readonly stats?: boolean;
}

export class Calls {
  readonly #engine: EngineApi;
  readonly #mostRunning: () => number;
  /** Settles when all calls so far run or have ended; it never rejects. */
  #tail = Promise.resolve();
  /** What runs, each settling when it has ended; none rejects. */
  readonly #running = new Set<Promise<void>>();
  readonly #pending = new Set<(reason: unknown) => void>();
  #count = 0;

  /** @param mostRunning calls that the engine is given at a time; asked before each */
  constructor(engine: EngineApi, mostRunning: () => number = () => 1) {
    this.#engine = engine;
    this.#mostRunning = mostRunning;
  }

  /** @param frame taken over, also where the call fails. */
  detect(
    frame: Promise<EngineFrame>,
    options: EngineDetectOptions,
    signal?: AbortSignal,
  ): Promise<EngineReply> {
    const call = ++this.#count;
    return new Promise<EngineReply>((resolve, reject) => {
      let state: 'waiting' | 'running' | 'settled' = 'waiting';
      const settle = (action: () => void) => {
        if (state === 'settled') return;
        if (state === 'waiting') frame.then(free, () => {});
        state = 'settled';
        this.#pending.delete(fail);
        signal?.removeEventListener('abort', onAbort);
        action();
      };
      const fail = (reason: unknown) => settle(() => reject(reason));
      const onAbort = () => {
        if (state === 'running') this.#engine.abort(call);
        fail(signal?.reason);
      };
      this.#pending.add(fail);
      if (signal?.aborted) onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      frame.catch(fail);
      this.#tail = this.#tail.then(async () => {
        const given = await frame.catch(() => undefined);
        while (state === 'waiting' && this.#running.size >= this.#mostRunning()) {
          await Promise.race(this.#running);
        }
        if (given === undefined || state === 'settled') return;
        state = 'running';
        this.#run(async () => {
          try {
            const reply = await this.#engine.detect(call, given, options);
            settle(() => resolve(reply));
          } catch (error) {
            free(given);
            fail(frameError(error));
          }
        });
      });
    });
  }

  #run(call: () => Promise<void>): void {
    const ended = call().finally(() => this.#running.delete(ended));
    this.#running.add(ended);
  }

  /** Rejects what waits and what runs. */
  rejectAll(reason: unknown): void {
    for (const fail of [...this.#pending]) fail(reason);
  }
}

/** Closing twice, or what was handed over, does nothing. */
function free(frame: EngineFrame): void {
  if ('close' in frame) frame.close();
}
