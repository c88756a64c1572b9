/**
 * A part of a batch seen in a mirror, and answers seen in it turned back: left and right are one to a street, and
 * what a network says of the mirrored view errs otherwise than what it says of the view itself.
 */
import { HEAD_CHANNELS, type NetworkSpec } from '../../src/network/spec.ts';
import type { Batch } from './batch.ts';
import type { Taught } from './distillation.ts';

/** Of frames and coordinates. */
const CHANNELS = 4;
/** Of the coordinates: the column within the block, -1 to 1. */
const COLUMN = 2;
const CENTRE = HEAD_CHANNELS.indexOf('centre');

/** Rows of `channels` values a place, each turned round. @param width places of a row */
export function mirrored<T extends Float32Array | Uint8Array>(map: T, width: number, channels = 1): T {
  const out = map.slice() as T;
  const length = width * channels;
  for (let row = 0; row < map.length; row += length) {
    for (let x = 0; x < width; x++) {
      const from = row + (width - 1 - x) * channels;
      out.set(map.subarray(from, from + channels), row + x * channels);
    }
  }
  return out;
}

/** What the networks see of the batch in the mirror; its targets stay as they are. @param spec whose blocks fill the view's width */
export function mirroredBatch(spec: NetworkSpec, batch: Batch): Batch {
  const { frames, coordinates, view } = batch;
  const turned = mirrored(coordinates, view.width / spec.cell, CHANNELS);
  for (let i = COLUMN; i < turned.length; i += CHANNELS) turned[i] = -turned[i];
  return { ...batch, frames: mirrored(frames, view.width, CHANNELS), coordinates: turned };
}

/**
 * Answers for the mirrored batch as answers for the batch.
 * @param attended cells that the gates look at, ascending; the mirrored gates look at the same in the mirror
 */
export function turnedBack(spec: NetworkSpec, { view }: Batch, taught: Taught, attended: Int32Array): Taught {
  const channels = spec.labels.length * HEAD_CHANNELS.length;
  const columns = view.width / spec.cell;
  const inMirror = attended.map((cell) => cell - 2 * (cell % columns) + columns - 1);
  const rowOf = new Map(Array.from(inMirror.slice().sort(), (cell, row) => [cell, row]));
  const cells = new Float32Array(taught.cells.length);
  for (const [row, cell] of inMirror.entries()) {
    const from = rowOf.get(cell)! * channels;
    cells.set(taught.cells.subarray(from, from + channels), row * channels);
  }
  for (let i = CENTRE; i < cells.length; i += HEAD_CHANNELS.length) cells[i] = -cells[i];
  return { gate: mirrored(taught.gate, view.width / spec.block, 2), cells };
}
