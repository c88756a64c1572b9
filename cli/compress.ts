/** `saccadenet compress`: the weights of any net, from safetensors to .sacc. */
import { FLAG_NETWORK } from '../src/codec/container.ts';
import { toModel } from '../src/codec/decode-model.ts';
import { decodeTensors } from '../src/codec/decode-tensors.ts';
import { encodeModel, modelTensors } from '../src/codec/encode-model.ts';
import { DEFAULT_SQNR_DB, type EncodeOptions } from '../src/codec/encode-options.ts';
import { encodeTensors } from '../src/codec/encode-tensors.ts';
import { inspectModel } from '../src/codec/inspect-model.ts';
import { readModelJson } from '../src/codec/model-json.ts';
import { readSafetensors, type Safetensors } from '../src/codec/safetensors.ts';
import { sqnrDb } from '../src/codec/step.ts';
import type { Tensor } from '../src/codec/tensor.ts';
import type { Model } from '../src/network/spec.ts';
import { type Command, numberOption, parseOptions, requiredOption, UsageError } from './arguments.ts';
import { readCalibration } from './calibration-file.ts';
import { MODEL_METADATA } from './decompress.ts';
import { grouped, ofFile, onlyFile, readBytes, writeBytes } from './model-files.ts';
import { calibrationForSize } from './model-sensitivity.ts';
import { createProgress } from './progress.ts';

const HELP = `Usage: saccadenet compress <weights.safetensors> -o out.sacc
                           [--sqnr DB | --bytes N | --rate-lambda L | --output-error E | --output-psnr DB]
                           [--calibration FILE] [--trellis [--states N]] [--json]

Compresses the weights of any net. Tensors of two or more dimensions are quantised and entropy-coded; others are
kept in half or single precision. A file that 'saccadenet decompress' wrote becomes a runnable model again.

  -o, --out FILE      where to write
  --sqnr DB           every tensor of two or more dimensions reaches DB signal to noise (default ${DEFAULT_SQNR_DB})
  --bytes N           the best file of at most N bytes. Without --calibration a network of this package is disturbed
                      tensor by tensor on procedural streets, to see where bits count; for those of others nothing is
                      known of that: small files need the calibration
  --rate-lambda L     weigh bits against error: the signal to noise 10 log10(2 ln 2 / L)
  --output-error E    bits go where they spare most of the network's output, whose mean squared error by the calibration
                      stays within E
  --output-psnr DB    the same as a ratio of --peak (default 1) to that error
  --calibration FILE  what errors of each tensor count: JSON { "tensor": S }, where noise on the weights of squared sum
                      n raised the output's mean squared error by S n; or a safetensors file with TENSOR.moments,
                      .outputWeights, .importance, .sensitivity. Of use with any target but --sqnr
  --trellis           trellis-coded quantisation: about 5% smaller at 25 dB, decodes 4 to 23% slower
  --states N          of the trellis, 8, 16, 32, 64, 128 (default) or 256: more are smaller and take longer to find (128
                      two to three times as long as 8, 256 five times), not to decode. With moments 8 are taken
  --json              { parameters, bytes, bitsPerParameter, sqnrDb, seconds, tensors }; bitsPerParameter and sqnrDb
                      (the lowest) over tensors of two or more dimensions
`;

/** Below this a network compressed after training saw next to nothing (docs/experiments/compression.md). */
const FEW_BITS = 2;

interface CompressValues {
  readonly sqnr?: string;
  readonly bytes?: string;
  readonly 'rate-lambda'?: string;
  readonly 'output-error'?: string;
  readonly 'output-psnr'?: string;
  readonly peak?: string;
  readonly calibration?: string;
  readonly trellis?: boolean;
  readonly states?: string;
}

/** All but the calibration, which needs the tensors. */
function encodeOptions(values: CompressValues): EncodeOptions {
  const psnrDb = numberOption('output-psnr', values['output-psnr'], { min: 1, max: 200 });
  const peak = numberOption('peak', values.peak, { min: 1e-12 });
  const errorGiven = numberOption('output-error', values['output-error'], { min: 1e-30 });
  const given = {
    sqnrDb: numberOption('sqnr', values.sqnr, { min: 1, max: 120 }),
    bytes: numberOption('bytes', values.bytes, { min: 1, integer: true }),
    rateLambda: numberOption('rate-lambda', values['rate-lambda'], { min: 1e-12, max: 1 }),
    outputError: psnrDb === undefined ? errorGiven : (peak ?? 1) ** 2 / 10 ** (psnrDb / 10),
  };
  const targets = Object.values(given).filter((value) => value !== undefined).length;
  if (targets > 1 || (psnrDb !== undefined && errorGiven !== undefined)) {
    throw new UsageError(
      '--sqnr, --bytes, --rate-lambda, --output-error and --output-psnr exclude each other; give one of them',
    );
  }
  if (peak !== undefined && psnrDb === undefined) throw new UsageError('--peak goes with --output-psnr');
  if (given.outputError !== undefined && values.calibration === undefined) {
    throw new UsageError('an output error needs --calibration FILE: what errors of each tensor count');
  }
  if (values.calibration !== undefined && targets - (given.sqnrDb === undefined ? 0 : 1) === 0) {
    throw new UsageError('--calibration goes with --bytes, --rate-lambda, --output-error or --output-psnr');
  }
  const states = numberOption('states', values.states, { integer: true });
  if (states !== undefined && !values.trellis) throw new UsageError('--states goes with --trellis');
  return { ...given, trellis: values.trellis ? (states ?? true) : false };
}

/** The network that the tensors are the weights of; null for those of other nets. */
function modelOf({ tensors, metadata }: Safetensors): Model | null {
  const json = Object.hasOwn(metadata, MODEL_METADATA) ? metadata[MODEL_METADATA] : undefined;
  if (json === undefined) return null;
  const head = readModelJson(new TextEncoder().encode(json));
  return { ...head, weights: new Map(tensors.map(({ name, data }) => [name, data])) };
}

/** What can be told without --calibration where a size is asked for. */
async function ownCalibration(
  { bytes }: EncodeOptions,
  model: Model | null,
  quiet: boolean,
): Promise<EncodeOptions['calibration']> {
  if (bytes === undefined) return undefined;
  const found = model === null ? undefined : await calibrationForSize(model, quiet);
  if (found === undefined) {
    process.stderr.write(
      'Without --calibration bits go where they spare the weights, not what the network says: at few bits it may say\n' +
        'nothing any more. Give what errors of each tensor count (saccadenet compress --help).\n',
    );
  }
  return found;
}

/** Lowest SQNR in dB of tensors of two or more dimensions; null where there is none or all come back exactly. */
function lowestSqnrDb(before: readonly Tensor[], after: readonly Tensor[]): number | null {
  const found = new Map(after.map(({ name, data }) => [name, data]));
  const lowest = before
    .filter(({ shape }) => shape.length >= 2)
    .map(({ name, data }) => sqnrDb(data, found.get(name)!))
    .filter(Number.isFinite)
    .reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  return Number.isFinite(lowest) ? lowest : null;
}

export const command: Command = {
  name: 'compress',
  summary: 'safetensors weights to a .sacc file',
  help: HELP,
  async run(argv) {
    const { values, positionals } = parseOptions(argv, {
      out: { type: 'string', short: 'o' },
      sqnr: { type: 'string' },
      bytes: { type: 'string' },
      'rate-lambda': { type: 'string' },
      'output-error': { type: 'string' },
      'output-psnr': { type: 'string' },
      peak: { type: 'string' },
      calibration: { type: 'string' },
      trellis: { type: 'boolean' },
      states: { type: 'string' },
      json: { type: 'boolean' },
    } as const);
    const file = onlyFile(positionals, 'safetensors file');
    const out = requiredOption('out', values.out, '-o out.sacc');
    const options = encodeOptions(values);
    const source = await ofFile(file, () => readSafetensors(readBytes(file)));
    const model = modelOf(source);
    const started = performance.now();
    const calibration = values.calibration
      ? await readCalibration(values.calibration, source.tensors)
      : await ownCalibration(options, model, values.json ?? false);
    const progress = createProgress('compressing', 100, { quiet: values.json });
    const all: EncodeOptions = {
      ...options,
      ...(calibration ? { calibration } : {}),
      onProgress: (share) => progress.update(Math.floor(100 * share)),
    };
    const bytes = model === null ? encodeTensors(source.tensors, all) : encodeModel(model, all);
    progress.end();
    const seconds = (performance.now() - started) / 1000;
    writeBytes(out, bytes);
    const { parameters, tensors } = await inspectModel(bytes);
    const matrices = tensors.filter(({ shape }) => shape.length >= 2);
    const weights = matrices.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    const matrixBytes = matrices.reduce((sum, tensor) => sum + tensor.bytes, 0);
    const bitsPerParameter = weights === 0 ? 0 : (8 * matrixBytes) / weights;
    if (model !== null && options.bytes !== undefined && bitsPerParameter < FEW_BITS) {
      process.stderr.write(
        `At ${bitsPerParameter.toFixed(2)} bits a weight compression after training leaves little of what a network sees: train ` +
          "at that size, 'saccadenet train --compress-every 200 --bytes N'.\n",
      );
    }
    const decoded = await decodeTensors(bytes);
    const isModel = (decoded.container.flags & FLAG_NETWORK) !== 0;
    const lowest = lowestSqnrDb(source.tensors, isModel ? modelTensors(toModel(decoded)) : decoded.tensors);
    const report = { parameters, bytes: bytes.length, bitsPerParameter, sqnrDb: lowest, seconds, tensors };
    process.stdout.write(
      values.json
        ? `${JSON.stringify(report)}\n`
        : `${out}: ${grouped(bytes.length)} bytes for ${grouped(parameters)} weights, ` +
            `${bitsPerParameter.toFixed(2)} bits a weight, ` +
            `${lowest === null ? 'no loss' : `at least ${lowest.toFixed(2)} dB`}\n`,
    );
  },
};
