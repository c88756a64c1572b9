// One job of the soak in a Node process of its own, on dist/: `node --expose-gc tools/soak/node-job.mjs '<job>'`, the
// job as JSON. Prints progress on stderr and its answer as one line of JSON on stdout.
import { getEventListeners } from 'node:events';
import { picture, soakCycles, soakFrames } from './workload.mjs';

const { createSaccadeNet } = await import('../../dist/index.js');
const job = JSON.parse(process.argv[2]);
const { backend, size } = job;
const sources = [1, 2, 3, 4].map((seed) => picture(size, seed));
const create = (signal) => createSaccadeNet({ backends: [backend], scoreThreshold: 0.01, signal });
const progress = (done, of) => {
  if (done % Math.max(1, Math.floor(of / 100)) === 0) process.stderr.write(`${done}/${of}\n`);
};

/** Collects until nothing more goes: finalisers free in the rounds after their own. */
async function measure(net) {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { js: heapUsed, external, backend: net?.memory().backendBytes ?? 0, rss };
}

if (job.what === 'frames') {
  const net = await create();
  const { samples, wrong } = await soakFrames({
    ...{ net, sources, progress, frames: job.count, warmup: job.warmup },
    measure: () => measure(net),
  });
  await net.dispose();
  answer({ samples, wrong, left: 0 });
} else {
  const { samples, wrong, signal } = await soakCycles({
    ...{ create, source: sources[0], progress, cycles: job.count, warmup: job.warmup },
    measure: () => measure(),
  });
  answer({ samples, wrong, left: getEventListeners(signal, 'abort').length });
}

function answer(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
