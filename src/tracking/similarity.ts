/** How much two boxes are one thing: overlap, and for tall thin things the shared axis. Pure. Working px. */
import type { Box } from '../result.ts';
import type { TrackSettings } from './settings.ts';

/**
 * 0 where they are two things, else about the IoU of the boxes, widened; at least `matchIou`.
 * @param slackPx how far off box a's axis may be
 */
export function similarity(
  a: Box,
  b: Box,
  { minWidthPx, matchIou, axisPx, axisWidths }: TrackSettings,
  slackPx: number,
): number {
  const overlap = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (overlap <= 0) return 0;
  const [wideA, wideB] = [Math.max(minWidthPx, a.width), Math.max(minWidthPx, b.width)];
  const apart = Math.abs(a.x + a.width / 2 - b.x - b.width / 2);
  const common = Math.min(wideA, wideB, (wideA + wideB) / 2 - apart);
  const shared = common > 0 ? common * overlap : 0;
  const iou = shared / (wideA * a.height + wideB * b.height - shared);
  if (iou >= matchIou) return iou;
  if (axisWidths === 0) return 0;
  // Heights that agree by half, and axes that may be one.
  const reach = axisPx + axisWidths * Math.max(a.width, b.width) + Math.min(2 * slackPx, wideA);
  if (overlap < 0.5 * Math.max(a.height, b.height) || apart > reach) return 0;
  return matchIou * (1 - apart / (2 * reach));
}
