/** `saccadenet train --measure`: useful GFLOP/s of training, beside those of a plain matrix product in the same run. */
import { createGemm } from '../../bench/gemm.ts';
import type { NetworkSpec } from '../../src/network/spec.ts';
import { measureTraining } from '../../train/loop/measure.ts';
import type { WeightedPictures } from '../../train/loop/mix.ts';
import type { TrainSettings } from '../../train/loop/settings.ts';
import type { TeamOptions } from '../../train/loop/team.ts';
import { createProgress } from '../progress.ts';

/** Prints the report as JSON. */
export async function printTrainingSpeed(
  spec: NetworkSpec,
  sets: readonly WeightedPictures[],
  settings: TrainSettings,
  steps: number,
  team: TeamOptions,
): Promise<void> {
  const gemm = await createGemm();
  const progress = createProgress('measuring', steps);
  const onStep = (done: number) => progress.update(done);
  const report = await measureTraining(spec, sets, settings, steps, {
    ...team,
    yardstick: gemm.measure,
    onStep,
  });
  progress.end();
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}
