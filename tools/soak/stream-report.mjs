// What a soaked stream is judged by, and its figures as text.

/** Most that memory may be greater in the last quarter than in the second: the first is warm-up. */
const MOST_GROWTH_BYTES = 1_000_000;

/** @returns {{ text: string, row: object }} `row.verdict` is 'ok' or what is wrong */
export function judgeStream({ camera, samples, hidden, unplugged, end, seconds, errors }, { backend, clip }) {
  const { stats, ageMs, frameMs, ageInFrames } = end;
  const quarter = Math.floor(samples.length / 4);
  const held = samples.map(({ js, backend: bytes }) => js + bytes);
  const growthBytes = median(held.slice(-quarter)) - median(held.slice(quarter, 2 * quarter));
  const rss = samples.map((sample) => sample.rss);
  const rssGrowthBytes = median(rss.slice(-quarter)) - median(rss.slice(quarter, 2 * quarter));
  const open = stats.framesSeen - stats.framesClosed;
  const problems = [
    ...(ageInFrames.p95 >= 2 ? ['results late'] : []),
    ...(open !== 0 || end.framesHeld !== 0 ? [`${Math.max(open, end.framesHeld)} frames open`] : []),
    ...(stats.framesSeen !== stats.framesUsed + stats.framesDropped ? ['frames miscounted'] : []),
    ...(growthBytes > MOST_GROWTH_BYTES ? ['memory grew'] : []),
    ...(!hidden.paused || hidden.resultsWhileHidden > 0 ? ['computed while hidden'] : []),
    ...(hidden.pausedAfter || hidden.resultsAfter === 0 ? ['did not go on'] : []),
    ...(unplugged ? [] : ['no camera to unplug']),
    ...(end.how === 'clean' ? [] : [`end: ${end.how}`]),
    ...(end.disorder > 0 ? [`${end.disorder} out of order`] : []),
    ...errors,
  ];
  const row = {
    ...{ backend, clip, camera, seconds, stats, ageMs, frameMs, ageInFrames },
    ...{ growthBytes, rssGrowthBytes, hidden, end: end.how, samples, verdict: problems.join(', ') || 'ok' },
  };
  const ms = ({ p50, p95, p99, most }) =>
    `p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(1)}, p99 ${p99.toFixed(1)}, most ${most.toFixed(0)} ms`;
  const mb = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
  const text = [
    `${seconds.toFixed(0)} s of ${clip}, ${camera.width}x${camera.height} at ${camera.frameRate} Hz, on ${backend}, read by ${stats.tier}`,
    `frames    seen ${stats.framesSeen}, used ${stats.framesUsed}, dropped ${stats.framesDropped}, closed ${stats.framesClosed}`,
    `results   ${stats.results} taken, ${stats.resultsUnread} displaced by a newer one`,
    `frame     ${ms(frameMs)}`,
    `age       ${ms(ageMs)}`,
    `in frames ${['p50', 'p95', 'p99'].map((name) => `${name} ${ageInFrames[name].toFixed(2)}`).join(', ')}: age over the mean time of the last two frames`,
    `memory    ${mb(held[quarter])} then ${mb(held.at(-1))}, growth ${mb(growthBytes)}; resident growth ${mb(rssGrowthBytes)}`,
    `hidden    ${hidden.byTab ? 'by another tab' : 'told so'}: ${hidden.resultsWhileHidden} results in it, ${hidden.resultsAfter} in 2 s after it`,
    `camera    unplugged: ${end.how} end`,
    row.verdict,
  ].join('\n');
  return { text, row };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
