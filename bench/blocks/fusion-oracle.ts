/**
 * What the trunk and the head must give, by the reference: by the spec's rule, and blind, where the layers after the
 * first run on each block's own cells alone, which is zero beyond them.
 */
import type { PixelFrame } from '../../src/backends/backend.ts';
import { branchOf, convolve } from '../../src/backends/reference/convolve.ts';
import { ReferenceExecutor } from '../../src/backends/reference/executor.ts';
import { frameTensor } from '../../src/backends/reference/frame.ts';
import { type Tensor, zeros } from '../../src/backends/reference/tensor.ts';
import { blockGrid, type Grid } from '../../src/network/geometry.ts';
import type { Model } from '../../src/network/spec.ts';

/** Cells [blocks, side, side, channels] by both rules. */
export interface ExpectedCells {
  readonly spec: Float32Array;
  readonly blind: Float32Array;
}

export class FusionOracle {
  /** [height, width, channels], as the first stem layer reads it. */
  readonly frame: Float32Array;
  /** [rows, columns, channels] of the attention network. */
  readonly features: Float32Array;
  readonly #model: Model;
  readonly #reference: ReferenceExecutor;
  readonly #grid: Grid;

  private constructor(model: Model, reference: ReferenceExecutor, frame: PixelFrame, features: Float32Array) {
    this.#model = model;
    this.#reference = reference;
    this.#grid = blockGrid(model.network, frame);
    this.frame = frameTensor(model.network, frame).data;
    this.features = features;
  }

  static async create(model: Model, frame: PixelFrame): Promise<FusionOracle> {
    const reference = new ReferenceExecutor(model);
    await reference.upload(frame);
    await reference.glance();
    const { data } = await reference.read(model.network.attention.features.name);
    return new FusionOracle(model, reference, frame, data);
  }

  /** @param gates [rows, columns] */
  async expected(gates: Uint8Array): Promise<ExpectedCells> {
    const { blocks, cells } = await this.#reference.inspect(gates);
    const { shape, data } = await this.#reference.read(this.#model.network.detail.trunk[0].name);
    const first = { height: shape[0], width: shape[1], channels: shape[2], data };
    return { spec: cells, blind: this.#blind(first, blocks) };
  }

  #blind(first: Tensor, blocks: Uint32Array): Float32Array {
    const { block, cell, detail } = this.#model.network;
    const side = block / cell;
    const cells = new Float32Array(blocks.length * side * side * detail.head.outputs);
    blocks.forEach((index, n) => {
      const row = Math.floor(index / this.#grid.columns);
      let map = cut(first, (index % this.#grid.columns) * side, row * side, side);
      for (const layer of [...detail.trunk.slice(1), detail.head]) {
        const branch = branchOf(layer, this.#model.weights, false);
        map = convolve(map, layer, () => branch).output;
      }
      const run = map.width * map.channels;
      for (let j = 0; j < map.height; j++) {
        cells.set(map.data.subarray(j * run, (j + 1) * run), (n * side + j) * side * map.channels);
      }
    });
    return cells;
  }
}

/** The square of `side` places at (x, y), as far as the map goes. */
function cut(map: Tensor, x: number, y: number, side: number): Tensor {
  const part = zeros(Math.min(side, map.height - y), Math.min(side, map.width - x), map.channels);
  const run = part.width * map.channels;
  for (let j = 0; j < part.height; j++) {
    const from = ((y + j) * map.width + x) * map.channels;
    part.data.set(map.data.subarray(from, from + run), j * run);
  }
  return part;
}
