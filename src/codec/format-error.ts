/** Errors of the codec: one helper a code, so that messages stay next to the check that raises them. */
import { SaccadeNetError } from '../errors/errors.ts';

/** MODEL_FORMAT: the bytes are no well-formed .sacc file. */
export function formatError(
  message: string,
  details: Record<string, unknown> = {},
  cause?: unknown,
): SaccadeNetError {
  return new SaccadeNetError(
    'MODEL_FORMAT',
    `${message}. The file is damaged or no .sacc file: fetch or compress it again.`,
    { details, cause },
  );
}

/** MODEL_VERSION: well-formed as far as it can be read, but of a version that this release does not know. */
export function versionError(what: string, found: unknown, known: number): SaccadeNetError {
  return new SaccadeNetError(
    'MODEL_VERSION',
    `The ${what} has version ${String(found)}, this release reads version ${known}: update saccadenet or use a model made for it.`,
    { details: { found, known } },
  );
}

/** MODEL_CHECKSUM: a checksum does not match. */
export function checksumError(part: string): SaccadeNetError {
  return new SaccadeNetError(
    'MODEL_CHECKSUM',
    `The checksum of ${part} does not match: the file was damaged on its way, fetch it again.`,
    { details: { part } },
  );
}

/** INVALID_OPTION: what a reader was given is no Uint8Array, as an ArrayBuffer is none. */
export function requireBytes(given: unknown): asserts given is Uint8Array {
  const type = Object.prototype.toString.call(given).slice(8, -1); // not instanceof: of another realm counts too
  if (type === 'Uint8Array') return;
  throw optionError(`The file is given as ${type}: pass its bytes as a Uint8Array.`, { type });
}

/** INVALID_OPTION: what an encoder was given cannot be encoded. */
export function optionError(message: string, details: Record<string, unknown> = {}): SaccadeNetError {
  return new SaccadeNetError('INVALID_OPTION', message, { details });
}
