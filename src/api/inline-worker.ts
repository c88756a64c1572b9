/**
 * The worker as a classic script within a Blob: what survives every bundler. A chunk of its own, imported only
 * where a worker is started. `?iife` is bundled by tools/asset-plugin.mjs.
 */
import source from '../../workers/worker.ts?iife';

/** @throws what `new Worker` throws. */
export function startInlineWorker(name: string): Worker {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  try {
    const worker = new Worker(url, { name });
    // Not before it has been loaded: its first word, its failure, or its end before either.
    const revoke = () => URL.revokeObjectURL(url);
    worker.addEventListener('message', revoke, { once: true });
    worker.addEventListener('error', revoke, { once: true });
    worker.terminate = () => {
      revoke();
      Worker.prototype.terminate.call(worker);
    };
    return worker;
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}
