/** Blocks as attention attends to them: a few clumps, here discs about fixed places of the frame. Pure. */
import type { Grid } from '../../src/network/geometry.ts';

/** Shares of the frame's width and height. */
const CENTRES: readonly (readonly [x: number, y: number])[] = [
  [0.2, 0.6],
  [0.5, 0.4],
  [0.85, 0.7],
];

/** Gates [rows, columns], 1 for the share of the blocks (0..1, rounded) that are nearest to a centre. */
export function clumps({ columns, rows }: Grid, share: number): Uint8Array {
  const distance = Array.from({ length: columns * rows }, (_, block) => {
    const [column, row] = [block % columns, Math.floor(block / columns)];
    return Math.min(...CENTRES.map(([x, y]) => Math.hypot(column - x * columns, row - y * rows)));
  });
  const nearest = [...distance.keys()].sort((a, b) => distance[a] - distance[b] || a - b);
  const gates = new Uint8Array(columns * rows);
  for (const block of nearest.slice(0, Math.round(share * gates.length))) gates[block] = 1;
  return gates;
}
