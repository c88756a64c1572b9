/** Levels of a frame moved by one straight line. Pure. */
import type { PixelFrame } from '../backends/backend.ts';
import type { LightRange } from './light-range.ts';

/** Level v becomes gain * v + offset. */
export interface LevelLine {
  readonly gain: number;
  readonly offset: number;
}

export const SAME_LEVELS: LevelLine = { gain: 1, offset: 0 };

/** A range of so many levels and more is left as it is... */
const WIDE = 190;
/** ...one that is narrower by this and more is stretched as far as any, in between by as much. */
const MARGIN = 60;
/** How far from what it is to the whole range. Half finds more than all: what is stretched is noise too. */
const SHARE = 0.5;
/** A covered lens has no contrast to give back. */
const MOST_GAIN = 24;

/** The line that half gives a narrow range the contrast of a whole one; none where it is wide enough. */
export function levelLine({ low, high }: LightRange): LevelLine | undefined {
  const range = high - low;
  const share = SHARE * Math.min(1, (WIDE - range) / MARGIN);
  if (share <= 0) return undefined;
  const whole = Math.min(MOST_GAIN, 255 / Math.max(1, range));
  return { gain: share * whole + 1 - share, offset: -share * whole * low };
}

/** A frame of its own. */
export function withLevels({ width, height, data }: PixelFrame, { gain, offset }: LevelLine): PixelFrame {
  const line = Uint8ClampedArray.from({ length: 256 }, (_, level) => gain * level + offset);
  const out = new Uint8ClampedArray(data);
  for (let at = 0; at < out.length; at += 4) {
    out[at] = line[data[at]];
    out[at + 1] = line[data[at + 1]];
    out[at + 2] = line[data[at + 2]];
  }
  return { width, height, data: out };
}
