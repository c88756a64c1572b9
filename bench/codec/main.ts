/**
 * `npm run bench:codec [-- NET... --only=sizes]`: size and decoding speed of the weight codec, side by side with its
 * peers. Nets and peers are fetched once into out/codec-nets.
 *
 * With --images=FOLDER,... (photographs) also the size at 45 dB of output of the super-resolution nets, which takes
 * minutes a net; --only=output leaves the rest out. --count=N photographs a folder (12 in all), --calibration=FOLDER
 * (photographs in place of synthetic noise), --calibration-count=N, --trellis=0 or 1 (both), --pooled: 45 dB by the
 * mean squared error of all pictures together, not by the mean of their PSNR.
 */

import { loadNet, NETS } from './nets.ts';
import { measureOutputSize, printOutputSize } from './output-sizes.ts';
import { measureSizes, printSizes } from './sizes.ts';
import { measureSpeeds, printSpeeds } from './speeds.ts';

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const only = (part: string) =>
  !process.argv.some((a) => a.startsWith('--only=')) || process.argv.includes(`--only=${part}`);
const given = (name: string) =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
const images = given('images')?.split(',') ?? [];
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
  if (only('output') && net.kind === 'super-resolution') {
    if (images.length === 0) console.log('\nsize at 45 dB of output: left out, for it needs --images=FOLDER');
    else {
      for (const trellis of (given('trellis') ?? '0,1').split(',')) {
        const row = await measureOutputSize(net, {
          images,
          count: Number(given('count') ?? Math.ceil(12 / images.length)),
          calibration: given('calibration'),
          calibrationCount: Number(given('calibration-count') ?? 24),
          pooled: process.argv.includes('--pooled'),
          trellis: trellis === '1',
        });
        printOutputSize(net, row);
      }
    }
  }
}
if (structured.length > 1) {
  const mean = structured.reduce((sum, value) => sum + value, 0) / structured.length;
  console.log(`\nstructured nets with the trellis against NNC: mean ${mean.toFixed(4)}`);
}
