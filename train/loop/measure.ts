/**
 * How fast this machine trains: whole steps, rendering and optimiser included, with nothing written. Machines that
 * are shared are told by a yardstick measured in between, and by the CPU's time beside the clock's.
 */
import type { NetworkSpec } from '../../src/network/spec.ts';
import { initializeWeights } from './initialize.ts';
import type { WeightedPictures } from './mix.ts';
import { optimize, startOptimizer } from './optimizer.ts';
import { flatten, parametersOf } from './parameters.ts';
import type { TrainSettings } from './settings.ts';
import { startTeam, type TeamOptions } from './team.ts';

export interface SpeedReport {
  /** Threads that train. */
  readonly cores: number;
  readonly steps: number;
  readonly viewsPerSecond: number;
  /** Useful GFLOP of a step, mean. */
  readonly stepGflop: number;
  /** Useful GFLOP/s by the clock: of all together, and a core; the median round's. */
  readonly gflops: number;
  readonly gflopsPerCore: number;
  /** Useful GFLOP a second of CPU time, all threads': what it would be with the cores to itself. */
  readonly gflopsPerCpuSecond: number;
  /** The yardstick's GFLOP/s, one thread, by the clock: the median of those between the rounds; null without one. */
  readonly yardstickGflops: number | null;
  /** The same a second of CPU time; tells something where no worker renders meanwhile (`workers` 0). */
  readonly yardstickGflopsPerCpuSecond: number | null;
}

const WARM_STEPS = 5;
const YARDSTICK_RUNS = 9;
const ROUNDS = 10;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** A few times in a row, by the clock and by the CPU's time. */
function measureYardstick(yardstick: () => number): { gflops: number; perCpuSecond: number } {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const gflops = median(Array.from({ length: YARDSTICK_RUNS }, yardstick));
  const seconds = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { gflops, perCpuSecond: (gflops * seconds * 1e6) / (user + system) };
}

/**
 * Trains for about `steps` steps and forgets it.
 * @param yardstick GFLOP/s of something whose speed on a quiet machine is known
 */
export async function measureTraining(
  spec: NetworkSpec,
  sets: readonly WeightedPictures[],
  settings: TrainSettings,
  steps: number,
  options: TeamOptions & { readonly yardstick?: () => number; readonly onStep?: (done: number) => void },
): Promise<SpeedReport> {
  const parameters = parametersOf(spec);
  const team = await startTeam(spec, sets, settings, options);
  try {
    team.weights.set(flatten(parameters, initializeWeights(spec, settings.seed)));
    const optimizer = { ...startOptimizer(team.weights), weights: team.weights };
    const gradient = new Float32Array(parameters.size);
    let step = 0;
    const run = async (count: number) => {
      let gflop = 0;
      for (let i = 0; i < count; i++) {
        const { flops } = await team.step(step, false, gradient);
        optimize(optimizer, parameters, gradient, 1e-4);
        gflop += flops / 1e9;
        options.onStep?.(++step);
      }
      return gflop;
    };
    await run(WARM_STEPS);
    const rounds = [];
    const yardsticks: { gflops: number; perCpuSecond: number }[] = [];
    const each = Math.max(1, Math.round(steps / ROUNDS));
    for (let i = 0; i < ROUNDS; i++) {
      const cpu = process.cpuUsage();
      const startMs = performance.now();
      const gflop = await run(each);
      const seconds = (performance.now() - startMs) / 1000;
      const { user, system } = process.cpuUsage(cpu);
      rounds.push({ gflop, seconds, cpuSeconds: (user + system) / 1e6 });
      if (options.yardstick) yardsticks.push(measureYardstick(options.yardstick));
    }
    const gflops = median(rounds.map((round) => round.gflop / round.seconds));
    return {
      cores: Math.max(1, team.workers),
      steps: each * ROUNDS,
      viewsPerSecond: median(rounds.map(({ seconds }) => (each * settings.batch) / seconds)),
      stepGflop: rounds.reduce((sum, { gflop }) => sum + gflop, 0) / (each * ROUNDS),
      gflops,
      gflopsPerCore: gflops / Math.max(1, team.workers),
      gflopsPerCpuSecond: median(rounds.map((round) => round.gflop / round.cpuSeconds)),
      yardstickGflops: yardsticks.length > 0 ? median(yardsticks.map(({ gflops }) => gflops)) : null,
      yardstickGflopsPerCpuSecond:
        yardsticks.length > 0 ? median(yardsticks.map(({ perCpuSecond }) => perCpuSecond)) : null,
    };
  } finally {
    await team.end();
  }
}
