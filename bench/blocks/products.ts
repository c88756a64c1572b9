/**
 * `node tools/run-typescript.mjs bench/blocks/products.ts [--size WxH] [--model F]`: how many products the wasm kernels
 * make of the multiply-accumulates that are counted. A rate in multiply-accumulates counts the plain convolution;
 * Winograd's tiles need fewer products for the same sums (frame-products.ts). Every share of the benchmark, on its first
 * frame.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { benchFrame } from '../frames.ts';
import { ourEntrant, ourRows } from '../ours.ts';
import { DEFAULT_SHARES } from '../plan.ts';
import { frameProducts } from './frame-products.ts';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { size: { type: 'string' }, model: { type: 'string' } },
});
const [width, height] = (values.size ?? '480x360').split('x').map(Number);
const size = { width, height };
const model = await decodeModel(readFileSync(values.model ?? 'models/people-vs-poles.sacc'));
const frame = benchFrame(size, 1);

console.log('| ours | GMAC | products, G | products of MACs |\n| --- | --- | --- | --- |');
for (const row of ourRows('wasm', DEFAULT_SHARES)) {
  const contender = await ourEntrant(model, row).open();
  contender.prepare(frame);
  await contender.run();
  const { attention, macs } = contender.result;
  const executed = (macs.attention + macs.detail) / 1e9;
  const products = frameProducts(model.network, size, attention.gates) / 1e9;
  console.log(
    `| ${row.name} | ${executed.toFixed(3)} | ${products.toFixed(3)} | ${(products / executed).toFixed(3)} |`,
  );
  contender.release();
}
