/**
 * What passes between page and worker beside comlink's calls of `EngineApi`, on the same port. comlink answers
 * only messages that it knows, so these may share it.
 *
 * page -> worker: `hello` asks whether the worker has started; `abort` stops a call (an AbortSignal cannot be
 * cloned); `reset` forgets a stream. worker -> page: `ready` answers `hello`; `event` carries the engine's events (a comlink callback would
 * leak a port each call).
 */
import type { EngineApi, EngineEvent, StreamsApi } from '../src/session/engine-api.ts';

/** Rises with every change of these messages, of EngineApi or of the wire form of errors. */
export const PROTOCOL_VERSION = 3;

export type ToWorker =
  | { readonly saccadenet: 'hello' }
  | { readonly saccadenet: 'abort'; readonly call: number }
  | { readonly saccadenet: 'reset'; readonly streamId?: string };

export type FromWorker =
  | { readonly saccadenet: 'ready'; readonly version: number }
  | { readonly saccadenet: 'event'; readonly event: EngineEvent };

/** What comlink exposes; `abort` and `reset` go as messages and `dispose` ends the worker. */
export type RemoteEngine = Pick<EngineApi, 'start' | 'detect' | 'sightings'> & {
  readonly streams: StreamsApi;
};

/** A side message, or undefined for anything else that came along. */
export function sideMessage<T extends ToWorker | FromWorker>(event: MessageEvent): T | undefined {
  const data: unknown = event.data;
  return typeof data === 'object' && data !== null && 'saccadenet' in data ? (data as T) : undefined;
}
