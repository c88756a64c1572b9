// The page's side of the stream's soak: the camera on one net until the track ends. `globalThis.beginStream(job)` begins
// it, `sampleStream()` looks at it, `endOfStream()` tells how it ended. Everything is kept small: what is measured here
// is memory too.
import { createSaccadeNet } from '../../dist/index.js';

let net;
let results;
let ended;
/** Histograms do not grow. */
const histogram = (step) => ({ step, bins: new Uint32Array(16_000), count: 0, most: 0 });
const ages = histogram(0.25);
const frames = histogram(0.25);
/** A result's age in frame times: the mean of its own and the one before, as the machine was just then. */
const agesInFrames = histogram(0.01);

globalThis.beginStream = async ({ backend, maxWorkingPixels, pauseWhenHidden = true }) => {
  const camera = await navigator.mediaDevices.getUserMedia({ video: { frameRate: 30 } });
  const [track] = camera.getVideoTracks();
  net = await createSaccadeNet({ backends: [backend], maxWorkingPixels });
  results = net.stream(track, { pauseWhenHidden });
  ended = (async () => {
    let lastMs = Number.NEGATIVE_INFINITY;
    let disorder = 0;
    let beforeMs;
    for await (const { timestampMs, timings } of results) {
      if (timestampMs <= lastMs) disorder++;
      lastMs = timestampMs;
      add(ages, timings.ageMs);
      add(frames, timings.totalMs);
      if (beforeMs !== undefined) add(agesInFrames, (2 * timings.ageMs) / (timings.totalMs + beforeMs));
      beforeMs = timings.totalMs;
    }
    return { disorder };
  })();
  ended.catch(() => {});
  const { width, height, frameRate } = track.getSettings();
  return { width, height, frameRate };
};

globalThis.sampleStream = async () => {
  for (let i = 0; i < 2; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  const { bytes } = await performance.measureUserAgentSpecificMemory();
  const { backendBytes, framesHeld } = net.memory();
  return {
    js: bytes,
    backend: backendBytes,
    framesHeld,
    visibility: document.visibilityState,
    ...results.stats,
  };
};

globalThis.endOfStream = async (withinMs) => {
  const late = new Promise((resolve) => setTimeout(() => resolve({ how: 'never' }), withinMs));
  const how = await Promise.race([
    ended.then(
      ({ disorder }) => ({ how: 'clean', disorder }),
      (error) => ({ how: `${error.code ?? error.name}: ${error.message}` }),
    ),
    late,
  ]);
  const { framesHeld } = net.memory();
  const answer = {
    ...how,
    framesHeld,
    stats: results.stats,
    ageMs: quantiles(ages),
    frameMs: quantiles(frames),
    ageInFrames: quantiles(agesInFrames),
  };
  await net.dispose();
  return answer;
};

function add(to, value) {
  to.bins[Math.min(to.bins.length - 1, Math.max(0, Math.round(value / to.step)))]++;
  to.count++;
  to.most = Math.max(to.most, value);
}

function quantiles({ step, bins, count, most }) {
  const at = (share) => {
    let left = Math.ceil(share * count);
    return (
      step *
      bins.findIndex((inBin) => {
        left -= inBin;
        return left <= 0;
      })
    );
  };
  return { count, p50: at(0.5), p95: at(0.95), p99: at(0.99), most };
}
