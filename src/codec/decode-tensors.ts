/**
 * From a .sacc file to float32 tensors. Order of work: header, limits and checksums (container.ts), then segments
 * one by one, each with a bounded working set; the weights themselves are the only large allocation.
 */

import { halfToFloat } from '../network/half.ts';
import { type Container, readContainer, SEGMENT_CODED, SEGMENT_RAW } from './container.ts';
import { fillContexts, SegmentTables } from './contexts.ts';
import { formatError } from './format-error.ts';
import { type DecodeLimits, withDefaults } from './limits.ts';
import { joinLevel, readBits } from './low-bits.ts';
import { cutPieces, type Piece } from './pieces.ts';
import { referenceDecoder } from './reference-decoder.ts';
import { LANES, readPayload, type SegmentPayload, sideRange } from './segment-payload.ts';
import type { SymbolDecoder } from './symbol-decoder.ts';
import type { Frequencies } from './tables.ts';
import type { Tensor } from './tensor.ts';
import { CODING_F16, CODING_RANS, MAX_ABSOLUTE_LEVEL, type TensorRecord } from './tensor-record.ts';
import { createWasmDecoder } from './wasm-decoder.ts';

export interface DecodeOptions {
  readonly limits?: Partial<DecodeLimits>;
  /** Default: wasm where it compiles, else the reference. */
  readonly decoder?: 'wasm' | 'reference';
}

export interface DecodedTensors {
  readonly container: Container;
  readonly tensors: Tensor[];
}

function dequantise(
  piece: Piece,
  payload: SegmentPayload,
  levels: Int8Array,
  decoder: SymbolDecoder,
  out: Float32Array,
): void {
  const { tensor, from, to, at, bitAt } = piece;
  const bits = tensor.context.lowBits;
  const levelAt = (index: number, addend: number): number => {
    const low = bits === 0 ? 0 : readBits(payload.lowBits, bitAt + (index - at) * bits, bits);
    return joinLevel(levels[index] + addend, low, bits);
  };
  if (bits === 0)
    decoder.dequantise(levels.subarray(at, at + to - from), tensor.step, out.subarray(from, to));
  else for (let i = from; i < to; i++) out[i] = levelAt(at + i - from, 0) * tensor.step;
  const [first, end] = sideRange(payload.positions, at, at + to - from);
  for (let i = first; i < end; i++) {
    const position = payload.positions[i];
    const level = levelAt(position, payload.addends[i]);
    if (Math.abs(level) > MAX_ABSOLUTE_LEVEL) {
      throw formatError(`Tensor "${tensor.name}" has the level ${level}, beyond ${MAX_ABSOLUTE_LEVEL}`);
    }
    out[from + position - at] = level * tensor.step;
  }
}

/** A coded segment, decoded to levels; valid until the next one is. */
export interface DecodedSegment {
  readonly pieces: readonly Piece[];
  readonly payload: SegmentPayload;
  /** Table number of each element, padded to a multiple of 32. */
  readonly contexts: Uint8Array;
  readonly tables: readonly Frequencies[];
  /** High parts. */
  readonly levels: Int8Array;
}

function decodeSegment(bytes: Uint8Array, pieces: readonly Piece[], decoder: SymbolDecoder): DecodedSegment {
  const last = pieces[pieces.length - 1];
  const elements = last.at + last.to - last.from;
  const payload = readPayload(bytes, elements);
  const bits = pieces.reduce((sum, { tensor, from, to }) => sum + (to - from) * tensor.context.lowBits, 0);
  if (Math.ceil(bits / 8) !== payload.lowBits.length) {
    throw formatError(`A segment has ${payload.lowBits.length} bytes of low bits for ${bits} bits`);
  }
  const contexts = new Uint8Array(Math.ceil(elements / LANES) * LANES);
  const segmentTables = new SegmentTables();
  for (const { tensor, from, to, at } of pieces) fillContexts(tensor, segmentTables, from, to, contexts, at);
  const { tables } = segmentTables;
  return { pieces, payload, contexts, tables, levels: decoder.symbols(payload, contexts, tables) };
}

/** Decodes the coded segments of a container one after the other. @throws SaccadeNetError MODEL_FORMAT */
export function forSegments(
  container: Container,
  decoder: SymbolDecoder,
  visit: (segment: DecodedSegment) => void,
): void {
  const coded = container.segments.filter(({ kind }) => kind === SEGMENT_CODED);
  const cuts = cutPieces(
    container.tensors,
    coded.map(({ elements }) => elements),
  );
  for (const [i, { payload }] of coded.entries()) visit(decodeSegment(payload, cuts[i], decoder));
}

function decodeRaw(container: Container, weights: ReadonlyMap<TensorRecord, Float32Array>): void {
  const parts = container.segments.filter(({ kind }) => kind === SEGMENT_RAW).map(({ payload }) => payload);
  const raw = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    raw.set(part, at);
    at += part.length;
  }
  const view = new DataView(raw.buffer);
  at = 0;
  for (const tensor of container.tensors) {
    if (tensor.coding === CODING_RANS) continue;
    const out = weights.get(tensor)!;
    const half = tensor.coding === CODING_F16;
    for (let i = 0; i < out.length; i++, at += half ? 2 : 4) {
      out[i] = half ? halfToFloat(view.getUint16(at, true)) : view.getFloat32(at, true);
    }
  }
}

/** With a decoder at hand, synchronously; used by tests and by callers that hold one. */
export function decodeTensorsWith(
  bytes: Uint8Array,
  decoder: SymbolDecoder,
  limits?: Partial<DecodeLimits>,
): DecodedTensors {
  const container = readContainer(bytes, withDefaults(limits));
  const weights = new Map(container.tensors.map((tensor) => [tensor, new Float32Array(tensor.elements)]));
  decodeRaw(container, weights);
  forSegments(container, decoder, ({ pieces, payload, levels }) => {
    for (const piece of pieces) dequantise(piece, payload, levels, decoder, weights.get(piece.tensor)!);
  });
  const tensors = container.tensors.map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    data: weights.get(tensor)!,
  }));
  return { container, tensors };
}

/** The decoder asked for; without a name wasm where the page may compile it. */
export async function chooseDecoder(name?: DecodeOptions['decoder']): Promise<SymbolDecoder> {
  if (name === 'reference') return referenceDecoder;
  if (name === 'wasm') return createWasmDecoder();
  try {
    return await createWasmDecoder();
  } catch {
    return referenceDecoder;
  }
}

/**
 * Decodes the tensors of any .sacc file, a network of ours or not.
 * @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION, MODEL_CHECKSUM; UNSUPPORTED where wasm is named and cannot run
 */
export async function decodeTensors(bytes: Uint8Array, options: DecodeOptions = {}): Promise<DecodedTensors> {
  return decodeTensorsWith(bytes, await chooseDecoder(options.decoder), options.limits);
}
