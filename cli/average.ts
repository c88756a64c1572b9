/** `saccadenet average`: the mean of several runs' weights, with thresholds set on data. */
import { decodeModel } from '../src/codec/decode-model.ts';
import { plainModel } from '../src/network/genes.ts';
import { meanModel } from '../train/loop/mean-model.ts';
import {
  type Command,
  listOption,
  numberOption,
  parseOptions,
  requiredOption,
  UsageError,
} from './arguments.ts';
import { grouped, ofFile, readBytes, writeBytes } from './model-files.ts';
import { finishedFile, openCalibrationSet } from './training/calibration.ts';
import { DEFAULT_BYTES } from './training/options.ts';
import { checkSequences } from './training/sets.ts';

const HELP = `Usage: saccadenet average <model.sacc> <model.sacc> ... -o out.sacc --data DIR [options]

The mean of the weights of several runs of one network, each begun from the one before: often better on new pictures than
the last one alone, so score both. Thresholds and the share of 5x5 kernels are set anew on the data.

  -o, --out FILE              where to write
  --data DIR                  in the data form: what the runs were trained on
  --sequences A,B             of that, these alone
  --exclude-sequences A,B     of that, not these
  --bytes N                   size of the .sacc file (default ${DEFAULT_BYTES})
`;

export const command: Command = {
  name: 'average',
  summary: 'the mean of several runs of training',
  help: HELP,
  async run(argv) {
    const { values, positionals } = parseOptions(argv, {
      out: { type: 'string', short: 'o' },
      data: { type: 'string' },
      sequences: { type: 'string' },
      'exclude-sequences': { type: 'string' },
      bytes: { type: 'string' },
    } as const);
    if (positionals.length < 2) throw new UsageError('give two model files at least');
    const out = requiredOption('out', values.out, '-o out.sacc');
    const directory = requiredOption('data', values.data, '--data DIR');
    const bytes = numberOption('bytes', values.bytes, { min: 1000, integer: true }) ?? DEFAULT_BYTES;
    const sequences = listOption('sequences', values.sequences);
    const excludeSequences = listOption('exclude-sequences', values['exclude-sequences']);
    checkSequences([directory], [...(sequences ?? []), ...(excludeSequences ?? [])]);
    const source = { data: [{ directory }], sequences, excludeSequences, permissiveOnly: false };
    const dataset = openCalibrationSet(source);
    const models = await Promise.all(
      positionals.map(async (file) => plainModel(await ofFile(file, () => decodeModel(readBytes(file))))),
    );
    const encoded = await finishedFile(meanModel(models), dataset, { bytes });
    writeBytes(out, encoded);
    process.stdout.write(`${out}: the mean of ${models.length} models, ${grouped(encoded.length)} bytes\n`);
  },
};
