/** The one error class of the package. */

export type ErrorCode =
  | 'INVALID_OPTION'
  | 'UNSUPPORTED'
  | 'DISPOSED'
  | 'TIMESTAMP_ORDER'
  | 'MODEL_FETCH'
  | 'MODEL_FORMAT'
  | 'MODEL_VERSION'
  | 'MODEL_CHECKSUM'
  | 'MODEL_INTEGRITY'
  | 'DEVICE_LOST'
  | 'OUT_OF_MEMORY'
  | 'SHADER_COMPILE'
  | 'WORKER_START'
  | 'WORKER_CRASHED'
  | 'INTERNAL';

/**
 * Every failure of this package. `code` is stable and meant for programs; the message says what happened, with
 * which value, and what to do. Crosses the worker whole.
 */
export class SaccadeNetError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SaccadeNetError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

export function disposedError(): SaccadeNetError {
  return new SaccadeNetError('DISPOSED', 'The net was disposed of; create a new one to go on.');
}
