/**
 * Which table codes which element: context = clamp(base + class of the element's index on every axis).
 * Tensors are read in row-major order; a row of the last axes is filled at a time, and rows with the same sum of outer
 * classes are made once.
 */
import type { CodedRecord } from './pieces.ts';
import type { TableSlots } from './table-slots.ts';
import type { ContextModel } from './tensor-record.ts';

export function clampContext(context: ContextModel, sum: number): number {
  return Math.max(0, Math.min(context.tables.length - 1, context.base + sum));
}

/**
 * Calls `row(outerSum, start, end)` for the rows of the last axis that meet elements [from, to) of a tensor:
 * sum of the outer axes' classes and the range of elements of that row within [from, to).
 */
export function forRows(
  shape: readonly number[],
  classes: readonly (Uint8Array | null)[],
  from: number,
  to: number,
  row: (outerSum: number, start: number, end: number) => void,
): void {
  const inner = shape.length === 0 ? 1 : shape[shape.length - 1];
  const outer = Math.max(0, shape.length - 1);
  const index = new Array<number>(outer).fill(0);
  for (let axis = outer - 1, rest = Math.floor(from / inner); axis >= 0; axis--) {
    index[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  for (let start = from - (from % inner); start < to; start += inner) {
    let sum = 0;
    for (let axis = 0; axis < outer; axis++) sum += classes[axis]?.[index[axis]] ?? 0;
    row(sum, Math.max(from, start), Math.min(to, start + inner));
    for (let axis = outer - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

/** Axes that are taken together as one row where it stays this short: rows are copied, not computed. */
const MAX_ROW = 4096;

/** Sums of classes of the trailing axes that make a row, and the axes before them. */
function rowOf(
  shape: readonly number[],
  classes: ContextModel['classes'],
): { sums: Uint8Array; outer: number } {
  let outer = shape.length;
  let length = 1;
  while (outer > 0 && (outer === shape.length || length * shape[outer - 1] <= MAX_ROW)) {
    outer--;
    length *= shape[outer];
  }
  const sums = new Uint8Array(length);
  // From the last axis outwards: what is there so far, once for every index of the next axis, plus its class.
  for (let axis = shape.length - 1, inner = 1; axis >= outer; inner *= shape[axis--]) {
    const own = classes[axis];
    const end = inner * shape[axis];
    for (let filled = inner; filled < end; filled *= 2) {
      sums.copyWithin(filled, 0, Math.min(filled, end - filled));
    }
    if (own === null) continue;
    for (let i = 0, at = 0; i < own.length; i++) {
      const value = own[i];
      for (const next = at + inner; at < next; at++) sums[at] += value;
    }
  }
  return { sums, outer };
}

/** How a tensor's contexts become table numbers; made once a tensor. */
interface Plan {
  readonly sums: Uint8Array;
  readonly rowShape: readonly number[];
  readonly outerClasses: ContextModel['classes'];
  /** Least and greatest context. */
  readonly range: readonly [number, number];
}

const plans = new WeakMap<ContextModel, Plan>();

function planOf({ shape, context }: CodedRecord): Plan {
  let plan = plans.get(context);
  if (plan === undefined) {
    const { sums, outer } = rowOf(shape, context.classes);
    let [least, most] = [0, 0];
    for (const classes of context.classes) {
      if (classes === null) continue;
      let [low, high] = [255, 0];
      for (const value of classes) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
      least += low;
      most += high;
    }
    plan = {
      sums,
      rowShape: [...shape.slice(0, outer), sums.length],
      outerClasses: context.classes.slice(0, outer),
      range: [clampContext(context, least), clampContext(context, most)],
    };
    plans.set(context, plan);
  }
  return plan;
}

/** Numbers that the tables of a tensor take at most. */
export function slotCount({ context }: CodedRecord): number {
  return context.tables.length * (context.between === null ? 1 : 2);
}

/** Writes a row's numbers: out[at + i] = first + width * clamp(sums[from + i] + shift, 0, most), `count` of them. */
export type FillRow = (
  sums: Uint8Array,
  from: number,
  count: number,
  shift: number,
  most: number,
  width: number,
  first: number,
  at: number,
) => void;

/**
 * Table numbers of elements [from, to) of a tensor, from `at` on.
 * @param shared whether other tensors of the run may want other contexts of the same family (version 1)
 */
export function fillContexts(
  tensor: CodedRecord,
  slots: TableSlots,
  from: number,
  to: number,
  at: number,
  shared: boolean,
  fill: FillRow,
): void {
  const { context } = tensor;
  const { sums, rowShape, outerClasses, range } = planOf(tensor);
  const most = context.tables.length - 1;
  const first = shared ? slots.place(context, 0, most) : slots.place(context, range[0], range[1]);
  const width = context.between === null ? 1 : 2;
  forRows(rowShape, outerClasses, from, to, (outerSum, start, end) => {
    fill(
      sums,
      start % sums.length,
      end - start,
      outerSum + context.base,
      most,
      width,
      first,
      at + start - from,
    );
  });
}
