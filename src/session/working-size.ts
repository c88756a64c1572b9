/** The size a frame is worked at, and the way back to the frame's own pixels. Pure. */
import type { Size } from '../network/geometry.ts';
import type { Box } from '../result.ts';

/** 640 x 360: larger frames are scaled down to as many pixels unless the caller says otherwise. */
export const DEFAULT_MAX_WORKING_PIXELS = 230_400;

/** The frame's own size, or the greatest one of its aspect ratio with at most `maxPixels` pixels. */
export function workingSize(frame: Size, maxPixels: number): Size {
  const pixels = frame.width * frame.height;
  if (pixels <= maxPixels) return { width: frame.width, height: frame.height };
  const scale = Math.sqrt(maxPixels / pixels);
  // A side that would vanish is 1 px; the other one then gives way.
  const width = Math.min(maxPixels, Math.max(1, Math.floor(frame.width * scale)));
  const height = Math.max(1, Math.min(Math.floor(frame.height * scale), Math.floor(maxPixels / width)));
  return { width, height };
}

/** A box in working px, in px of the frame and cut off at its edges; null where nothing of it is left. */
export function boxInFrame(box: Box, working: Size, frame: Size): Box | null {
  const x = frame.width / working.width;
  const y = frame.height / working.height;
  const left = Math.max(0, box.x * x);
  const top = Math.max(0, box.y * y);
  const right = Math.min(frame.width, (box.x + box.width) * x);
  const bottom = Math.min(frame.height, (box.y + box.height) * y);
  if (!(right > left && bottom > top)) return null;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
