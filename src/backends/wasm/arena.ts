/** A bump allocator over one WebAssembly.Memory. Everything after a mark is dropped at once when sizes change. */
import { SaccadeNetError } from '../../errors/errors.ts';

const PAGE_BYTES = 65536;
const MAX_BYTES = 65536 * PAGE_BYTES;
/** Cache line; vectors need 16. */
const ALIGNMENT_BYTES = 64;

export class Arena {
  readonly memory: WebAssembly.Memory;
  #next: number;

  constructor() {
    this.memory = new WebAssembly.Memory({ initial: 1 });
    // The kernels' module keeps its few constants in the first page.
    this.#next = PAGE_BYTES;
  }

  /** Where the next allocation goes; give it to `reset` to drop what came after. */
  get mark(): number {
    return this.#next;
  }

  reset(mark: number): void {
    this.#next = mark;
  }

  /** Address of `bytes` bytes; `commit` before they are touched. */
  allocate(bytes: number): number {
    const address = this.#next;
    this.#next = address + Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    return address;
  }

  /**
   * Grows the memory to hold all that is allocated and zeroes it from `from` on. Views made before are void.
   * @throws SaccadeNetError OUT_OF_MEMORY
   */
  commit(from: number): void {
    const missing = this.#next - this.memory.buffer.byteLength;
    if (missing > 0) {
      try {
        if (this.#next > MAX_BYTES) throw new RangeError('over 4 GiB');
        this.memory.grow(Math.ceil(missing / PAGE_BYTES));
      } catch (cause) {
        throw new SaccadeNetError(
          'OUT_OF_MEMORY',
          `WebAssembly memory cannot grow to ${Math.ceil(this.#next / 2 ** 20)} MiB; use a smaller working size (maxWorkingPixels).`,
          { cause, details: { bytes: this.#next } },
        );
      }
    }
    new Uint8Array(this.memory.buffer, from).fill(0);
  }
}
