/** Reading maps that lie in slots (convolution.ts): a region of places, from all slots that it touches. */
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

/** Address of a block's input slot; of zeros where it has none. */
// @ts-ignore: decorator
@inline
export function slotOrZeros(c: Convolution, column: i32, row: i32): usize {
  const slot = slotOf(c, column, row);
  return slot < 0 ? c.zeros : c.input + slot * c.inputSide * c.inputRow;
}

/** Input places a side that `side` output places read. */
// @ts-ignore: decorator
@inline
export function extentOf(c: Convolution, side: i32): i32 {
  return (side - 1) * c.stride + c.kernel;
}

/**
 * Copies extent x extent input places from (left, top) on; zero beyond the map and where there is no slot.
 * @param left @param top at most one block before the map
 */
export function gatherRegion(c: Convolution, left: i32, top: i32, extent: i32, to: usize): void {
  const side = c.inputSide;
  const line = extent * c.inputPlace;
  const right = left + extent;
  const bottom = top + extent;
  let row = top < 0 ? -1 : top / side;
  for (let y = top; y < bottom; row++) {
    const below = min((row + 1) * side, bottom);
    const first = row * side;
    const height = first < c.inputHeight ? min(below, c.inputHeight) - y : 0;
    let part = to;
    let column = left < 0 ? -1 : left / side;
    for (let x = left; x < right; column++) {
      const beyond = min((column + 1) * side, right);
      const width = min(beyond, c.inputWidth) - x;
      // Beyond the map there are no slots to ask for.
      const slot = height > 0 && width > 0 ? slotOf(c, column, row) : -1;
      const bytes = (beyond - x) * c.inputPlace;
      if (slot < 0) {
        clearLines(part, line, bytes, below - y);
      } else {
        const from = c.input + (slot * side + y - first) * c.inputRow + (x - column * side) * c.inputPlace;
        copyLines(from, c.inputRow, part, line, width * c.inputPlace, height);
        if (width < beyond - x) clearLines(part + width * c.inputPlace, line, bytes - width * c.inputPlace, height);
        if (height < below - y) clearLines(part + height * line, line, bytes, below - y - height);
      }
      part += bytes;
      x = beyond;
    }
    to += (below - y) * line;
    y = below;
  }
}

// @ts-ignore: decorator
@inline
function copyLines(from: usize, fromLine: usize, to: usize, toLine: usize, bytes: usize, lines: i32): void {
  for (let n = 0; n < lines; n++) {
    for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, v128.load(from + at));
    from += fromLine;
    to += toLine;
  }
}

function clearLines(to: usize, toLine: usize, bytes: usize, lines: i32): void {
  for (let n = 0; n < lines; n++) {
    for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, f32x4.splat(0));
    to += toLine;
  }
}
