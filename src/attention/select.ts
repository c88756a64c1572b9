/**
 * Which blocks the detail network looks at: the gates of a frame from the attention network's glance.
 *
 * Pure. The budget is a hard cap: never more than `budgetBlocks(budget, blocks)` blocks are attended, save by
 * the policy `dense`, which is the network without attention. Ties go to the lower index, so that backends
 * whose logits are equal choose equal gates.
 */
import { leastLogit } from '../network/logistic.ts';
import { GATE_FIVE, GATE_SKIP, GATE_THREE } from '../network/spec.ts';
import { nthGreatest } from './nth-greatest.ts';

/** What the selection reads of a glance (backend.ts): logits, one a block, row-major [rows, columns]. */
export interface GlanceLogits {
  readonly columns: number;
  readonly rows: number;
  readonly look: Float32Array;
  readonly five: Float32Array;
}

export type Policy = 'static' | 'saccade' | 'dense';
export const POLICIES: readonly Policy[] = ['static', 'saccade', 'dense'];

/** Share of the blocks that may be attended where nobody says otherwise. */
export const DEFAULT_BUDGET = 0.2;

export interface SelectOptions {
  /** Share of the blocks that may be attended, 0..1. */
  readonly budget: number;
  /** Least sigmoid(look) of an attended block. */
  readonly threshold: number;
  /** `saccade` selects as `static` does, with the priors of a stream added to the logits (saccade.ts). */
  readonly policy: Policy;
}

/**
 * A look logit from which on the network is sure. Where a stream's priors say what a look would tell, being surer still
 * counts little more, or else the same sure blocks would be looked at again and again.
 */
export const SURE_LOOK = 1;
/** What the rest counts; a power of two, so that all backends round alike. */
const BEYOND_SURE = 1 / 8;

/** From which logit on more counts less. @param remembered the priors are those of a stream */
function sureFrom(remembered: boolean): number {
  return remembered ? SURE_LOOK : Number.POSITIVE_INFINITY;
}

/** @param sure as `sureFrom` gives it; infinite: the logit as it is */
function soften(look: number, sure: number): number {
  return look > sure ? sure + BEYOND_SURE * Math.fround(look - sure) : look;
}

/**
 * What the selection goes by, one a block: look logits and what is added to them.
 * @param remembered the priors are those of a stream: what the network is sure of counts little more
 */
export function prioritised(
  look: Float32Array,
  priors: Float32Array | undefined,
  remembered: boolean,
): Float32Array {
  if (!priors) return look;
  const sure = sureFrom(remembered);
  return look.map((logit, block) => Math.fround(soften(logit, sure)) + priors[block]);
}

/** The greatest number of blocks under a budget. */
export function budgetBlocks(budget: number, blocks: number): number {
  return Math.floor(budget * blocks);
}

/** The same choice in numbers, for a backend that selects by itself. @param blocks of the frame @param remembered as above */
export function selectionOf(
  { budget, threshold, policy }: SelectOptions,
  blocks: number,
  remembered = false,
) {
  const sure = sureFrom(remembered);
  return { limit: budgetBlocks(budget, blocks), threshold, dense: policy === 'dense', sure };
}

/** Share of the blocks that were attended, 0..1. @param gates of a frame, at least one */
export function attendedShare(gates: Uint8Array): number {
  let attended = 0;
  for (const gate of gates) if (gate !== GATE_SKIP) attended++;
  return attended / gates.length;
}

/**
 * Gates [rows, columns]: 0 skipped, 1 attended with 3x3 kernels, 2 with 5x5 kernels where a layer has them.
 * A block is attended when sigmoid(look) >= threshold, at most `budgetBlocks` of them by highest look.
 */
export function selectGates(glance: GlanceLogits, options: SelectOptions): Uint8Array {
  const { look, five } = glance;
  const blocks = glance.columns * glance.rows;
  const gates = new Uint8Array(blocks).fill(GATE_SKIP);
  if (options.policy === 'dense') return gates.fill(GATE_THREE);
  const limit = budgetBlocks(options.budget, blocks);
  const threshold = leastLogit(options.threshold);
  const passing = new Float32Array(blocks);
  let count = 0;
  for (let i = 0; i < blocks; i++) if (look[i] >= threshold) passing[count++] = look[i];
  if (limit === 0 || count === 0) return gates;
  // The limit-th highest look: what is above it is in, and of its equals the first ones.
  const least = count <= limit ? threshold : nthGreatest(passing.subarray(0, count), limit);
  let equals = limit;
  for (let i = 0; i < blocks; i++) if (look[i] > least) equals--;
  for (let i = 0; i < blocks; i++) {
    if (!(look[i] >= least)) continue;
    if (look[i] === least && equals-- <= 0) continue;
    gates[i] = five[i] > 0 ? GATE_FIVE : GATE_THREE;
  }
  return gates;
}
