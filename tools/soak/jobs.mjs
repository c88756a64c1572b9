// What `npm run soak` does. Most frames are small, so that twenty thousand of them take minutes and not an hour.

const LONG = { width: 160, height: 120 };
const USUAL = { width: 480, height: 360 };
const TINY = { width: 96, height: 64 };

/** Every form that a frame of a page may have; Node has pixels only. */
const KINDS = ['pixels', 'bitmap', 'canvas', 'frame'];

/** Calls before the first look at the memory, as a share: buffers, caches and compiled code have their size then. */
const WARMUP = { frames: 1 / 10, cycles: 1 / 5, streams: 1 / 5, losses: 1 / 25 };
const LEAST_WARMUP = 2;

/**
 * @typedef {object} Job
 * @property {string} name
 * @property {'frames' | 'cycles' | 'streams' | 'losses'} what
 * @property {'wasm' | 'webgpu'} backend in the page wasm runs in its worker, webgpu in the page, where its objects
 *   can be counted
 * @property {{ width: number, height: number }} size
 * @property {number} count after the warm-up
 * @property {number} short the same in a short soak
 * @property {boolean} [page] in Chromium rather than Node
 * @property {'caller'} [device] on one device of the caller's
 */

/** @type {Job[]} */
const JOBS = [
  { name: 'node-wasm', what: 'frames', backend: 'wasm', size: LONG, count: 20_000, short: 300 },
  { name: 'node-wasm-480', what: 'frames', backend: 'wasm', size: USUAL, count: 1_000, short: 20 },
  { name: 'node-wasm-cycles', what: 'cycles', backend: 'wasm', size: TINY, count: 200, short: 10 },
  { name: 'node-webgpu', what: 'frames', backend: 'webgpu', size: TINY, count: 2_000, short: 40 },
  { name: 'node-webgpu-cycles', what: 'cycles', backend: 'webgpu', size: TINY, count: 200, short: 3 },
  { name: 'node-webgpu-losses', what: 'losses', backend: 'webgpu', size: TINY, count: 50, short: 3 },
  { name: 'page-wasm', what: 'frames', backend: 'wasm', size: LONG, count: 20_000, short: 300, page: true },
  {
    name: 'page-wasm-480',
    what: 'frames',
    backend: 'wasm',
    size: USUAL,
    count: 1_000,
    short: 20,
    page: true,
  },
  {
    name: 'page-wasm-cycles',
    what: 'cycles',
    backend: 'wasm',
    size: TINY,
    count: 200,
    short: 10,
    page: true,
  },
  { name: 'page-streams', what: 'streams', backend: 'wasm', size: TINY, count: 200, short: 10, page: true },
  { name: 'page-webgpu', what: 'frames', backend: 'webgpu', size: TINY, count: 2_000, short: 40, page: true },
  {
    name: 'page-webgpu-cycles',
    what: 'cycles',
    backend: 'webgpu',
    size: TINY,
    count: 200,
    short: 3,
    page: true,
  },
  {
    ...{ name: 'page-webgpu-caller', what: 'cycles', backend: 'webgpu', size: TINY, count: 200, short: 5 },
    ...{ page: true, device: 'caller' },
  },
  {
    name: 'page-webgpu-losses',
    what: 'losses',
    backend: 'webgpu',
    size: TINY,
    count: 50,
    short: 5,
    page: true,
  },
];

export const JOB_NAMES = JOBS.map(({ name }) => name);

/** The jobs of these names, or all, ready to be run: `count` as the length of the soak has it. */
export function jobsOf({ only, short }) {
  return JOBS.filter(({ name }) => !only || only.includes(name)).map((job) => {
    const count = short ? job.short : job.count;
    const warmup = Math.max(LEAST_WARMUP, Math.ceil(count * WARMUP[job.what]));
    return { ...job, count, warmup, worker: job.backend === 'wasm', kinds: KINDS };
  });
}
