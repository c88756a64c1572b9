/**
 * What a halo costs with the kernels that run it (wasm): the detail network over the same attended blocks, its layers
 * run over the places that each choice of halo must compute.
 *
 * - shared: as the spec has it; every layer on the attended blocks, zero beyond.
 * - ring: what an attended block reads beyond itself is computed where no attended neighbour has it. The layers before
 *   the last read one cell further each, together a block: they run on the attended blocks and their neighbours, since
 *   these kernels compute 4x4 cells at a time.
 * - alone: every block computes all it reads by itself, so that its layers can follow one another within workgroup
 *   memory, or here within the cache: block by block, each layer over as many tiles of 4x4 cells as it needs.
 */

import { Arena } from '../../src/backends/wasm/arena.ts';
import { instantiateKernels, type Kernels } from '../../src/backends/wasm/kernels.ts';
import { type LayerPlan, type Plan, planFor } from '../../src/backends/wasm/plan.ts';
import { packModel } from '../../src/backends/wasm/weights.ts';
import type { Size } from '../../src/network/geometry.ts';
import { GATE_SKIP, type Model } from '../../src/network/spec.ts';
import { withNeighbours } from './context.ts';
import { processorMs } from './processor-time.ts';

export type Halo = 'shared' | 'ring' | 'alone';

export class HaloBench {
  readonly #kernels: Kernels;
  readonly #plan: Plan;
  /** Tiles of 4x4 cells that a block alone needs of each layer. */
  readonly #tiles: readonly number[];

  private constructor(kernels: Kernels, plan: Plan, tiles: readonly number[]) {
    this.#kernels = kernels;
    this.#plan = plan;
    this.#tiles = tiles;
  }

  static async create(model: Model, size: Size): Promise<HaloBench> {
    const arena = new Arena();
    const kernels = await instantiateKernels(arena.memory);
    const packed = packModel(arena, model);
    const plan = planFor(model.network, size, packed, arena);
    plan.pixels.forEach((_, i) => {
      plan.pixels[i] = (i * 7919) >> 3;
    });
    const side = model.network.block / model.network.cell;
    return new HaloBench(kernels, plan, haloTiles(model, side));
  }

  /** Runs the detail network once. @param gates [rows, columns]. @returns ms of processor time */
  run(halo: Halo, gates: Uint8Array): number {
    const attended = attendedBlocks(gates);
    const near = halo === 'ring' ? attendedBlocks(withNeighbours(gates, this.#plan.grid)) : attended;
    this.#take(near);
    const { detail } = this.#plan;
    const startMs = processorMs();
    if (halo === 'alone') {
      for (const block of attended) {
        detail.forEach((layer, i) => {
          this.#layer(layer, i, this.#list(Array(this.#tiles[i]).fill(block)));
        });
      }
    } else {
      // The last trunk layer and the head read no halo beyond the block's own ring.
      const last = detail.length - 2;
      detail.forEach((layer, i) => {
        this.#layer(layer, i, this.#list(i < last ? near : attended));
      });
    }
    return processorMs() - startMs;
  }

  /** Gives the blocks their slots, and all others none. */
  #take(blocks: readonly number[]): void {
    const { slots, grid } = this.#plan;
    slots.fill(-1);
    blocks.forEach((block, slot) => {
      slots[(Math.floor(block / grid.columns) + 1) * (grid.columns + 2) + (block % grid.columns) + 1] = slot;
    });
  }

  #list(blocks: readonly number[]): number {
    const { entries } = this.#plan.lists.all;
    blocks.forEach((block, i) => {
      entries[2 * i] = block % this.#plan.grid.columns;
      entries[2 * i + 1] = Math.floor(block / this.#plan.grid.columns);
    });
    return blocks.length;
  }

  #layer({ own, side }: LayerPlan, index: number, count: number): void {
    const { size, pixels, scratch, lists, join, features, joinFeaturesBytes } = this.#plan;
    const { address } = lists.all;
    const kernels = this.#kernels;
    if (index === 2) {
      kernels.fillJoin(
        ...([join.address + joinFeaturesBytes, join.placeBytes, join.width, join.height] as const),
        ...([features.address, features.rowBytes, features.placeBytes, address, count, side] as const),
      );
    }
    if (own.by === 'pixels') {
      kernels.convolvePixels(
        ...([own.descriptor, pixels.byteOffset, size.width, size.height] as const),
        ...([address, count, side, scratch] as const),
      );
    } else if (own.by === 'tiles') {
      kernels.convolveTiles(own.descriptor, address, count, side, side, scratch);
    } else kernels.convolve(own.descriptor, address, count, side, side, scratch);
  }
}

function attendedBlocks(gates: Uint8Array): number[] {
  return [...gates.keys()].filter((block) => gates[block] !== GATE_SKIP);
}

/** Tiles as large as a block that each layer of a block alone covers; the frame's layer and the head among them. */
function haloTiles({ network }: Model, side: number): number[] {
  const { stem, trunk } = network.detail;
  const tilesOf = (ring: number) => Math.ceil((side + 2 * ring) / side) ** 2;
  // Rings in cells: the last trunk layer none, each before it one more; the stem as the first trunk layer reads it.
  const ofTrunk = trunk.map((_, i) => tilesOf(trunk.length - 1 - i));
  return [...stem.map(() => tilesOf(trunk.length)), ...ofTrunk, 1];
}
