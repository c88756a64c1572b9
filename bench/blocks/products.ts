/**
 * `node tools/run-typescript.mjs bench/blocks/products.ts [--size WxH] [--model F]`: how many products the wasm kernels
 * make of the multiply-accumulates that are counted. A rate in multiply-accumulates counts the plain convolution;
 * Winograd's tiles need fewer products for the same sums (src/backends/wasm/winograd.ts). Padding is counted in, what
 * transforms the tiles is not. Every share of the benchmark, on its first frame.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inputChannels } from '../../src/backends/wasm/layout.ts';
import { BAND_ROWS } from '../../src/backends/wasm/weights.ts';
import { chooseTiling, transformedLength } from '../../src/backends/wasm/winograd.ts';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { blockGrid, blockPlaces, mapSize, placeAttention, placeDetail } from '../../src/network/geometry.ts';
import { type ConvLayer, GATE_FIVE, GATE_SKIP } from '../../src/network/spec.ts';
import { benchFrame } from '../frames.ts';
import { ourEntrant, ourRows } from '../ours.ts';
import { DEFAULT_SHARES } from '../plan.ts';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { size: { type: 'string' }, model: { type: 'string' } },
});
const [width, height] = (values.size ?? '480x360').split('x').map(Number);
const size = { width, height };
const model = await decodeModel(readFileSync(values.model ?? 'models/people-vs-poles.sacc'));
const spec = model.network;
const frame = benchFrame(size, 1);

console.log('| ours | GMAC | products, G | products of MACs |\n| --- | --- | --- | --- |');
for (const row of ourRows('wasm', DEFAULT_SHARES)) {
  const contender = await ourEntrant(model, row).open();
  contender.prepare(frame);
  await contender.run();
  const { attention, macs } = contender.result;
  const executed = (macs.attention + macs.detail) / 1e9;
  const products = productsOf(attention.gates) / 1e9;
  console.log(
    `| ${row.name} | ${executed.toFixed(3)} | ${products.toFixed(3)} | ${(products / executed).toFixed(3)} |`,
  );
  contender.release();
}

function productsOf(gates: Uint8Array): number {
  let products = 0;
  for (const { layer, stride } of placeAttention(spec)) {
    const map = mapSize(size, stride);
    products += map.width * map.height * placeProducts(layer, layer.kernel, BAND_ROWS);
  }
  const { columns } = blockGrid(spec, size);
  for (const { layer, stride } of placeDetail(spec)) {
    const side = spec.block / stride;
    gates.forEach((gate, block) => {
      if (gate === GATE_SKIP) return;
      const kernel = gate === GATE_FIVE && layer.fiveByFive ? 5 : layer.kernel;
      const places = blockPlaces(spec, size, stride, block % columns, Math.floor(block / columns));
      products += places.width * places.height * placeProducts(layer, kernel, side);
    });
  }
  return products;
}

/** Products of one output place. @param side what blocks are multiples of, in output places */
function placeProducts(layer: ConvLayer, kernel: number, side: number): number {
  const tiling = layer === spec.detail.stem[0] ? null : chooseTiling(layer, kernel, side);
  if (!tiling) return kernel ** 2 * layer.inputs * layer.outputs;
  return transformedLength(tiling, inputChannels(spec, layer), layer.outputs) / tiling.side ** 2;
}
