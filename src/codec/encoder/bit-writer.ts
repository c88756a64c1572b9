/** The writing half of the header's range coder (adaptive.ts), with carries held back as in LZMA. */
import type { BitCoder } from '../adaptive.ts';

export class BitWriter implements BitCoder {
  readonly #bytes: number[] = [];
  #low = 0;
  #range = 2 ** 32 - 1;
  #held = 0;
  /** The byte before the first one is held to begin with: it stays 0 and is left out. */
  #heldCount = 1;

  bit(p: number, bit: number): number {
    const bound = (this.#range >>> 16) * p;
    if (bit === 0) this.#range = bound;
    else {
      this.#low += bound;
      this.#range -= bound;
    }
    this.#widen();
    return bit;
  }

  bits(width: number, value: number): number {
    this.#range = this.#range >>> width;
    this.#low += value * this.#range;
    this.#widen();
    return value;
  }

  #widen(): void {
    while (this.#range < 2 ** 24) {
      this.#range *= 256;
      this.#shift();
    }
  }

  #shift(): void {
    if (this.#low < 0xff000000 || this.#low >= 2 ** 32) {
      const carry = this.#low >= 2 ** 32 ? 1 : 0;
      this.#bytes.push((this.#held + carry) & 255);
      for (let i = 1; i < this.#heldCount; i++) this.#bytes.push((255 + carry) & 255);
      this.#heldCount = 0;
      this.#held = Math.floor(this.#low / 2 ** 24) & 255;
    }
    this.#heldCount++;
    this.#low = (this.#low % 2 ** 24) * 256;
  }

  /** The shortest end: of the numbers that are left the one whose last three bytes are 0, and those left out. */
  finish(): Uint8Array {
    this.#low = Math.ceil(this.#low / 2 ** 24) * 2 ** 24;
    for (let i = 0; i < 5; i++) this.#shift();
    return Uint8Array.from(this.#bytes.slice(1, -3));
  }
}
