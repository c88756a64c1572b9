/**
 * The decoding of one file of version 5 by the wasm decoder, segment by segment, as decoding.ts does it for people. Values
 * go to arrays of the caller's or new ones, by way of a place for one tensor, or stay in the decoder's memory.
 */

import { BASIS } from './kernel-transform.ts';
import type { DecodeLimits } from './limits.ts';
import { LANES } from './segment-payload.ts';
import { noLevels, type Target, type Targets, targetOf } from './targets.ts';
import { CODING_F16, CODING_RANS, type TensorHead, TRANSMITTED } from './tensor-record.ts';
import type { WasmDecoder } from './wasm-decoder.ts';
import { RECORD_WORDS, readWasmHead, recordsAt, type WasmHead } from './wasm-head.ts';

const BASIS_AT = 8192;

/** The segment is not as it must be: decoding.ts says why. */
export const REFUSED = Symbol('refused');

export interface OpenOptions {
  readonly limits: DecodeLimits;
  readonly targets?: Targets;
  /** Values stay in the memory; `values` are views of it. */
  readonly inPlace?: boolean;
  readonly onTensor?: (index: number) => void;
}

type Kernels = Pick<TensorHead, 'shape' | 'elements' | 'transform'>;

/** Coefficients to kernels, in place, as restoreKernels. */
export function restoreInMemory(decoder: WasmDecoder, at: number, tensor: Kernels): void {
  const { shape, elements, transform } = tensor;
  if (transform === 0) return;
  const { exports, bytes } = decoder;
  const size = transform === 1 ? shape[0] : shape[shape.length - 1];
  const kernels = elements / size ** 2;
  new Float32Array(bytes.buffer, BASIS_AT, size ** 2).set(BASIS[size]);
  const [stride, blocks] = transform === 1 ? [kernels, 1] : [1, kernels];
  exports.restoreAxis(at, size, stride * size, blocks);
  exports.restoreAxis(at, size, stride, blocks * size);
}

export class WasmDecoding {
  readonly head: WasmHead;
  readonly #decoder: WasmDecoder;
  readonly #values: Target[] = [];
  readonly #options: OpenOptions;
  /** Where each tensor's values come to lie; one place for all that are copied out. */
  readonly #places: number[] = [];
  /** Address of the first record, in words. */
  readonly #records: number;
  /** Where a segment's bytes go, one after the other: what was just copied is near. */
  readonly #payload: number;
  /** The raw stream, as far as it came. */
  readonly #raw: number;
  readonly #rawBytes: number;
  #rawAt = 0;
  /** The next coded tensor, and its first element that is missing. */
  #index = 0;
  #from = 0;

  /**
   * @param bytes the file, or its header at least
   * @returns null where the header is none that this decoder reads
   * @throws SaccadeNetError INVALID_OPTION where a target cannot hold its tensor; OUT_OF_MEMORY
   */
  static open(decoder: WasmDecoder, bytes: Uint8Array, options: OpenOptions): WasmDecoding | null {
    const found = readWasmHead(decoder, bytes, options.limits);
    if (found === null) return null;
    return new WasmDecoding(decoder, found, options);
  }

  private constructor(decoder: WasmDecoder, head: WasmHead, options: OpenOptions) {
    this.#decoder = decoder;
    this.head = head;
    this.#options = options;
    this.#records = recordsAt(decoder) / 4;
    let [most, raw] = [0, 0];
    for (const { bytes, kind } of head.entries) {
      most = Math.max(most, bytes);
      if (kind === 0) raw += bytes;
    }
    this.#payload = decoder.take(most);
    this.#rawBytes = raw;
    this.#raw = decoder.take(raw);
    if (!options.inPlace) {
      for (const [i, tensor] of head.tensors.entries()) {
        const lowBits = decoder.words[this.#records + RECORD_WORDS * i + 8];
        this.#values.push(targetOf(tensor, lowBits, options.targets?.get(tensor.name)));
      }
    }
    this.#placeValues();
    while (this.#index < head.tensors.length && head.tensors[this.#index].coding !== CODING_RANS)
      this.#index++;
  }

  /** In place a tensor after the other, else one place for coded ones and one for raw ones, which come in between. */
  #placeValues(): void {
    const { tensors } = this.head;
    if (this.#options.inPlace) {
      for (const { elements } of tensors) this.#places.push(this.#decoder.take(4 * elements));
      return;
    }
    const most = (coded: boolean) =>
      tensors.reduce(
        (sum, one) => ((one.coding === CODING_RANS) === coded ? Math.max(sum, one.elements) : sum),
        0,
      );
    const [codedAt, rawAt] = [true, false].map((coded) => this.#decoder.take(4 * most(coded)));
    for (const { coding } of tensors) this.#places.push(coding === CODING_RANS ? codedAt : rawAt);
  }

  /** In place: valid until the decoder's next file. */
  get values(): readonly Target[] {
    if (!this.#options.inPlace) return this.#values;
    const { buffer } = this.#decoder.bytes;
    return this.head.tensors.map(({ elements }, i) => new Float32Array(buffer, this.#places[i], elements));
  }

  /**
   * Takes the segments in the order of the file.
   * @throws REFUSED; SaccadeNetError INVALID_OPTION where levels do not fit a target
   */
  segment(number: number, payload: Uint8Array): void {
    const { kind, bytes, elements, checksum } = this.head.entries[number];
    const at = this.#payload;
    const { exports } = this.#decoder;
    this.#decoder.bytes.set(payload, at);
    if (exports.checksum(at, bytes) >>> 0 !== checksum) throw REFUSED;
    if (kind === 0) {
      this.#decoder.bytes.copyWithin(this.#raw + this.#rawAt, at, at + bytes);
      this.#rawAt += bytes;
      if (this.#rawAt === this.#rawBytes) this.#takeRaw();
      return;
    }
    const { padded, lowBits } = this.#measure(elements);
    if (!exports.beginSegment(at, bytes, padded, Math.ceil(lowBits / 8))) throw REFUSED;
    for (let left = elements, position = 0; left > 0; ) {
      const count = Math.min(left, this.head.tensors[this.#index].elements - this.#from);
      this.#piece(count, position);
      left -= count;
      position += Math.ceil(count / LANES) * LANES;
    }
    if (!exports.endSegment()) throw REFUSED;
  }

  /** Elements of the next segment with its padding, and its low bits. */
  #measure(elements: number): { padded: number; lowBits: number } {
    const { words } = this.#decoder;
    let [padded, lowBits, from] = [0, 0, this.#from];
    for (let left = elements, index = this.#index; left > 0; index++, from = 0) {
      const tensor = this.head.tensors[index];
      if (tensor.coding !== CODING_RANS) continue;
      const count = Math.min(left, tensor.elements - from);
      padded += Math.ceil(count / LANES) * LANES;
      lowBits += count * words[this.#records + RECORD_WORDS * index + 8];
      left -= count;
    }
    return { padded, lowBits };
  }

  #piece(count: number, position: number): void {
    const index = this.#index;
    const { exports } = this.#decoder;
    const tensor = this.head.tensors[index];
    const record = 4 * (this.#records + RECORD_WORDS * index);
    const asLevels = this.#values[index] instanceof Int8Array;
    const out = this.#places[index] + this.#from * (asLevels ? 1 : 4);
    const tables = this.#tables(record / 4);
    const failure = exports.decodePiece(record, this.#from, count, tables, position, out, asLevels);
    if (failure === 2) throw noLevels(tensor, 'a level beyond 8 bits');
    if (failure !== 0) throw REFUSED;
    this.#from += count;
    if (this.#from < tensor.elements) return;
    restoreInMemory(this.#decoder, this.#places[index], tensor);
    this.#from = 0;
    do this.#index++;
    while (this.#index < this.head.tensors.length && this.head.tensors[this.#index].coding !== CODING_RANS);
    this.#give(index);
  }

  #tables(record: number): number {
    const { words } = this.#decoder;
    const trellis = words[record + 9] !== 0;
    if (words[record + 7] === TRANSMITTED) return this.#decoder.transmitted(words[record + 24], trellis);
    return this.#decoder.family(
      words[record + 7],
      words[record + 10],
      trellis,
      words[record + 25],
      words[record + 26],
    );
  }

  /** Copies a tensor that is whole to its target. */
  #give(index: number): void {
    const out = this.#values[index];
    if (out !== undefined) {
      const at = this.#places[index];
      if (out instanceof Uint16Array) this.#decoder.exports.toHalves(at, at, out.length);
      const { buffer } = this.#decoder.bytes;
      if (out instanceof Float32Array) out.set(new Float32Array(buffer, at, out.length));
      else if (out instanceof Uint16Array) out.set(new Uint16Array(buffer, at, out.length));
      else out.set(new Int8Array(buffer, at, out.length));
    }
    this.#options.onTensor?.(index);
  }

  #takeRaw(): void {
    let at = this.#raw;
    for (const [index, { coding, elements }] of this.head.tensors.entries()) {
      if (coding === CODING_RANS) continue;
      const place = this.#places[index];
      const bytes = elements * (coding === CODING_F16 ? 2 : 4);
      if (coding === CODING_F16) this.#decoder.exports.fromHalves(at, place, elements);
      else this.#decoder.bytes.copyWithin(place, at, at + bytes);
      at += bytes;
      this.#give(index);
    }
  }
}
