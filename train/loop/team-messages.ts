/** What the thread that trains and its workers say to each other. */
import type { NetworkSpec } from '../../src/network/spec.ts';
import type { Teacher } from './distillation.ts';
import type { WeightedPictures } from './mix.ts';
import type { TrainSettings } from './settings.ts';
import type { StepResult } from './step.ts';

export const TEAM_ROLE = 'saccadenet training worker';

/** What a worker is started with; all arrays lie in shared memory. */
export interface TeamWork {
  readonly role: typeof TEAM_ROLE;
  readonly spec: NetworkSpec;
  readonly sets: readonly WeightedPictures[];
  readonly settings: TrainSettings;
  readonly teacher?: Teacher;
  readonly weights: Float32Array;
  /** Gradient of every part. */
  readonly slots: readonly Float32Array[];
  /** Parts that are this worker's. */
  readonly parts: readonly number[];
}

export type TeamOrder =
  | { readonly kind: 'start' }
  | { readonly kind: 'step'; readonly step: number; readonly teach: boolean };

export type TeamReply =
  | { readonly ok: true; readonly results: readonly { part: number; result: StepResult }[] }
  | { readonly ok: false; readonly reason: string };
