/**
 * Selections that know nothing of the frame: what the attention network is measured against. Each attends
 * exactly `budgetBlocks(budget, blocks)` blocks with gate 1. Pure.
 */
import type { Grid } from '../network/geometry.ts';
import { GATE_THREE } from '../network/spec.ts';
import { budgetBlocks } from './select.ts';

/** Blocks drawn without replacement; the same seed gives the same gates [rows, columns]. */
export function randomGates(grid: Grid, options: { budget: number; seed: number }): Uint8Array {
  const blocks = grid.columns * grid.rows;
  const order = Array.from({ length: blocks }, (_, i) => i);
  const random = mulberry32(options.seed);
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

/** Uniform in [0, 1). Source: Tommy Ettinger's Mulberry32, 2017, public domain. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
