/**
 * From a .sacc file, whole or as it arrives, to tensors. Order of work: header, limits and checksums (container.ts),
 * then segments one by one, each with a bounded working set; the weights themselves are the only large allocation.
 */
import { type Container, readHead, readLengths } from './container.ts';
import { COMMON_BYTES, type Head } from './container-parts.ts';
import { Decoding, decodeSegment, type PieceVisitor, type Target, type Targets } from './decoding.ts';
import { formatError } from './format-error.ts';
import { type DecodeLimits, withDefaults } from './limits.ts';
import { cutPieces } from './pieces.ts';
import { ReferenceDecoder } from './reference-decoder.ts';
import type { SymbolDecoder } from './symbol-decoder.ts';
import type { Tensor } from './tensor.ts';
import { createWasmDecoder } from './wasm-decoder.ts';

export interface DecodeOptions {
  readonly limits?: Partial<DecodeLimits>;
  /** Default: wasm where it compiles, else the reference. */
  readonly decoder?: 'wasm' | 'reference';
}

export interface StreamOptions extends DecodeOptions {
  /** Called with each tensor as soon as it is whole, while the rest is still on its way. */
  readonly onTensor?: (tensor: Tensor) => void;
}

export interface DecodedTensors {
  /** Version, flags, tensor records and JSON of the file. */
  readonly container: Pick<Container, 'version' | 'flags' | 'tensors' | 'json'>;
  readonly tensors: Tensor[];
}

/** The coded pieces of a container, one after the other. @throws SaccadeNetError MODEL_FORMAT */
export function forPieces(container: Container, decoder: SymbolDecoder, visit: PieceVisitor): void {
  const coded = container.segments.filter(({ kind }) => kind === 1);
  const counts = coded.map(({ elements }) => elements);
  const aligned = container.version > 1;
  const cuts = cutPieces(container.tensors, counts, aligned);
  for (const [i, { payload }] of coded.entries()) decodeSegment(payload, cuts[i], aligned, decoder, visit);
}

function tensorsOf({ tensors }: Pick<Head, 'tensors'>, values: readonly Target[]): Tensor[] {
  return tensors.map(({ name, shape }, i) => ({ name, shape, data: values[i] as Float32Array }));
}

/** A decoder that is kept: its tables stay warm from file to file. Synchronous, one file at a time. */
export class Decoder {
  readonly #symbols: SymbolDecoder;

  constructor(symbols: SymbolDecoder) {
    this.#symbols = symbols;
  }

  get name(): SymbolDecoder['name'] {
    return this.#symbols.name;
  }

  /** @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION, MODEL_CHECKSUM */
  decode(bytes: Uint8Array, limits?: Partial<DecodeLimits>): DecodedTensors {
    const { head, values } = this.#decode(bytes, undefined, limits);
    return { container: head, tensors: tensorsOf(head, values) };
  }

  /**
   * Decodes into arrays of the caller's: Float32Array for values, Uint16Array for half precision, Int8Array for levels.
   * Tensors without a target are decoded but not kept.
   * @throws SaccadeNetError as decode; INVALID_OPTION where a target has another length or cannot hold the tensor
   */
  decodeInto(bytes: Uint8Array, targets: Targets, limits?: Partial<DecodeLimits>): void {
    this.#decode(bytes, targets, limits);
  }

  /** out[i] = float32(levels[i] * step). */
  dequantise(levels: Int8Array, step: number, out: Float32Array): void {
    this.#symbols.dequantise(levels, step, out);
  }

  #decode(bytes: Uint8Array, targets: Targets | undefined, limits: Partial<DecodeLimits> | undefined) {
    const merged = withDefaults(limits);
    const { fileBytes } = readLengths(bytes, merged);
    if (fileBytes !== bytes.length) {
      throw formatError(`The file says ${fileBytes} bytes but has ${bytes.length}`, { fileBytes });
    }
    const head = readHead(bytes, merged);
    const decoding = new Decoding(head, this.#symbols, targets);
    let at = head.headerBytes;
    for (const [i, entry] of head.entries.entries()) {
      decoding.segment(i, bytes.subarray(at, at + entry.bytes));
      at += entry.bytes;
    }
    return { head, values: decoding.values };
  }

  /**
   * Decodes a file while it arrives: every segment as soon as it is there.
   * @throws SaccadeNetError as decode, MODEL_FORMAT where the stream ends early or is longer than it says
   */
  async decodeStream(
    stream: ReadableStream<Uint8Array>,
    options: Omit<StreamOptions, 'decoder'> = {},
  ): Promise<DecodedTensors> {
    const limits = withDefaults(options.limits);
    let bytes = new Uint8Array(COMMON_BYTES);
    let filled = 0;
    let lengths: { headerBytes: number; fileBytes: number } | undefined;
    let head: Head | undefined;
    let decoding: Decoding | undefined;
    let next = 0;
    let at = 0;
    const advance = (): void => {
      if (lengths === undefined && filled >= COMMON_BYTES) {
        lengths = readLengths(bytes.subarray(0, filled), limits);
        const grown = new Uint8Array(lengths.fileBytes);
        grown.set(bytes.subarray(0, filled));
        bytes = grown;
      }
      if (lengths !== undefined && head === undefined && filled >= lengths.headerBytes) {
        const found = readHead(bytes.subarray(0, lengths.headerBytes), limits);
        const { onTensor } = options;
        decoding = new Decoding(found, this.#symbols, undefined, (index) => {
          const { name, shape } = found.tensors[index];
          onTensor?.({ name, shape, data: decoding!.values[index] as Float32Array });
        });
        head = found;
        at = found.headerBytes;
      }
      while (head !== undefined && next < head.entries.length && filled >= at + head.entries[next].bytes) {
        const payload = bytes.subarray(at, at + head.entries[next].bytes);
        decoding!.segment(next, payload);
        at += payload.length;
        next++;
      }
    };
    const reader = stream.getReader();
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        for (let taken = 0; taken < value.length; ) {
          const count = Math.min(value.length - taken, bytes.length - filled);
          if (count === 0) throw formatError(`The file is longer than the ${filled} bytes that it says`);
          bytes.set(value.subarray(taken, taken + count), filled);
          filled += count;
          taken += count;
          advance();
        }
      }
    } catch (error) {
      await reader.cancel(error).catch(() => {});
      throw error;
    }
    if (head === undefined || decoding === undefined || filled < head.fileBytes) {
      throw formatError(`The file ends after ${filled} bytes`, { filled });
    }
    return { container: head, tensors: tensorsOf(head, decoding.values) };
  }
}

/** With a decoder at hand, synchronously; used by tests and by callers that hold one. */
export function decodeTensorsWith(
  bytes: Uint8Array,
  decoder: SymbolDecoder,
  limits?: Partial<DecodeLimits>,
): DecodedTensors {
  return new Decoder(decoder).decode(bytes, limits);
}

/** The decoder asked for; without a name wasm where the page may compile it. */
async function chooseDecoder(name?: DecodeOptions['decoder']): Promise<SymbolDecoder> {
  if (name === 'reference') return new ReferenceDecoder();
  if (name === 'wasm') return createWasmDecoder();
  try {
    return await createWasmDecoder();
  } catch {
    return new ReferenceDecoder();
  }
}

/** @throws SaccadeNetError UNSUPPORTED where wasm is named and cannot run */
export async function createDecoder(name?: DecodeOptions['decoder']): Promise<Decoder> {
  return new Decoder(await chooseDecoder(name));
}

/**
 * Decodes the tensors of any .sacc file, a network of ours or not.
 * @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION, MODEL_CHECKSUM; UNSUPPORTED where wasm is named and cannot run
 */
export async function decodeTensors(bytes: Uint8Array, options: DecodeOptions = {}): Promise<DecodedTensors> {
  return (await createDecoder(options.decoder)).decode(bytes, options.limits);
}

/**
 * As decodeTensors, from a stream such as `response.body`: each segment is decoded as soon as it is there.
 * @throws SaccadeNetError as decodeTensors
 */
export async function decodeStream(
  stream: ReadableStream<Uint8Array>,
  options: StreamOptions = {},
): Promise<DecodedTensors> {
  return (await createDecoder(options.decoder)).decodeStream(stream, options);
}
