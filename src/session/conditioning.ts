/** When a frame is measured and treated: every still, of a stream one frame a second, whose treatment the next ones take. */
import type { PixelFrame } from '../backends/backend.ts';
import { type Filters, PLAIN_FILTERS } from '../conditioning/filters.ts';
import { RawFrame, treated, treatmentOf } from '../conditioning/treatment.ts';
import { createWasmFilters } from '../conditioning/wasm-filters.ts';
import type { Treatment } from '../result.ts';

/** Light and noise change slowly, and frames of a stream that stay on a GPU are read back to be measured. */
const MEASURED_EVERY_MS = 1000;

let filters: Promise<Filters> | undefined;

/** Made where the first noisy frame comes; the readable ones where there is no SIMD. */
function frameFilters(): Promise<Filters> {
  filters ??= createWasmFilters().catch(() => PLAIN_FILTERS);
  return filters;
}

/** What is remembered of a stream's conditioning. Asked again for the same frame it gives the same. */
export class StreamConditioning {
  #treatment: Treatment | undefined;
  #measuredMs: number | undefined;

  /** @param raw the frame; called where it is its turn to be measured */
  async treatment(timestampMs: number, raw: () => RawFrame): Promise<Treatment | undefined> {
    const sinceMs = timestampMs - (this.#measuredMs ?? Number.NEGATIVE_INFINITY);
    if (sinceMs < 0 || sinceMs >= MEASURED_EVERY_MS) {
      this.#treatment = await treatmentOf(raw(), this.#treatment);
      this.#measuredMs = timestampMs;
    }
    return this.#treatment;
  }
}

export interface ConditioningOptions {
  readonly conditioning: boolean;
  /** Instead of measuring; null for none. */
  readonly treatment?: Treatment | null;
  readonly timestampMs?: number;
  readonly stream?: { readonly conditioning: StreamConditioning };
}

export interface Conditioned {
  readonly treatment?: Treatment;
  readonly frame?: PixelFrame;
  readonly tookMs: number;
}

/**
 * What is to be done to a frame, and the frame after it; neither where it is clear.
 * @param pixels the frame at its working size; called only where they are looked at
 */
export async function conditioned(
  pixels: () => PixelFrame,
  { conditioning, treatment: given, timestampMs = 0, stream }: ConditioningOptions,
): Promise<Conditioned> {
  const startMs = performance.now();
  let read: RawFrame | undefined;
  const raw = () => {
    read ??= new RawFrame(pixels(), frameFilters);
    return read;
  };
  const measure = () => (stream ? stream.conditioning.treatment(timestampMs, raw) : treatmentOf(raw()));
  const treatment = given === undefined ? conditioning && (await measure()) : given;
  const seen = treatment ? { treatment, frame: await treated(raw(), treatment) } : {};
  return { ...seen, tookMs: performance.now() - startMs };
}
