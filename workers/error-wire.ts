/**
 * Errors as structured-clonable data and back, whole: class, code, details, cause and stack. comlink's own form
 * keeps the message only. What is not a SaccadeNetError arrives as one with code INTERNAL and the original as its
 * cause.
 */
import { type ErrorCode, SaccadeNetError } from '../src/errors/errors.ts';

export type WireError =
  | {
      readonly kind: 'saccadenet';
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: Record<string, unknown>;
      readonly stack?: string;
      readonly cause?: WireError;
    }
  | {
      readonly kind: 'error';
      readonly name: string;
      readonly message: string;
      readonly stack?: string;
      readonly cause?: WireError;
    }
  | { readonly kind: 'value'; readonly value: unknown };

/** Causes deeper than this are left out: a cause may be its own cause. */
const MAX_CAUSES = 8;

export function encodeError(thrown: unknown, depth = 0): WireError {
  if (!isErrorLike(thrown)) return { kind: 'value', value: clonable(thrown) };
  const { message, stack } = thrown;
  const cause =
    thrown.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: encodeError(thrown.cause, depth + 1) };
  if (thrown instanceof SaccadeNetError) {
    const details = Object.fromEntries(
      Object.entries(thrown.details).map(([name, value]) => [name, clonable(value)]),
    );
    return { kind: 'saccadenet', code: thrown.code, message, details, stack, ...cause };
  }
  return { kind: 'error', name: thrown.name, message, stack, ...cause };
}

export function decodeError(wire: WireError): unknown {
  if (wire.kind === 'value') return wire.value;
  const cause = wire.cause === undefined ? undefined : decodeError(wire.cause);
  const error =
    wire.kind === 'saccadenet'
      ? new SaccadeNetError(wire.code, wire.message, { details: wire.details, cause })
      : Object.assign(new Error(wire.message, cause === undefined ? undefined : { cause }), {
          name: wire.name,
        });
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}

/** Any error as a SaccadeNetError: itself, or INTERNAL with it as the cause. */
export function asSaccadeNetError(thrown: unknown): SaccadeNetError {
  if (thrown instanceof SaccadeNetError) return thrown;
  const said = isErrorLike(thrown) ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new SaccadeNetError('INTERNAL', `Something failed that should not (${said}); please report this.`, {
    cause: thrown,
  });
}

/** DOMException is an Error in browsers; errors of another realm only look like one. */
function isErrorLike(value: unknown): value is Error {
  return (
    value instanceof Error ||
    (typeof value === 'object' && value !== null && 'message' in value && 'name' in value && 'stack' in value)
  );
}

/** The value, or its text where it cannot be cloned (functions, GPU objects). */
function clonable(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return String(value);
  }
}
