/** Replaces comlink's handler of thrown errors by ours (error-wire.ts). Both sides call it before they talk. */
import { transferHandlers } from 'comlink';
import { asSaccadeNetError, decodeError, encodeError, type WireError } from './error-wire.ts';

const NAME = 'throw';

export function installThrowHandler(): void {
  const handler = transferHandlers.get(NAME);
  if (!handler) throw new Error('comlink has no throw handler to replace; its version must have changed.');
  transferHandlers.set(NAME, {
    // comlink marks what was thrown with a symbol of its own; only its handler knows it.
    canHandle: handler.canHandle as (value: unknown) => value is { value: unknown },
    serialize: ({ value }: { value: unknown }) => [encodeError(asSaccadeNetError(value)), []],
    deserialize: (wire: WireError) => {
      throw decodeError(wire);
    },
  });
}
