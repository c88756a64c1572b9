/**
 * Where a training worker begins. The file that this module is bundled into, started as a worker with `TeamWork`,
 * serves; so there is no second file to be found beside the first. tfjs is loaded only then.
 */
import { isMainThread, workerData } from 'node:worker_threads';
import { TEAM_ROLE, type TeamWork } from './team-messages.ts';

/** The file to start workers from. */
export const TEAM_WORKER = new URL(import.meta.url);

if (!isMainThread && (workerData as Partial<TeamWork> | null)?.role === TEAM_ROLE) {
  // Not awaited: the module it loads may lie in a file that waits for this one. A failure ends the worker with it.
  void import('./team-worker.ts').then(({ serve }) => serve(workerData as TeamWork));
}
