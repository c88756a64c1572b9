/** The filters in WebAssembly (assembly/conditioning): the same bytes as the readable ones. */
import wasmBytes from '../../build/conditioning.wasm';
import type { PixelFrame } from '../backends/backend.ts';
import { SaccadeNetError } from '../errors/errors.ts';
import type { Filters } from './filters.ts';
import { SMOOTHING_STEPS } from './smooth.ts';

interface Exports {
  extend(picture: number, width: number, height: number, stride: number): void;
  replaceOutliers(picture: number, out: number, width: number, height: number, stride: number): void;
  smooth(
    picture: number,
    out: number,
    width: number,
    height: number,
    stride: number,
    sums: number,
    steps: number,
  ): void;
}

/** As in assembly/conditioning/index.ts. */
const BORDER_PX = 2;
const PX_BYTES = 4;
const VECTOR_BYTES = 16;
const PAGE_BYTES = 65536;
/** The module's own data lies below. */
const HEAP = 1024;

/** Keeps memory for the largest frame so far. @throws what WebAssembly throws where it has no SIMD */
export async function createWasmFilters(): Promise<Filters> {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { instance } = await WebAssembly.instantiate(wasmBytes as Uint8Array<ArrayBuffer>, {
    env: { memory, abort: unreachable },
  });
  return new WasmFilters(instance.exports as unknown as Exports, memory);
}

/** @throws SaccadeNetError OUT_OF_MEMORY, from the filters */
class WasmFilters implements Filters {
  readonly #exports: Exports;
  readonly #memory: WebAssembly.Memory;

  constructor(exports: Exports, memory: WebAssembly.Memory) {
    this.#exports = exports;
    this.#memory = memory;
  }

  withoutOutliers(frame: PixelFrame): PixelFrame {
    return this.#filter(frame, (from, to, stride) =>
      this.#exports.replaceOutliers(from, to, frame.width, frame.height, stride),
    );
  }

  smoothed(frame: PixelFrame, share: number): PixelFrame {
    const steps = Math.round(SMOOTHING_STEPS * share);
    return this.#filter(frame, (from, to, stride, sums) =>
      this.#exports.smooth(from, to, frame.width, frame.height, stride, sums, steps),
    );
  }

  #filter(
    { width, height, data }: PixelFrame,
    run: (from: number, to: number, stride: number, sums: number) => void,
  ): PixelFrame {
    const stride = roundUp((width + 2 * BORDER_PX) * PX_BYTES) + VECTOR_BYTES;
    const pictureBytes = (height + 2 * BORDER_PX) * stride + VECTOR_BYTES;
    const inside = BORDER_PX * (stride + PX_BYTES);
    const from = HEAP + inside;
    const to = from + pictureBytes;
    const sums = HEAP + 2 * pictureBytes;
    this.#grow(sums + 2 * stride + 2 * VECTOR_BYTES);
    const bytes = new Uint8Array(this.#memory.buffer);
    const rowBytes = width * PX_BYTES;
    for (let y = 0; y < height; y++) {
      bytes.set(data.subarray(y * rowBytes, (y + 1) * rowBytes), from + y * stride);
    }
    this.#exports.extend(from, width, height, stride);
    run(from, to, stride, sums);
    const out = new Uint8ClampedArray(data.length);
    for (let y = 0; y < height; y++) {
      const row = to + y * stride;
      out.set(bytes.subarray(row, row + rowBytes), y * rowBytes);
    }
    return { width, height, data: out };
  }

  #grow(bytes: number): void {
    const lacking = bytes - this.#memory.buffer.byteLength;
    if (lacking <= 0) return;
    try {
      this.#memory.grow(Math.ceil(lacking / PAGE_BYTES));
    } catch {
      throw new SaccadeNetError(
        'OUT_OF_MEMORY',
        `WebAssembly memory cannot grow to ${Math.ceil(bytes / 2 ** 20)} MiB to smooth a frame; use a smaller working size (maxWorkingPixels) or conditioning: false.`,
      );
    }
  }
}

function roundUp(bytes: number): number {
  return VECTOR_BYTES * Math.ceil(bytes / VECTOR_BYTES);
}

function unreachable(): never {
  throw new Error('the module was built without assertions and has nothing to abort for');
}
