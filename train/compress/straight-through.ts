/**
 * Training between two cycles. The network computes with the decoded weights, the optimiser moves fine ones beneath
 * them (the straight-through estimator of Bengio and others 2013): a weight changes its level when enough gradients
 * agree. Weights that were coded as zero stay zero until the next cycle.
 */
import { type CodedLayer, layerOf } from './layers.ts';
import { roundLevel } from './quantise.ts';

export interface Grid {
  readonly layers: readonly CodedLayer[];
  readonly steps: readonly number[];
  /** 1 where a weight may differ from zero; of the whole vector, 1 outside the layers. */
  readonly live: Uint8Array;
}

export function gridOf(
  layers: readonly CodedLayer[],
  steps: readonly number[],
  levels: readonly Int32Array[],
  length: number,
): Grid {
  const live = new Uint8Array(length).fill(1);
  for (const [i, { offset }] of layers.entries()) {
    for (let k = 0; k < levels[i].length; k++) live[offset + k] = levels[i][k] === 0 ? 0 : 1;
  }
  return { layers, steps, live };
}

/** The weights that the network computes with: the nearest level of each fine weight, zero where it is pruned. */
export function onGrid(fine: Float32Array, { layers, steps, live }: Grid, out: Float32Array): void {
  out.set(fine);
  for (const [i, layer] of layers.entries()) {
    const step = steps[i];
    const to = layerOf(out, layer);
    for (let k = 0; k < to.length; k++) {
      to[k] = live[layer.offset + k] === 0 ? 0 : Math.fround(roundLevel(to[k], step) * step);
    }
  }
}

/** Sets pruned weights to zero. */
export function applyMask(fine: Float32Array, live: Uint8Array): void {
  for (let i = 0; i < fine.length; i++) if (live[i] === 0) fine[i] = 0;
}

/**
 * A grid on which every weight may leave zero again: sizes below this part of a step are zero. Wider than half a step, so
 * that what was pruned comes back only when many gradients agree.
 */
const DEAD_ZONE = 0.6;

/** The level that a fine weight stands for on a grid that is open. */
export function levelOnGrid(value: number, step: number): number {
  return Math.abs(value) < DEAD_ZONE * step ? 0 : roundLevel(value, step);
}

/** The weights that the network computes with on an open grid; what no layer covers is copied. */
export function onOpenGrid(
  fine: Float32Array,
  layers: readonly CodedLayer[],
  steps: readonly number[],
  out: Float32Array,
): void {
  out.set(fine);
  for (const [i, layer] of layers.entries()) {
    const to = layerOf(out, layer);
    for (let k = 0; k < to.length; k++) to[k] = Math.fround(levelOnGrid(to[k], steps[i]) * steps[i]);
  }
}
