/**
 * Which attended blocks a 3x3 layer computes together. Tiles of 6x6 places make a fifth fewer products than those of 4x4
 * (assembly/kernels/winograd.ts), but a block of 4x4 cells holds none: three blocks by three hold four. So clumps of
 * nine neighbours go by the one kernel, and the blocks that are left by the other. The dense network is clumps all over.
 */
import type { Grid, Size } from '../../network/geometry.ts';
import type { ConvLayer } from '../../network/spec.ts';

/** Blocks a clump side, places a block side that they are made for, and places a clump side. */
const CLUMP_BLOCKS = 3;
const BLOCK_SIDE = 4;
export const CLUMP_SIDE = CLUMP_BLOCKS * BLOCK_SIDE;
/** Places a tile side in a clump; products a tile and pair of channels there, and of a block alone. */
const TILE_SIDE = 6;
const TILE_PRODUCTS = 64;
const BLOCK_PRODUCTS = 36;
/** Fewer do not pay for the other weights, which are read once a layer: nearly as many bytes as the cache holds. */
const LEAST_CLUMPS = 8;
/** Blocks below which there are not as many clumps. */
export const LEAST_IN_CLUMPS = LEAST_CLUMPS * CLUMP_BLOCKS ** 2;

/** What a block is in a search: in no clump, in one, not looked for. */
const FREE = 0;
const TAKEN = 1;
const OTHER = 2;

/** A list of (column, row) that is filled: blocks, or the first blocks of clumps. */
interface Filled {
  readonly entries: Int32Array;
}

/** Parts attended blocks into clumps and single ones. It holds what that needs: a frame allocates nothing. */
export class ClumpFinder {
  readonly #grid: Grid;
  readonly #map: Size;
  readonly #taken: Uint8Array;
  #clumps = 0;
  #singles = 0;

  /** @param map cells of the frame */
  constructor(grid: Grid, map: Size) {
    this.#grid = grid;
    this.#map = map;
    this.#taken = new Uint8Array(grid.columns * grid.rows);
  }

  /** Of the last `find`. */
  get clumps(): number {
    return this.#clumps;
  }

  get singles(): number {
    return this.#singles;
  }

  /**
   * Writes where clumps begin, and the blocks that are in none. Clumps are taken greedily, row by row; at the map's
   * edge one may lie over it where that saves products.
   * @param gates [rows, columns]; those from `least` to `most` count
   */
  find(gates: Uint8Array, least: number, most: number, clumps: Filled, singles: Filled): void {
    const { columns, rows } = this.#grid;
    const taken = this.#taken;
    // What is not of these gates is as good as taken.
    for (let block = 0; block < gates.length; block++) {
      taken[block] = gates[block] >= least && gates[block] <= most ? FREE : OTHER;
    }
    this.#clumps = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        if (taken[row * columns + column] !== FREE || !this.#isClump(column, row)) continue;
        this.#take(column, row);
        clumps.entries[2 * this.#clumps] = column;
        clumps.entries[2 * this.#clumps++ + 1] = row;
      }
    }
    if (this.#clumps < LEAST_CLUMPS) this.#clumps = 0;
    const single = this.#clumps > 0 ? FREE : TAKEN;
    this.#singles = 0;
    for (let block = 0; block < gates.length; block++) {
      if (taken[block] > single) continue;
      singles.entries[2 * this.#singles] = block % columns;
      singles.entries[2 * this.#singles++ + 1] = Math.floor(block / columns);
    }
  }

  #isClump(column: number, row: number): boolean {
    const right = Math.min(column + CLUMP_BLOCKS, this.#grid.columns);
    const bottom = Math.min(row + CLUMP_BLOCKS, this.#grid.rows);
    const blocks = (right - column) * (bottom - row);
    if (blocks < CLUMP_BLOCKS ** 2 && !this.#pays(column, row, blocks)) return false;
    for (let y = row; y < bottom; y++) {
      for (let x = column; x < right; x++) if (this.#taken[y * this.#grid.columns + x] !== FREE) return false;
    }
    return true;
  }

  /** Whether a clump over the map's edge makes fewer products than its blocks would. */
  #pays(column: number, row: number, blocks: number): boolean {
    const tiles = tilesFrom(column, this.#map.width) * tilesFrom(row, this.#map.height);
    return tiles * TILE_PRODUCTS < blocks * BLOCK_PRODUCTS;
  }

  #take(column: number, row: number): void {
    const right = Math.min(column + CLUMP_BLOCKS, this.#grid.columns);
    const bottom = Math.min(row + CLUMP_BLOCKS, this.#grid.rows);
    for (let y = row; y < bottom; y++) {
      for (let x = column; x < right; x++) this.#taken[y * this.#grid.columns + x] = 1;
    }
  }
}

/** Whether a layer runs in clumps where there are any. @param side output places a block side */
export function hasClumps({ kernel, stride }: ConvLayer, side: number): boolean {
  return kernel === 3 && stride === 1 && side === BLOCK_SIDE;
}

/** Tiles of a clump along one side of a map of `size` places. */
export function tilesFrom(block: number, size: number): number {
  return Math.ceil(Math.min(CLUMP_SIDE, size - block * BLOCK_SIDE) / TILE_SIDE);
}
