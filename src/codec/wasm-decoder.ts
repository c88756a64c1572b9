/**
 * The decoder in WebAssembly (assembly/codec): files of version 5, same bits as decoding.ts, much faster. One instance
 * with a memory of its own a decoder, so decoders do not disturb each other; the memory goes with it.
 *
 * What it refuses, older versions among it, is left to the readable decoder, which says what is wrong.
 */
import wasmBytes from '../../build/codec.wasm';
import { SaccadeNetError } from '../errors/errors.ts';
import { NULL_TABLE, SCALES, SHAPES, symbolTable } from './tables.ts';
import { writeConstants } from './wasm-constants.ts';

export interface WasmExports {
  begin(bytes: number): number;
  take(bytes: number): number;
  makeTable(frequencies: number, table: number, scale: number, lift: number): void;
  checksum(at: number, count: number): number;
  readHeader(
    from: number,
    to: number,
    end: number,
    tensors: number,
    json: number,
    parameters: number,
  ): number;
  beginSegment(at: number, bytes: number, elements: number, lowBytes: number): number;
  decodePiece(
    record: number,
    from: number,
    count: number,
    first: number,
    at: number,
    out: number,
    asLevels: boolean,
  ): number;
  endSegment(): number;
  fromHalves(from: number, out: number, count: number): void;
  toHalves(from: number, out: number, count: number): void;
  restoreAxis(data: number, size: number, stride: number, blocks: number): void;
}

/** Places in the memory: assembly/codec/memory.ts. */
const FREQUENCIES = 2048;
const TABLES = 65536;
const TABLE_BYTES = 4352;
const HEAP = 10092544;
const PAGE_BYTES = 65536;
/** Tables between TABLES and what comes then. */
const MAX_TABLES = 2048;
/** Numbers 0 and 1: the table of padding, for either quantiser. */
const FIRST = 2;

/** Of a symbol of value k the level is scale * k, nearer to 0 by lift. */
type Levels = readonly [scale: number, lift: number];
const PLAIN: Levels = [1, 0];
/** Of the trellis. */
const QUANTISERS: readonly Levels[] = [
  [2, 0],
  [2, 1],
];

interface Family {
  readonly first: number;
  /** Whether each context's tables are expanded. */
  readonly made: Uint8Array;
}

export class WasmDecoder {
  readonly name = 'wasm';
  readonly exports: WasmExports;
  readonly #memory: WebAssembly.Memory;
  #bytes: Uint8Array;
  #words: Uint32Array;
  readonly #families = new Map<number, Family>();
  #next = FIRST;

  constructor(memory: WebAssembly.Memory, exports: WasmExports) {
    this.#memory = memory;
    this.exports = exports;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
    writeConstants(memory.buffer, TABLE_BYTES);
    for (let number = 0; number < FIRST; number++) this.#expand(number, NULL_TABLE, PLAIN);
  }

  /** The memory as it is now: growing it takes old views away. */
  get bytes(): Uint8Array {
    if (this.#bytes.buffer !== this.#memory.buffer) {
      this.#bytes = new Uint8Array(this.#memory.buffer);
      this.#words = new Uint32Array(this.#memory.buffer);
    }
    return this.#bytes;
  }

  get words(): Uint32Array {
    return this.bytes && this.#words;
  }

  /** Room for `bytes` bytes until the next file. @throws SaccadeNetError OUT_OF_MEMORY */
  take(bytes: number): number {
    return this.#room(this.exports.take(bytes) >>> 0, bytes);
  }

  /** Forgets the last file and makes room for one of `bytes` bytes. @returns where */
  begin(bytes: number): number {
    return this.#room(this.exports.begin(bytes) >>> 0, bytes);
  }

  #room(at: number, bytes: number): number {
    if (at !== 0) return at;
    throw new SaccadeNetError('OUT_OF_MEMORY', `Decoding needs ${bytes} bytes of memory more: free some.`);
  }

  #expand(number: number, table: Uint16Array, levels: Levels): void {
    new Uint16Array(this.#memory.buffer, FREQUENCIES, table.length).set(table);
    this.exports.makeTable(FREQUENCIES, TABLES + number * TABLE_BYTES, ...levels);
  }

  /** Numbers for tables, in a row; the old ones are forgotten where there are no more. */
  #numbers(count: number): number {
    if (this.#next + count > MAX_TABLES) {
      this.#families.clear();
      this.#next = FIRST;
    }
    this.#next += count;
    return this.#next - count;
  }

  /**
   * Makes the tables of a parametric family ready, contexts `least` to `most`. Families stay from file to file.
   * @returns the number of context 0's table; of the trellis that of quantiser 0, the next is that of 1
   */
  family(shape: number, zero: number, trellis: boolean, least: number, most: number): number {
    const key = (zero * SHAPES + shape) * 2 + (trellis ? 1 : 0);
    const width = trellis ? 2 : 1;
    let family = this.#families.get(key);
    if (family === undefined) {
      family = { first: this.#numbers(width * SCALES), made: new Uint8Array(SCALES) };
      this.#families.set(key, family);
    }
    const { first, made } = family;
    for (let scale = least; scale <= most; scale++) {
      if (made[scale]) continue;
      made[scale] = 1;
      const number = first + width * scale;
      this.#expand(number, symbolTable(shape, zero, scale, 0), trellis ? QUANTISERS[0] : PLAIN);
      if (trellis) this.#expand(number + 1, symbolTable(shape, zero, scale, 1), QUANTISERS[1]);
    }
    return first;
  }

  /** Makes transmitted tables ready, which lie at `at`, 256 bytes apart. @returns the number of the first */
  transmitted(at: number, trellis: boolean): number {
    const count = trellis ? 2 : 1;
    const first = this.#numbers(count);
    for (let i = 0; i < count; i++) {
      const levels = trellis ? QUANTISERS[i] : PLAIN;
      this.exports.makeTable(at + 256 * i, TABLES + (first + i) * TABLE_BYTES, ...levels);
    }
    return first;
  }
}

let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * @param memory to work in, all of it; default its own
 * @throws SaccadeNetError UNSUPPORTED where the page may not compile wasm or the engine lacks SIMD
 */
export async function createWasmDecoder(memory?: WebAssembly.Memory): Promise<WasmDecoder> {
  try {
    compiled ??= WebAssembly.compile(wasmBytes);
    const own = memory ?? new WebAssembly.Memory({ initial: HEAP / PAGE_BYTES });
    const missing = HEAP - own.buffer.byteLength;
    if (missing > 0) own.grow(Math.ceil(missing / PAGE_BYTES));
    const instance = await WebAssembly.instantiate(await compiled, { env: { memory: own, abort: () => {} } });
    return new WasmDecoder(own, instance.exports as unknown as WasmExports);
  } catch (cause) {
    compiled = undefined;
    throw new SaccadeNetError(
      'UNSUPPORTED',
      "The wasm decoder cannot start here; allow 'wasm-unsafe-eval' or decode with { decoder: 'reference' }.",
      { cause },
    );
  }
}
