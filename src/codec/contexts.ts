/**
 * Which table codes which element: context = clamp(base + class of the element's index on every axis).
 * Tensors are read in row-major order; one row of the last axis is filled at a time, and rows with the same sum of
 * outer classes are filled once.
 */
import { formatError } from './format-error.ts';
import { type Frequencies, NULL_TABLE, parametricTable, SCALES } from './tables.ts';
import { type ContextModel, type TensorRecord, TRANSMITTED } from './tensor-record.ts';

/** Tables that transmitting tensors may bring into one segment; all tables of a segment have an index below 256. */
export const MAX_TRANSMITTED_IN_SEGMENT = 100;

/** The tables that one segment uses, numbered as they come; number 0 is the table of padding. */
export class SegmentTables {
  readonly tables: Frequencies[] = [NULL_TABLE];
  readonly #parametric = new Map<number, number>();
  #transmitted = 0;

  /** Numbers in this segment of the context model's tables, by context; only `least` to `most` are used. */
  add(context: ContextModel, least: number, most: number): Uint8Array {
    const numbers = new Uint8Array(context.tables.length);
    if (context.shape === TRANSMITTED) {
      this.#transmitted += context.tables.length;
      if (this.#transmitted > MAX_TRANSMITTED_IN_SEGMENT) {
        throw formatError(`A segment needs more than ${MAX_TRANSMITTED_IN_SEGMENT} transmitted tables`);
      }
      for (const [i, table] of context.tables.entries()) numbers[i] = this.tables.push(table) - 1;
      return numbers;
    }
    for (let scale = least; scale <= most; scale++) {
      const key = context.shape * SCALES + scale;
      let number = this.#parametric.get(key);
      if (number === undefined) {
        number = this.tables.push(parametricTable(context.shape, scale)) - 1;
        this.#parametric.set(key, number);
      }
      numbers[scale] = number;
    }
    return numbers;
  }
}

export function clampContext(context: ContextModel, sum: number): number {
  return Math.max(0, Math.min(context.tables.length - 1, context.base + sum));
}

const ranges = new WeakMap<ContextModel, readonly [number, number]>();

/** Least and greatest context that the classes can give; found once, since a tensor may have many segments. */
function contextRange(context: ContextModel): readonly [number, number] {
  const known = ranges.get(context);
  if (known !== undefined) return known;
  let least = 0;
  let most = 0;
  for (const classes of context.classes) {
    if (classes === null) continue;
    least += classes.reduce((a, b) => Math.min(a, b));
    most += classes.reduce((a, b) => Math.max(a, b));
  }
  const range = [clampContext(context, least), clampContext(context, most)] as const;
  ranges.set(context, range);
  return range;
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

/** Writes the table numbers of elements [from, to) of a tensor to `out`, from `at` on. */
export function fillContexts(
  tensor: TensorRecord & { readonly context: ContextModel },
  tables: SegmentTables,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): void {
  const { shape, context } = tensor;
  const numbers = tables.add(context, ...contextRange(context));
  if (context.classes.every((classes) => classes === null)) {
    out.fill(numbers[clampContext(context, 0)], at, at + to - from);
    return;
  }
  const inner = shape[shape.length - 1];
  const last = context.classes[shape.length - 1];
  const numberAt = (outerSum: number, index: number) =>
    numbers[clampContext(context, outerSum + (last?.[index] ?? 0))];
  const rows = new Map<number, Uint8Array>();
  forRows(shape, context.classes, from, to, (outerSum, start, end) => {
    const first = start % inner;
    // Only whole rows are kept: a row may be far longer than a segment.
    if (end - start < inner) {
      for (let i = start; i < end; i++) out[at + i - from] = numberAt(outerSum, first + i - start);
      return;
    }
    let row = rows.get(outerSum);
    if (row === undefined) {
      row = Uint8Array.from({ length: inner }, (_, index) => numberAt(outerSum, index));
      rows.set(outerSum, row);
    }
    out.set(row, at + start - from);
  });
}
