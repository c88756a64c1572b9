/**
 * The bytes of a coded segment: four lengths, 32 lane states, the words of read pointers A and B, raw low bits, and
 * the side list of what the symbols cannot express.
 */
import { ByteReader, ByteWriter } from './bytes.ts';
import { formatError } from './format-error.ts';
import { MAX_ABSOLUTE_LEVEL } from './tensor-record.ts';

export const LANES = 32;
/** Lanes 0 .. 15 refill from pointer A, 16 .. 31 from pointer B. */
export const LANES_PER_POINTER = 16;
/** Least lane state: states lie in [2^16, 2^32). Every lane ends (and the encoder starts) here. */
export const STATE_LOW = 2 ** 16;
const STATES_AT = 16;
const WORDS_AT = STATES_AT + 4 * LANES;

export interface SegmentPayload {
  readonly states: Uint32Array;
  /** u16 little-endian, of pointer A and of pointer B. */
  readonly wordsA: Uint8Array;
  readonly wordsB: Uint8Array;
  readonly lowBits: Uint8Array;
  /** Ascending element indices within the segment, and what is added to the high part there. */
  readonly positions: readonly number[];
  readonly addends: readonly number[];
}

export function writePayload(payload: SegmentPayload): Uint8Array {
  const side = new ByteWriter();
  side.varint(payload.positions.length);
  let before = -1;
  for (const [i, position] of payload.positions.entries()) {
    side.varint(position - before - 1).signedVarint(payload.addends[i]);
    before = position;
  }
  const writer = new ByteWriter();
  writer.u32(payload.wordsA.length / 2).u32(payload.wordsB.length / 2);
  writer.u32(payload.lowBits.length).u32(side.length);
  for (const state of payload.states) writer.u32(state);
  return writer
    .bytes(payload.wordsA)
    .bytes(payload.wordsB)
    .bytes(payload.lowBits)
    .bytes(side.finish())
    .finish();
}

function readSideList(bytes: Uint8Array, elements: number): Pick<SegmentPayload, 'positions' | 'addends'> {
  const side = new ByteReader(bytes);
  const count = side.varint();
  // Each takes at least two bytes, so the count cannot ask for more than there is.
  if (count > elements || 2 * count > side.left) throw formatError(`A side list claims ${count} entries`);
  const positions: number[] = [];
  const addends: number[] = [];
  let position = -1;
  for (let i = 0; i < count; i++) {
    position += side.varint() + 1;
    const addend = side.signedVarint();
    if (position >= elements || addend === 0 || Math.abs(addend) > MAX_ABSOLUTE_LEVEL) {
      throw formatError('An entry of a side list is out of range', { position, addend });
    }
    positions.push(position);
    addends.push(addend);
  }
  if (side.left > 0) throw formatError(`A side list is ${side.left} bytes too long`);
  return { positions, addends };
}

/** @throws SaccadeNetError MODEL_FORMAT */
export function readPayload(bytes: Uint8Array, elements: number): SegmentPayload {
  const reader = new ByteReader(bytes);
  const wordsA = reader.u32();
  const wordsB = reader.u32();
  const lowBytes = reader.u32();
  const sideBytes = reader.u32();
  if (WORDS_AT + 2 * (wordsA + wordsB) + lowBytes + sideBytes !== bytes.length) {
    throw formatError('The parts of a segment do not add up to its length', { wordsA, wordsB, lowBytes });
  }
  const states = new Uint32Array(LANES);
  for (let lane = 0; lane < LANES; lane++) {
    states[lane] = reader.u32();
    if (states[lane] < STATE_LOW) throw formatError('A lane state is below 2^16');
  }
  return {
    states,
    wordsA: reader.take(2 * wordsA),
    wordsB: reader.take(2 * wordsB),
    lowBits: reader.take(lowBytes),
    ...readSideList(reader.take(sideBytes), elements),
  };
}

/** Indices [first, end) of the ascending `positions` that lie in [from, to). */
export function sideRange(positions: readonly number[], from: number, to: number): [number, number] {
  return [firstAtLeast(positions, from), firstAtLeast(positions, to)];
}

function firstAtLeast(positions: readonly number[], value: number): number {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (positions[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
