/** A file of any version to one of the newest, with the same weights to the bit and the same records. */
import { readContainer } from '../container.ts';
import { Decoder, forPieces } from '../decode-tensors.ts';
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

/**
 * @param json what the JSON part becomes; left out: it stays as it is
 * @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION, MODEL_CHECKSUM
 */
export function recode(bytes: Uint8Array, json: (before: string) => string = (before) => before): Uint8Array {
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
    if (own === undefined || record.context === null) return { record, decoded, coded: null };
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
