/**
 * What a decoder accepts before it allocates anything. A header that asks for more is MODEL_FORMAT.
 * Beside them the format itself bounds expansion: see MAX_WEIGHTS_PER_BYTE in container.ts.
 */
import { optionError } from './format-error.ts';

export interface DecodeLimits {
  /** Length of the file in bytes. */
  readonly maxBytes: number;
  /** Values of all tensors together; each takes 4 bytes when decoded. */
  readonly maxParameters: number;
  readonly maxTensors: number;
  readonly maxJsonBytes: number;
}

/** A quarter of a GiB of file or of decoded weights: far above any net that runs in a page. */
export const DEFAULT_LIMITS: DecodeLimits = {
  maxBytes: 256 * 2 ** 20,
  maxParameters: 64 * 2 ** 20,
  maxTensors: 4096,
  maxJsonBytes: 2 ** 20,
};

/** The defaults with the caller's own on top; rejects with INVALID_OPTION what is no positive whole number. */
export function withDefaults(limits: Partial<DecodeLimits> = {}): DecodeLimits {
  const merged = { ...DEFAULT_LIMITS, ...limits };
  for (const [name, value] of Object.entries(merged)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw optionError(`limits.${name} is ${String(value)}: give a whole number of at least 1.`, {
        [name]: value,
      });
    }
  }
  return merged;
}
