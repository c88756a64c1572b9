/**
 * Pixel IoU of one frame and one label, counted, from the detail network's cell map, at the frame's resolution: p = sigmoid(score) of the
 * cells, 0 in skipped blocks, brought to the frame's pixels bilinearly, and p > 0.5 counted as the label. Pixels
 * with mask value 3 do not count.
 */
import type { Inspection } from '../../src/backends/backend.ts';
import { LABEL_CHANNELS, SCORE_CHANNEL } from '../../src/detection/cell-box.ts';
import { mapSize, type Size } from '../../src/network/geometry.ts';
import { sigmoid } from '../../src/network/logistic.ts';
import type { NetworkSpec } from '../../src/network/spec.ts';
import { MASK_IGNORE } from '../data/dataset.ts';
import { type FrameTruth, labelRules } from './rules.ts';

const LEAST_PROBABILITY = 0.5;

/** Pixels of one label that are both called and true, and that are either. */
export interface PixelCounts {
  readonly common: number;
  readonly union: number;
}

/** Null without a mask, or for a label that the network does not know. */
export function countPixels(
  spec: NetworkSpec,
  truth: FrameTruth,
  working: Size,
  inspection: Inspection,
  label: string,
): PixelCounts | null {
  const { mask } = truth;
  const index = spec.labels.indexOf(label);
  if (!mask || index < 0) return null;
  const value = labelRules(label).maskValue;
  const map = probabilityMap(spec, working, inspection, index);
  const called = upsampleAbove(map, mapSize(working, spec.cell), spec.cell, working, truth);
  let common = 0;
  let union = 0;
  for (let i = 0; i < called.length; i++) {
    const truly = mask.data[i];
    if (truly === MASK_IGNORE) continue;
    if (truly === value) {
      union++;
      common += called[i];
    } else union += called[i];
  }
  return { common, union };
}

/** sigmoid(score) of a label for every cell of the frame, 0 in skipped blocks: [map height, map width]. */
function probabilityMap(
  spec: NetworkSpec,
  working: Size,
  inspection: Inspection,
  label: number,
): Float32Array {
  const map = mapSize(working, spec.cell);
  const side = spec.block / spec.cell;
  const columns = mapSize(working, spec.block).width;
  const channels = spec.detail.head.outputs;
  const out = new Float32Array(map.width * map.height);
  inspection.blocks.forEach((block, b) => {
    const column0 = (block % columns) * side;
    const row0 = Math.floor(block / columns) * side;
    for (let j = 0; j < side && row0 + j < map.height; j++) {
      for (let i = 0; i < side && column0 + i < map.width; i++) {
        const cell = (b * side + j) * side + i;
        const logit = inspection.cells[cell * channels + label * LABEL_CHANNELS + SCORE_CHANNEL];
        out[(row0 + j) * map.width + column0 + i] = sigmoid(logit);
      }
    }
  });
  return out;
}

/** Bilinear taps of one axis: cells before and after each pixel's centre, and the weight of the second. */
function taps(pixels: number, workingPixels: number, cell: number, cells: number) {
  const first = new Int32Array(pixels);
  const second = new Int32Array(pixels);
  const weight = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const at = Math.min(cells - 1, Math.max(0, ((i + 0.5) * workingPixels) / pixels / cell - 0.5));
    first[i] = Math.floor(at);
    second[i] = Math.min(cells - 1, first[i] + 1);
    weight[i] = at - first[i];
  }
  return { first, second, weight };
}

/** 1 for every pixel of the frame where the bilinearly up-sampled map is above 0.5. */
function upsampleAbove(map: Float32Array, cells: Size, cell: number, working: Size, frame: Size): Uint8Array {
  const x = taps(frame.width, working.width, cell, cells.width);
  const y = taps(frame.height, working.height, cell, cells.height);
  const out = new Uint8Array(frame.width * frame.height);
  const line = new Float32Array(cells.width);
  for (let row = 0; row < frame.height; row++) {
    const above = y.first[row] * cells.width;
    const below = y.second[row] * cells.width;
    let greatest = 0;
    for (let i = 0; i < cells.width; i++) {
      line[i] = map[above + i] + y.weight[row] * (map[below + i] - map[above + i]);
      if (line[i] > greatest) greatest = line[i];
    }
    if (greatest <= LEAST_PROBABILITY) continue;
    for (let column = 0; column < frame.width; column++) {
      const left = line[x.first[column]];
      const value = left + x.weight[column] * (line[x.second[column]] - left);
      if (value > LEAST_PROBABILITY) out[row * frame.width + column] = 1;
    }
  }
  return out;
}
