// A soak's rows: how much more was held at the end than after the warm-up, what was left or wrong, as a table.

/** Most that may be held more at the end. */
const MOST_GROWTH_BYTES = 1_000_000;

/**
 * What adds up to the memory held, by where. Node counts wasm memories as external; Chromium does not count them, so
 * the net's own figure stands for them. Resident memory is the system's affair and is shown beside it.
 */
const HELD = { Node: ['js', 'external', 'gpu'], Chromium: ['js', 'backend', 'gpu'] };

/** What is counted rather than weighed. */
const PIECES = ['objects', 'workers', 'workerObjects', 'urls'];

/** @returns a row; `verdict` is 'ok' or what is wrong. */
export function judge(job, answer, seconds) {
  const { name, what, backend, size, count } = job;
  const { samples, wrong, left, recovered, tookMs = [], errors = [] } = answer;
  const where = job.page ? 'Chromium' : 'Node';
  const first = samples[0];
  const last = samples.at(-1);
  const held = (sample) => HELD[where].reduce((sum, kind) => sum + (sample[kind] ?? 0), 0);
  const grown = (kind) => (last[kind] ?? 0) - (first[kind] ?? 0);
  const growthBytes = held(last) - held(first);
  const pieces = PIECES.reduce((sum, kind) => sum + Math.max(0, grown(kind)), 0);
  const stayed = Math.max(left, pieces);
  const problems = [
    ...(growthBytes > MOST_GROWTH_BYTES ? ['grew'] : []),
    ...(wrong > 0 ? [`${wrong} wrong results`] : []),
    ...(stayed > 0 ? [`${stayed} left behind`] : []),
    ...(what === 'losses' && recovered < count ? [`${count - recovered} not recovered`] : []),
    ...errors,
  ];
  return {
    ...{ name, backend, where, what, count, size: `${size.width}x${size.height}`, seconds },
    ...{ warmupBytes: held(first), endBytes: held(last), growthBytes },
    rssGrowthBytes: last.rss === undefined ? null : grown('rss') + grown('gpuRss'),
    ...(what === 'losses' ? { recovered, ...quantiles(tookMs) } : {}),
    ...{ samples, verdict: problems.join(', ') || 'ok' },
  };
}

/** A row as a line; without one the head. */
export function tableLine(row) {
  const mb = (bytes) => (bytes === null ? '-' : (bytes / 1e6).toFixed(2));
  const columns = [
    ['job', 18, () => row.name],
    ['backend', 7, () => row.backend],
    ['where', 8, () => row.where],
    ['frame', 7, () => row.size],
    ['done', 12, () => `${row.count} ${row.what}`],
    ['s', 5, () => row.seconds.toFixed(0)],
    ['warm-up MB', 10, () => mb(row.warmupBytes)],
    ['end MB', 7, () => mb(row.endBytes)],
    ['growth MB', 9, () => mb(row.growthBytes)],
    ['RSS growth', 10, () => mb(row.rssGrowthBytes)],
    ['recovered, p50-max', 20, () => (row.what === 'losses' ? recovery(row) : '-')],
    ['verdict', 0, () => row.verdict],
  ];
  return columns.map(([head, width, cell]) => (row ? cell() : head).padEnd(width)).join('  ');
}

function recovery({ recovered, count, recoveryP50Ms, recoveryMaxMs }) {
  return `${recovered}/${count}, ${recoveryP50Ms.toFixed(0)}-${recoveryMaxMs.toFixed(0)} ms`;
}

function quantiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return { recoveryP50Ms: sorted[Math.floor(sorted.length / 2)], recoveryMaxMs: sorted.at(-1) };
}
