/** The join: what the first trunk layer reads, [cell rows, cell columns, stem + features + 4]. */
import { COORDINATE_CHANNELS } from '../../network/spec.ts';
import { type Tensor, zeros } from './tensor.ts';

/**
 * Coordinates of cell (row j, column i) of J x I cells, n cells a block side:
 * y, |x|, column within the block, row within the block, all in [-1, 1].
 */
function cellCoordinates(
  j: number,
  i: number,
  J: number,
  I: number,
  n: number,
): [y: number, x: number, inColumn: number, inRow: number] {
  return [
    (2 * (j + 0.5)) / J - 1,
    Math.abs((2 * (i + 0.5)) / I - 1),
    (2 * ((i % n) + 0.5)) / n - 1,
    (2 * ((j % n) + 0.5)) / n - 1,
  ];
}

/**
 * [stem outputs | attention features of the block | coordinates], zero where `attended` is false.
 * @param cellsPerSide n, cells a block side.
 */
export function joinCells(
  stem: Tensor,
  features: Tensor,
  cellsPerSide: number,
  attended: (row: number, column: number) => boolean,
): Tensor {
  const { height, width } = stem;
  const join = zeros(height, width, stem.channels + features.channels + COORDINATE_CHANNELS);
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++) {
      if (!attended(j, i)) continue;
      const place = j * width + i;
      const block = Math.floor(j / cellsPerSide) * features.width + Math.floor(i / cellsPerSide);
      let at = place * join.channels;
      for (let c = 0; c < stem.channels; c++) join.data[at++] = stem.data[place * stem.channels + c];
      for (let c = 0; c < features.channels; c++) {
        join.data[at++] = features.data[block * features.channels + c];
      }
      for (const value of cellCoordinates(j, i, height, width, cellsPerSide)) join.data[at++] = value;
    }
  }
  return join;
}
