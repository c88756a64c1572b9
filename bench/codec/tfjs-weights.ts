/**
 * Weights of a TensorFlow.js model (model.json beside its .bin shards) as float32 tensors. Knows float32 and int32 and
 * the quantised forms of the manifest: float16, and uint8 or uint16 with scale and min.
 * Source: @tensorflow/tfjs-core, io/types.d.ts, WeightsManifestEntry.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Tensor } from '../../src/codec/tensor.ts';
import { halfToFloat } from '../../src/network/half.ts';

interface Quantization {
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  readonly scale?: number;
  readonly min?: number;
}

interface ManifestEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: Quantization;
}

interface ManifestGroup {
  readonly paths: readonly string[];
  readonly weights: readonly ManifestEntry[];
}

const WIDTHS: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  float16: 2,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

function readEntry(entry: ManifestEntry, view: DataView, at: number, width: number): Tensor {
  const elements = entry.shape.reduce((product, dimension) => product * dimension, 1);
  const { scale = 1, min = 0, dtype } = { dtype: entry.dtype, ...entry.quantization };
  const read = (i: number): number => {
    if (dtype === 'float32') return view.getFloat32(at + 4 * i, true);
    if (dtype === 'int32') return view.getInt32(at + 4 * i, true);
    if (dtype === 'float16') return halfToFloat(view.getUint16(at + 2 * i, true));
    return (width === 2 ? view.getUint16(at + 2 * i, true) : view.getUint8(at + i)) * scale + min;
  };
  return {
    name: entry.name,
    shape: entry.shape,
    data: Float32Array.from({ length: elements }, (_, i) => read(i)),
  };
}

/** Floating-point tensors of a model.json, in the manifest's order. */
export function readTfjsWeights(modelJson: string): Tensor[] {
  const { weightsManifest } = JSON.parse(readFileSync(modelJson, 'utf8')) as {
    weightsManifest: ManifestGroup[];
  };
  const tensors: Tensor[] = [];
  for (const { paths, weights } of weightsManifest) {
    const bytes = Buffer.concat(paths.map((path) => readFileSync(join(dirname(modelJson), path))));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    for (const entry of weights) {
      const width = WIDTHS[entry.quantization?.dtype ?? entry.dtype];
      if (width === undefined)
        throw new Error(`${modelJson}: "${entry.name}" has the unknown type ${entry.dtype}`);
      const tensor = readEntry(entry, view, at, width);
      if (entry.dtype === 'float32' && tensor.data.length > 0) tensors.push(tensor);
      at += width * tensor.data.length;
    }
  }
  return tensors;
}
