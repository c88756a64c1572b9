/**
 * The decoder of coded segments in WebAssembly (assembly/codec): same bits as reference-decoder.ts, much faster.
 * One instance with a memory of its own a decoder, so decoders do not disturb each other; the memory goes with it.
 */
import wasmBytes from '../../build/codec.wasm';
import { SaccadeNetError } from '../errors/errors.ts';
import { MAX_ROW, type Rows, rowsOf } from './contexts.ts';
import { formatError } from './format-error.ts';
import { BASIS, type Transform } from './kernel-transform.ts';
import type { CodedRecord } from './pieces.ts';
import { LANES, type SegmentPayload } from './segment-payload.ts';
import type { SymbolDecoder } from './symbol-decoder.ts';
import { TableSlots } from './table-slots.ts';
import { PROBABILITY_ONE } from './tables.ts';

interface Exports {
  makeShuffles(at: number): void;
  makeTable(frequencies: number, table: number): void;
  decodeRun(
    run: number,
    contexts: number,
    out: number,
    count: number,
    shuffles: number,
    trellis: boolean,
  ): number;
  checkEnd(run: number): number;
  makeCrcTables(at: number): void;
  crc32c(tables: number, at: number, count: number): number;
  addAxis(sums: number, inner: number, classes: number, count: number): void;
  fillRows(
    sums: number,
    inner: number,
    outer: number,
    column: number,
    count: number,
    shift: number,
    most: number,
    width: number,
    first: number,
    out: number,
  ): void;
  dequantise(from: number, out: number, count: number, step: number): void;
  restoreAxis(data: number, size: number, stride: number, blocks: number, basis: number): void;
}

/** Fixed places in the memory; address 0 up to 1024 stays the module's own. */
const SHUFFLES = 1024;
const FREQUENCIES = 2048;
/** 32 states and four addresses. */
const RUN = 4096;
const POINTERS = RUN + 128;
/** Sums of classes of a row; before them 25 floats of a transform. */
const BASIS_AT = 8192;
const SUMS = 8320;
/** Classes of an axis while a row is made, then sums of the axes before, a row each. */
const OUTER = SUMS + MAX_ROW + 16;
const CRC_TABLES = 20480;
/** Where the module looks for them. */
const TABLES = 65536;
const TABLE_BYTES = 4 * PROBABILITY_ONE;
/** The bytes of a segment, then contexts and levels of a run, then a block of floats. */
const SEGMENT = TABLES + 256 * TABLE_BYTES;
/** What the SIMD loops may touch behind the words, the levels and the floats. */
const SLACK = 64;
const PAGE_BYTES = 65536;
/** Floats that are made at once before they are copied out: they stay in the cache. */
const BLOCK = 8192;

const FAILURES = [
  '',
  'A segment has too few words for its weights',
  'A segment has words left over',
  'A lane of a segment ends in a wrong state',
];

function align(address: number): number {
  return Math.ceil(address / 16) * 16;
}

class WasmDecoder implements SymbolDecoder {
  readonly name = 'wasm';
  readonly #memory: WebAssembly.Memory;
  readonly #exports: Exports;
  /** First byte behind the words of the segment. */
  #free = SEGMENT;
  /** Elements of the run, and with its padding. */
  #used = 0;
  #count = 0;
  /** The segment whose checksum was asked for last: it lies in the memory. */
  #loaded: Uint8Array | undefined;
  /** The tensor whose row of sums lies in the memory. */
  #tensor: CodedRecord | undefined;
  #rows: Rows | undefined;
  readonly slots: TableSlots;

  constructor(memory: WebAssembly.Memory, exports: Exports) {
    this.#memory = memory;
    this.#exports = exports;
    this.#reserve(SEGMENT);
    exports.makeShuffles(SHUFFLES);
    exports.makeCrcTables(CRC_TABLES);
    this.slots = new TableSlots((number, table) => {
      new Uint16Array(this.#memory.buffer, FREQUENCIES, table.length).set(table);
      this.#exports.makeTable(FREQUENCIES, TABLES + number * TABLE_BYTES);
    });
  }

  #reserve(bytes: number): Uint8Array {
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) {
      try {
        this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
      } catch (cause) {
        throw new SaccadeNetError('OUT_OF_MEMORY', `Decoding needs ${bytes} bytes of memory: free some.`, {
          cause,
        });
      }
    }
    return new Uint8Array(this.#memory.buffer);
  }

  #load(segment: Uint8Array): Uint8Array {
    this.#free = align(SEGMENT + segment.length + SLACK);
    const bytes = this.#reserve(this.#free);
    bytes.set(segment, SEGMENT);
    return bytes;
  }

  checksum(segment: Uint8Array): number {
    this.#load(segment);
    this.#loaded = segment;
    return this.#exports.crc32c(CRC_TABLES, SEGMENT, segment.length) >>> 0;
  }

  begin(segment: Uint8Array, { states, wordsA, wordsB }: SegmentPayload): void {
    const bytes = this.#loaded === segment ? this.#reserve(this.#free) : this.#load(segment);
    this.#loaded = undefined;
    new Uint32Array(bytes.buffer, RUN, states.length).set(states);
    const inMemory = (part: Uint8Array) => SEGMENT + part.byteOffset - segment.byteOffset;
    const [p, q] = [inMemory(wordsA), inMemory(wordsB)];
    new Uint32Array(bytes.buffer, POINTERS, 4).set([p, p + wordsA.length, q, q + wordsB.length]);
  }

  contexts(count: number): void {
    this.#used = count;
    this.#count = Math.ceil(count / LANES) * LANES;
    this.#reserve(align(this.#free + 2 * this.#count + SLACK) + 5 * BLOCK + SLACK);
  }

  fill(tensor: CodedRecord, from: number, to: number, first: number, at: number): void {
    const { base, tables, between } = tensor.context;
    const { length, outer, axis } = this.#rowsOf(tensor);
    const own = length > MAX_ROW ? tensor.context.classes[axis] : null;
    const bytes = new Uint8Array(this.#memory.buffer);
    for (let done = from; done < to; ) {
      const row = Math.floor(done / length);
      const column = done % length;
      const part = length > MAX_ROW;
      // A long row goes in parts, short ones many at a time.
      const count = Math.min(
        to - done,
        part ? Math.min(length - column, MAX_ROW) : MAX_ROW * length - column,
      );
      if (part) {
        if (own === null) bytes.fill(0, SUMS, SUMS + count);
        else bytes.set(own.subarray(column, column + count), SUMS);
      }
      bytes.set(outer.subarray(row, row + (part ? 1 : MAX_ROW)), OUTER);
      const [inner, start] = part ? [count, 0] : [length, column];
      const out = this.#free + at + done - from;
      const width = between === null ? 1 : 2;
      this.#exports.fillRows(SUMS, inner, OUTER, start, count, base, tables.length - 1, width, first, out);
      done += count;
    }
  }

  /** Makes the row's sums of classes, where it is short enough to be kept. */
  #rowsOf(tensor: CodedRecord): Rows {
    if (this.#tensor === tensor) return this.#rows!;
    const rows = rowsOf(tensor);
    this.#tensor = tensor;
    this.#rows = rows;
    if (rows.length > MAX_ROW) return rows;
    const bytes = new Uint8Array(this.#memory.buffer);
    bytes[SUMS] = 0;
    for (let axis = tensor.shape.length - 1, inner = 1; axis >= rows.axis; inner *= tensor.shape[axis--]) {
      const classes = tensor.context.classes[axis];
      if (classes === null) bytes.fill(0, OUTER, OUTER + tensor.shape[axis]);
      else bytes.set(classes, OUTER);
      this.#exports.addAxis(SUMS, inner, OUTER, tensor.shape[axis]);
    }
    return rows;
  }

  run(trellis: boolean): Int8Array {
    const out = this.#free + this.#count;
    // Rows are filled in sixteens: what they wrote past the end is padding again.
    new Uint8Array(this.#memory.buffer).fill(0, this.#free + this.#used, out);
    const failure = this.#exports.decodeRun(RUN, this.#free, out, this.#count, SHUFFLES, trellis);
    if (failure !== 0) throw formatError(FAILURES[failure]);
    return new Int8Array(this.#memory.buffer, out, this.#count);
  }

  end(): void {
    const failure = this.#exports.checkEnd(RUN);
    if (failure !== 0) throw formatError(FAILURES[failure]);
  }

  dequantise(levels: Int8Array, step: number, out: Float32Array): void {
    // Levels of a run are in the memory; others are copied in.
    const within = levels.buffer === this.#memory.buffer;
    const block = align(this.#free + 2 * this.#count + SLACK);
    const bytes = this.#reserve(block + 5 * BLOCK + SLACK);
    for (let from = 0; from < levels.length; from += BLOCK) {
      const count = Math.min(BLOCK, levels.length - from);
      if (!within) new Int8Array(bytes.buffer).set(levels.subarray(from, from + count), block + 4 * BLOCK);
      const at = within ? levels.byteOffset + from : block + 4 * BLOCK;
      this.#exports.dequantise(at, block, count, step);
      out.set(new Float32Array(bytes.buffer, block, count), from);
    }
  }

  restore(data: Float32Array, shape: readonly number[], transform: Transform): void {
    if (transform === 0) return;
    const size = transform === 1 ? shape[0] : shape[shape.length - 1];
    // Of transform 1 the kernels are columns, of transform 2 they follow one another.
    const kernels = data.length / size ** 2;
    const most = Math.floor((4 * BLOCK) / size ** 2 / 4) * 4;
    const at = align(this.#free + 2 * this.#count + SLACK);
    const floats = new Float32Array(this.#reserve(at + 16 * BLOCK + SLACK).buffer);
    new Float32Array(floats.buffer, BASIS_AT, size ** 2).set(BASIS[size]);
    for (let done = 0; done < kernels; done += most) {
      const count = Math.min(most, kernels - done);
      if (transform === 2) {
        floats.set(data.subarray(done * size ** 2, (done + count) * size ** 2), at / 4);
        this.#exports.restoreAxis(at, size, size, count, BASIS_AT);
        this.#exports.restoreAxis(at, size, 1, count * size, BASIS_AT);
        data.set(floats.subarray(at / 4, at / 4 + count * size ** 2), done * size ** 2);
        continue;
      }
      for (let k = 0; k < size ** 2; k++) {
        const from = k * kernels + done;
        floats.set(data.subarray(from, from + count), at / 4 + k * count);
      }
      this.#exports.restoreAxis(at, size, size * count, 1, BASIS_AT);
      this.#exports.restoreAxis(at, size, count, size, BASIS_AT);
      for (let k = 0; k < size ** 2; k++) {
        const from = at / 4 + k * count;
        data.set(floats.subarray(from, from + count), k * kernels + done);
      }
    }
  }
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** @throws SaccadeNetError UNSUPPORTED where the page may not compile wasm or the engine lacks SIMD */
export async function createWasmDecoder(): Promise<SymbolDecoder> {
  try {
    compiled ??= WebAssembly.compile(wasmBytes);
    const memory = new WebAssembly.Memory({ initial: 2 });
    const instance = await WebAssembly.instantiate(await compiled, { env: { memory, abort: () => {} } });
    return new WasmDecoder(memory, instance.exports as unknown as Exports);
  } catch (cause) {
    compiled = undefined;
    throw new SaccadeNetError(
      'UNSUPPORTED',
      "The wasm decoder cannot start here; allow 'wasm-unsafe-eval' or decode with { decoder: 'reference' }.",
      { cause },
    );
  }
}
