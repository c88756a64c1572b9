/**
 * Products that the wasm kernels make for a frame: Winograd's tiles (src/backends/wasm/winograd.ts) need fewer than the
 * plain convolution has multiply-accumulates. Padding of tiles is counted in, what transforms them is not. Pure.
 */
import { CLUMP_SIDE, ClumpFinder, hasClumps, tilesFrom } from '../../src/backends/wasm/block-clumps.ts';
import { inputChannels } from '../../src/backends/wasm/layout.ts';
import { BAND_ROWS } from '../../src/backends/wasm/weights.ts';
import { chooseTiling, transformedLength } from '../../src/backends/wasm/winograd.ts';
import {
  blockGrid,
  blockPlaces,
  type Grid,
  mapSize,
  placeAttention,
  placeDetail,
  type Size,
} from '../../src/network/geometry.ts';
import { type ConvLayer, GATE_FIVE, GATE_THREE, type NetworkSpec } from '../../src/network/spec.ts';

/** Of the attention network, and of the detail network for the gates given [rows, columns]. */
export function frameProducts(spec: NetworkSpec, size: Size, gates: Uint8Array): number {
  let products = 0;
  for (const { layer, stride } of placeAttention(spec)) {
    const map = mapSize(size, stride);
    products += map.width * map.height * placeProducts(spec, layer, layer.kernel, BAND_ROWS);
  }
  const grid = blockGrid(spec, size);
  const map = mapSize(size, spec.cell);
  const finder = new ClumpFinder(grid, map);
  const list = () => ({ entries: new Int32Array(2 * gates.length) });
  const [clumps, singles, fives] = [list(), list(), list()];
  for (const { layer, stride } of placeDetail(spec)) {
    const side = spec.block / stride;
    const most = layer.fiveByFive ? GATE_THREE : GATE_FIVE;
    const ofBlocks = ({ entries }: typeof singles, count: number, kernel: number) => {
      const perPlace = placeProducts(spec, layer, kernel, side);
      for (let n = 0; n < count; n++) {
        const places = blockPlaces(spec, size, stride, entries[2 * n], entries[2 * n + 1]);
        products += places.width * places.height * perPlace;
      }
    };
    if (hasClumps(layer, side)) {
      finder.find(gates, GATE_THREE, most, clumps, singles);
      for (let n = 0; n < finder.clumps; n++) {
        const tiles =
          tilesFrom(clumps.entries[2 * n], map.width) * tilesFrom(clumps.entries[2 * n + 1], map.height);
        products += tiles * tileProducts(spec, layer, layer.kernel, CLUMP_SIDE);
      }
      ofBlocks(singles, finder.singles, layer.kernel);
    } else {
      ofBlocks(singles, listBlocks(gates, grid, GATE_THREE, most, singles), layer.kernel);
    }
    if (layer.fiveByFive) ofBlocks(fives, listBlocks(gates, grid, GATE_FIVE, GATE_FIVE, fives), 5);
  }
  return products;
}

/** Lists the blocks with these gates. @returns how many */
function listBlocks(
  gates: Uint8Array,
  { columns }: Grid,
  least: number,
  most: number,
  list: { readonly entries: Int32Array },
): number {
  let count = 0;
  gates.forEach((gate, block) => {
    if (gate >= least && gate <= most)
      list.entries.set([block % columns, Math.floor(block / columns)], 2 * count++);
  });
  return count;
}

/** Of one output place. @param side what blocks are multiples of, in output places */
function placeProducts(spec: NetworkSpec, layer: ConvLayer, kernel: number, side: number): number {
  const tiling = layer === spec.detail.stem[0] ? null : chooseTiling(layer, kernel, side);
  if (!tiling) return kernel ** 2 * layer.inputs * layer.outputs;
  return tileProducts(spec, layer, kernel, side) / tiling.side ** 2;
}

/** Of a whole tile: one for each weight. */
function tileProducts(spec: NetworkSpec, layer: ConvLayer, kernel: number, side: number): number {
  return transformedLength(chooseTiling(layer, kernel, side)!, inputChannels(spec, layer), layer.outputs);
}
