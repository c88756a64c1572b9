/** What a training is told besides its data, and the defaults. Plain data: checkpoints and workers carry it whole. */
import { AUGMENT, type AugmentSettings } from '../data/augment-settings.ts';
import type { ViewSize } from './batch.ts';
import type { Joined } from './withhold.ts';

export interface TrainSettings {
  readonly seed: number;
  /** The run ends after so many steps, or, where 0, after `minutes`. */
  readonly steps: number;
  readonly minutes: number;
  /** Views a step. */
  readonly batch: number;
  /** Views whose losses are normalised and whose gradient is computed together: the unit that workers share out. */
  readonly part: number;
  readonly view: ViewSize;
  readonly peakRate: number;
  readonly warmupSteps: number;
  /** Share of blocks that the detail network sees by attention, and at random besides. */
  readonly budget: number;
  readonly explore: number;
  /** First share of the run in which blocks with objects are shown to the detail network. */
  readonly teachShare: number;
  /** Chance of the 5x5 branch in training. */
  readonly five: number;
  /** Reward for a skipped block, nats. */
  readonly lambda: number;
  /** Reward for answering a corrupted view like the clean one. */
  readonly agreement: number;
  /** Of the gates' losses beside the detail network's. */
  readonly gateWeight: number;
  /** By label: what a block that shows it weighs in the gates' loss; left out: 1. */
  readonly lookWeights: Readonly<Record<string, number>>;
  /** Of the auxiliary heads that name what is seen, road, car, tree: not shipped, they teach both networks' features. */
  readonly sceneWeight: number;
  /** The teacher, where there is one, looks everywhere, and teaches attention what that shows. */
  readonly teacherEverywhere: boolean;
  /** Biases alone are trained: a compressed network's coded weights stay as they are. */
  readonly biasesOnly: boolean;
  /** What the detail network does not get, for ablations. */
  readonly without: readonly Joined[];
  /** What is done to pictures before they are learned from. */
  readonly augment: AugmentSettings;
}

export const TRAIN_SETTINGS: TrainSettings = {
  seed: 1,
  steps: 0,
  minutes: 60,
  batch: 4,
  part: 2,
  view: { width: 320, height: 240 },
  peakRate: 3e-3,
  warmupSteps: 60,
  budget: 0.2,
  explore: 0.05,
  teachShare: 0.12,
  five: 0.3,
  lambda: 0.3,
  agreement: 0.5,
  gateWeight: 0.5,
  lookWeights: {},
  sceneWeight: 0.4,
  teacherEverywhere: false,
  biasesOnly: false,
  without: [],
  augment: AUGMENT,
};
