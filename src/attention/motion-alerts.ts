/**
 * Sudden motion as alerts: neighbouring blocks whose energy rose far above what the frame shows elsewhere and above what
 * these blocks showed before. Where the camera moves, what is near goes another way than the rest: it must be new too. Pure.
 */
import type { Box } from '../result.ts';
import { upperQuartile } from './nth-greatest.ts';
import type { Stir } from './saccade.ts';

export interface MotionAlert {
  readonly kind: 'motion';
  /** Working px. */
  readonly box: Box;
  /** 0..1. */
  readonly strength: number;
}

/** Energy that is sudden at least; more where the camera moves, since what is near goes another way than the rest. */
const LEAST_ENERGY = 0.35;
const LEAST_ENERGY_MOVING = 1.2;
/** Times the frame's own energy (its upper quarter), and times the block's own before. */
const OVER_FRAME = 3;
const OVER_BEFORE = 2;
/** Where the camera moves. Novelty (novelty.ts): at 0 an alert is nearly three times as often and of nobody more who steps out. */
const LEAST_NOVELTY_MOVING = 0.75;
const MOST_ALERTS = 8;

/** @param stir of this frame and @param before its energy as it was, [rows, columns] @param still 1 where the camera stands */
export function motionAlerts(
  { energy, novelty }: Stir,
  before: Float32Array,
  { columns, rows }: { readonly columns: number; readonly rows: number },
  blockPx: number,
  still: number,
): MotionAlert[] {
  const least = Math.max(
    LEAST_ENERGY_MOVING + still * (LEAST_ENERGY - LEAST_ENERGY_MOVING),
    OVER_FRAME * upperQuartile(energy),
  );
  const leastNovelty = (1 - still) * LEAST_NOVELTY_MOVING;
  const open = Uint8Array.from(energy, (value, i) =>
    value >= least && value >= OVER_BEFORE * before[i] && novelty[i] >= leastNovelty ? 1 : 0,
  );
  const alerts: MotionAlert[] = [];
  for (let seed = 0; seed < open.length; seed++) {
    if (open[seed] === 0) continue;
    open[seed] = 0;
    let [x0, y0, x1, y1, peak] = [columns, rows, 0, 0, 0];
    for (const stack = [seed]; stack.length > 0; ) {
      const block = stack.pop() as number;
      const column = block % columns;
      const row = (block - column) / columns;
      [x0, y0, x1, y1] = [
        Math.min(x0, column),
        Math.min(y0, row),
        Math.max(x1, column + 1),
        Math.max(y1, row + 1),
      ];
      peak = Math.max(peak, energy[block]);
      for (let j = Math.max(0, row - 1); j <= Math.min(rows - 1, row + 1); j++) {
        for (let i = Math.max(0, column - 1); i <= Math.min(columns - 1, column + 1); i++) {
          const next = j * columns + i;
          if (open[next] === 1) stack.push(next);
          open[next] = 0;
        }
      }
    }
    const box = { x: x0 * blockPx, y: y0 * blockPx, width: (x1 - x0) * blockPx, height: (y1 - y0) * blockPx };
    alerts.push({ kind: 'motion', box, strength: 1 - Math.exp(-peak) });
  }
  return alerts.sort((a, b) => b.strength - a.strength).slice(0, MOST_ALERTS);
}
