/**
 * Times of a net on this machine: the same frame again and again, foveated, dense and at every share asked for by
 * turns, so that a busy machine is busy for all of them.
 *
 * A share is a budget that is used up: priors lift every block over the threshold, and the highest looks are taken. So
 * frames go the way of any other frame, on a GPU without the host in between.
 */
import type { PixelFrame } from '../backends/backend.ts';
import type { Timings } from '../result.ts';
import type { EngineReply } from '../session/engine-api.ts';
import type { CheckedCall } from './calls.ts';
import type { Benchmark, BenchmarkOptions, BenchmarkRow, FrameSource } from './types.ts';

type Run = (source: FrameSource, call: CheckedCall) => Promise<EngineReply>;

/** What the net knows besides; asked when the frames have run. */
export type NetFacts = () => Pick<Benchmark, 'pipelines'> & { readonly firstFrameMs: number | undefined };

const DEFAULT_FRAMES = 20;
const NOISE_SIZE = { width: 480, height: 360 };
/** Added to the look logits: more than any threshold asks for, and their order stays what it is. */
const LIFT = 64;

/** The results of one way to run the frame, a frame each. */
interface Lane {
  readonly call: CheckedCall;
  readonly replies: EngineReply[];
}

export async function benchmark(run: Run, facts: NetFacts, options: BenchmarkOptions): Promise<Benchmark> {
  const { frames = DEFAULT_FRAMES, image = noise(), shares = [], onProgress, signal } = options;
  // The noise would be smoothed, in every frame.
  const conditioning = options.image ? {} : { conditioning: false };
  const lane = (attention: { policy: 'static' | 'dense'; budget?: number }, priors?: Float32Array): Lane => ({
    call: { options: { attention, ...conditioning, signal }, stats: true, ...(priors ? { priors } : {}) },
    replies: [],
  });
  const foveated = lane({ policy: 'static' });
  const dense = lane({ policy: 'dense' });
  const { result: last } = await run(image, foveated.call); // not counted: sizes change, caches fill
  const blocks = last.attention.gates.length;
  const lifted = new Float32Array(blocks).fill(LIFT);
  const curve = shares.map((budget) => lane({ policy: 'static', budget }, lifted));
  const lanes = [foveated, ...curve, dense];
  for (const { call } of lanes.slice(1)) await run(image, call);
  for (let i = 0; i < frames; i++) {
    for (const [turn, { call, replies }] of lanes.entries()) {
      replies.push(await run(image, call));
      onProgress?.(i * lanes.length + turn + 1, frames * lanes.length);
    }
  }
  const { backend, width, height } = last;
  const { firstFrameMs, pipelines } = facts();
  return {
    backend,
    width,
    height,
    firstFrameMs: firstFrameMs ?? Number.NaN,
    ...(pipelines ? { pipelines } : {}),
    foveated: row(foveated, dense),
    dense: row(dense, dense),
    shares: curve.map((one, i) => ({ share: shares[i], ...row(one, dense) })),
  };
}

function row({ replies }: Lane, dense: Lane): BenchmarkRow {
  const results = replies.map(({ result }) => result);
  const readback = replies.flatMap(({ readbackBytes }) => readbackBytes ?? []);
  const totals = results.map(({ timings }) => timings.totalMs);
  const stages = (Object.keys(results[0].timings) as (keyof Timings)[]).filter(
    (stage) => stage !== 'totalMs',
  );
  const { attention, macs } = results[0];
  const executed = macs.attention + macs.detail;
  const realised = totals.map(
    (ms, i) => (dense.replies[i].result.timings.totalMs / ms) * (executed / macs.dense),
  );
  return {
    p50Ms: quantile(totals, 0.5),
    p95Ms: quantile(totals, 0.95),
    p99Ms: quantile(totals, 0.99),
    attended: attention.gates.filter((gate) => gate > 0).length / attention.gates.length,
    macs: executed,
    realised: quantile(realised, 0.5),
    ...(readback.length > 0 ? { readbackBytes: quantile(readback, 0.5) } : {}),
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
