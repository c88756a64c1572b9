// One job of the soak in a Node process of its own, on dist/: `node --expose-gc tools/soak/node-job.mjs '<job>'`, the
// job as JSON. Prints progress on stderr and its answer as one line of JSON on stdout.
import { getEventListeners } from 'node:events';
import { openDawn } from './dawn.mjs';
import { openLedger } from './gpu-ledger.mjs';
import { picture, SCORE_THRESHOLD, soakCycles, soakFrames, soakLosses } from './workload.mjs';

/** More than the 10 s within which a second loss would end the GPU. */
const SKIP_MS = 11_000;

const job = JSON.parse(process.argv[2]);
const { what, backend, size, count, warmup } = job;
if (backend === 'webgpu') await openDawn();
const ledger = backend === 'webgpu' ? openLedger() : undefined;
const { createSaccadeNet } = await import('../../dist/index.js');

/** The engine's clock, which a soak may set forward. */
let skippedMs = 0;
const now = performance.now.bind(performance);
performance.now = () => now() + skippedMs;

const sources = [1, 2, 3, 4].map((seed) => picture(size, seed));
const source = sources[0];
const create = (signal) => createSaccadeNet({ backends: [backend], scoreThreshold: SCORE_THRESHOLD, signal });
const progress = (done, of) => {
  if (done % Math.max(1, Math.floor(of / 100)) === 0) process.stderr.write(`${done}/${of}\n`);
};

/** Collects until nothing more goes: finalisers free in the rounds after their own. */
async function measure() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const { objects = 0, bytes: gpu = 0 } = ledger?.live() ?? {};
  return { js: heapUsed, external, gpu, objects, rss };
}

async function soak() {
  const common = { warmup, measure, progress, source };
  if (what === 'cycles') {
    const { signal, alive, ...answer } = await soakCycles({ ...common, create, cycles: count });
    return { ...answer, stayed: alive + getEventListeners(signal, 'abort').length };
  }
  const net = await create();
  const skipTime = () => {
    skippedMs += SKIP_MS;
  };
  const answer =
    what === 'losses'
      ? await soakLosses({ ...common, net, losses: count, ledger, skipTime })
      : await soakFrames({ ...common, net, sources, frames: count });
  await net.dispose();
  return { ...answer, stayed: 0 };
}

const { stayed, ...answer } = await soak();
const left = stayed + (ledger?.live().objects ?? 0) + (ledger?.devices().length ?? 0);
process.stdout.write(`${JSON.stringify({ ...answer, left })}\n`, () => process.exit());
