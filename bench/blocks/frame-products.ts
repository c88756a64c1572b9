/**
 * Products that the wasm kernels make for a frame: Winograd's tiles (src/backends/wasm/winograd.ts) need fewer than the
 * plain convolution has multiply-accumulates. Padding of tiles is counted in, what transforms them is not. Pure.
 */
import { inputChannels } from '../../src/backends/wasm/layout.ts';
import { BAND_ROWS } from '../../src/backends/wasm/weights.ts';
import { chooseTiling, transformedLength } from '../../src/backends/wasm/winograd.ts';
import {
  blockGrid,
  blockPlaces,
  mapSize,
  placeAttention,
  placeDetail,
  type Size,
} from '../../src/network/geometry.ts';
import { type ConvLayer, GATE_FIVE, GATE_SKIP, type NetworkSpec } from '../../src/network/spec.ts';

/** Of the attention network, and of the detail network for the gates given [rows, columns]. */
export function frameProducts(spec: NetworkSpec, size: Size, gates: Uint8Array): number {
  let products = 0;
  for (const { layer, stride } of placeAttention(spec)) {
    const map = mapSize(size, stride);
    products += map.width * map.height * placeProducts(spec, layer, layer.kernel, BAND_ROWS);
  }
  const { columns } = blockGrid(spec, size);
  for (const { layer, stride } of placeDetail(spec)) {
    const side = spec.block / stride;
    gates.forEach((gate, block) => {
      if (gate === GATE_SKIP) return;
      const kernel = gate === GATE_FIVE && layer.fiveByFive ? 5 : layer.kernel;
      const places = blockPlaces(spec, size, stride, block % columns, Math.floor(block / columns));
      products += places.width * places.height * placeProducts(spec, layer, kernel, side);
    });
  }
  return products;
}

/** Of one output place. @param side what blocks are multiples of, in output places */
function placeProducts(spec: NetworkSpec, layer: ConvLayer, kernel: number, side: number): number {
  const tiling = layer === spec.detail.stem[0] ? null : chooseTiling(layer, kernel, side);
  if (!tiling) return kernel ** 2 * layer.inputs * layer.outputs;
  return transformedLength(tiling, inputChannels(spec, layer), layer.outputs) / tiling.side ** 2;
}
