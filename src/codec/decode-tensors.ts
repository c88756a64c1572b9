/**
 * From a .sacc file, whole or as it arrives, to tensors. Order of work: header, limits and checksums (container.ts),
 * then segments one by one, each with a bounded working set; the weights themselves are the only large allocation.
 */
import { type Container, readHead, readLengths } from './container.ts';
import { COMMON_BYTES, type Head } from './container-parts.ts';
import { Decoding, decodeSegment, type PieceVisitor } from './decoding.ts';
import { formatError } from './format-error.ts';
import { type DecodeLimits, withDefaults } from './limits.ts';
import { cutPieces } from './pieces.ts';
import { ReferenceDecoder } from './reference-decoder.ts';
import type { Target, Targets } from './targets.ts';
import type { Tensor } from './tensor.ts';
import type { TensorHead } from './tensor-record.ts';
import { createWasmDecoder, type WasmDecoder } from './wasm-decoder.ts';
import { type OpenOptions, REFUSED, WasmDecoding } from './wasm-decoding.ts';

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
  readonly container: Pick<Container, 'version' | 'flags' | 'json'> & {
    readonly tensors: readonly TensorHead[];
  };
  readonly tensors: Tensor[];
}

/** The coded pieces of a container, one after the other. @throws SaccadeNetError MODEL_FORMAT */
export function forPieces(container: Container, decoder: ReferenceDecoder, visit: PieceVisitor): void {
  const coded = container.segments.filter(({ kind }) => kind === 1);
  const counts = coded.map(({ elements }) => elements);
  const cuts = cutPieces(container.tensors, counts, container.version > 1);
  for (const [i, { payload }] of coded.entries()) {
    decodeSegment(payload, cuts[i], container.version, decoder, visit);
  }
}

/** One file that is being decoded: by the wasm decoder or the readable one. */
interface Session {
  readonly head: Pick<Head, 'version' | 'flags' | 'headerBytes' | 'fileBytes' | 'entries' | 'json'> & {
    readonly tensors: readonly TensorHead[];
  };
  readonly values: readonly Target[];
  segment(number: number, payload: Uint8Array): void;
}

function resultOf({ head, values }: Session): DecodedTensors {
  const found = values as readonly Float32Array[];
  const tensors = head.tensors.map(({ name, shape }, i) => ({ name, shape, data: found[i] }));
  return { container: head, tensors };
}

/** A decoder that is kept: its tables stay warm from file to file. Synchronous, one file at a time. */
export class Decoder {
  readonly #engine: WasmDecoder | ReferenceDecoder;

  constructor(engine: WasmDecoder | ReferenceDecoder) {
    this.#engine = engine;
  }

  get name(): 'wasm' | 'reference' {
    return this.#engine.name;
  }

  /** @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION, MODEL_CHECKSUM */
  decode(bytes: Uint8Array, limits?: Partial<DecodeLimits>): DecodedTensors {
    return resultOf(this.#decode(bytes, limits, {}));
  }

  /**
   * As decode, without a copy: the tensors are views of the wasm decoder's memory, valid until its next file.
   * @throws SaccadeNetError as decode
   */
  decodeInPlace(bytes: Uint8Array, limits?: Partial<DecodeLimits>): DecodedTensors {
    return resultOf(this.#decode(bytes, limits, { inPlace: true }));
  }

  /**
   * Decodes into arrays of the caller's: Float32Array for values, Uint16Array for half precision, Int8Array for levels.
   * Tensors without a target are decoded but not kept.
   * @throws SaccadeNetError as decode; INVALID_OPTION where a target has another length or cannot hold the tensor
   */
  decodeInto(bytes: Uint8Array, targets: Targets, limits?: Partial<DecodeLimits>): void {
    this.#decode(bytes, limits, { targets });
  }

  /** @param header of the file, or all of it */
  #open(header: Uint8Array, options: OpenOptions): Session {
    if (this.#engine.name === 'wasm') {
      const found = WasmDecoding.open(this.#engine, header, options);
      if (found !== null) return found;
    }
    const { limits, targets, onTensor } = options;
    return new Decoding(readHead(header, limits), new ReferenceDecoder(), targets, onTensor);
  }

  #decode(
    bytes: Uint8Array,
    limits: Partial<DecodeLimits> | undefined,
    options: Omit<OpenOptions, 'limits'>,
  ): Session {
    const merged = withDefaults(limits);
    const { fileBytes } = readLengths(bytes, merged);
    if (fileBytes !== bytes.length) {
      throw formatError(`The file says ${fileBytes} bytes but has ${bytes.length}`, { fileBytes });
    }
    const session = this.#open(bytes, { ...options, limits: merged });
    let at = session.head.headerBytes;
    for (const [i, entry] of session.head.entries.entries()) {
      takeSegment(session, i, bytes.subarray(0, at + entry.bytes), at, merged);
      at += entry.bytes;
    }
    return session;
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
    let session: Session | undefined;
    let next = 0;
    let at = 0;
    const advance = (): void => {
      if (lengths === undefined && filled >= COMMON_BYTES) {
        lengths = readLengths(bytes.subarray(0, filled), limits);
        const grown = new Uint8Array(lengths.fileBytes);
        grown.set(bytes.subarray(0, filled));
        bytes = grown;
      }
      if (lengths !== undefined && session === undefined && filled >= lengths.headerBytes) {
        const onTensor = (index: number): void => {
          const { head, values } = session!;
          const { name, shape } = head.tensors[index];
          options.onTensor?.({ name, shape, data: values[index] as Float32Array });
        };
        session = this.#open(bytes.subarray(0, lengths.headerBytes), { limits, onTensor });
        at = lengths.headerBytes;
      }
      while (session !== undefined && next < session.head.entries.length) {
        const end = at + session.head.entries[next].bytes;
        if (filled < end) break;
        takeSegment(session, next, bytes.subarray(0, end), at, limits);
        at = end;
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
    if (session === undefined || filled < session.head.fileBytes) {
      throw formatError(`The file ends after ${filled} bytes`, { filled });
    }
    return resultOf(session);
  }
}

/** @param bytes of the file up to the segment's end @param at where it begins */
function takeSegment(
  session: Session,
  number: number,
  bytes: Uint8Array,
  at: number,
  limits: DecodeLimits,
): void {
  try {
    session.segment(number, bytes.subarray(at));
  } catch (error) {
    if (error !== REFUSED) throw error;
    // The readable decoder says what is wrong.
    const readable = new Decoding(readHead(bytes, limits), new ReferenceDecoder());
    let from = readable.head.headerBytes;
    for (const [i, entry] of readable.head.entries.slice(0, number + 1).entries()) {
      readable.segment(i, bytes.subarray(from, from + entry.bytes));
      from += entry.bytes;
    }
    throw new Error(`The decoders do not agree on segment ${number}: this is a bug of saccadenet.`);
  }
}

/** With a decoder at hand, synchronously; used by tests and by callers that hold one. */
export function decodeTensorsWith(
  bytes: Uint8Array,
  decoder: WasmDecoder | ReferenceDecoder,
  limits?: Partial<DecodeLimits>,
): DecodedTensors {
  return new Decoder(decoder).decode(bytes, limits);
}

/** The decoder asked for; without a name wasm where the page may compile it. */
async function chooseDecoder(
  name?: DecodeOptions['decoder'],
  memory?: WebAssembly.Memory,
): Promise<WasmDecoder | ReferenceDecoder> {
  if (name === 'reference') return new ReferenceDecoder();
  if (name === 'wasm') return createWasmDecoder(memory);
  try {
    return await createWasmDecoder(memory);
  } catch {
    return new ReferenceDecoder();
  }
}

/**
 * @param memory of the caller's, for the wasm decoder to work in, all of it: others that import it find the values of
 *   decodeInPlace by their byteOffset
 * @throws SaccadeNetError UNSUPPORTED where wasm is named and cannot run
 */
export async function createDecoder(
  name?: DecodeOptions['decoder'],
  memory?: WebAssembly.Memory,
): Promise<Decoder> {
  return new Decoder(await chooseDecoder(name, memory));
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
