/** A training worker: computes the gradients of its parts when told to, and renders ahead. */
import { parentPort } from 'node:worker_threads';
import type { NetworkSpec } from '../../src/network/spec.ts';
import { startTrainingBackend } from './backend.ts';
import type { Teacher } from './distillation.ts';
import type { WeightedPictures } from './mix.ts';
import { PartTrainer } from './part.ts';
import type { TrainSettings } from './settings.ts';
import type { StepResult } from './step.ts';
import type { TEAM_ROLE } from './worker-entry.ts';

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

/** Answers the orders of the thread that started this one. */
export function serve({ spec, sets, settings, teacher, weights, slots, parts }: TeamWork): void {
  const port = parentPort!;
  const send = (message: TeamReply) => port.postMessage(message);
  let trainer: PartTrainer | undefined;
  const handle = async (order: TeamOrder) => {
    if (order.kind === 'start') {
      await startTrainingBackend('wasm');
      trainer = new PartTrainer(spec, sets, settings, teacher);
      return send({ ok: true, results: [] });
    }
    const { step, teach } = order;
    trainer!.setWeights(weights);
    const results = [];
    for (const part of parts) {
      results.push({ part, result: await trainer!.compute({ step, part, teach }, slots[part]) });
    }
    send({ ok: true, results });
    for (const part of parts) trainer!.prepare(step + 1, part);
  };
  port.on('message', (order: TeamOrder) => {
    handle(order).catch((error: unknown) => {
      send({ ok: false, reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    });
  });
}
