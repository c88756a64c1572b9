/** `saccadenet inspect`: what a .sacc file holds, and what the same weights take as int8 under brotli. */
import { brotliCompressSync, constants } from 'node:zlib';
import { decodeTensors } from '../src/codec/decode-tensors.ts';
import { type CodingChoices, type FileInspection, inspectModel } from '../src/codec/inspect-model.ts';
import type { Tensor } from '../src/codec/tensor.ts';
import { type Command, parseOptions } from './arguments.ts';
import { grouped, ofFile, onlyFile, readBytes } from './model-files.ts';

const HELP = `Usage: saccadenet inspect <model.sacc> [--json]

Shows what a .sacc file holds: size, network, and the coding, bytes and quantiser step of every tensor, with what the
encoder chose for it: parametric or transmitted tables, the axes that pick one, a cosine transform, the trellis.
The int8 figure is the simple peer: every tensor as int8 with one scale, brotli at quality 11.

  --json   { bytes, parameters, bitsPerParameter, float32Bytes, int8BrotliBytes,
             tensors: [{ name, shape, coding, bytes, bitsPerParameter, step, choices }], network, sha256 }
`;

/** Bytes of all tensors as int8 with one float32 scale each, under brotli at quality 11. */
export function int8BrotliBytes(tensors: readonly Tensor[]): number {
  const parameters = tensors.reduce((sum, { data }) => sum + data.length, 0);
  const levels = new Int8Array(parameters);
  let at = 0;
  for (const { data } of tensors) {
    const most = data.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);
    const scale = most > 0 && Number.isFinite(most) ? most / 127 : 1;
    for (const value of data) levels[at++] = Math.round(value / scale);
  }
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: parameters,
    [constants.BROTLI_PARAM_LGWIN]: 24,
  };
  return brotliCompressSync(levels, { params }).length + 4 * tensors.length;
}

/** The encoder's choices in words. */
function said({ tables, contextAxes, trellis, transformAxes, lowBits }: CodingChoices): string {
  return [
    contextAxes.length > 0 ? `${tables} by axes ${contextAxes.join(' ')}` : tables,
    ...(transformAxes.length > 0 ? [`DCT of axes ${transformAxes.join(' ')}`] : []),
    ...(trellis ? [`trellis of ${trellis} states`] : []),
    ...(lowBits > 0 ? [`${lowBits} raw bits`] : []),
  ].join(', ');
}

/** The report's lines: totals, then a row a tensor. */
function table(file: string, found: FileInspection, int8Bytes: number): string {
  const name = found.network === null ? 'plain tensors' : `network ${found.network.name}`;
  const share = (bytes: number) => `${((100 * bytes) / found.float32Bytes).toFixed(1)}% of float32`;
  const lines = [
    `${file}: ${name}`,
    `  ${grouped(found.bytes)} bytes, ${share(found.bytes)}, ${found.bitsPerParameter.toFixed(2)} bits a weight`,
    `  ${grouped(found.parameters)} weights in ${found.tensors.length} tensors; int8 + brotli: ${grouped(int8Bytes)} bytes`,
  ];
  if (found.network !== null) lines.push(`  labels: ${found.network.labels.join(', ')}`);
  lines.push(`  sha256 ${found.sha256}`, '');
  const width = Math.max(6, ...found.tensors.map((tensor) => tensor.name.length));
  lines.push(
    `  ${'tensor'.padEnd(width)}  ${'shape'.padEnd(16)} coding      bytes   bits  step       chosen`,
  );
  for (const { name, shape, coding, bytes, bitsPerParameter, step, choices } of found.tensors) {
    const cells = [
      name.padEnd(width),
      shape.join('x').padEnd(16),
      coding.padEnd(6),
      grouped(bytes).padStart(10),
      bitsPerParameter.toFixed(2).padStart(6),
      (step === 0 ? '-' : step.toPrecision(4)).padEnd(9),
      choices === null ? '' : said(choices),
    ];
    lines.push(`  ${cells[0]}  ${cells.slice(1, 4).join(' ')} ${cells.slice(4).join('  ')}`.trimEnd());
  }
  return lines.join('\n');
}

export const command: Command = {
  name: 'inspect',
  summary: 'show what a .sacc model file holds',
  help: HELP,
  async run(argv) {
    const { values, positionals } = parseOptions(argv, { json: { type: 'boolean' } } as const);
    const file = onlyFile(positionals, 'model file');
    const bytes = readBytes(file);
    const found = await ofFile(file, () => inspectModel(bytes));
    const int8Bytes = int8BrotliBytes((await decodeTensors(bytes)).tensors);
    const { bytes: size, parameters, bitsPerParameter, float32Bytes, ...rest } = found;
    const report = {
      bytes: size,
      parameters,
      bitsPerParameter,
      float32Bytes,
      int8BrotliBytes: int8Bytes,
      ...rest,
    };
    process.stdout.write(`${values.json ? JSON.stringify(report) : table(file, found, int8Bytes)}\n`);
  },
};
