/**
 * Selections that know nothing of the frame: what the attention network is measured against. Each attends
 * exactly `budgetBlocks(budget, blocks)` blocks with gate 1. Pure.
 */
import { budgetBlocks } from '../../src/attention/select.ts';
import type { Grid } from '../../src/network/geometry.ts';
import { GATE_THREE } from '../../src/network/spec.ts';
import { seededRandom } from '../random.ts';

/** Blocks drawn without replacement; the same seed gives the same gates [rows, columns]. */
export function randomGates(grid: Grid, options: { budget: number; seed: number }): Uint8Array {
  const blocks = grid.columns * grid.rows;
  const order = Array.from({ length: blocks }, (_, i) => i);
  const random = seededRandom(options.seed);
  for (let i = blocks - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return gatesOf(order, options.budget);
}

/** The blocks nearest to the frame's centre in an ellipse of the grid's shape, ties to the lower index. */
export function centreGates(grid: Grid, options: { budget: number }): Uint8Array {
  const { columns, rows } = grid;
  const distance = Array.from({ length: columns * rows }, (_, i) => {
    const x = (2 * ((i % columns) + 0.5)) / columns - 1;
    const y = (2 * (Math.floor(i / columns) + 0.5)) / rows - 1;
    return x * x + y * y;
  });
  const order = distance.map((_, i) => i).sort((a, b) => distance[a] - distance[b] || a - b);
  return gatesOf(order, options.budget);
}

function gatesOf(order: readonly number[], budget: number): Uint8Array {
  const gates = new Uint8Array(order.length);
  for (const i of order.slice(0, budgetBlocks(budget, order.length))) gates[i] = GATE_THREE;
  return gates;
}
