/**
 * The benchmark: every contender runs the same frames in turn (interleaved, so that a busy machine is busy for
 * all), and ratios are taken of runs next to each other. Timings only mean something beside gemmGflops.
 */
import { cpus, totalmem } from 'node:os';
import type { PixelFrame } from '../src/backends/backend.ts';
import { denseMacs, type Size } from '../src/network/geometry.ts';
import type { Model } from '../src/network/spec.ts';
import { type Contender, onnxContender, ourContender } from './contenders.ts';
import { benchFrame } from './frames.ts';
import { createGemm } from './gemm.ts';
import { pairedRatio, type Spread, spread } from './statistics.ts';

const BENCH_SIZE: Size = { width: 480, height: 360 };
const FRAMES = 4;
const WARMUP_ROUNDS = 3;

export interface BenchOptions {
  readonly model: Model;
  /** Where the weights are from, for the report. */
  readonly weights: string;
  readonly peers: boolean;
  readonly rounds: number;
  readonly size?: Size;
  readonly onRound?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface BenchReport {
  machine: Record<string, unknown>;
  gemmGflops: number;
  frame: Size;
  weights: string;
  rounds: number;
  denseGmacs: number;
  ours: Record<string, unknown>[];
  peers: Record<string, unknown>[];
  ratios: Record<string, Spread>;
}

/** Runs the benchmark; about 0.4 s a round with peers. */
export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const { model, rounds, size = BENCH_SIZE } = options;
  const gemm = await createGemm();
  const ours = [await ourContender(model, 'static'), await ourContender(model, 'dense')];
  const peers = options.peers ? [await onnxContender(model, size)] : [];
  const contenders = [...ours, ...peers];
  const frames = Array.from({ length: FRAMES }, (_, i) => benchFrame(size, i + 1));
  const times = new Map<Contender, number[]>(contenders.map((one) => [one, []]));
  const gflops: number[] = [];
  try {
    for (let round = -WARMUP_ROUNDS; round < rounds; round++) {
      options.signal?.throwIfAborted();
      const frame = frames[(round + WARMUP_ROUNDS) % FRAMES];
      const gemmGflops = gemm.measure();
      if (round >= 0) gflops.push(gemmGflops);
      for (const contender of contenders) {
        const ms = await time(contender, frame);
        if (round >= 0) times.get(contender)!.push(ms);
      }
      options.onRound?.(round + WARMUP_ROUNDS + 1, rounds + WARMUP_ROUNDS);
    }
    return {
      machine: machine(),
      gemmGflops: spread(gflops).median,
      frame: size,
      weights: options.weights,
      rounds,
      denseGmacs: denseMacs(model.network, size) / 1e9,
      ours: ours.map((one) => {
        const entry = timed(one, times.get(one)!);
        return { ...entry, fps: 1000 / entry.msMedian };
      }),
      peers: peers.map((one) => timed(one, times.get(one)!)),
      ratios: ratios(contenders, times),
    };
  } finally {
    for (const contender of contenders) await contender.release();
  }
}

async function time(contender: Contender, frame: PixelFrame): Promise<number> {
  contender.prepare(frame);
  const startMs = performance.now();
  await contender.run();
  return performance.now() - startMs;
}

function timed(contender: Contender, ms: readonly number[]) {
  const { median, p10, p90 } = spread(ms);
  return { ...contender.describe(), msMedian: median, msP10: p10, msP90: p90 };
}

/** Every contender against every later one: times of the first over times of the second. */
function ratios(
  contenders: readonly Contender[],
  times: ReadonlyMap<Contender, number[]>,
): Record<string, Spread> {
  const all: Record<string, Spread> = {};
  contenders.forEach((what, i) => {
    for (const against of contenders.slice(i + 1)) {
      all[`${what.name}/${against.name}`] = pairedRatio(times.get(what)!, times.get(against)!);
    }
  });
  return all;
}

function machine(): Record<string, unknown> {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}
