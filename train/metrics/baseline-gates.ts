/**
 * Gates that evaluation forces in place of the attention network's: random, centre, motion and oracle. Each
 * attends at most floor(budget * blocks) blocks with 3x3 kernels; ties go to the lower index.
 */

import { budgetBlocks } from '../../src/attention/select.ts';
import type { PixelFrame } from '../../src/backends/backend.ts';
import { blockGrid, type Size } from '../../src/network/geometry.ts';
import { GATE_THREE, type NetworkSpec } from '../../src/network/spec.ts';
import { MASK_PERSON, MASK_POLE } from '../data/dataset.ts';
import { centreGates, randomGates } from './blind-gates.ts';
import { pixelRange } from './boxes.ts';
import { type FrameTruth, labelRules } from './rules.ts';

export type BaselinePolicy = 'random' | 'centre' | 'motion' | 'oracle';
export const BASELINE_POLICIES: readonly BaselinePolicy[] = ['random', 'centre', 'motion', 'oracle'];

export interface BaselineContext {
  readonly spec: NetworkSpec;
  readonly working: Size;
  readonly budget: number;
  /** Of the frame, for `random`. */
  readonly seed: number;
  readonly truth: FrameTruth;
  /** The frame and the one before it in its sequence, at the working size, for `motion`. */
  readonly frame: PixelFrame;
  readonly previous?: PixelFrame;
}

export function baselineGates(policy: BaselinePolicy, context: BaselineContext): Uint8Array {
  const { spec, working, budget, seed } = context;
  const grid = blockGrid(spec, working);
  switch (policy) {
    case 'random':
      return randomGates(grid, { budget, seed });
    case 'centre':
      return centreGates(grid, { budget });
    case 'motion':
      // The first frame of a sequence shows no motion: the centre is the guess that is left.
      return context.previous
        ? greatestGates(
            motionEnergy(context.frame, context.previous, spec.block, grid.columns, grid.rows),
            budget,
          )
        : centreGates(grid, { budget });
    case 'oracle':
      return greatestGates(classPixels(context), budget);
  }
}

/** Gate 1 for the blocks with the greatest values above 0, under the budget. */
export function greatestGates(values: Float64Array, budget: number): Uint8Array {
  const order = [...values.keys()]
    .filter((i) => values[i] > 0)
    .sort((a, b) => values[b] - values[a] || a - b);
  const gates = new Uint8Array(values.length);
  for (const i of order.slice(0, budgetBlocks(budget, values.length))) gates[i] = GATE_THREE;
  return gates;
}

/** Sum of |difference| of R + G + B in every block. */
function motionEnergy(
  frame: PixelFrame,
  previous: PixelFrame,
  block: number,
  columns: number,
  rows: number,
): Float64Array {
  const energy = new Float64Array(columns * rows);
  if (frame.width !== previous.width || frame.height !== previous.height) return energy;
  for (let y = 0, i = 0; y < frame.height; y++) {
    const row = Math.floor(y / block) * columns;
    for (let x = 0; x < frame.width; x++, i += 4) {
      const a = frame.data[i] + frame.data[i + 1] + frame.data[i + 2];
      const b = previous.data[i] + previous.data[i + 1] + previous.data[i + 2];
      energy[row + Math.floor(x / block)] += Math.abs(a - b);
    }
  }
  return energy;
}

/** Pixels of any labelled thing in every block; of its box where there is no mask. */
function classPixels({ spec, working, truth }: BaselineContext): Float64Array {
  const { columns, rows } = blockGrid(spec, working);
  const counts = new Float64Array(columns * rows);
  const [scaleX, scaleY] = [working.width / truth.width, working.height / truth.height];
  const add = (x: number, y: number) => {
    const column = Math.min(columns - 1, Math.floor(((x + 0.5) * scaleX) / spec.block));
    const row = Math.min(rows - 1, Math.floor(((y + 0.5) * scaleY) / spec.block));
    counts[row * columns + column]++;
  };
  if (truth.mask) {
    const { data } = truth.mask;
    for (let i = 0; i < data.length; i++) {
      if (data[i] === MASK_PERSON || data[i] === MASK_POLE) add(i % truth.width, Math.floor(i / truth.width));
    }
    return counts;
  }
  for (const annotation of truth.annotations) {
    if (annotation.ignore) continue;
    const range = pixelRange(labelRules(annotation.label).box(annotation), truth.width, truth.height);
    for (let y = range.y0; y < range.y1; y++) for (let x = range.x0; x < range.x1; x++) add(x, y);
  }
  return counts;
}
