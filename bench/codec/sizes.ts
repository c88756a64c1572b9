/** Size at 25 dB in every tensor: this codec without and with the trellis beside plain integers and NNC. */
import { encodeTensorsDetailed } from '../../src/codec/encode-tensors.ts';
import { inspectModel } from '../../src/codec/inspect-model.ts';
import { sqnrDb } from '../../src/codec/step.ts';
import type { Tensor } from '../../src/codec/tensor.ts';
import type { Net } from './nets.ts';
import { brotli11, integerSqnr, integersPerChannel, symbolsAt, zstd19 } from './peers.ts';

export interface SizeRow {
  readonly coder: string;
  /** Bits a weight over tensors of two or more dimensions. */
  readonly bits: number;
  /** The lowest of the tensors, or over all of them for integers a channel. */
  readonly db: number;
  readonly againstNnc: number;
  readonly bytes: number | null;
}

export const TARGET_DB = 25;

/** Bits a weight of the matrices as `saccadenet compress --json` counts them. */
async function ours(
  tensors: readonly Tensor[],
  trellis: boolean,
): Promise<{ bits: number; db: number; bytes: Uint8Array }> {
  const { bytes, decoded } = encodeTensorsDetailed(tensors, { sqnrDb: TARGET_DB, trellis });
  const matrices = (await inspectModel(bytes)).tensors.filter(({ shape }) => shape.length >= 2);
  const weights = matrices.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const db = tensors
    .map(({ data, shape }, i) =>
      shape.length >= 2 ? sqnrDb(data, decoded[i].data) : Number.POSITIVE_INFINITY,
    )
    .reduce((a, b) => Math.min(a, b));
  return { bits: (8 * matrices.reduce((sum, one) => sum + one.bytes, 0)) / weights, db, bytes };
}

export interface Sizes {
  readonly rows: readonly SizeRow[];
  /** The files of the table, for the speed table: size and speed are of the same file. */
  readonly plain: Uint8Array;
  readonly trellis: Uint8Array;
}

export async function measureSizes(net: Net, tensors: readonly Tensor[]): Promise<Sizes> {
  const matrices = tensors.filter(({ shape }) => shape.length >= 2);
  const weights = matrices.reduce((sum, { data }) => sum + data.length, 0);
  const rows: SizeRow[] = [];
  const add = (coder: string, bits: number, db: number, bytes: number | null) =>
    rows.push({ coder, bits, db, againstNnc: bits / net.nncBits, bytes });
  const plain = await ours(tensors, false);
  add('.sacc', plain.bits, plain.db, plain.bytes.length);
  const trellis = await ours(tensors, true);
  add('.sacc --trellis', trellis.bits, trellis.db, trellis.bytes.length);
  add('NNC (codec.md)', net.nncBits, TARGET_DB, null);
  for (const bits of [5, 8]) {
    const { levels, scales } = integersPerChannel(matrices, bits);
    const bytes = brotli11(new Uint8Array(levels.buffer)).length + 4 * scales;
    add(`int${bits} a channel + brotli-11`, (8 * bytes) / weights, integerSqnr(matrices, bits), null);
  }
  const { levels, steps } = symbolsAt(matrices, TARGET_DB);
  const symbols = new Uint8Array(levels.buffer);
  const zstd = (await zstd19(symbols)) + 4 * steps.length;
  add('int8 at 25 dB + zstd-19', (8 * zstd) / weights, TARGET_DB, null);
  const brotli = brotli11(symbols).length + 4 * steps.length;
  add('int8 at 25 dB + brotli-11', (8 * brotli) / weights, TARGET_DB, null);
  return { rows, plain: plain.bytes, trellis: trellis.bytes };
}

export function printSizes(net: Net, { rows }: Sizes): void {
  console.log(`\n${net.name}: size at ${TARGET_DB} dB in every tensor`);
  console.log('  coder                        bits/weight   against NNC   dB      whole file, bytes');
  for (const { coder, bits, db, againstNnc, bytes } of rows) {
    console.log(
      `  ${coder.padEnd(28)} ${bits.toFixed(4).padStart(11)} ${againstNnc.toFixed(4).padStart(13)}   ${db.toFixed(2)}   ${bytes ?? ''}`,
    );
  }
}
