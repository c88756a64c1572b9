/** All weights of a model, packed once for the kernels. */
import { placeAttention, placeDetail } from '../../network/geometry.ts';
import type { ConvLayer, Model } from '../../network/spec.ts';
import type { Arena } from './arena.ts';
import { CLUMP_SIDE, hasClumps } from './block-clumps.ts';
import { type Channels, inputChannels, packedLength, packWeights, padChannels } from './layout.ts';
import { chooseTiling, packTransformed, tileScratchBytes, transformedLength } from './winograd.ts';

/** One set of packed weights: addresses in the kernels' memory. */
export interface PackedBranch {
  readonly kernel: number;
  readonly weights: number;
  readonly bias: number;
  readonly by: Algorithm;
  /** Output places a tile side; 0 where it is not in tiles. */
  readonly tile: number;
  /** Memory that the kernel needs beside the maps. */
  readonly scratchBytes: number;
}

/**
 * The kernel that runs a branch (assembly/kernels): `convolve` anywhere, `convolveTiles` at stride 1,
 * `convolvePixels` for the layer that reads the frame.
 */
export type Algorithm = 'direct' | 'tiles' | 'pixels';

export interface PackedLayer {
  readonly layer: ConvLayer;
  readonly own: PackedBranch;
  /** The same for clumps of blocks (block-clumps.ts), where these pay. */
  readonly wide: PackedBranch | null;
  /** The 5x5 branch of a layer that has one. */
  readonly five: PackedBranch | null;
}

/** Output rows that the attention layers compute together: whole tiles of 4 as of 6. */
export const BAND_ROWS = 12;
const FLOAT_BYTES = 4;

/** Packs all layers into the arena. @throws SaccadeNetError OUT_OF_MEMORY */
export function packModel(arena: Arena, model: Model): Map<string, PackedLayer> {
  const spec = model.network;
  const start = arena.mark;
  const fills: ((memory: ArrayBuffer) => void)[] = [];

  /** @param side output places that the layer's blocks are multiples of */
  function pack(layer: ConvLayer, name: string, kernel: number, side: number): PackedBranch {
    const inputs = inputChannels(spec, layer);
    const fromPixels = layer === spec.detail.stem[0];
    const tiling = fromPixels ? null : chooseTiling(layer, kernel, side);
    const length = tiling
      ? transformedLength(tiling, inputs, layer.outputs)
      : packedLength(kernel, inputs, layer.outputs);
    const weights = arena.allocate(length * FLOAT_BYTES);
    const bias = arena.allocate(padChannels(layer.outputs) * FLOAT_BYTES);
    fills.push((memory) => {
      const target = new Float32Array(memory, weights, length);
      const w = model.weights.get(`${name}.w`)!;
      if (tiling) packTransformed(target, w, tiling, inputs, layer.outputs);
      else packWeights(target, w, kernel, inputs, layer.outputs);
      new Float32Array(memory, bias, layer.outputs).set(model.weights.get(`${name}.b`)!);
    });
    const branch = { kernel, weights, bias, tile: tiling?.side ?? 0 };
    const region = regionBytes(layer.stride, kernel, side, inputs);
    if (tiling) return { ...branch, by: 'tiles', scratchBytes: tileScratchBytes(tiling, inputs) + region };
    return { ...branch, by: fromPixels ? 'pixels' : 'direct', scratchBytes: region };
  }

  const packed = new Map<string, PackedLayer>();
  for (const { layer } of placeAttention(spec)) {
    packed.set(layer.name, {
      layer,
      own: pack(layer, layer.name, layer.kernel, BAND_ROWS),
      wide: null,
      five: null,
    });
  }
  for (const { layer, stride } of placeDetail(spec)) {
    const side = spec.block / stride;
    const own = pack(layer, layer.name, layer.kernel, side);
    const wide = hasClumps(layer, side) ? pack(layer, layer.name, layer.kernel, CLUMP_SIDE) : null;
    const five = layer.fiveByFive ? pack(layer, `${layer.name}.five`, 5, side) : null;
    packed.set(layer.name, { layer, own, wide, five });
  }
  arena.commit(start);
  for (const fill of fills) fill(arena.memory.buffer);
  return packed;
}

/** What a block reads, rows in whole fours, and what a tile at its right edge reads beyond. */
function regionBytes(stride: number, kernel: number, side: number, inputs: Channels): number {
  const extent = (side - 1) * stride + kernel;
  const tail = 4 * stride;
  return (Math.ceil(extent / 4) * 4 * extent + tail) * inputs.padded * FLOAT_BYTES;
}
