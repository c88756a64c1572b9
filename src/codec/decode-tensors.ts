/**
 * From a .sacc file to float32 tensors. Order of work: header, limits and checksums (container.ts), then segments
 * one by one, each with a bounded working set; the weights themselves are the only large allocation.
 */

import { halfToFloat } from '../network/half.ts';
import { type Container, readContainer, SEGMENT_CODED, SEGMENT_RAW } from './container.ts';
import { fillContexts, tableCount } from './contexts.ts';
import { formatError } from './format-error.ts';
import { restoreKernels } from './kernel-transform.ts';
import { type DecodeLimits, withDefaults } from './limits.ts';
import { joinLevel, readBits } from './low-bits.ts';
import { cutPieces, type Piece, paddedLength } from './pieces.ts';
import { ReferenceDecoder } from './reference-decoder.ts';
import { readPayload, type SegmentPayload, sideRange } from './segment-payload.ts';
import type { SymbolDecoder } from './symbol-decoder.ts';
import type { Tensor } from './tensor.ts';
import {
  CODING_F16,
  CODING_RANS,
  MAX_ABSOLUTE_LEVEL,
  type TensorRecord,
  TRANSMITTED,
} from './tensor-record.ts';
import { createWasmDecoder } from './wasm-decoder.ts';

export interface DecodeOptions {
  readonly limits?: Partial<DecodeLimits>;
  /** Default: wasm where it compiles, else the reference. */
  readonly decoder?: 'wasm' | 'reference';
}

/** All tables that a run needs have numbers below 256. */
const MAX_TABLES_IN_RUN = 240;

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
    const low = bits === 0 ? 0 : readBits(payload.lowBits, bitAt + index * bits, bits);
    return joinLevel(levels[index] + addend, low, bits);
  };
  if (bits === 0) decoder.dequantise(levels, tensor.step, out.subarray(from, to));
  else for (let i = from; i < to; i++) out[i] = levelAt(i - from, 0) * tensor.step;
  const [first, end] = sideRange(payload.positions, at, at + to - from);
  for (let i = first; i < end; i++) {
    const index = payload.positions[i] - at;
    const level = levelAt(index, payload.addends[i]);
    if (Math.abs(level) > MAX_ABSOLUTE_LEVEL) {
      throw formatError(`Tensor "${tensor.name}" has the level ${level}, beyond ${MAX_ABSOLUTE_LEVEL}`);
    }
    out[from + index] = level * tensor.step;
  }
}

/** A run of pieces that are decoded at once: all of a segment in version 1, one piece in version 2. */
function runsOf(pieces: readonly Piece[], aligned: boolean): Piece[][] {
  return aligned ? pieces.map((piece) => [piece]) : [[...pieces]];
}

/** Decodes a coded segment. `visit` gets each piece with its levels, valid until it returns, and where they begin in the run. */
export function decodeSegment(
  bytes: Uint8Array,
  pieces: readonly Piece[],
  aligned: boolean,
  decoder: SymbolDecoder,
  visit: (piece: Piece, payload: SegmentPayload, levels: Int8Array, offset: number) => void,
): void {
  const payload = readPayload(bytes, paddedLength(pieces));
  const bits = pieces.reduce((sum, { tensor, from, to }) => sum + (to - from) * tensor.context.lowBits, 0);
  if (Math.ceil(bits / 8) !== payload.lowBits.length) {
    throw formatError(`A segment has ${payload.lowBits.length} bytes of low bits for ${bits} bits`);
  }
  decoder.begin(payload);
  for (const run of runsOf(pieces, aligned)) {
    const start = run[0].at;
    const contexts = decoder.contexts(paddedLength(run) - start);
    decoder.slots.makeRoom(tablesOf(run));
    for (const { tensor, from, to, at } of run) {
      fillContexts(tensor, decoder.slots, from, to, contexts, at - start);
    }
    const levels = decoder.run(run[0].tensor.context.between !== null);
    for (const piece of run) {
      const { at, from, to } = piece;
      visit(piece, payload, levels.subarray(at - start, at - start + to - from), at - start);
    }
  }
  decoder.end();
}

/** Numbers that the tables of a run can take; what is parametric is shared. */
function tablesOf(run: readonly Piece[]): number {
  let count = 0;
  const known = new Set<number>();
  for (const { tensor } of run) {
    const { context } = tensor;
    const parametric = context.shape !== TRANSMITTED;
    if (parametric && known.has(context.shape)) continue;
    if (parametric) known.add(context.shape);
    else if (context.tables.length + count > MAX_TABLES_IN_RUN) {
      throw formatError(`A segment needs more than ${MAX_TABLES_IN_RUN} tables`);
    }
    count += tableCount(context);
  }
  return count;
}

/** Decodes the coded segments of a container one after the other. @throws SaccadeNetError MODEL_FORMAT */
export function forPieces(
  container: Container,
  decoder: SymbolDecoder,
  visit: (piece: Piece, payload: SegmentPayload, levels: Int8Array, offset: number) => void,
): void {
  const coded = container.segments.filter(({ kind }) => kind === SEGMENT_CODED);
  const aligned = container.version > 1;
  const counts = coded.map(({ elements }) => elements);
  const cuts = cutPieces(container.tensors, counts, aligned);
  for (const [i, { payload }] of coded.entries()) decodeSegment(payload, cuts[i], aligned, decoder, visit);
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
  forPieces(container, decoder, (piece, payload, levels) => {
    dequantise(piece, payload, levels, decoder, weights.get(piece.tensor)!);
  });
  for (const tensor of container.tensors)
    restoreKernels(weights.get(tensor)!, tensor.shape, tensor.transform);
  const tensors = container.tensors.map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    data: weights.get(tensor)!,
  }));
  return { container, tensors };
}

/** The decoder asked for; without a name wasm where the page may compile it. */
export async function chooseDecoder(name?: DecodeOptions['decoder']): Promise<SymbolDecoder> {
  if (name === 'reference') return new ReferenceDecoder();
  if (name === 'wasm') return createWasmDecoder();
  try {
    return await createWasmDecoder();
  } catch {
    return new ReferenceDecoder();
  }
}

/**
 * Decodes the tensors of any .sacc file, a network of ours or not.
 * @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION, MODEL_CHECKSUM; UNSUPPORTED where wasm is named and cannot run
 */
export async function decodeTensors(bytes: Uint8Array, options: DecodeOptions = {}): Promise<DecodedTensors> {
  return decodeTensorsWith(bytes, await chooseDecoder(options.decoder), options.limits);
}
