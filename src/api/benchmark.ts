/** Times of a net on this machine: the same frame again and again, foveated and dense by turns. */
import type { PixelFrame } from '../backends/backend.ts';
import type { Result, Timings } from '../result.ts';
import type { CheckedCall } from './calls.ts';
import type { Benchmark, BenchmarkOptions, BenchmarkRow, FrameSource } from './types.ts';

type Run = (source: FrameSource, call: CheckedCall) => Promise<Result>;

const DEFAULT_FRAMES = 20;
const NOISE_SIZE = { width: 480, height: 360 };

export async function benchmark(
  run: Run,
  firstFrameMs: () => number | undefined,
  options: BenchmarkOptions,
): Promise<Benchmark> {
  const { frames = DEFAULT_FRAMES, image = noise(), signal } = options;
  const call = (policy: 'static' | 'dense'): CheckedCall => ({ options: { attention: { policy }, signal } });
  const results: Record<'static' | 'dense', Result[]> = { static: [], dense: [] };
  const last = await run(image, call('static')); // not counted: sizes change, caches fill
  await run(image, call('dense'));
  for (let i = 0; i < frames; i++) {
    for (const policy of ['static', 'dense'] as const) results[policy].push(await run(image, call(policy)));
  }
  return {
    backend: last.backend,
    width: last.width,
    height: last.height,
    firstFrameMs: firstFrameMs() ?? Number.NaN,
    foveated: row(results.static),
    dense: row(results.dense),
  };
}

function row(results: readonly Result[]): BenchmarkRow {
  const totals = results.map(({ timings }) => timings.totalMs);
  const stages = (Object.keys(results[0].timings) as (keyof Timings)[]).filter(
    (stage) => stage !== 'totalMs',
  );
  const { gates } = results[0].attention;
  return {
    p50Ms: quantile(totals, 0.5),
    p95Ms: quantile(totals, 0.95),
    p99Ms: quantile(totals, 0.99),
    attended: gates.filter((gate) => gate > 0).length / gates.length,
    stages: Object.fromEntries(
      stages.map((stage) => [
        stage,
        quantile(
          results.map(({ timings }) => timings[stage] ?? 0),
          0.5,
        ),
      ]),
    ),
  };
}

/** The least value that at least this share of the values does not exceed. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

/** Noise by a linear congruential generator (Numerical Recipes), the same everywhere. */
function noise(): PixelFrame {
  const { width, height } = NOISE_SIZE;
  const data = new Uint8ClampedArray(width * height * 4);
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return { width, height, data };
}
