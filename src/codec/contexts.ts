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

/** Tables that a tensor's contexts can mean at most. */
export function tableCount({ tables, between }: ContextModel): number {
  return tables.length * (between === null ? 1 : 2);
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
const MAX_ROW = 1024;

/** Sums of classes of the trailing axes that make a row, and the axes before them. */
function rowOf(
  shape: readonly number[],
  classes: ContextModel['classes'],
): { sums: Uint8Array; outer: number } {
  let outer = shape.length;
  let sums = new Uint8Array(1);
  while (outer > 0 && (outer === shape.length || sums.length * shape[outer - 1] <= MAX_ROW)) {
    outer--;
    const inner = sums;
    sums = new Uint8Array(shape[outer] * inner.length);
    for (let i = 0; i < shape[outer]; i++) {
      const own = classes[outer]?.[i] ?? 0;
      for (let j = 0; j < inner.length; j++) sums[i * inner.length + j] = own + inner[j];
    }
  }
  return { sums, outer };
}

/** Writes the table numbers of elements [from, to) of a tensor to `out`, from `at` on. */
export function fillContexts(
  { shape, context }: CodedRecord,
  slots: TableSlots,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): void {
  const highest = context.classes.reduce((sum, classes) => sum + (classes?.reduce((a, b) => Math.max(a, b)) ?? 0), 0);
  /** Number of each sum of classes plus 1; 0 where it was not asked for yet. */
  const numbers = new Uint16Array(highest + 1);
  const numberOf = (sum: number): number => {
    if (numbers[sum] === 0) {
      const clamped = clampContext(context, sum);
      numbers[sum] = 1 + slots.number(context.tables[clamped], context.between?.[clamped]);
    }
    return numbers[sum] - 1;
  };
  if (context.classes.every((classes) => classes === null)) {
    out.fill(numberOf(0), at, at + to - from);
    return;
  }
  const { sums, outer } = rowOf(shape, context.classes);
  const rowShape = [...shape.slice(0, outer), sums.length];
  const rows = new Map<number, Uint8Array>();
  forRows(rowShape, context.classes.slice(0, outer), from, to, (outerSum, start, end) => {
    const first = start % sums.length;
    // Only whole rows are kept: a row may be far longer than a segment.
    if (end - start < sums.length) {
      for (let i = start; i < end; i++) out[at + i - from] = numberOf(outerSum + sums[first + i - start]);
      return;
    }
    let row = rows.get(outerSum);
    if (row === undefined) {
      row = new Uint8Array(sums.length);
      for (let i = 0; i < row.length; i++) row[i] = numberOf(outerSum + sums[i]);
      rows.set(outerSum, row);
    }
    out.set(row, at + start - from);
  });
}
