// The soak's side of the page: runs one job on dist/ and answers with what was held. The soak (page-job.mjs) calls
// `globalThis.runSoak(job)`.
import { createSaccadeNet } from '../../dist/index.js';
import { openLedger } from './gpu-ledger.mjs';
import { picture, SCORE_THRESHOLD, soakCycles, soakFrames, soakLosses, soakStreams } from './workload.mjs';

/** More than the 10 s within which a second loss would end the GPU. */
const SKIP_MS = 11_000;

/** Object URLs that were made and not revoked. */
const urls = new Set();
const { createObjectURL, revokeObjectURL } = URL;
URL.createObjectURL = (object) => {
  const url = createObjectURL.call(URL, object);
  urls.add(url);
  return url;
};
URL.revokeObjectURL = (url) => {
  urls.delete(url);
  revokeObjectURL.call(URL, url);
};

/** Workers that were made: those of nets that are gone should be collected. */
const made = [];
const { Worker: RealWorker } = globalThis;
globalThis.Worker = class Worker extends RealWorker {
  constructor(...args) {
    super(...args);
    made.push(new WeakRef(this));
  }
};

/** The engine's clock, which a soak may set forward. */
let skippedMs = 0;
const now = performance.now.bind(performance);
performance.now = () => now() + skippedMs;

const ledger = 'gpu' in navigator ? openLedger() : undefined;

/** `net` undefined: between nets. The page's workers, and all memory of its processes, are counted by the soak. */
async function measure(net) {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  const { bytes } = await performance.measureUserAgentSpecificMemory();
  const { objects = 0, bytes: gpu = 0 } = ledger?.live() ?? {};
  const outside = await globalThis.soakOutside();
  const workerObjects = made.filter((worker) => worker.deref() !== undefined).length;
  const backend = net?.memory().backendBytes ?? 0;
  return { js: bytes, backend, gpu, objects, urls: urls.size, workerObjects, ...outside };
}

/** One picture as everything that a frame may be. */
async function sourcesOf(size, kinds) {
  const { width, height, data } = picture(size, 1);
  const image = new ImageData(data, width, height);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d').putImageData(image, 0, 0);
  const made = {
    pixels: () => image,
    bitmap: () => createImageBitmap(image),
    canvas: () => canvas,
    frame: () => new VideoFrame(canvas, { timestamp: 0 }),
  };
  return Promise.all(kinds.map((kind) => made[kind]()));
}

globalThis.runSoak = async (job) => {
  const { what, backend, size, count, warmup, worker } = job;
  const progress = (done, of) => {
    if (done % Math.max(1, Math.floor(of / 100)) === 0) globalThis.soakProgress(done, of);
  };
  const device = job.device === 'caller' ? await callersDevice() : undefined;
  const create = (signal) =>
    createSaccadeNet({
      ...{ backends: [backend], scoreThreshold: SCORE_THRESHOLD, signal },
      ...(device ? { device } : { worker }),
    });
  const sources = await sourcesOf(size, job.kinds);
  const common = { progress, warmup };
  if (what === 'cycles') {
    const { samples, wrong, alive } = await soakCycles({
      ...{ ...common, create, source: sources[0], cycles: count, measure: () => measure() },
    });
    return { samples, wrong, left: alive + left(device) };
  }
  const net = await create();
  const measured = { ...common, net, measure: () => measure(net) };
  const answer = await run[what]({ ...measured, sources, source: sources[0], count, size });
  await net.dispose();
  return { ...answer, left: left(device) };
};

const run = {
  frames: (job) => soakFrames({ ...job, frames: job.count }),
  losses: (job) =>
    soakLosses({
      ...{ ...job, losses: job.count, ledger },
      skipTime: () => {
        skippedMs += SKIP_MS;
      },
    }),
  streams: (job) => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, job.size);
    const context = canvas.getContext('2d');
    // A canvas gives a frame only when it is drawn on.
    const timer = setInterval(() => context.fillRect(0, 0, 1, 1), 10);
    return soakStreams({
      ...{ ...job, cycles: job.count, track: () => canvas.captureStream().getVideoTracks()[0] },
    }).finally(() => clearInterval(timer));
  },
};

async function callersDevice() {
  return (await navigator.gpu.requestAdapter()).requestDevice();
}

/** Object URLs, objects on the GPU, and devices beyond the caller's. */
function left(device) {
  const devices = (ledger?.devices().length ?? 0) - (device ? 1 : 0);
  return urls.size + (ledger?.live().objects ?? 0) + devices;
}
