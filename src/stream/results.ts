/**
 * The results of a stream as `net.stream` gives them: pauses while the page is hidden, ends with the source, the
 * signal or the net, begins anew on the same source when its worker was restarted, and keeps the statistics.
 */
import { SaccadeNetError } from '../errors/errors.ts';
import type { Result } from '../result.ts';
import type { EngineReply, FrameCounts } from '../session/engine-api.ts';
import { type CaptureSource, type Computer, type Feed, openFeed, type StreamTier } from './capture.ts';
import { epochMs } from './epoch.ts';

/** What became of a stream's frames so far. */
export interface StreamStats {
  /** How frames are read; missing before the first result. */
  readonly tier?: StreamTier;
  readonly framesSeen: number;
  /** Computed, or being computed. */
  readonly framesUsed: number;
  /** Displaced by a newer one, or come while the page was hidden. */
  readonly framesDropped: number;
  /** At the end as many as were seen. */
  readonly framesClosed: number;
  readonly results: number;
  /** Results that were not asked for before the next; their alerts joined it. */
  readonly resultsUnread: number;
  /** From the camera to the loop that takes the result: of the last, and of the last 256. */
  readonly ageMs: { readonly last: number; readonly p50: number; readonly p95: number };
  /** Whether it waits for the page to be shown. */
  readonly paused: boolean;
  /** How often its worker was restarted. */
  readonly restarts: number;
}

export interface StreamOfResults {
  readonly source: CaptureSource;
  readonly computer: Computer;
  readonly signal?: AbortSignal;
  readonly pauseWhenHidden: boolean;
  readonly onStats: (stats: StreamStats) => void;
  readonly onReply: (reply: EngineReply) => void;
  /** Hands out what ends it with an error, early; @returns the remover */
  readonly onOpen: (fail: (reason: unknown) => void) => () => void;
}

const AGES_KEPT = 256;
export const NO_STATS: StreamStats = {
  ...{ framesSeen: 0, framesUsed: 0, framesDropped: 0, framesClosed: 0, results: 0, resultsUnread: 0 },
  ...{ ageMs: { last: Number.NaN, p50: Number.NaN, p95: Number.NaN }, paused: false, restarts: 0 },
};

/** A worker that crashed and is being started again: its frames are lost, the next may be tried. */
export function isRestart(error: unknown): boolean {
  return codeOf(error) === 'WORKER_CRASHED' && (error as SaccadeNetError).details.restarts === true;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof SaccadeNetError ? error.code : undefined;
}

/** @throws INVALID_OPTION for the source, the signal's reason, and what computing a frame throws. */
export async function* streamResults(stream: StreamOfResults): AsyncGenerator<Result, void, undefined> {
  const { source, computer, signal, onStats, onReply } = stream;
  const page = globalThis.document;
  const ages: number[] = [];
  let stats = NO_STATS;
  let feed: Feed | undefined;
  /** Of feeds that ended with their worker. */
  let before = stats;
  let failed: { readonly reason: unknown } | undefined;
  let stopWaiting = () => {};
  const note = (change: Partial<StreamStats>) => onStats((stats = { ...stats, ...change }));
  const count = ({ seen, used, dropped, closed, unread }: FrameCounts) =>
    note({
      framesSeen: before.framesSeen + seen,
      framesUsed: before.framesUsed + used,
      framesDropped: before.framesDropped + dropped,
      framesClosed: before.framesClosed + closed,
      resultsUnread: before.resultsUnread + unread,
    });
  const fail = (reason: unknown) => {
    failed ??= { reason };
    stopWaiting();
  };
  const onAbort = () => fail(signal?.reason);
  const onVisible = () => {
    const paused = stream.pauseWhenHidden && page?.visibilityState === 'hidden';
    feed?.pause(paused);
    note({ paused });
  };
  const close = stream.onOpen(fail);
  signal?.addEventListener('abort', onAbort);
  page?.addEventListener('visibilitychange', onVisible);
  if (signal?.aborted) onAbort();
  try {
    for (;;) {
      try {
        if (failed) throw failed.reason;
        if (!feed) {
          feed = await openFeed(source, computer);
          note({ tier: feed.tier });
          onVisible();
          continue;
        }
        const taking = feed.take();
        const next = await new Promise<Awaited<typeof taking> | undefined>((resolve, reject) => {
          stopWaiting = () => resolve(undefined);
          taking.then(resolve, reject);
        });
        if (failed || !next) continue;
        count(next.counts);
        const { reply, capturedMs = Number.NaN } = next;
        if (!reply) return;
        const ageMs = epochMs() - capturedMs;
        if (ages.push(ageMs) > AGES_KEPT) ages.shift();
        const sorted = [...ages].sort((a, b) => a - b);
        const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1];
        note({ results: stats.results + 1, ageMs: { last: ageMs, p50: at(0.5), p95: at(0.95) } });
        reply.result.timings.ageMs = ageMs;
        onReply(reply);
        yield reply.result;
      } catch (error) {
        // The camera may be gone by the time that the worker is back.
        if (stats.restarts > 0 && codeOf(error) === 'INVALID_OPTION') return;
        if (failed || !isRestart(error)) throw error;
        // What was on its way went with the worker; the browser frees it.
        before = { ...stats, framesClosed: stats.framesSeen };
        feed = undefined;
        note({ framesClosed: stats.framesSeen, restarts: stats.restarts + 1 });
      }
    }
  } finally {
    page?.removeEventListener('visibilitychange', onVisible);
    signal?.removeEventListener('abort', onAbort);
    close();
    // A worker that is gone answers no more, and holds no frames.
    const counts = await feed?.stop().catch(() => undefined);
    if (counts) count(counts);
  }
}
