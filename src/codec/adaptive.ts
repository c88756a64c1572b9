/**
 * The header from version 2 on is one stream of binary decisions under adaptive probabilities (a range coder as in LZMA,
 * with counts that settle). Here are the models, which reader and writer share, and the reader.
 *
 * A probability is that of 0, of 16 bits. With n decisions seen it moves by about (target - p) / (n + 1.5), n up to a
 * limit. Everything is whole numbers, so every language gives the same bits.
 */
import { type ClassCoder, ClassReader } from './class-coder.ts';
import { formatError } from './format-error.ts';

const LIMIT = 30;
/** 2^15 / (n + 1.5), rounded down. */
export const RATES = Int32Array.from({ length: LIMIT + 1 }, (_, n) => Math.floor(65536 / (2 * n + 3)));
/** Probability 1/2. */
const HALF = 32768;
const RANGE_BITS = 2 ** 24;
const LEFT_OUT = 3;

/** A set of adaptive decisions: the probability of each times 256, plus how many were seen. */
export type Decisions = Int32Array;

const FRESH = HALF * 256;

export function decisions(count: number): Decisions {
  return new Int32Array(count).fill(FRESH);
}

/** What a decision has learnt once a bit was seen. */
function learnt(known: number, bit: number): number {
  const n = known & 255;
  const p = known >> 8;
  const target = bit === 0 ? 65535 : 0;
  return ((p + (((target - p) * RATES[n]) >> 15)) << 8) | (n < LIMIT ? n + 1 : n);
}

function clampProbability(p: number): number {
  return Math.min(65504, Math.max(32, p));
}

/** What decides or tells one bit: p is the probability of 0 in 65536ths, 32 <= p <= 65504. */
export interface BitCoder {
  bit(p: number, bit: number): number;
  /** `width` bits at once, 8 at most, that follow no law: version 5. */
  bits(width: number, value: number): number;
}

/** Most bits at once. */
const CHUNK = 8;

export class BitReader implements BitCoder {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Range and code: words of an array stay whole numbers of 32 bits. */
  readonly #state = Uint32Array.of(2 ** 32 - 1, 0);

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let i = 0; i < 4; i++) this.#state[1] = (this.#state[1] << 8) | this.#next();
  }

  #next(): number {
    const at = this.#at++;
    if (at < this.#bytes.length) return this.#bytes[at];
    // The last three bytes are 0 and left out; a reader that wants more has lost its way.
    if (at >= this.#bytes.length + LEFT_OUT) throw formatError('The header ends too early');
    return 0;
  }

  bit(p: number): number {
    const state = this.#state;
    let range = state[0];
    const bound = Math.imul(range >>> 16, p) >>> 0;
    let bit = 0;
    if (state[1] < bound) range = bound;
    else {
      bit = 1;
      state[1] -= bound;
      range -= bound;
    }
    while (range < RANGE_BITS) {
      range = (range << 8) >>> 0;
      state[1] = (state[1] << 8) | this.#next();
    }
    state[0] = range;
    return bit;
  }

  bits(width: number): number {
    const state = this.#state;
    const part = state[0] >>> width;
    const value = Math.min(Math.floor(state[1] / part), 2 ** width - 1);
    state[1] -= value * part;
    state[0] = part;
    while (state[0] < RANGE_BITS) {
      state[0] <<= 8;
      state[1] = (state[1] << 8) | this.#next();
    }
    return value;
  }

  /** As many trees of `width` bits as `found` has places, under one model: what `bit` does, without leaving the loop. */
  trees(model: Decisions, width: number, found: Uint8Array): void {
    let [range, code] = this.#state;
    for (let i = 0; i < found.length; i++) {
      let node = 1;
      for (let k = 0; k < width; k++) {
        const known = model[node];
        const bound = Math.imul(range >>> 16, clampProbability(known >> 8)) >>> 0;
        const bit = code < bound ? 0 : 1;
        if (bit === 0) range = bound;
        else {
          code = (code - bound) >>> 0;
          range = (range - bound) >>> 0;
        }
        while (range < RANGE_BITS) {
          range = (range << 8) >>> 0;
          code = ((code << 8) | this.#next()) >>> 0;
        }
        model[node] = learnt(known, bit);
        node = 2 * node + bit;
      }
      found[i] = node - (1 << width);
    }
    this.#state[0] = range;
    this.#state[1] = code;
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

const FLOAT = new DataView(new ArrayBuffer(4));

/** Of a whole number up to 2^32. */
function bitOf(value: number, bit: number): number {
  return value === 0 ? 0 : Math.floor(value / 2 ** bit) % 2;
}

/**
 * Reads or writes the values of a header: with a BitReader the values given are ignored and those of the stream
 * come back, with a writer they come back as they are. So the layout of a header stands in one place.
 */
export class HeaderCoder {
  readonly #coder: BitCoder;
  readonly #version: number;
  readonly #classes: ClassCoder;
  readonly #models = new Map<string, Decisions>();
  /** Names under the two bytes before. */
  #words: Decisions | undefined;
  #spent = 0;
  /** Text under no, one, two and three bytes before it; made when text comes. */
  readonly #text: Decisions[] = [];

  /** @param version of the container @param classes of version 5; until then they are decisions too */
  constructor(coder: BitCoder, version: number, classes: ClassCoder = new ClassReader(new Uint8Array(0))) {
    this.#coder = coder;
    this.#version = version;
    this.#classes = classes;
  }

  #decisions(name: string): Decisions {
    let model = this.#models.get(name);
    if (model === undefined) {
      model = decisions(160);
      this.#models.set(name, model);
    }
    return model;
  }

  #decide(model: Decisions, index: number, bit: number): number {
    const known = model[index];
    const coded = this.#coder.bit(clampProbability(known >> 8), bit);
    model[index] = learnt(known, coded);
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

  /** Classes 0 .. 15 under a law or, to version 4, a model of their own. */
  classes(count: number, values?: Uint8Array): Uint8Array {
    this.#spent += count;
    if (this.#spent > MAX_CLASS_INDICES)
      throw formatError(`The file has more than ${MAX_CLASS_INDICES} classes`);
    if (this.#version > 4) {
      const own = values ?? new Uint8Array(count);
      const law = this.#classes.lawOf(own);
      const [centre, spread] = [this.tree('centre', 4, law.centre), this.tree('spread', 5, law.spread)];
      this.#classes.code({ centre, spread }, own);
      return own;
    }
    const model = decisions(16);
    const found = new Uint8Array(count);
    if (this.#coder instanceof BitReader) this.#coder.trees(model, 4, found);
    else for (let i = 0; i < count; i++) found[i] = this.#tree(model, 4, values?.[i] ?? 0);
    return found;
  }

  /** A whole number from 0 to 2^32 - 1, small ones short: how many bits v + 1 has, then those bits below the top one. */
  number(name: string, value = 0): number {
    const model = this.#decisions(name);
    const wanted = value + 1;
    const bits = wanted === 1 ? 0 : Math.floor(Math.log2(wanted));
    let width = 0;
    while (width < 32 && this.#decide(model, 1 + width, width < bits ? 1 : 0) === 1) width++;
    let number = 1;
    // The two bits below the top one have models, the rest do not.
    for (let bit = width - 1; bit >= 0 && bit >= width - 2; bit--) {
      const index = bit === width - 1 ? 40 + width : 80 + 2 * width + (number & 1);
      number = 2 * number + this.#decide(model, index, bitOf(wanted, bit));
    }
    const rest = Math.max(0, width - 2);
    number = number * 2 ** rest + this.raw(rest, wanted % 2 ** rest);
    if (number > 2 ** 32) throw formatError('A number of the header is too large');
    return number - 1;
  }

  /** `width` bits, 32 at most, that follow no law. */
  raw(width: number, value = 0): number {
    let number = 0;
    if (this.#version > 4) {
      for (let left = width; left > 0; left -= CHUNK) {
        const count = Math.min(CHUNK, left);
        const sent = Math.floor(value / 2 ** (left - count)) % 2 ** count;
        number = number * 2 ** count + this.#coder.bits(count, sent);
      }
      return number;
    }
    for (let bit = width - 1; bit >= 0; bit--) {
      number = 2 * number + this.#coder.bit(HALF, bitOf(value, bit));
    }
    return number;
  }

  float(value = 0): number {
    FLOAT.setFloat32(0, value);
    FLOAT.setUint32(0, this.raw(32, FLOAT.getUint32(0)));
    return FLOAT.getFloat32(0);
  }

  /** Bytes of a name from `start` on, each by its bits under the two bytes before it, hashed. */
  word(bytes: Uint8Array, start = 0): Uint8Array {
    this.#words ??= decisions(WORD_CONTEXTS);
    let before = (bytes[start - 2] ?? 0) * 256 + (bytes[start - 1] ?? 0);
    for (let i = start; i < bytes.length; i++) {
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
    if (this.#text.length === 0) for (let i = 0; i < 4; i++) this.#text.push(decisions(CONTEXTS));
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
        const [d0, d1, d2, d3] = [m0[node], m1[a1], m2[a2], m3[a3]];
        const w0 = 1 + (d0 & 255);
        const w1 = 4 * (d1 & 255);
        const w2 = 24 * (d2 & 255);
        const w3 = 160 * (d3 & 255);
        const sum = w0 * (d0 >> 8) + w1 * (d1 >> 8) + w2 * (d2 >> 8) + w3 * (d3 >> 8);
        const p = Math.floor(sum / (w0 + w1 + w2 + w3));
        const coded = this.#coder.bit(clampProbability(p), (bytes[i] >> bit) & 1);
        m0[node] = learnt(d0, coded);
        m1[a1] = learnt(d1, coded);
        m2[a2] = learnt(d2, coded);
        m3[a3] = learnt(d3, coded);
        node = 2 * node + coded;
      }
      bytes[i] = node - 256;
      [before, second, third] = [bytes[i], before, second];
    }
    return bytes;
  }
}
