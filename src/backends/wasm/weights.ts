/** All weights of a model, packed once for the kernels. */
import { placeAttention, placeDetail } from '../../network/geometry.ts';
import type { ConvLayer, Model } from '../../network/spec.ts';
import type { Arena } from './arena.ts';
import { inputChannels, packedLength, packWeights, padChannels } from './layout.ts';
import { packTransformed, runsInTiles, scratchBytes, transformedLength } from './winograd.ts';

/** One set of packed weights: addresses in the kernels' memory. */
export interface PackedBranch {
  readonly kernel: number;
  readonly weights: number;
  readonly bias: number;
  /** Scratch memory of `convolveTiles`; 0: the branch is for `convolve`. */
  readonly tileScratchBytes: number;
}

export interface PackedLayer {
  readonly layer: ConvLayer;
  readonly own: PackedBranch;
  /** The 5x5 branch of a layer that has one. */
  readonly five: PackedBranch | null;
}

/** Output rows that the attention layers compute together. */
export const BAND_ROWS = 4;
const FLOAT_BYTES = 4;

/** Packs all layers into the arena. @throws SaccadeNetError OUT_OF_MEMORY */
export function packModel(arena: Arena, model: Model): Map<string, PackedLayer> {
  const spec = model.network;
  const start = arena.mark;
  const fills: ((memory: ArrayBuffer) => void)[] = [];

  /** @param side output places that the layer's blocks are multiples of */
  function pack(layer: ConvLayer, name: string, kernel: number, side: number): PackedBranch {
    const inputs = inputChannels(spec, layer);
    const tiled = runsInTiles(kernel, layer.stride, side) ? kernel : null;
    const length = (tiled ? transformedLength : packedLength)(kernel as 3 | 5, inputs, layer.outputs);
    const weights = arena.allocate(length * FLOAT_BYTES);
    const bias = arena.allocate(padChannels(layer.outputs) * FLOAT_BYTES);
    fills.push((memory) => {
      const target = new Float32Array(memory, weights, length);
      const w = model.weights.get(`${name}.w`)!;
      if (tiled) packTransformed(target, w, tiled, inputs, layer.outputs);
      else packWeights(target, w, kernel, inputs, layer.outputs);
      new Float32Array(memory, bias, layer.outputs).set(model.weights.get(`${name}.b`)!);
    });
    return { kernel, weights, bias, tileScratchBytes: tiled ? scratchBytes(tiled, inputs) : 0 };
  }

  const packed = new Map<string, PackedLayer>();
  for (const { layer } of placeAttention(spec)) {
    packed.set(layer.name, { layer, own: pack(layer, layer.name, layer.kernel, BAND_ROWS), five: null });
  }
  for (const { layer, stride } of placeDetail(spec)) {
    const side = spec.block / stride;
    const own = pack(layer, layer.name, layer.kernel, side);
    const five = layer.fiveByFive ? pack(layer, `${layer.name}.five`, 5, side) : null;
    packed.set(layer.name, { layer, own, five });
  }
  arena.commit(start);
  for (const fill of fills) fill(arena.memory.buffer);
  return packed;
}
