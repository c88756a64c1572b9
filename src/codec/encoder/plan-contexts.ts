/**
 * Which axes of a tensor have classes, in which units, and the family of tables with them: what is shortest for the
 * symbols of plain rounding at a step.
 */
import { MAX_CLASS_INDICES } from '../adaptive.ts';
import {
  type Axes,
  addClasses,
  classBits,
  countSymbols,
  type Family,
  fitClasses,
  fitFamily,
  MAX_SUM,
  pricesOf,
  searchFamily,
} from './class-contexts.ts';
import { roundAll } from './quantise.ts';
import { refineAxis, type Symbols } from './refine-classes.ts';

/** What codes a tensor's symbols. */
export interface Plan {
  readonly axes: Axes;
  readonly sums: Uint8Array;
  readonly family: Family;
  /** Bits with plain rounding, classes included. */
  readonly bits: number;
}

/** Sweeps over the axes of a plan that is being tried, and of the one that is taken. */
const TRIAL_SWEEPS = 1;
const SWEEPS = 3;

/** Classes made anew by bits, `sweeps` times at most, as long as that saves some. */
function refined(
  given: Omit<Symbols, 'prices'>,
  { axes, sums }: Pick<Plan, 'axes' | 'sums'>,
  start: Family,
  sweeps: number,
): Plan {
  const plan = (axes: Axes, sums: Uint8Array, near: Family): Plan => {
    const family = fitFamily(countSymbols(given.symbols, sums, given.quantisers), near);
    return { axes, sums, family, bits: family.bits + classBits(axes) };
  };
  let best = plan(axes, sums, start);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const of: Symbols = { ...given, prices: pricesOf(best.family) };
    const next = [...best.axes];
    const moved = best.sums.slice();
    for (let axis = next.length - 1; axis >= 0; axis--) {
      const before = next[axis];
      if (before === null) continue;
      const others = next.reduce(
        (sum, one, at) => sum + (one === null || at === axis ? 0 : one.unit * Math.max(...one.classes)),
        0,
      );
      const after = refineAxis(of, axis, before, moved, others);
      addClasses(moved, given.shape, axis, before, -1);
      addClasses(moved, given.shape, axis, after, 1);
      next[axis] = after;
    }
    const found = plan(next, moved, best.family);
    if (!(found.bits < best.bits)) break;
    best = found;
  }
  return best;
}

/** Classes for the axes that save more than they take, at a step of plain rounding. */
export function planContexts(data: Float32Array, shape: readonly number[], step: number): Plan {
  const { symbols } = roundAll(data, step);
  const sums = new Uint8Array(data.length);
  const family = searchFamily(countSymbols(symbols, sums, null));
  let best: Plan = { axes: shape.map(() => null), sums, family, bits: family.bits + 8 };
  let units = shape.map(() => 0);
  const tried = new Set<string>([units.join()]);
  const attempt = (next: readonly number[]): void => {
    if (tried.has(next.join())) return;
    tried.add(next.join());
    const fitted = fitClasses(data, shape, next, step / 20);
    if (fitted.highest > MAX_SUM) return;
    const found = refined({ shape, symbols, quantisers: null }, fitted, best.family, TRIAL_SWEEPS);
    if (found.bits < best.bits) {
      best = found;
      units = [...next];
    }
  };
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] < 2 || shape[axis] > MAX_CLASS_INDICES / 16) continue;
    for (const unit of [1, 2, 3]) attempt(units.map((old, at) => (at === axis ? unit : old)));
  }
  if (best.axes.every((of) => of === null)) return best;
  const near = searchFamily(countSymbols(symbols, best.sums, null), best.family.base);
  return refined({ shape, symbols, quantisers: null }, best, near, SWEEPS);
}
