/**
 * Cells of the attended blocks that speak for one label, best first. Pure, deterministic.
 * Order: falling score, ties to the lower index, which counts cells block by block as the inspection does.
 */
import type { Inspection } from '../backends/backend.ts';
import { mapSize, type Size } from '../network/geometry.ts';
import type { NetworkSpec } from '../network/spec.ts';
import { cellScore, LABEL_CHANNELS, readCellBox, SCORE_CHANNEL } from './cell-box.ts';

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
  const leastLogit =
    threshold <= 0 ? -Infinity : threshold >= 1 ? Infinity : Math.log(threshold / (1 - threshold));

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
        if (!(cells[offset + SCORE_CHANNEL] >= leastLogit)) continue;
        const score = cellScore(cells, offset);
        if (!(score >= threshold)) continue;
        found.push(cell);
        foundScores.push(score);
      }
    }
  }

  const order = bestFirst(Float32Array.from(foundScores), limit);
  const count = order.length;
  const scores = new Float32Array(count);
  const boxes = new Float32Array(4 * count);
  const cellY = new Float32Array(count);
  for (let k = 0; k < count; k++) {
    const cell = found[order[k]];
    const block = blocks[Math.floor(cell / perBlock)];
    const within = cell % perBlock;
    const x = ((block % columns) * side + (within % side) + 0.5) * spec.cell;
    const y = (Math.floor(block / columns) * side + Math.floor(within / side) + 0.5) * spec.cell;
    scores[k] = foundScores[order[k]];
    cellY[k] = y;
    readCellBox(cells, cell * channels + label * LABEL_CHANNELS, x, y, boxes, 4 * k);
  }
  return { count, scores, boxes, cellY };
}

/** Indices of the `limit` greatest values, greatest first, ties to the lower index. */
export function bestFirst(values: Float32Array, limit: number): Uint32Array {
  let pool = Uint32Array.from(values.keys());
  if (values.length > limit) {
    const least = values.slice().sort()[values.length - limit];
    // Ties at the cut stay in the pool and are cut after sorting.
    pool = pool.filter((i) => values[i] >= least);
  }
  return pool.sort((a, b) => values[b] - values[a] || a - b).slice(0, limit);
}
