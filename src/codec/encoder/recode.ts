/** A file of any version to one of the newest, with the same coded weights to the bit and the same records. */
import { readContainer } from '../container.ts';
import { Decoder, forPieces } from '../decode-tensors.ts';
import { optionError } from '../format-error.ts';
import { withDefaults } from '../limits.ts';
import { readBits } from '../low-bits.ts';
import type { Piece } from '../pieces.ts';
import { ReferenceDecoder } from '../reference-decoder.ts';
import { LANES, sideRange } from '../segment-payload.ts';
import { FINE_SLOTS, fineRests } from '../slots.ts';
import type { TensorRecord } from '../tensor-record.ts';
import { nextState, TRELLIS_CODES, type TrellisCode } from '../trellis.ts';
import { assemble } from './assemble.ts';
import type { EncodedTensor } from './encode-tensor.ts';

interface Parts {
  readonly symbols: Int8Array;
  readonly quantisers: Uint8Array;
  readonly low: Uint8Array;
  readonly addends: Map<number, number>;
}

/** Symbols and quantisers of a piece whose levels come from the trellis. */
function walkTrellis(
  code: TrellisCode,
  { from, to }: Piece,
  levels: Int8Array,
  { symbols, quantisers }: Parts,
): void {
  const states = new Uint8Array(LANES);
  for (let i = 0; i < to - from; i++) {
    const lane = i % LANES;
    const quantiser = states[lane] & 1;
    const symbol = (levels[i] + Math.sign(levels[i]) * quantiser) / 2;
    symbols[from + i] = symbol;
    quantisers[from + i] = quantiser;
    states[lane] = nextState(code, states[lane], symbol);
  }
}

function newValues(
  { name, elements, context }: TensorRecord,
  uncoded: ReadonlyMap<string, Float32Array>,
): Float32Array | undefined {
  const values = uncoded.get(name);
  if (values === undefined) return undefined;
  if (context !== null)
    throw optionError(`"${name}" is coded in this file and cannot be exchanged.`, { name });
  if (values.length === elements) return values;
  throw optionError(`The file has ${elements} values for "${name}", not ${values.length}.`, { name });
}

export interface RecodeOptions {
  /** What the JSON part becomes; left out: it stays as it is. */
  readonly json?: (before: string) => string;
  /** New values of tensors that are stored uncoded, biases, by name; those that are not in it stay. */
  readonly uncoded?: ReadonlyMap<string, Float32Array>;
}

/** @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION, MODEL_CHECKSUM; INVALID_OPTION where a new tensor has another size */
export function recode(
  bytes: Uint8Array,
  { json = (before) => before, uncoded = new Map() }: RecodeOptions = {},
): Uint8Array {
  const container = readContainer(bytes, withDefaults());
  const parts = new Map<TensorRecord, Parts>();
  forPieces(container, new ReferenceDecoder(), (piece, payload, levels) => {
    const { tensor, from, to, at, bitAt } = piece;
    let own = parts.get(tensor);
    if (own === undefined) {
      const [symbols, quantisers, low] = [Int8Array, Uint8Array, Uint8Array].map(
        (A) => new A(tensor.elements),
      );
      own = {
        symbols: symbols as Int8Array,
        quantisers: quantisers as Uint8Array,
        low: low as Uint8Array,
        addends: new Map(),
      };
      parts.set(tensor, own);
    }
    const code = TRELLIS_CODES[tensor.context.trellis];
    if (code) walkTrellis(code, piece, levels, own);
    else own.symbols.set(levels, from);
    const bits = tensor.context.lowBits;
    for (let i = from; i < to && bits > 0; i++)
      own.low[i] = readBits(payload.lowBits, bitAt + (i - from) * bits, bits);
    const [first, end] = sideRange(payload.positions, at, at + to - from);
    for (let i = first; i < end; i++) own.addends.set(from + payload.positions[i] - at, payload.addends[i]);
  });
  const { tensors } = new Decoder(new ReferenceDecoder()).decode(bytes);
  const prepared = container.tensors.map((record, i) => {
    const own = parts.get(record);
    const decoded = tensors[i].data;
    const fresh = newValues(record, uncoded);
    if (own === undefined || record.context === null)
      return { record, decoded: fresh ?? decoded, coded: null };
    const { context } = record;
    const coded: EncodedTensor = {
      record: { ...record, context },
      symbols: own.symbols,
      quantisers: context.between === null ? null : own.quantisers,
      low: context.lowBits > 0 ? own.low : null,
      addends: own.addends,
      decoded,
      bits: 0,
      distortion: 0,
    };
    for (const table of [...context.tables, ...(context.between ?? [])]) {
      if (fineRests(table) > FINE_SLOTS) throw new Error(`A table of "${record.name}" cannot be taken over`);
    }
    return { record: coded.record, decoded, coded };
  });
  return assemble(prepared, container.flags, json(new TextDecoder().decode(container.json)));
}
