/** All weights of a model, packed once for the kernels. */
import { type ConvLayer, type Model, networkLayers } from '../../network/spec.ts';
import type { Arena } from './arena.ts';
import { inputChannels, packedLength, packWeights, padChannels } from './layout.ts';

/** One set of packed weights: addresses in the kernels' memory. */
export interface PackedBranch {
  readonly kernel: number;
  readonly weights: number;
  readonly bias: number;
}

export interface PackedLayer {
  readonly layer: ConvLayer;
  readonly own: PackedBranch;
  /** The 5x5 branch of a layer that has one. */
  readonly five: PackedBranch | null;
}

const FLOAT_BYTES = 4;

/** Packs all layers into the arena. @throws SaccadeNetError OUT_OF_MEMORY */
export function packModel(arena: Arena, model: Model): Map<string, PackedLayer> {
  const spec = model.network;
  const start = arena.mark;
  const fills: ((memory: ArrayBuffer) => void)[] = [];

  function pack(layer: ConvLayer, name: string, kernel: number): PackedBranch {
    const inputs = inputChannels(spec, layer);
    const length = packedLength(kernel, inputs, layer.outputs);
    const weights = arena.allocate(length * FLOAT_BYTES);
    const bias = arena.allocate(padChannels(layer.outputs) * FLOAT_BYTES);
    fills.push((memory) => {
      const target = new Float32Array(memory, weights, length);
      packWeights(target, model.weights.get(`${name}.w`)!, kernel, inputs, layer.outputs);
      new Float32Array(memory, bias, layer.outputs).set(model.weights.get(`${name}.b`)!);
    });
    return { kernel, weights, bias };
  }

  const packed = new Map<string, PackedLayer>();
  for (const layer of networkLayers(spec)) {
    const own = pack(layer, layer.name, layer.kernel);
    const five = layer.fiveByFive ? pack(layer, `${layer.name}.five`, 5) : null;
    packed.set(layer.name, { layer, own, five });
  }
  arena.commit(start);
  for (const fill of fills) fill(arena.memory.buffer);
  return packed;
}
