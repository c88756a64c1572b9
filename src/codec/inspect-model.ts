/** What a .sacc file holds and what each tensor costs, without keeping its weights. */
import type { NetworkSpec } from '../network/spec.ts';
import { type Container, FLAG_NETWORK, rawBytes, readContainer } from './container.ts';
import { readModelHead } from './decode-model.ts';
import { type DecodeOptions, forPieces } from './decode-tensors.ts';
import { recordBits } from './encoder/write-container.ts';
import { withDefaults } from './limits.ts';
import { ReferenceDecoder } from './reference-decoder.ts';
import { sideRange } from './segment-payload.ts';
import { PROBABILITY_ONE } from './tables.ts';
import { CODING_F16, CODING_F32, type TensorRecord, TRANSMITTED } from './tensor-record.ts';
import { TRELLIS_CODES } from './trellis.ts';

export interface TensorInspection {
  readonly name: string;
  readonly shape: readonly number[];
  readonly coding: 'f32' | 'f16' | 'rans';
  /** Its share of the file: record and weights; tensors share segments, so lane states are in none. */
  readonly bytes: number;
  readonly bitsPerParameter: number;
  /** Quantiser step; 0 where the tensor is stored raw. */
  readonly step: number;
  /** What the encoder chose for it; null where it is stored raw. */
  readonly choices: CodingChoices | null;
}

export interface CodingChoices {
  /** Of a family fixed by the format, or in the file. */
  readonly tables: 'parametric' | 'transmitted';
  /** Axes whose indices pick the table. */
  readonly contextAxes: readonly number[];
  /** States of the trellis; 0: none. */
  readonly trellis: number;
  /** Axes over which a cosine transform was taken; empty without one. */
  readonly transformAxes: readonly number[];
  /** Bits of a level that are stored raw. */
  readonly lowBits: number;
}

export interface FileInspection {
  readonly bytes: number;
  readonly parameters: number;
  readonly bitsPerParameter: number;
  readonly float32Bytes: number;
  readonly tensors: readonly TensorInspection[];
  /** Null for files of plain tensors. */
  readonly network: NetworkSpec | null;
  /** Lower-case hexadecimal; null where the page has no crypto.subtle (it needs a secure context). */
  readonly sha256: string | null;
}

async function sha256(bytes: Uint8Array): Promise<string | null> {
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined) return null;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Bits of the weights of each coded tensor: symbols at their tables' prices, low bits, side list. */
function codedBits(container: Container): Map<TensorRecord, number> {
  const bits = new Map<TensorRecord, number>();
  const price = Float64Array.from({ length: PROBABILITY_ONE + 1 }, (_, frequency) => {
    return Math.log2(PROBABILITY_ONE / frequency);
  });
  const decoder = new ReferenceDecoder();
  forPieces(container, decoder, ({ tensor, from, to, at }, payload, _, offset) => {
    const frequencies = decoder.frequencies.subarray(offset, offset + to - from);
    // An entry of the side list takes two bytes at least, three as a rule.
    const [first, last] = sideRange(payload.positions, at, at + to - from);
    const own = frequencies.reduce((sum, frequency) => sum + price[frequency], 0);
    const sum = own + (to - from) * tensor.context.lowBits + 24 * (last - first);
    bits.set(tensor, (bits.get(tensor) ?? 0) + sum);
  });
  return bits;
}

const CODING_NAMES = { [CODING_F32]: 'f32', [CODING_F16]: 'f16' } as const;

function choicesOf({ context, transform, shape }: TensorRecord): CodingChoices | null {
  if (context === null) return null;
  const axes = shape.map((_, axis) => axis);
  return {
    tables: context.shape === TRANSMITTED ? 'transmitted' : 'parametric',
    contextAxes: axes.filter((axis) => context.classes[axis] !== null),
    trellis: TRELLIS_CODES[context.trellis]?.states ?? 0,
    transformAxes: transform === 0 ? [] : transform === 1 ? axes.slice(0, 2) : axes.slice(-2),
    lowBits: context.lowBits,
  };
}

/** @param record bits of its record @param weights bits of its weights; undefined where they are stored raw */
function inspectTensor(
  tensor: TensorRecord,
  record: number,
  weights = 8 * rawBytes(tensor),
): TensorInspection {
  const { name, shape, elements, coding, step } = tensor;
  const bytes = Math.ceil((record + weights) / 8);
  return {
    name,
    shape,
    coding: coding === CODING_F32 || coding === CODING_F16 ? CODING_NAMES[coding] : 'rans',
    bytes,
    bitsPerParameter: (8 * bytes) / elements,
    step,
    choices: choicesOf(tensor),
  };
}

/**
 * Inspects a model or a file of plain tensors; decodes it on the way, so a file that passes is whole.
 * @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION, MODEL_CHECKSUM
 */
export async function inspectModel(bytes: Uint8Array, options: DecodeOptions = {}): Promise<FileInspection> {
  const container = readContainer(bytes, withDefaults(options.limits));
  const network = container.flags & FLAG_NETWORK ? readModelHead(container).network : null;
  const bits = codedBits(container);
  const records = recordBits(container.tensors);
  const tensors = container.tensors.map((tensor, i) => inspectTensor(tensor, records[i], bits.get(tensor)));
  const parameters = container.tensors.reduce((sum, { elements }) => sum + elements, 0);
  return {
    bytes: bytes.length,
    parameters,
    bitsPerParameter: parameters === 0 ? 0 : (8 * bytes.length) / parameters,
    float32Bytes: 4 * parameters,
    tensors,
    network,
    sha256: await sha256(bytes),
  };
}
