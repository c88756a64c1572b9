/**
 * Cells of the attended blocks that speak for one label, best first. Pure, deterministic.
 * Order: falling score, ties to the lower index, which counts cells block by block as the inspection does.
 */
import type { CandidateList, Inspection } from '../backends/backend.ts';
import { mapSize, type Size } from '../network/geometry.ts';
import { leastLogit } from '../network/logistic.ts';
import type { NetworkSpec } from '../network/spec.ts';
import { CENTRE_CHANNEL, cellScore, LABEL_CHANNELS, readCellBox, SCORE_CHANNEL } from './cell-box.ts';

export interface Candidates {
  readonly count: number;
  /** [count], falling. */
  readonly scores: Float32Array;
  /** [count, 4]: x0, y0, x1, y1 in working-frame px, not clipped. */
  readonly boxes: Float32Array;
  /** [count]: y of the cell's centre in working-frame px. */
  readonly cellY: Float32Array;
}

/**
 * @param label index in spec.labels
 * @param threshold least score, 0..1
 * @param limit most candidates; the best are kept
 */
export function findCandidates(
  spec: NetworkSpec,
  frame: Size,
  inspection: Inspection,
  label: number,
  threshold: number,
  limit: number,
): Candidates {
  const { blocks, cells } = inspection;
  const channels = spec.detail.head.outputs;
  const side = spec.block / spec.cell;
  const perBlock = side * side;
  const map = mapSize(frame, spec.cell);
  const columns = Math.ceil(frame.width / spec.block);
  // score = sigmoid(score) * sigmoid(quality) <= sigmoid(score): most cells fail without an exp.
  const least = leastLogit(threshold);

  const found: number[] = [];
  const foundScores: number[] = [];
  for (let b = 0; b < blocks.length; b++) {
    const row0 = Math.floor(blocks[b] / columns) * side;
    const column0 = (blocks[b] % columns) * side;
    // Cells over the frame's edge are no cells.
    const rows = Math.min(side, map.height - row0);
    const width = Math.min(side, map.width - column0);
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < width; i++) {
        const cell = b * perBlock + j * side + i;
        const offset = cell * channels + label * LABEL_CHANNELS;
        if (!(cells[offset + SCORE_CHANNEL] >= least)) continue;
        const score = cellScore(cells, offset);
        if (!(score >= threshold)) continue;
        found.push(cell);
        foundScores.push(score);
      }
    }
  }

  return inOrder(spec, frame, Float32Array.from(foundScores), limit, (index) => {
    const cell = found[index];
    const place = blocks[Math.floor(cell / perBlock)] * perBlock + (cell % perBlock);
    return { place, values: cells, offset: cell * channels + label * LABEL_CHANNELS };
  });
}

/** The same from a list of candidates that a backend made, which reached their thresholds there. */
export function listedCandidates(
  spec: NetworkSpec,
  frame: Size,
  list: CandidateList,
  label: number,
  limit: number,
): Candidates {
  const own = Array.from(list.labels.subarray(0, list.count).keys()).filter((i) => list.labels[i] === label);
  const scores = Float32Array.from(own, (i) => list.scores[i]);
  return inOrder(spec, frame, scores, limit, (index) => ({
    place: list.cells[own[index]],
    values: list.geometry,
    // The list has the four values that make a box, and they are a label's last.
    offset: 4 * own[index] - CENTRE_CHANNEL,
  }));
}

/**
 * The best of the candidates found, with their boxes. @param scores by candidate; @param at a candidate's cell
 * (block * n * n + cell in the block) and where its label's channels begin in `values`
 */
function inOrder(
  spec: NetworkSpec,
  frame: Size,
  found: Float32Array,
  limit: number,
  at: (index: number) => { place: number; values: ArrayLike<number>; offset: number },
): Candidates {
  const side = spec.block / spec.cell;
  const columns = Math.ceil(frame.width / spec.block);
  const order = bestFirst(found, limit);
  const count = order.length;
  const scores = new Float32Array(count);
  const boxes = new Float32Array(4 * count);
  const cellY = new Float32Array(count);
  for (let k = 0; k < count; k++) {
    const { place, values, offset } = at(order[k]);
    const block = Math.floor(place / (side * side));
    const within = place % (side * side);
    const x = ((block % columns) * side + (within % side) + 0.5) * spec.cell;
    const y = (Math.floor(block / columns) * side + Math.floor(within / side) + 0.5) * spec.cell;
    scores[k] = found[order[k]];
    cellY[k] = y;
    readCellBox(values, offset, x, y, boxes, 4 * k);
  }
  return { count, scores, boxes, cellY };
}

/** Above the greatest index: a bit more than the cells of a frame of 8192 x 8192 px. */
const INDICES = 2 ** 22;

/**
 * Indices of the `limit` greatest values, greatest first, ties to the lower index.
 * @param values 0..1, at most 4 M of them
 */
export function bestFirst(values: Float32Array, limit: number): Uint32Array {
  // Bits of floats from 0 on rise with their values: 30 of them and an index make a number that sorts without a comparator.
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const keys = new Float64Array(values.length);
  for (let i = 0; i < keys.length; i++) keys[i] = bits[i] * INDICES + (INDICES - 1 - i);
  keys.sort();
  const order = new Uint32Array(Math.min(limit, keys.length));
  for (let k = 0; k < order.length; k++) order[k] = INDICES - 1 - (keys[keys.length - 1 - k] % INDICES);
  return order;
}
