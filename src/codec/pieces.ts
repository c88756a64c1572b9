/** The stream of all entropy-coded tensors, one after the other, and how segments cut it. */
import { LANES } from './segment-payload.ts';
import { CODING_RANS, type ContextModel, type TensorRecord } from './tensor-record.ts';

export type CodedRecord = TensorRecord & { readonly context: ContextModel };

/** A run of one tensor's elements within one segment. */
export interface Piece {
  readonly tensor: CodedRecord;
  /** Elements [from, to) of the tensor. */
  readonly from: number;
  readonly to: number;
  /** First element within the segment. */
  readonly at: number;
  /** First raw bit within the segment's low bits. */
  readonly bitAt: number;
}

/** Elements of a segment with its pieces' padding. */
export function paddedLength(pieces: readonly Piece[]): number {
  const last = pieces[pieces.length - 1];
  return Math.ceil((last.at + last.to - last.from) / LANES) * LANES;
}

/**
 * Cuts the stream of all coded tensors into pieces, a list a segment.
 * @param aligned whether every piece begins in lane 0 (version 2), or where the one before it ends
 */
export function cutPieces(
  tensors: readonly TensorRecord[],
  segmentElements: readonly number[],
  aligned: boolean,
): Piece[][] {
  const coded = tensors.filter((tensor): tensor is CodedRecord => tensor.coding === CODING_RANS);
  let index = 0;
  let from = 0;
  return segmentElements.map((elements) => {
    const pieces: Piece[] = [];
    let bitAt = 0;
    for (let left = elements, at = 0; left > 0; ) {
      const tensor = coded[index];
      const count = Math.min(left, tensor.elements - from);
      pieces.push({ tensor, from, to: from + count, at, bitAt });
      bitAt += count * tensor.context.lowBits;
      left -= count;
      at += aligned ? Math.ceil(count / LANES) * LANES : count;
      from += count;
      if (from === tensor.elements) {
        index++;
        from = 0;
      }
    }
    return pieces;
  });
}
