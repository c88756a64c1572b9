/**
 * `npm run bench:codec [-- NET... --only=sizes]`: size and decoding speed of the weight codec, side by side with its
 * peers. Nets and peers are fetched once into out/codec-nets.
 */

import { loadNet, NETS } from './nets.ts';
import { measureSizes, printSizes } from './sizes.ts';
import { measureSpeeds, printSpeeds } from './speeds.ts';

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const only = (part: string) =>
  !process.argv.some((a) => a.startsWith('--only=')) || process.argv.includes(`--only=${part}`);
const structured: number[] = [];
for (const net of NETS) {
  if (wanted.length > 0 && !wanted.includes(net.name)) continue;
  const tensors = loadNet(net);
  const weights = tensors.reduce((sum, { data }) => sum + data.length, 0);
  console.log(`\n== ${net.name}, ${weights.toLocaleString('en-US')} weights`);
  if (only('sizes') || only('speeds')) {
    const sizes = await measureSizes(net, tensors);
    printSizes(net, sizes);
    if (net.kind === 'structured') structured.push(sizes.rows[1].againstNnc);
    if (only('speeds')) printSpeeds(net.name, await measureSpeeds(tensors, sizes));
  }
}
if (structured.length > 1) {
  const mean = structured.reduce((sum, value) => sum + value, 0) / structured.length;
  console.log(`\nstructured nets with the trellis against NNC: mean ${mean.toFixed(4)}`);
}
