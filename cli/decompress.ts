/** `saccadenet decompress`: a .sacc file to float32 safetensors. */
import { FLAG_NETWORK } from '../src/codec/container.ts';
import { toModel } from '../src/codec/decode-model.ts';
import { decodeTensors } from '../src/codec/decode-tensors.ts';
import { modelTensors } from '../src/codec/encode-model.ts';
import { writeModelJson } from '../src/codec/model-json.ts';
import { writeSafetensors } from '../src/codec/safetensors.ts';
import { type Command, parseOptions, requiredOption } from './arguments.ts';
import { grouped, ofFile, onlyFile, readBytes, writeBytes } from './model-files.ts';

/** Metadata of the safetensors file that carries a model's spec, thresholds and card, as JSON. */
export const MODEL_METADATA = 'saccadenet.model';

const HELP = `Usage: saccadenet decompress <model.sacc> -o out.safetensors [--json]

Writes the weights of a .sacc file as float32 safetensors. The network, thresholds and card of a model go into the
file's metadata, from which 'saccadenet compress' makes a runnable model again.

  -o, --out FILE   where to write
  --json           { tensors, parameters, bytes }
`;

export const command: Command = {
  name: 'decompress',
  summary: 'a .sacc file to safetensors weights',
  help: HELP,
  async run(argv) {
    const { values, positionals } = parseOptions(argv, {
      out: { type: 'string', short: 'o' },
      json: { type: 'boolean' },
    } as const);
    const file = onlyFile(positionals, 'model file');
    const out = requiredOption('out', values.out, '-o out.safetensors');
    const decoded = await ofFile(file, () => decodeTensors(readBytes(file)));
    const isModel = (decoded.container.flags & FLAG_NETWORK) !== 0;
    const model = isModel ? toModel(decoded) : undefined;
    const tensors = model ? modelTensors(model) : decoded.tensors;
    const metadata = model && { [MODEL_METADATA]: writeModelJson(model) };
    const bytes = writeSafetensors(tensors, metadata);
    writeBytes(out, bytes);
    const parameters = tensors.reduce((sum, { data }) => sum + data.length, 0);
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ tensors: tensors.length, parameters, bytes: bytes.length })}\n`
        : `${out}: ${grouped(tensors.length)} tensors, ${grouped(parameters)} weights, ${grouped(bytes.length)} bytes\n`,
    );
  },
};
