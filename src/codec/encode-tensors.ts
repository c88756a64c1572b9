/**
 * From float32 tensors to a .sacc file. Deterministic: the same tensors and options give the same bytes.
 * Tensors of two or more dimensions are quantised with a step each and entropy-coded; the rest (biases), tiny ones
 * and ones with values that no step can hold are stored raw, in half precision where that is accurate enough.
 */

import { floatToHalf, halfToFloat } from '../network/half.ts';
import { chooseContext, MAX_CODED_SPREAD, nearestSymbol, spreadOf } from './choose-context.ts';
import {
  type Container,
  FREE_WEIGHTS,
  MAX_RAW_SEGMENT_BYTES,
  MAX_SEGMENT_ELEMENTS,
  MAX_WEIGHTS_PER_BYTE,
  SEGMENT_CODED,
  SEGMENT_RAW,
  type Segment,
  writeContainer,
} from './container.ts';
import { fillContexts, MAX_TRANSMITTED_IN_SEGMENT, SegmentTables } from './contexts.ts';
import {
  checkOptions,
  DEFAULT_SQNR_DB,
  type EncodeOptions,
  LEAST_SQNR_DB,
  MOST_SQNR_DB,
} from './encode-options.ts';
import { optionError } from './format-error.ts';
import { splitLevel, writeBits } from './low-bits.ts';
import { type CodedRecord, cutPieces, type Piece } from './pieces.ts';
import { encodeSymbols } from './rans-encoder.ts';
import { LANES, writePayload } from './segment-payload.ts';
import { energy, quantise, sqnrDb, stepForSqnr } from './step.ts';
import { MAX_LEVEL } from './tables.ts';
import { checkTensors, type Tensor } from './tensor.ts';
import {
  CODING_F16,
  CODING_F32,
  CODING_RANS,
  type Coding,
  MAX_ABSOLUTE_LEVEL,
  type TensorRecord,
  TRANSMITTED,
} from './tensor-record.ts';

/** Tensors of fewer values are stored raw: tables and classes would cost more than they save. */
const MIN_CODED_ELEMENTS = 32;
interface Prepared {
  readonly tensor: Tensor;
  readonly record: TensorRecord;
  /** Null where stored raw. */
  readonly levels: Int32Array | null;
}

function rawCoding(data: Float32Array, targetDb: number): Coding {
  const halves = data.map((value) => halfToFloat(floatToHalf(value)));
  if (!halves.every(Number.isFinite)) return CODING_F32;
  return sqnrDb(data, halves) >= targetDb ? CODING_F16 : CODING_F32;
}

function prepare(tensor: Tensor, targetDb: number, givenStep: number | undefined): Prepared {
  const { name, shape, data } = tensor;
  const raw = (): Prepared => ({
    tensor,
    record: { name, shape, elements: data.length, coding: rawCoding(data, targetDb), step: 0, context: null },
    levels: null,
  });
  const signal = energy(data);
  if (!Number.isFinite(signal)) return raw();
  if (shape.length === 0) return raw();
  if (givenStep === undefined && (shape.length < 2 || data.length < MIN_CODED_ELEMENTS)) return raw();
  const step = Math.fround(givenStep ?? stepForSqnr(data, targetDb));
  // Below 2^-126 floats lose bits, and so would the products.
  if (!(step >= 2 ** -126)) return raw();
  if (data.some((value) => Math.abs(value) / step > MAX_ABSOLUTE_LEVEL / 2)) return raw();
  const levels = Int32Array.from(data, (value) => quantise(value, step));
  if (spreadOf(levels) > MAX_CODED_SPREAD) return raw();
  const context = chooseContext(shape, levels);
  return {
    tensor,
    record: { name, shape, elements: data.length, coding: CODING_RANS, step, context },
    levels,
  };
}

/** Segments of at most 2^18 weights, and not too many transmitted tables in one. */
function cutSegments(records: readonly TensorRecord[]): number[] {
  const segments: number[] = [];
  let elements = 0;
  let transmitted = 0;
  const close = () => {
    if (elements > 0) segments.push(elements);
    elements = 0;
    transmitted = 0;
  };
  for (const { context, elements: count } of records) {
    if (context === null) continue;
    const tables = context.shape === TRANSMITTED ? context.tables.length : 0;
    if (transmitted + tables > MAX_TRANSMITTED_IN_SEGMENT) close();
    for (let left = count; left > 0; ) {
      const taken = Math.min(left, MAX_SEGMENT_ELEMENTS - elements);
      if (elements === 0) transmitted = 0;
      transmitted += tables;
      elements += taken;
      left -= taken;
      if (elements === MAX_SEGMENT_ELEMENTS) close();
    }
  }
  close();
  return segments;
}

function encodeSegment(pieces: readonly Piece[], levelsOf: ReadonlyMap<CodedRecord, Int32Array>): Uint8Array {
  const last = pieces[pieces.length - 1];
  const elements = last.at + last.to - last.from;
  const padded = Math.ceil(elements / LANES) * LANES;
  const contexts = new Uint8Array(padded);
  const symbols = new Int8Array(padded);
  const tables = new SegmentTables();
  const positions: number[] = [];
  const addends: number[] = [];
  const bits = pieces.reduce((sum, { tensor, from, to }) => sum + (to - from) * tensor.context.lowBits, 0);
  const lowBits = new Uint8Array(Math.ceil(bits / 8));
  for (const { tensor, from, to, at, bitAt } of pieces) {
    fillContexts(tensor, tables, from, to, contexts, at);
    const width = tensor.context.lowBits;
    const levels = levelsOf.get(tensor)!;
    for (let i = from; i < to; i++) {
      const index = at + i - from;
      const { high, low } = splitLevel(levels[i], width);
      if (width > 0) writeBits(lowBits, bitAt + (i - from) * width, width, low);
      const clamped = Math.max(-MAX_LEVEL, Math.min(MAX_LEVEL, high));
      symbols[index] = nearestSymbol(tables.tables[contexts[index]], clamped + MAX_LEVEL) - MAX_LEVEL;
      if (symbols[index] === high) continue;
      positions.push(index);
      addends.push(high - symbols[index]);
    }
  }
  return writePayload({ ...encodeSymbols(symbols, contexts, tables.tables), lowBits, positions, addends });
}

function encodeRaw(prepared: readonly Prepared[]): Segment[] {
  const raw = prepared.filter(({ levels }) => levels === null);
  const sizes = raw.map(({ record }) => record.elements * (record.coding === CODING_F16 ? 2 : 4));
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { tensor, record } of raw) {
    const half = record.coding === CODING_F16;
    for (const value of tensor.data) {
      if (half) view.setUint16(at, floatToHalf(value), true);
      else view.setFloat32(at, value, true);
      at += half ? 2 : 4;
    }
  }
  const segments: Segment[] = [];
  for (let start = 0; start < bytes.length; start += MAX_RAW_SEGMENT_BYTES) {
    const payload = bytes.slice(start, start + MAX_RAW_SEGMENT_BYTES);
    segments.push({ kind: SEGMENT_RAW, elements: payload.length, payload });
  }
  return segments;
}

/** JSON with spaces appended where the weights would otherwise expand further than the format allows. */
function padJson(json: string, coded: number, payloadBytes: number): Uint8Array {
  const needed = Math.ceil((coded - FREE_WEIGHTS) / MAX_WEIGHTS_PER_BYTE) - payloadBytes;
  const text = json === '' && needed > 0 ? '{}' : json;
  return new TextEncoder().encode(text.padEnd(needed, ' '));
}

function assemble(prepared: readonly Prepared[], flags: number, json: string): Uint8Array {
  const records = prepared.map(({ record }) => record);
  const levelsOf = new Map(
    prepared
      .filter(({ levels }) => levels !== null)
      .map(({ record, levels }) => [record as CodedRecord, levels!]),
  );
  const counts = cutSegments(records);
  const coded = cutPieces(records, counts).map(
    (pieces, i): Segment => ({
      kind: SEGMENT_CODED,
      elements: counts[i],
      payload: encodeSegment(pieces, levelsOf),
    }),
  );
  const segments = [...encodeRaw(prepared), ...coded];
  const payloadBytes = segments.reduce((sum, { payload }) => sum + payload.length, 0);
  const codedElements = counts.reduce((sum, count) => sum + count, 0);
  const container: Container = {
    flags,
    tensors: records,
    segments,
    json: padJson(json, codedElements, payloadBytes),
  };
  return writeContainer(container);
}

/**
 * Encodes tensors of any net.
 * @param extra flags and JSON of the container; left out for plain tensors
 * @throws SaccadeNetError INVALID_OPTION
 */
export function encodeTensors(
  tensors: readonly Tensor[],
  options: EncodeOptions = {},
  extra: { readonly flags?: number; readonly json?: string } = {},
): Uint8Array {
  checkTensors(tensors);
  checkOptions(options, tensors);
  const encodeAt = (target: (name: string) => number) => {
    const prepared = tensors.map((tensor) =>
      prepare(tensor, target(tensor.name), options.steps?.[tensor.name]),
    );
    return assemble(prepared, extra.flags ?? 0, extra.json ?? '');
  };
  if (options.bytes !== undefined) return encodeWithin(options.bytes, (db) => encodeAt(() => db));
  if (options.rateLambda !== undefined) {
    const db = 10 * Math.log10((2 * Math.LN2) / options.rateLambda);
    return encodeAt(() => Math.min(MOST_SQNR_DB, Math.max(LEAST_SQNR_DB, db)));
  }
  const { sqnrDb: targets = DEFAULT_SQNR_DB } = options;
  return encodeAt((name) => (typeof targets === 'number' ? targets : (targets[name] ?? DEFAULT_SQNR_DB)));
}

/** Largest common SQNR, to a hundredth of a dB, whose file has at most `bytes` bytes. */
function encodeWithin(bytes: number, encode: (db: number) => Uint8Array): Uint8Array {
  let low = LEAST_SQNR_DB;
  let high = MOST_SQNR_DB;
  let best = encode(low);
  if (best.length > bytes) {
    throw optionError(`${bytes} bytes are too few: the least that this codec reaches is ${best.length}.`, {
      bytes,
      least: best.length,
    });
  }
  while (high - low > 0.01) {
    const middle = (low + high) / 2;
    const encoded = encode(middle);
    if (encoded.length <= bytes) {
      best = encoded;
      low = middle;
    } else high = middle;
  }
  return best;
}
