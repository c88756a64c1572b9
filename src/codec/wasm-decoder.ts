/**
 * The decoder of coded segments in WebAssembly (assembly/codec): same bits as reference-decoder.ts, much faster.
 * One instance with a memory of its own a decoder, so decoders do not disturb each other; the memory goes with it.
 */
import wasmBytes from '../../build/codec.wasm';
import { SaccadeNetError } from '../errors/errors.ts';
import { formatError } from './format-error.ts';
import type { SegmentPayload } from './segment-payload.ts';
import type { SymbolDecoder } from './symbol-decoder.ts';
import { type Frequencies, PROBABILITY_ONE } from './tables.ts';

interface Exports {
  makeShuffles(at: number): void;
  makeTable(frequencies: number, table: number): void;
  decodeSymbols(
    states: number,
    p: number,
    pEnd: number,
    q: number,
    qEnd: number,
    contexts: number,
    tables: number,
    out: number,
    count: number,
    shuffles: number,
  ): number;
  dequantise(from: number, out: number, count: number, step: number): void;
}

/** Fixed places in the memory; address 0 up to 1024 stays the module's own. */
const SHUFFLES = 1024;
const FREQUENCIES = 2048;
const STATES = 4096;
const TABLES = 65536;
const TABLE_BYTES = 4 * PROBABILITY_ONE;
/** What the SIMD loops may touch behind the words, the levels and the floats. */
const SLACK = 64;
const PAGE_BYTES = 65536;

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
  /** Where the floats of the last segment go. */
  #floats = 0;

  constructor(memory: WebAssembly.Memory, exports: Exports) {
    this.#memory = memory;
    this.#exports = exports;
    exports.makeShuffles(SHUFFLES);
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

  symbols(payload: SegmentPayload, contexts: Uint8Array, tables: readonly Frequencies[]): Int8Array {
    const { states, wordsA, wordsB } = payload;
    const count = contexts.length;
    const contextsAt = TABLES + tables.length * TABLE_BYTES;
    const levelsAt = contextsAt + count;
    const wordsAt = align(levelsAt + count + SLACK);
    const pEnd = wordsAt + wordsA.length;
    const qAt = align(pEnd + SLACK);
    const qEnd = qAt + wordsB.length;
    this.#floats = align(qEnd + SLACK);
    const bytes = this.#reserve(this.#floats + 4 * count + SLACK);
    for (const [i, table] of tables.entries()) {
      new Uint16Array(bytes.buffer, FREQUENCIES, table.length).set(table);
      this.#exports.makeTable(FREQUENCIES, TABLES + i * TABLE_BYTES);
    }
    new Uint32Array(bytes.buffer, STATES, states.length).set(states);
    bytes.set(contexts, contextsAt);
    bytes.set(wordsA, wordsAt);
    bytes.set(wordsB, qAt);
    const failure = this.#exports.decodeSymbols(
      STATES,
      wordsAt,
      pEnd,
      qAt,
      qEnd,
      contextsAt,
      TABLES,
      levelsAt,
      count,
      SHUFFLES,
    );
    if (failure !== 0) throw formatError(FAILURES[failure]);
    return new Int8Array(bytes.buffer, levelsAt, count);
  }

  dequantise(levels: Int8Array, step: number, out: Float32Array): void {
    this.#exports.dequantise(levels.byteOffset, this.#floats, levels.length, step);
    out.set(new Float32Array(this.#memory.buffer, this.#floats, levels.length));
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
