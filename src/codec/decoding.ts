/**
 * The readable decoding of one file, segment by segment: tensors are complete as soon as their segments came. Values go to
 * arrays of the caller's where some were given: Float32Array for values, Uint16Array for their half precision,
 * Int8Array for levels (value = level * step).
 */
import { floatToHalf, halfToFloat } from '../network/half.ts';
import { checkSegment } from './container.ts';
import { type Head, rawBytes, SEGMENT_CODED } from './container-parts.ts';
import { placeTables, slotCount } from './contexts.ts';
import { formatError } from './format-error.ts';
import { restoreKernels } from './kernel-transform.ts';
import { joinLevel, readBits } from './low-bits.ts';
import { cutPieces, type Piece, paddedLength } from './pieces.ts';
import type { ReferenceDecoder } from './reference-decoder.ts';
import { readPayload, type SegmentPayload, sideRange } from './segment-payload.ts';
import { noLevels, type Target, type Targets, targetOf } from './targets.ts';
import {
  CODING_F16,
  CODING_RANS,
  MAX_ABSOLUTE_LEVEL,
  type TensorRecord,
  TRANSMITTED,
} from './tensor-record.ts';

/** All tables that a run needs have numbers below 256. */
const MAX_TABLES_IN_RUN = 240;

/** @throws SaccadeNetError MODEL_FORMAT where a run wants more tables than there are numbers; what is parametric is shared */
function checkTables(run: readonly Piece[]): void {
  const known = new Set<number>();
  let count = 0;
  for (const { tensor } of run) {
    const { shape } = tensor.context;
    if (known.has(shape)) continue;
    if (shape !== TRANSMITTED) known.add(shape);
    count += slotCount(tensor);
  }
  if (count > MAX_TABLES_IN_RUN) throw formatError(`A segment needs more than ${MAX_TABLES_IN_RUN} tables`);
}

/** What is told of a piece: its levels, valid until the call returns, and where they begin in the decoder's run. */
export type PieceVisitor = (piece: Piece, payload: SegmentPayload, levels: Int8Array, offset: number) => void;

/** Decodes a coded segment. From version 2 on each piece is a run by itself. */
export function decodeSegment(
  bytes: Uint8Array,
  pieces: readonly Piece[],
  version: number,
  decoder: ReferenceDecoder,
  visit: PieceVisitor,
): void {
  const payload = readPayload(bytes, paddedLength(pieces));
  const bits = pieces.reduce((sum, { tensor, from, to }) => sum + (to - from) * tensor.context.lowBits, 0);
  if (Math.ceil(bits / 8) !== payload.lowBits.length) {
    throw formatError(`A segment has ${payload.lowBits.length} bytes of low bits for ${bits} bits`);
  }
  decoder.begin(payload, version);
  for (const run of version > 1 ? pieces.map((piece) => [piece]) : [pieces]) {
    const start = run[0].at;
    const last = run[run.length - 1];
    decoder.contexts(last.at + last.to - last.from - start);
    checkTables(run);
    decoder.slots.makeRoom(run.map(({ tensor }) => tensor.context));
    for (const { tensor, from, to, at } of run) {
      decoder.fill(tensor, from, to, placeTables(tensor, decoder.slots), at - start);
    }
    const levels = decoder.run(run[0].tensor.context.trellis);
    for (const piece of run) {
      const offset = piece.at - start;
      visit(piece, payload, levels.subarray(offset, offset + piece.to - piece.from), offset);
    }
  }
  decoder.end();
}

export class Decoding {
  readonly head: Head;
  readonly #decoder: ReferenceDecoder;
  readonly #values: Target[];
  readonly #onTensor: ((index: number) => void) | undefined;
  readonly #pieces: Piece[][];
  readonly #indexOf: ReadonlyMap<TensorRecord, number>;
  readonly #raw: Uint8Array;
  #rawAt = 0;
  #coded = 0;

  /** @param onTensor is told the number of each tensor that is complete */
  constructor(head: Head, decoder: ReferenceDecoder, targets?: Targets, onTensor?: (index: number) => void) {
    this.head = head;
    this.#decoder = decoder;
    this.#onTensor = onTensor;
    this.#indexOf = new Map(head.tensors.map((tensor, i) => [tensor, i]));
    this.#values = head.tensors.map((tensor) =>
      targetOf(tensor, tensor.context?.lowBits ?? 0, targets?.get(tensor.name)),
    );
    const coded = head.entries.filter(({ kind }) => kind === SEGMENT_CODED).map(({ elements }) => elements);
    this.#pieces = cutPieces(head.tensors, coded, head.version > 1);
    this.#raw = new Uint8Array(
      head.entries.reduce((sum, { kind, bytes }) => (kind === SEGMENT_CODED ? sum : sum + bytes), 0),
    );
  }

  get values(): readonly Target[] {
    return this.#values;
  }

  /** Takes the segments in the order of the file. @throws SaccadeNetError MODEL_FORMAT, MODEL_CHECKSUM */
  segment(number: number, payload: Uint8Array): void {
    checkSegment(payload, this.head.entries[number], number, this.head.version);
    if (this.head.entries[number].kind === SEGMENT_CODED) {
      const pieces = this.#pieces[this.#coded++];
      decodeSegment(payload, pieces, this.head.version, this.#decoder, (piece, parts, levels) => {
        this.#take(piece, parts, levels);
      });
      return;
    }
    this.#raw.set(payload, this.#rawAt);
    this.#rawAt += payload.length;
    if (this.#rawAt === this.#raw.length) this.#takeRaw();
  }

  #take(piece: Piece, payload: SegmentPayload, levels: Int8Array): void {
    const { tensor, from, to, at, bitAt } = piece;
    const index = this.#indexOf.get(tensor)!;
    const out = this.#values[index];
    const bits = tensor.context.lowBits;
    const levelAt = (i: number, addend: number): number => {
      const low = bits === 0 ? 0 : readBits(payload.lowBits, bitAt + i * bits, bits);
      return joinLevel(levels[i] + addend, low, bits);
    };
    const store = (i: number, level: number): void => {
      // The product of two floats is exact in double, so storing it rounds once, as a float multiplication does.
      if (out instanceof Float32Array) out[from + i] = level * tensor.step;
      else if (out instanceof Uint16Array) out[from + i] = floatToHalf(Math.fround(level * tensor.step));
      else if (level < -128 || level > 127) throw noLevels(tensor, `the level ${level}`);
      else out[from + i] = level;
    };
    for (let i = 0; i < to - from; i++) store(i, levelAt(i, 0));
    const [first, end] = sideRange(payload.positions, at, at + to - from);
    for (let i = first; i < end; i++) {
      const level = levelAt(payload.positions[i] - at, payload.addends[i]);
      if (Math.abs(level) > MAX_ABSOLUTE_LEVEL) {
        throw formatError(`Tensor "${tensor.name}" has the level ${level}, beyond ${MAX_ABSOLUTE_LEVEL}`);
      }
      store(payload.positions[i] - at, level);
    }
    if (to < tensor.elements) return;
    if (tensor.transform !== 0) this.#restore(tensor, out);
    this.#onTensor?.(index);
  }

  #restore({ shape, transform }: TensorRecord, out: Target): void {
    if (out instanceof Float32Array) restoreKernels(out, shape, transform);
    else {
      const floats = Float32Array.from(out, halfToFloat);
      restoreKernels(floats, shape, transform);
      for (let i = 0; i < floats.length; i++) out[i] = floatToHalf(floats[i]);
    }
  }

  #takeRaw(): void {
    let at = 0;
    for (const [index, tensor] of this.head.tensors.entries()) {
      if (tensor.coding === CODING_RANS) continue;
      const out = this.#values[index];
      const next = at + rawBytes(tensor);
      // A copy is aligned.
      const { buffer } = this.#raw.slice(at, next);
      at = next;
      const half = tensor.coding === CODING_F16;
      if (out instanceof Float32Array) {
        if (half)
          new Uint16Array(buffer).forEach((value, i) => {
            out[i] = halfToFloat(value);
          });
        else out.set(new Float32Array(buffer));
      } else {
        if (half) out.set(Array.from(new Uint16Array(buffer), (value) => floatToHalf(halfToFloat(value))));
        else out.set(Array.from(new Float32Array(buffer), floatToHalf));
      }
      this.#onTensor?.(index);
    }
  }
}
