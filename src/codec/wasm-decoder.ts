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
    tables: number,
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

/** Of a quantiser: of a symbol of value k the level is scale * k, nearer to 0 by lift. */
type Levels = readonly [scale: number, lift: number];
const PLAIN: readonly Levels[] = [[1, 0]];
const TRELLIS: readonly Levels[] = [
  [2, 0],
  [2, 1],
];

interface Family {
  /** Where its tables are. */
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
  /** Tables at TABLES so far. */
  #tables = 0;

  constructor(memory: WebAssembly.Memory, exports: WasmExports) {
    this.#memory = memory;
    this.exports = exports;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
    writeConstants(memory.buffer, TABLE_BYTES);
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

  #expand(at: number, table: Uint16Array, levels: Levels): void {
    new Uint16Array(this.#memory.buffer, FREQUENCIES, table.length).set(table);
    this.exports.makeTable(FREQUENCIES, at, ...levels);
  }

  /** Room for tables of padding, one a quantiser, which it makes, and for `count` more. @returns where */
  #roomForTables(quantisers: readonly Levels[], count: number): number {
    const all = quantisers.length + count;
    if (this.#tables + all > MAX_TABLES) {
      this.#families.clear();
      this.#tables = 0;
    }
    const first = TABLES + this.#tables * TABLE_BYTES;
    this.#tables += all;
    for (let i = 0; i < quantisers.length; i++) this.#expand(first + i * TABLE_BYTES, NULL_TABLE, PLAIN[0]);
    return first;
  }

  /**
   * Makes the tables of a parametric family ready, contexts `least` to `most`. Families stay from file to file.
   * @returns where they are: that for padding, then those of context 0, 1, ..; with the trellis each is a pair, of quantiser 0 and 1
   */
  family(shape: number, zero: number, trellis: boolean, least: number, most: number): number {
    const key = (zero * SHAPES + shape) * 2 + (trellis ? 1 : 0);
    const quantisers = trellis ? TRELLIS : PLAIN;
    let family = this.#families.get(key);
    if (family === undefined) {
      const first = this.#roomForTables(quantisers, quantisers.length * SCALES);
      family = { first, made: new Uint8Array(SCALES) };
      this.#families.set(key, family);
    }
    const { first, made } = family;
    for (let scale = least; scale <= most; scale++) {
      if (made[scale]) continue;
      made[scale] = 1;
      for (const [i, levels] of quantisers.entries()) {
        const number = (1 + scale) * quantisers.length + i;
        this.#expand(first + number * TABLE_BYTES, symbolTable(shape, zero, scale, i as 0 | 1), levels);
      }
    }
    return first;
  }

  /** Makes transmitted tables ready, which lie at `at`, 256 bytes apart. @returns where they are, as those of a family */
  transmitted(at: number, trellis: boolean): number {
    const quantisers = trellis ? TRELLIS : PLAIN;
    const first = this.#roomForTables(quantisers, quantisers.length);
    for (const [i, levels] of quantisers.entries()) {
      this.exports.makeTable(at + 256 * i, first + (quantisers.length + i) * TABLE_BYTES, ...levels);
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
