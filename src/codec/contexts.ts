/**
 * Which table codes which element: context = clamp(base + class of the element's index on every axis).
 * `numberContexts` is what that means; `rowsOf` and `placeTables` are what a fast decoder does once a tensor.
 */
import type { CodedRecord } from './pieces.ts';
import type { TableSlots } from './table-slots.ts';
import type { ContextModel } from './tensor-record.ts';

function clampContext(context: ContextModel, sum: number): number {
  return Math.max(0, Math.min(context.tables.length - 1, context.base + sum));
}

/** Sums of the classes of some axes, row-major. */
export function sumClasses(shape: readonly number[], classes: ContextModel['classes']): Uint8Array {
  let sums = new Uint8Array(1);
  for (const [axis, own] of classes.entries()) {
    const wider = new Uint8Array(sums.length * shape[axis]);
    for (let i = 0, at = 0; i < sums.length; i++) {
      for (let index = 0; index < shape[axis]; index++, at++) wider[at] = sums[i] + (own?.[index] ?? 0);
    }
    sums = wider;
  }
  return sums;
}

/** Trailing axes are taken together as one row where it stays this short: rows are copied, not computed. */
export const MAX_ROW = 4096;

/** How a tensor falls into rows; made once a tensor. */
export interface Rows {
  /** Axes before this one are not part of a row. */
  readonly axis: number;
  /** Elements of a row: those of the last axis at least. */
  readonly length: number;
  /** Sum of the classes of the axes before, for every row. */
  readonly outer: Uint8Array;
}

export function rowsOf({ shape, context }: CodedRecord): Rows {
  let axis = Math.max(0, shape.length - 1);
  let length = shape[axis] ?? 1;
  while (axis > 0 && length * shape[axis - 1] <= MAX_ROW) length *= shape[--axis];
  return { axis, length, outer: sumClasses(shape.slice(0, axis), context.classes.slice(0, axis)) };
}

/** Numbers that the tables of a tensor take at most. */
export function slotCount({ context }: CodedRecord): number {
  return context.tables.length * (context.between === null ? 1 : 2);
}

/**
 * Makes the tables of a tensor ready.
 * @returns the number of context 0's table
 */
export function placeTables({ context }: CodedRecord, slots: TableSlots): number {
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
  return slots.place(context, clampContext(context, least), clampContext(context, most));
}

/** Table numbers of elements [from, to) of a tensor, of the trellis those of quantiser 0. @param first of context 0 */
export function numberContexts(tensor: CodedRecord, from: number, to: number, first: number): Uint8Array {
  const { shape, context } = tensor;
  const { length, axis, outer } = rowsOf(tensor);
  const sums = sumClasses(shape.slice(axis), context.classes.slice(axis));
  const width = context.between === null ? 1 : 2;
  const numbers = new Uint8Array(to - from);
  for (let i = from; i < to; i++) {
    const sum = sums[i % length] + outer[Math.floor(i / length)];
    numbers[i - from] = first + width * clampContext(context, sum);
  }
  return numbers;
}
