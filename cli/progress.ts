/**
 * A progress bar with the time left, on stderr. Silent where stderr is no terminal and with --json, so that
 * logs and programs see nothing of it.
 */

export interface Progress {
  /** @param done steps of `total` that are done; `note` is shown behind the time left. */
  update(done: number, note?: string): void;
  /** Clears the line; later updates draw nothing. */
  end(): void;
}

export interface ProgressOptions {
  /** Default: process.stderr. */
  readonly stream?: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
  /** No bar at all (--json). */
  readonly quiet?: boolean;
  /** Steps that were done before, in an earlier run: they took none of this one's time. */
  readonly from?: number;
  /** Milliseconds; default: performance.now. */
  readonly now?: () => number;
}

const BAR_CELLS = 24;
/** At most about ten drawings a second. */
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\x1b[2K';

/** 'h:mm:ss' from an hour on, 'm:ss' below. */
function clockText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A bar for work of `total` steps; the time left is the mean time of the steps so far times those left. */
export function createProgress(title: string, total: number, options: ProgressOptions = {}): Progress {
  const stream = options.stream ?? process.stderr;
  const now = options.now ?? (() => performance.now());
  if (options.quiet || !stream.isTTY || total <= 0) return { update() {}, end() {} };
  const startMs = now();
  let drawnMs = -Infinity;
  let ended = false;
  return {
    update(done, note = '') {
      const nowMs = now();
      if (ended || (nowMs - drawnMs < REDRAW_MS && done < total)) return;
      drawnMs = nowMs;
      const share = Math.min(1, Math.max(0, done / total));
      const full = Math.round(share * BAR_CELLS);
      const bar = '#'.repeat(full) + '-'.repeat(BAR_CELLS - full);
      const own = done - (options.from ?? 0);
      const left = own > 0 ? ` ${clockText(((nowMs - startMs) / own) * (total - done))} left` : '';
      const line = `${title} [${bar}] ${done}/${total}${left}${note ? ` ${note}` : ''}`;
      stream.write(CLEAR_LINE + line.slice(0, (stream.columns ?? 80) - 1));
    },
    end() {
      if (!ended) stream.write(CLEAR_LINE);
      ended = true;
    },
  };
}
