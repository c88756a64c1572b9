/** Which table codes which element: clamp(base + classes of its indices), a row of the trailing axes at a time. */
import { BASE, CLASSES, MODEL, RANK, SHAPE } from './header';
import { CONTEXTS, MAX_ROW, SUMS } from './memory';

/** Of the tensor whose row is at hand: axes before this one are not part of it. */
let axis: u32 = 0;
/** Elements of a row. */
let inner: u32 = 1;
/** Sums of classes within a row, u8; `steady` where all are 0 and MAX_ROW of them stand for any number. */
let sums: usize = SUMS;
let steady: bool = false;
/** What axes of one index behind a long row add. */
let constant: i32 = 0;
/** Of the block at CONTEXTS, where it is a part of one row: its sum, where it begins and how long it is. */
let filledSum: i32 = 0;
let filledFrom: u32 = 0;
let filled: u32 = 0;

// @ts-ignore: decorator
@inline
function dimensionOf(record: usize, index: u32): u32 {
  return load<u32>(record + (index << 2), SHAPE);
}

// @ts-ignore: decorator
@inline
function classesOf(record: usize, index: u32): usize {
  return load<u32>(record + (index << 2), CLASSES);
}

/** One axis more on the outside: what is there, `length` bytes, once for every index of the axis plus its class. */
function addAxis(length: u32, classes: usize, count: u32): void {
  for (let i = count - 1; i < count; i--) {
    const own = classes ? load<u8>(classes + i) : 0;
    const to = SUMS + i * length;
    const added = i8x16.splat(own);
    let k: u32 = 0;
    for (; k + 16 <= length; k += 16) v128.store(to + k, i8x16.add(v128.load(SUMS + k), added));
    for (; k < length; k++) store<u8>(to + k, load<u8>(SUMS + k) + own);
  }
}

/** Trailing axes are one row as long as it stays short. */
export function makeRow(record: usize): void {
  const rank = load<u32>(record, RANK);
  filled = 0;
  store<u8>(SUMS, 0);
  sums = SUMS;
  steady = false;
  inner = 1;
  axis = rank;
  while (axis > 0 && <u64>inner * dimensionOf(record, axis - 1) <= MAX_ROW) {
    axis--;
    const dimension = dimensionOf(record, axis);
    addAxis(inner, classesOf(record, axis), dimension);
    inner *= dimension;
  }
  constant = 0;
  if (inner > 1 || axis === 0) return;
  constant = load<u8>(SUMS);
  // The last axis alone is longer than that: its classes are the row.
  axis--;
  inner = dimensionOf(record, axis);
  sums = classesOf(record, axis);
  if (sums) return;
  steady = true;
  sums = SUMS;
  memory.fill(SUMS, 0, MAX_ROW);
}

/** Of the row's indices on the axes before `axis`. */
function outerSum(record: usize, axis: u32, row: u32): i32 {
  let sum = constant;
  for (let i = axis; i > 0; i--) {
    const dimension = dimensionOf(record, i - 1), classes = classesOf(record, i - 1);
    let index: u32 = 0;
    if (dimension > 1 && row > 0) {
      index = row % dimension;
      row /= dimension;
    }
    if (classes) sum += load<u8>(classes + index);
  }
  return sum;
}

/**
 * One more than the contexts of elements [from, from + count) to CONTEXTS, u8, with zeros, the table for padding, up to a multiple of 32.
 */
export function fillContexts(record: usize, from: u32, count: u32): void {
  const top = i8x16.splat(load<u32>(record, MODEL) === 16 ? 0 : 27);
  const one = i8x16.splat(1);
  const base = load<i32>(record, BASE);
  const row = from / inner;
  let column = from % inner;
  let out = CONTEXTS;
  const end = CONTEXTS + <usize>count;
  const single = column + count <= inner, own = outerSum(record, axis, row);
  // Often the same as the block before: a kernel's places seldom differ.
  if (single && count === filled && column === filledFrom && own === filledSum) return;
  filled = single ? count : 0;
  filledFrom = column;
  filledSum = own;
  // From row to row the last axis of the outer ones goes on; the others do where it begins anew.
  const next = axis > 0 ? axis - 1 : 0, dimension = axis > 0 ? dimensionOf(record, next) : 1;
  const classes = axis > 0 ? classesOf(record, next) : 0;
  let index = row % dimension, outer = row / dimension, rest = base + outerSum(record, next, outer);
  for (; out < end; column = 0) {
    const sum = rest + (classes ? load<u8>(classes + index) : 0);
    if (++index === dimension) {
      index = 0;
      rest = base + outerSum(record, next, ++outer);
    }
    const up = i8x16.splat(<i8>max(0, min(255, sum))), down = i8x16.splat(<i8>max(0, min(255, -sum)));
    const rowEnd = min(out + <usize>(inner - column), end);
    for (let at = steady ? sums : sums + column; out < rowEnd; out += 16, at += 16) {
      v128.store(out, i8x16.add(i8x16.min_u(i8x16.sub_sat_u(i8x16.add_sat_u(v128.load(at), up), down), top), one));
    }
    out = rowEnd;
  }
  memory.fill(end, 0, 32);
}
