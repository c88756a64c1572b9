/**
 * From float32 tensors to a .sacc file. Deterministic: the same tensors and options give the same bytes.
 * Tensors of two or more dimensions are quantised with a step each and entropy-coded; the rest (biases), tiny ones
 * and ones with values that no step can hold are stored raw, in half precision where that is accurate enough.
 *
 * For compression in the training loop and for a given size see encoder/calibration.ts: prices, moments, curvatures.
 */

import { floatToHalf, halfToFloat } from '../network/half.ts';
import {
  FREE_WEIGHTS,
  MAX_RAW_SEGMENT_BYTES,
  MAX_SEGMENT_ELEMENTS,
  MAX_WEIGHTS_PER_BYTE,
  SEGMENT_CODED,
  SEGMENT_RAW,
  type Segment,
} from './container-parts.ts';
import { numberContexts, placeTables } from './contexts.ts';
import { checkOptions, DEFAULT_SQNR_DB, type EncodeOptions, MIN_CODED_ELEMENTS } from './encode-options.ts';
import { type EncodedTensor, encodeTensor, type Goal } from './encoder/encode-tensor.ts';
import { nearestSymbol } from './encoder/prices.ts';
import { encodeToError, encodeWithin } from './encoder/rate-search.ts';
import { shareFamilies } from './encoder/share-families.ts';
import { writeContainer } from './encoder/write-container.ts';
import { writeBits } from './low-bits.ts';
import { type CodedRecord, cutPieces, type Piece, paddedLength } from './pieces.ts';
import { encodeSymbols } from './rans-encoder.ts';
import { writePayload } from './segment-payload.ts';
import { sqnrDb } from './step.ts';
import { TableSlots } from './table-slots.ts';
import { type Frequencies, MAX_LEVEL, NULL_TABLE } from './tables.ts';
import { checkTensors, type Tensor } from './tensor.ts';
import { CODING_F16, CODING_F32, type Coding, type TensorRecord } from './tensor-record.ts';

interface Prepared {
  readonly record: TensorRecord;
  /** The weights as a decoder gives them. */
  readonly decoded: Float32Array;
  /** Null where stored raw. */
  readonly coded: EncodedTensor | null;
}

export interface DetailedEncoding {
  readonly bytes: Uint8Array;
  /** The tensors as a decoder gives them: no need to decode. */
  readonly decoded: readonly Tensor[];
  /** Bits of each tensor's values, tables and classes, about, by name. */
  readonly bits: ReadonlyMap<string, number>;
  /** What each tensor's errors count by its calibration; 0 where there was no price of bits, and of raw tensors. */
  readonly distortions: ReadonlyMap<string, number>;
  /** Quantiser steps of coded tensors, by name. */
  readonly steps: ReadonlyMap<string, number>;
}

function rawCoding(data: Float32Array, targetDb: number): Coding {
  const halves = data.map((value) => halfToFloat(floatToHalf(value)));
  if (!halves.every(Number.isFinite)) return CODING_F32;
  return sqnrDb(data, halves) >= targetDb ? CODING_F16 : CODING_F32;
}

/** @param goal null for a tensor that is only to be coded where a calibration or a step is given */
function prepare(tensor: Tensor, goal: Goal, options: EncodeOptions): Prepared {
  const { name, shape, data } = tensor;
  const calibration = options.calibration?.[name];
  const asked = goal.kind === 'step' || calibration !== undefined;
  if (shape.length > 0 && (asked || (shape.length >= 2 && data.length >= MIN_CODED_ELEMENTS))) {
    const coded = encodeTensor(tensor, goal, { trellis: options.trellis ?? false, calibration });
    if (coded !== null) return { record: coded.record, decoded: coded.decoded, coded };
  }
  const coding = rawCoding(data, goal.kind === 'sqnr' ? goal.db : RAW_SQNR_DB);
  const decoded = coding === CODING_F32 ? data : data.map((value) => halfToFloat(floatToHalf(value)));
  const record = {
    name,
    shape,
    elements: data.length,
    coding,
    step: 0,
    context: null,
    transform: 0,
  } as const;
  return { record, decoded, coded: null };
}

/** Of whole numbers: every value is a level. */
const WHOLE: Goal = { kind: 'step', step: 1, lambda: 0 };

/** What raw tensors reach where no signal-to-noise ratio is asked for: half precision does, but for its range. */
const RAW_SQNR_DB = 60;

/** Segments of at most 2^18 weights; tensors that fit one are not cut, larger ones begin one. */
function cutStream(records: readonly TensorRecord[]): number[] {
  const segments: number[] = [];
  let elements = 0;
  const close = () => {
    if (elements > 0) segments.push(elements);
    elements = 0;
  };
  for (const { context, elements: count } of records) {
    if (context === null) continue;
    if (elements + count > MAX_SEGMENT_ELEMENTS) close();
    let left = count;
    for (; left > MAX_SEGMENT_ELEMENTS; left -= MAX_SEGMENT_ELEMENTS) segments.push(MAX_SEGMENT_ELEMENTS);
    elements += left;
  }
  close();
  return segments;
}

function encodeSegment(
  pieces: readonly Piece[],
  codedOf: ReadonlyMap<CodedRecord, EncodedTensor>,
): Uint8Array {
  const padded = paddedLength(pieces);
  const contexts = new Uint32Array(padded);
  const symbols = new Int8Array(padded);
  const tables: Frequencies[] = [];
  const positions: number[] = [];
  const addends: number[] = [];
  const bits = pieces.reduce((sum, { tensor, from, to }) => sum + (to - from) * tensor.context.lowBits, 0);
  const lowBits = new Uint8Array(Math.ceil(bits / 8));
  for (const { tensor, from, to, at, bitAt } of pieces) {
    const coded = codedOf.get(tensor)!;
    // Numbers are a piece's own; the encoder strings them together.
    const slots = new TableSlots();
    const own = numberContexts(tensor, from, to, placeTables(tensor, slots));
    const base = tables.length;
    for (const [number, table] of slots.tables.entries()) tables[base + number] = table ?? NULL_TABLE;
    contexts.fill(base, at, at + Math.ceil((to - from) / 32) * 32);
    const width = tensor.context.lowBits;
    for (let i = from; i < to; i++) {
      const index = at + i - from;
      contexts[index] = base + own[i - from] + (coded.quantisers === null ? 0 : coded.quantisers[i]);
      if (width > 0) writeBits(lowBits, bitAt + (i - from) * width, width, coded.low![i]);
      const wanted = coded.symbols[i];
      const table = tables[contexts[index]];
      symbols[index] = wanted;
      let addend = coded.addends.get(i) ?? 0;
      if (table[wanted + MAX_LEVEL] === 0) {
        // Of the trellis the parity must stay, since it drives the states.
        const found = nearestSymbol(table, wanted + MAX_LEVEL, coded.quantisers !== null) - MAX_LEVEL;
        symbols[index] = found;
        addend += levelOf(coded, i, wanted) - levelOf(coded, i, found);
      }
      if (addend === 0) continue;
      positions.push(index);
      addends.push(addend);
    }
  }
  return writePayload({ ...encodeSymbols(symbols, contexts, tables), lowBits, positions, addends });
}

function levelOf({ quantisers }: EncodedTensor, i: number, symbol: number): number {
  return quantisers === null ? symbol : 2 * symbol - Math.sign(symbol) * quantisers[i];
}

function encodeRaw(prepared: readonly Prepared[]): Segment[] {
  const raw = prepared.filter(({ coded }) => coded === null);
  const sizes = raw.map(({ record }) => record.elements * (record.coding === CODING_F16 ? 2 : 4));
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { decoded, record } of raw) {
    const half = record.coding === CODING_F16;
    for (const value of decoded) {
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

function withSharedFamilies(prepared: readonly Prepared[]): Prepared[] {
  const coded = prepared.flatMap((one) => one.coded ?? []);
  const shared = new Map(shareFamilies(coded).map((after, i) => [coded[i], after]));
  return prepared.map((one) => {
    const after = one.coded && shared.get(one.coded);
    return after ? { ...one, record: after.record, coded: after } : one;
  });
}

/** JSON with spaces appended where the weights would otherwise expand further than the format allows. */
function padJson(json: string, coded: number, payloadBytes: number): Uint8Array {
  const needed = Math.ceil((coded - FREE_WEIGHTS) / MAX_WEIGHTS_PER_BYTE) - payloadBytes;
  const text = json === '' && needed > 0 ? '{}' : json;
  return new TextEncoder().encode(text.padEnd(needed, ' '));
}

function assemble(prepared: readonly Prepared[], flags: number, json: string): Uint8Array {
  const records = prepared.map(({ record }) => record);
  const codedOf = new Map<CodedRecord, EncodedTensor>();
  for (const { coded } of prepared) if (coded !== null) codedOf.set(coded.record, coded);
  const counts = cutStream(records);
  const coded = cutPieces(records, counts, true).map(
    (pieces, i): Segment => ({
      kind: SEGMENT_CODED,
      elements: counts[i],
      payload: encodeSegment(pieces, codedOf),
    }),
  );
  const segments = [...encodeRaw(prepared), ...coded];
  const payloadBytes = segments.reduce((sum, { payload }) => sum + payload.length, 0);
  const codedElements = counts.reduce((sum, count) => sum + count, 0);
  return writeContainer({
    flags,
    tensors: records,
    segments,
    json: padJson(json, codedElements, payloadBytes),
  });
}

/** Flags and JSON of the container; left out for plain tensors. */
export interface ContainerExtra {
  readonly flags?: number;
  readonly json?: string;
}

/**
 * Encodes tensors of any net.
 * @throws SaccadeNetError INVALID_OPTION
 */
export function encodeTensors(
  tensors: readonly Tensor[],
  options: EncodeOptions = {},
  extra: ContainerExtra = {},
): Uint8Array {
  return encodeTensorsDetailed(tensors, options, extra).bytes;
}

/** As encodeTensors, with the decoded weights and the bits of each tensor. @throws SaccadeNetError INVALID_OPTION */
export function encodeTensorsDetailed(
  tensors: readonly Tensor[],
  options: EncodeOptions = {},
  extra: ContainerExtra = {},
): DetailedEncoding {
  checkTensors(tensors);
  checkOptions(options, tensors);
  const total = tensors.reduce((sum, { data }) => sum + data.length, 0);
  const encodeAt = (goalOf: (tensor: Tensor) => Goal): DetailedEncoding => {
    let done = 0;
    const prepared = tensors.map((tensor) => {
      const step = options.steps?.[tensor.name];
      const goal: Goal = tensor.whole
        ? WHOLE
        : step === undefined
          ? goalOf(tensor)
          : { kind: 'step', step, lambda: options.rateLambda ?? 0 };
      const found = prepare(tensor, goal, options);
      done += tensor.data.length;
      options.onProgress?.(done / total);
      return found;
    });
    return {
      bytes: assemble(withSharedFamilies(prepared), extra.flags ?? 0, extra.json ?? ''),
      decoded: prepared.map(({ decoded }, i) => ({ ...tensors[i], data: decoded })),
      bits: new Map(
        prepared.map(({ record, coded }) => {
          return [record.name, coded?.bits ?? record.elements * (record.coding === CODING_F16 ? 16 : 32)];
        }),
      ),
      distortions: new Map(prepared.map(({ record, coded }) => [record.name, coded?.distortion ?? 0])),
      steps: new Map(
        prepared.flatMap(({ record, coded }) => (coded === null ? [] : [[record.name, record.step]])),
      ),
    };
  };
  const atLambda = (lambda: number, steps?: ReadonlyMap<string, number>) =>
    encodeAt(({ name }) => ({ kind: 'lambda', lambda, step: steps?.get(name) }));
  if (options.bytes !== undefined) return encodeWithin(options.bytes, atLambda, total);
  if (options.outputError !== undefined) {
    return encodeToError(options.outputError, atLambda, total, options.measureOutputError);
  }
  if (options.rateLambda !== undefined) return atLambda(options.rateLambda);
  const { sqnrDb: targets = DEFAULT_SQNR_DB } = options;
  return encodeAt(({ name }) => {
    return { kind: 'sqnr', db: typeof targets === 'number' ? targets : (targets[name] ?? DEFAULT_SQNR_DB) };
  });
}
