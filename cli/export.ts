/** `saccadenet export`: the dense network of a model for other runtimes. */
import { decodeModel } from '../src/codec/decode-model.ts';
import { writeSafetensors } from '../src/codec/safetensors.ts';
import { plainModel } from '../src/network/genes.ts';
import { type Model, weightShapes } from '../src/network/spec.ts';
import { exportOnnx } from '../train/onnx/export-onnx.ts';
import { type Command, parseOptions, sizeOption, UsageError } from './arguments.ts';
import { grouped, ofFile, onlyFile, readBytes, writeBytes } from './model-files.ts';

const DEFAULT_SIZE = '480x360';

const HELP = `Usage: saccadenet export <model.sacc> (--onnx out.onnx | --safetensors out.safetensors) [--size ${DEFAULT_SIZE}]

Writes the dense network: attention plus the detail network with 3x3 kernels in every cell, what --policy dense runs.

  --onnx FILE         ONNX, opset 17, for the working size given. Input 'frame' [1, 4, H, W]: R, G, B by the
                      network's response (the formula is in the file's metadata, 'input') and y as
                      2 * (row + 0.5) / H - 1. Outputs 'gates' [1, 2, rows, columns] (look and 5x5 logit a
                      block) and 'cells' [1, channels, J, I] (head outputs a cell).
  --safetensors FILE  its float32 weights, [kernel, kernel, inputs, outputs]; the network is in the metadata
                      (saccadenet decompress writes all weights, 5x5 branch included)
  --size WxH          working size of the ONNX file (default ${DEFAULT_SIZE})
  --json              { format, file, bytes }
`;

export const command: Command = {
  name: 'export',
  summary: 'write the dense network as ONNX or safetensors',
  help: HELP,
  async run(argv) {
    const { values, positionals } = parseOptions(argv, {
      onnx: { type: 'string' },
      safetensors: { type: 'string' },
      size: { type: 'string' },
      json: { type: 'boolean' },
    } as const);
    const file = onlyFile(positionals, 'model file');
    const { onnx, safetensors } = values;
    if ((onnx === undefined) === (safetensors === undefined)) {
      throw new UsageError('needs one of --onnx out.onnx and --safetensors out.safetensors');
    }
    if (safetensors !== undefined && values.size !== undefined) {
      throw new UsageError('--size goes with --onnx only; weights have no working size');
    }
    const size = sizeOption('size', values.size ?? DEFAULT_SIZE)!;
    const model = plainModel(await ofFile(file, () => decodeModel(readBytes(file))));
    const bytes = onnx === undefined ? denseSafetensors(model) : exportOnnx(model, size);
    const out = (onnx ?? safetensors)!;
    writeBytes(out, bytes);
    const format = onnx === undefined ? 'safetensors' : 'onnx';
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ format, file: out, bytes: bytes.length })}\n`
        : `${out}: ${format}, ${grouped(bytes.length)} bytes\n`,
    );
  },
};

/** Weights of the dense network, in execution order. */
function denseSafetensors(model: Model): Uint8Array {
  const dense = weightShapes(model.network).filter(({ name }) => !/\.five\.[wb]$/.test(name));
  const tensors = dense.map(({ name, shape }) => ({ name, shape, data: model.weights.get(name)! }));
  return writeSafetensors(tensors, { 'saccadenet.network': JSON.stringify(model.network) });
}
