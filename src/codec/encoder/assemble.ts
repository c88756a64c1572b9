/** Encoded tensors to the bytes of a file: segments cut, symbols coded, the container around them. */
import { floatToHalf } from '../../network/half.ts';
import {
  FREE_WEIGHTS,
  MAX_RAW_SEGMENT_BYTES,
  MAX_SEGMENT_ELEMENTS,
  MAX_WEIGHTS_PER_BYTE,
  SEGMENT_CODED,
  SEGMENT_RAW,
  type Segment,
} from '../container-parts.ts';
import { numberContexts, placeTables } from '../contexts.ts';
import { writeBits } from '../low-bits.ts';
import { type CodedRecord, cutPieces, type Piece, paddedLength } from '../pieces.ts';
import { encodeSymbols } from '../rans-encoder.ts';
import { writePayload } from '../segment-payload.ts';
import { TableSlots } from '../table-slots.ts';
import { type Frequencies, MAX_LEVEL, NULL_TABLE } from '../tables.ts';
import { CODING_F16, type TensorRecord } from '../tensor-record.ts';
import type { EncodedTensor } from './encode-tensor.ts';
import { nearestSymbol } from './prices.ts';
import { writeContainer } from './write-container.ts';

export interface Prepared {
  readonly record: TensorRecord;
  /** The weights as a decoder gives them. */
  readonly decoded: Float32Array;
  /** Null where stored raw. */
  readonly coded: EncodedTensor | null;
}

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

/** JSON with spaces appended where the weights would otherwise expand further than the format allows. */
function padJson(json: string, coded: number, payloadBytes: number): Uint8Array {
  const needed = Math.ceil((coded - FREE_WEIGHTS) / MAX_WEIGHTS_PER_BYTE) - payloadBytes;
  const text = json === '' && needed > 0 ? '{}' : json;
  return new TextEncoder().encode(text.padEnd(needed, ' '));
}

/** @param flags of the container @param json of the header, maybe empty */
export function assemble(prepared: readonly Prepared[], flags: number, json: string): Uint8Array {
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
