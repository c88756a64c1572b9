// What a soak does, in Node and in a page alike: many frames on one net, many nets one after the other, many streams,
// many lost devices. Memory is looked at between, never timed. Plain JavaScript, no imports: a page loads it as is.

/**
 * What is held, by kind, in bytes (`js`, `external`, `backend`, `gpu`) or pieces (`objects` on the GPU, `workers` that
 * run, `workerObjects` that were not collected, `urls`).
 * @typedef {Record<string, number>} Memory
 * @typedef {(done: number, of: number) => void} Progress
 */

/** Low enough for something to be found on noise, and high enough for a frame to stay on the GPU. */
export const SCORE_THRESHOLD = 0.1;
/** Every so many calls one is aborted: what it leaves must be freed too. */
const ABORT_EVERY = 97;
/** Every so many frames this many are asked for at once. */
const TOGETHER_EVERY = 7;
const TOGETHER = 3;
/** Looks at the memory between warm-up and end, both included. */
const SAMPLES = 6;

/** Looks at the memory after the warm-up, then at equal distances, and at the end. */
function sampler(measure, warmup, count) {
  const samples = [];
  const every = Math.max(1, Math.floor(count / (SAMPLES - 1)));
  const look = async () => void samples.push(await measure());
  return {
    samples,
    before: async (i) => {
      if (i >= warmup && (i - warmup) % every === 0 && samples.length < SAMPLES - 1) await look();
    },
    end: look,
  };
}

/**
 * Frames on one net, from every source in turn; the same source must give the same result each time, but in
 * a video.
 * @param {{ net: import('../../dist/index.js').SaccadeNet, sources: unknown[], frames: number, warmup: number,
 *   measure: () => Promise<Memory>, progress: Progress }} job
 * @returns {Promise<{ samples: Memory[], wrong: number }>} the first sample is that of the warm-up
 */
export async function soakFrames({ net, sources, frames, warmup, measure, progress }) {
  const known = new Map();
  const { samples, before, end } = sampler(measure, warmup, frames);
  let wrong = 0;
  const check = (index, result) => {
    const seen = fingerprint(result);
    if (known.has(index) && known.get(index) !== seen) wrong++;
    known.set(index, known.get(index) ?? seen);
  };
  for (let i = 0; i < warmup + frames; i++) {
    await before(i);
    if (i % ABORT_EVERY === ABORT_EVERY - 1) await abortedFrame(net, sources[0]);
    const index = i % sources.length;
    const source = sources[index];
    // A frame of a video depends on those before it: any result will do.
    if (i % 3 === 0) await net.detectForVideo(source, i * 40);
    else if (i % TOGETHER_EVERY === 0) {
      const places = Array.from({ length: TOGETHER }, (_, k) => (index + k) % sources.length);
      const results = await Promise.all(places.map((place) => net.detect(sources[place])));
      for (const [k, place] of places.entries()) check(place, results[k]);
    } else check(index, await net.detect(source));
    progress(i + 1, warmup + frames);
  }
  await end();
  return { samples, wrong };
}

/**
 * Nets that are made, used once and disposed of.
 * @param {{ create: (signal: AbortSignal) => Promise<import('../../dist/index.js').SaccadeNet>, source: unknown,
 *   cycles: number, warmup: number, measure: () => Promise<Memory>, progress: Progress }} job
 * @returns `alive`: nets that were not collected, though nobody holds them
 */
export async function soakCycles({ create, source, cycles, warmup, measure, progress }) {
  // One signal for all: what hangs on it stays.
  const { signal } = new AbortController();
  const { samples, before, end } = sampler(measure, warmup, cycles);
  /** Nets that should be collected once they are disposed of. */
  const nets = [];
  let first;
  let wrong = 0;
  for (let i = 0; i < warmup + cycles; i++) {
    await before(i);
    // In a function of its own: what a frame of the stack still holds is not collected.
    const { net, seen } = await useOnce(create, source, signal, i);
    nets.push(net);
    first ??= seen;
    if (seen !== first) wrong++;
    progress(i + 1, warmup + cycles);
  }
  await end();
  const alive = nets.filter((net) => net.deref() !== undefined).length;
  return { samples, wrong, signal, alive };
}

/** Makes a net, uses it and disposes of it; every fourth one with a call in flight. */
async function useOnce(create, source, signal, index) {
  const net = await create(signal);
  net.on('error', () => {}, { signal });
  const seen = fingerprint(await net.detect(source, { signal }));
  const open = index % 4 === 0 ? net.detect(source, { signal }).catch(() => {}) : undefined;
  await net.dispose();
  await open;
  return { net: new WeakRef(net), seen };
}

/**
 * Devices that are lost at every call of a frame in turn, on one net. The clock jumps between two losses, so that
 * none is the second within 10 s.
 * @param {{ net: import('../../dist/index.js').SaccadeNet, source: unknown, losses: number, warmup: number,
 *   ledger: import('./gpu-ledger.mjs').Ledger, skipTime: () => void, measure: () => Promise<Memory>,
 *   progress: Progress }} job
 */
export async function soakLosses({ net, source, losses, warmup, ledger, skipTime, measure, progress }) {
  const events = { devicelost: 0, restored: 0, error: 0 };
  const tookMs = [];
  net.on('devicelost', () => events.devicelost++);
  net.on('error', () => events.error++);
  net.on('restored', (event) => {
    events.restored++;
    tookMs.push(event.tookMs);
  });
  const expected = fingerprint(await net.detect(source));
  const calls = await ledger.frameCalls(() => net.detect(source));
  const { samples, before, end } = sampler(measure, warmup, losses);
  let wrong = 0;
  let recovered = 0;
  for (let i = 0; i < warmup + losses; i++) {
    await before(i);
    skipTime();
    const earlier = { ...events };
    const loss = ledger.loseAt(i % calls.length, Math.floor(i / calls.length) % 2 === 0 ? 'before' : 'after');
    // Every other time two frames are on the device when it is lost.
    const frames = [net.detect(source)];
    if (i % 2 === 0) await frames[0];
    frames.push(net.detect(source));
    for (const result of await Promise.all(frames)) if (fingerprint(result) !== expected) wrong++;
    const lost = events.devicelost - earlier.devicelost;
    const restored = events.restored - earlier.restored;
    if (i >= warmup && loss.done && lost === 1 && restored === 1 && net.backend === 'webgpu') recovered++;
    progress(i + 1, warmup + losses);
  }
  await end();
  return { samples, wrong, recovered, tookMs, calls };
}

/**
 * Streams that are begun and broken off after one result.
 * @param {{ net: import('../../dist/index.js').SaccadeNet, track: () => MediaStreamTrack, cycles: number,
 *   warmup: number, measure: () => Promise<Memory>, progress: Progress }} job
 */
export async function soakStreams({ net, track, cycles, warmup, measure, progress }) {
  const { samples, before, end } = sampler(measure, warmup, cycles);
  let wrong = 0;
  for (let i = 0; i < warmup + cycles; i++) {
    await before(i);
    const live = track();
    let results = 0;
    for await (const result of net.stream(live)) {
      results += result.attention.gates.length > 0 ? 1 : 0;
      break;
    }
    live.stop();
    if (results !== 1) wrong++;
    progress(i + 1, warmup + cycles);
  }
  await end();
  return { samples, wrong };
}

/** RGBA of a seeded street of sorts: noise, and bars in which a net finds something. */
export function picture({ width, height }, seed) {
  const data = new Uint8ClampedArray(width * height * 4);
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes
    return state >>> 24;
  };
  for (let i = 0; i < data.length; i++) data[i] = 96 + (next() >> 2);
  for (let bar = 0; bar < 4; bar++) {
    const left = Math.floor((next() / 256) * (width - 8));
    const wide = 4 + (next() % Math.max(1, Math.floor(width / 8)));
    const shade = next();
    for (let y = Math.floor(height / 5); y < height; y++) {
      for (let x = left; x < Math.min(width, left + wide); x++)
        data.fill(shade, 4 * (y * width + x), 4 * (y * width + x) + 3);
    }
  }
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { width, height, data };
}

/** What two equal results share and zeros would not give: a net that saw nothing chooses the first blocks. */
function fingerprint({ backend, attention, detections, macs }) {
  const sum = (values) => [...values].reduce((total, value) => total + value, 0);
  const places = sum(Array.from(attention.gates, (gate, block) => gate * (block + 1)));
  const boxes = detections.map(
    ({ score, box }) => score * (1 + box.x + 2 * box.y + 3 * box.width + 5 * box.height),
  );
  return [backend, places, detections.length, sum(boxes), macs.detail].join(' ');
}

async function abortedFrame(net, source) {
  const controller = new AbortController();
  const call = net.detect(source, { signal: controller.signal });
  controller.abort();
  await call.catch(() => {});
}
