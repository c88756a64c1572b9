/**
 * The header of version 2 is one stream of binary decisions under adaptive probabilities (a range coder as in LZMA,
 * with counts that settle). Here are the models, which reader and writer share, and the reader.
 *
 * A probability is that of 0, of 16 bits. With n decisions seen it moves by about (target - p) / (n + 1.5), n up to a
 * limit. Everything is whole numbers, so every language gives the same bits.
 */
import { formatError } from './format-error.ts';

const LIMIT = 30;
/** 2^15 / (n + 1.5), rounded down. */
const RATES = Int32Array.from({ length: LIMIT + 1 }, (_, n) => Math.floor(65536 / (2 * n + 3)));
/** Probability 1/2. */
const HALF = 32768;
const RANGE_BITS = 2 ** 24;
const LEFT_OUT = 3;

/** A set of adaptive decisions. */
export class Decisions {
  readonly p: Uint16Array;
  readonly n: Uint8Array;

  constructor(count: number) {
    this.p = new Uint16Array(count).fill(HALF);
    this.n = new Uint8Array(count);
  }

  update(index: number, bit: number): void {
    const n = this.n[index];
    const p = this.p[index];
    const target = bit === 0 ? 65535 : 0;
    this.p[index] = p + (((target - p) * RATES[n]) >> 15);
    if (n < LIMIT) this.n[index] = n + 1;
  }
}

/** What decides or tells one bit: p is the probability of 0 in 65536ths, 32 <= p <= 65504. */
export interface BitCoder {
  bit(p: number, bit: number): number;
}

export class BitReader implements BitCoder {
  readonly #bytes: Uint8Array;
  #at = 0;
  #range = 2 ** 32 - 1;
  #code = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let i = 0; i < 4; i++) this.#code = this.#code * 256 + this.#next();
  }

  #next(): number {
    // The last three bytes are 0 and left out; a reader that wants more has lost its way.
    if (this.#at >= this.#bytes.length + LEFT_OUT) throw formatError('The header ends too early');
    return this.#bytes[this.#at++] ?? 0;
  }

  bit(p: number): number {
    const bound = (this.#range >>> 16) * p;
    let bit = 0;
    if (this.#code < bound) this.#range = bound;
    else {
      bit = 1;
      this.#code -= bound;
      this.#range -= bound;
    }
    while (this.#range < RANGE_BITS) {
      this.#range *= 256;
      this.#code = this.#code * 256 + this.#next();
    }
    return bit;
  }

  /** Whether the stream was read to its end, neither less nor more. */
  get ended(): boolean {
    return this.#at === this.#bytes.length + LEFT_OUT;
  }
}

/** Class indices of a file: each takes time to read but may take hardly any bytes. */
export const MAX_CLASS_INDICES = 2 ** 20;

const WORD_CONTEXTS = 1 << 13;
const WORD_SHIFT = 32 - 13;

/** Contexts of each text model: hashes of the bytes before, the top bits of 32. */
const CONTEXTS = 1 << 16;
const SHIFT = 32 - 16;

/**
 * Reads or writes the values of a header: with a BitReader the values given are ignored and those of the stream
 * come back, with a writer they come back as they are. So the layout of a header stands in one place.
 */
export class HeaderCoder {
  readonly #coder: BitCoder;
  readonly #models = new Map<string, Decisions>();
  /** Names under the two bytes before. */
  #words: Decisions | undefined;
  #spent = 0;
  /** Text under no, one, two and three bytes before it; made when text comes. */
  readonly #text: Decisions[] = [];

  constructor(coder: BitCoder) {
    this.#coder = coder;
  }

  #decisions(name: string): Decisions {
    let model = this.#models.get(name);
    if (model === undefined) {
      model = new Decisions(160);
      this.#models.set(name, model);
    }
    return model;
  }

  #decide(model: Decisions, index: number, bit: number): number {
    const coded = this.#coder.bit(Math.min(65504, Math.max(32, model.p[index])), bit);
    model.update(index, coded);
    return coded;
  }

  /** A whole number below 2^width, under the named model: a binary tree. */
  tree(name: string, width: number, value = 0): number {
    return this.#tree(this.#decisions(name), width, value);
  }

  #tree(model: Decisions, width: number, value: number): number {
    let node = 1;
    for (let bit = width - 1; bit >= 0; bit--)
      node = 2 * node + this.#decide(model, node, (value >> bit) & 1);
    return node - (1 << width);
  }

  /** Classes 0 .. 15 under a model of their own. */
  classes(count: number, values?: Uint8Array): Uint8Array {
    this.#spent += count;
    if (this.#spent > MAX_CLASS_INDICES)
      throw formatError(`The file has more than ${MAX_CLASS_INDICES} classes`);
    const model = new Decisions(16);
    const found = new Uint8Array(count);
    for (let i = 0; i < count; i++) found[i] = this.#tree(model, 4, values?.[i] ?? 0);
    return found;
  }

  /** A whole number from 0 to 2^32 - 1, small ones short: how many bits v + 1 has, then those bits below the top one. */
  number(name: string, value = 0): number {
    const model = this.#decisions(name);
    const wanted = value + 1;
    const bits = Math.floor(Math.log2(wanted));
    let width = 0;
    while (width < 32 && this.#decide(model, 1 + width, width < bits ? 1 : 0) === 1) width++;
    let number = 1;
    for (let bit = width - 1; bit >= 0; bit--) {
      // The two bits below the top one have models, the rest do not.
      const sent = Math.floor(wanted / 2 ** bit) % 2;
      const near = width - 1 - bit;
      const index = near === 0 ? 40 + width : 80 + 2 * width + (number & 1);
      number = 2 * number + (near < 2 ? this.#decide(model, index, sent) : this.#coder.bit(HALF, sent));
    }
    if (number > 2 ** 32) throw formatError('A number of the header is too large');
    return number - 1;
  }

  /** `width` bits, 32 at most, that follow no law. */
  raw(width: number, value = 0): number {
    let number = 0;
    for (let bit = width - 1; bit >= 0; bit--) {
      number = 2 * number + this.#coder.bit(HALF, Math.floor(value / 2 ** bit) % 2);
    }
    return number;
  }

  float(value = 0): number {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, value);
    view.setUint32(0, this.raw(32, view.getUint32(0)));
    return view.getFloat32(0);
  }

  /** Bytes of a name, each by its bits under the two bytes before it, hashed. */
  word(count: number, bytes: Uint8Array = new Uint8Array(count)): Uint8Array {
    this.#words ??= new Decisions(WORD_CONTEXTS);
    let before = 0;
    for (let i = 0; i < count; i++) {
      let node = 1;
      for (let bit = 7; bit >= 0; bit--) {
        const index = Math.imul(before * 256 + node, 0x9e3779b1) >>> WORD_SHIFT;
        node = 2 * node + this.#decide(this.#words, index, (bytes[i] >> bit) & 1);
      }
      bytes[i] = node - 256;
      before = (before % 256) * 256 + bytes[i];
    }
    return bytes;
  }

  /** Bytes of text after one another, each by its bits under the three bytes before it. */
  text(count: number, bytes: Uint8Array = new Uint8Array(count)): Uint8Array {
    if (count === 0) return bytes;
    if (this.#text.length === 0) for (let i = 0; i < 4; i++) this.#text.push(new Decisions(CONTEXTS));
    const [m0, m1, m2, m3] = this.#text;
    let [before, second, third] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      let node = 1;
      const one = Math.imul(before + 1, 0x2c1b3c6d);
      const two = Math.imul(before | (second << 8), 0x9e3779b1);
      const three = Math.imul(before | (second << 8) | (third << 16), 0x85ebca6b);
      for (let bit = 7; bit >= 0; bit--) {
        const spread = Math.imul(node, 0x2545f491);
        const a1 = (one + spread) >>> SHIFT;
        const a2 = (two + spread) >>> SHIFT;
        const a3 = (three + spread) >>> SHIFT;
        const w0 = 1 + m0.n[node];
        const w1 = 4 * m1.n[a1];
        const w2 = 24 * m2.n[a2];
        const w3 = 160 * m3.n[a3];
        const sum = w0 * m0.p[node] + w1 * m1.p[a1] + w2 * m2.p[a2] + w3 * m3.p[a3];
        const p = Math.floor(sum / (w0 + w1 + w2 + w3));
        const coded = this.#coder.bit(Math.min(65504, Math.max(32, p)), (bytes[i] >> bit) & 1);
        m0.update(node, coded);
        m1.update(a1, coded);
        m2.update(a2, coded);
        m3.update(a3, coded);
        node = 2 * node + coded;
      }
      bytes[i] = node - 256;
      [before, second, third] = [bytes[i], before, second];
    }
    return bytes;
  }
}
