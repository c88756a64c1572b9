/** Reading maps that lie in slots (convolution.ts): a block with its halo, from up to nine slots. */
import { Convolution } from './convolution';

// @ts-ignore: decorator
@inline
export function slotOf(c: Convolution, column: i32, row: i32): i32 {
  return load<i32>(c.slots + row * c.slotsRow + (column << 2));
}

/** Address of an attended block's input slot. */
// @ts-ignore: decorator
@inline
export function inputSlot(c: Convolution, column: i32, row: i32): usize {
  return c.input + slotOf(c, column, row) * c.inputSide * c.inputRow;
}

/** Address of an attended block's output slot. @param side output places a block side */
// @ts-ignore: decorator
@inline
export function outputSlot(c: Convolution, column: i32, row: i32, side: i32): usize {
  return c.output + slotOf(c, column, row) * side * c.outputRow;
}

/** Input places a side that a block of `side` output places reads. */
// @ts-ignore: decorator
@inline
export function extentOf(c: Convolution, side: i32): i32 {
  return (side - 1) * c.stride + c.kernel;
}

/** Copies the extent x extent input places that block (column, row) reads. The halo is at most one block wide. */
export function gatherRegion(c: Convolution, column: i32, row: i32, extent: i32, to: usize): void {
  const side = c.inputSide;
  const pad = (c.kernel - 1) >> 1;
  const place = c.inputPlace;
  const bottom = c.inputHeight - row * side;
  const right = c.inputWidth - column * side;
  for (let y = -pad; y < extent - pad; y++) {
    const down = y < 0 ? -1 : y < side ? 0 : 1;
    // Rows above the grid have no slots.
    const known = y < bottom;
    const inSlot = (y - down * side) * c.inputRow;
    const slots = c.slots + (row + down) * c.slotsRow + (column << 2);
    to = copyRow(c, known ? load<i32>(slots - 4) : -1, inSlot + (side - pad) * place, pad, pad, to);
    to = copyRow(c, known ? load<i32>(slots) : -1, inSlot, min(side, extent - pad), right, to);
    const beyond = extent - pad - side;
    if (beyond > 0) to = copyRow(c, known ? load<i32>(slots + 4) : -1, inSlot, beyond, right - side, to);
  }
}

/** Copies `count` places from within a slot, zeros for those from `valid` on or without a slot. @returns the end. */
// @ts-ignore: decorator
@inline
function copyRow(c: Convolution, slot: i32, inSlot: usize, count: i32, valid: i32, to: usize): usize {
  const end = to + count * c.inputPlace;
  if (slot >= 0 && valid > 0) {
    let from = c.input + slot * c.inputSide * c.inputRow + inSlot;
    const last = to + min(count, valid) * c.inputPlace;
    for (; to < last; to += 16) {
      v128.store(to, v128.load(from));
      from += 16;
    }
  }
  for (; to < end; to += 16) v128.store(to, f32x4.splat(0));
  return end;
}
