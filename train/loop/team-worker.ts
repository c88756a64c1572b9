/** A training worker: computes the gradients of its parts when told to, and renders ahead. */
import { parentPort } from 'node:worker_threads';
import { startTrainingBackend } from './backend.ts';
import { PartTrainer } from './part.ts';
import type { TeamOrder, TeamReply, TeamWork } from './team-messages.ts';

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
