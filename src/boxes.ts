/** How two boxes lie to one another. Pure; any unit, the same for both. */
import type { Box } from './result.ts';

export function intersectionArea(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Intersection over union, 0 for boxes that do not overlap. */
export function boxIou(a: Box, b: Box): number {
  const common = intersectionArea(a, b);
  return common > 0 ? common / (a.width * a.height + b.width * b.height - common) : 0;
}

/** Share of `inner`'s area that lies in `outer`, 0 for an empty box. */
export function shareInside(inner: Box, outer: Box): number {
  const area = inner.width * inner.height;
  return area > 0 ? intersectionArea(inner, outer) / area : 0;
}
