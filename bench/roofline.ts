/**
 * The least time the detail network can take on a GPU, layer by layer: each layer either multiplies at the rate of
 * the FMA kernel or moves its inputs, outputs and weights once at the rate of the copy kernel, whichever is slower.
 * Halos, lists and clearing are not allowed for: they count against the kernels. Pure.
 */
import { blockGrid, blockPlaces, placeDetail, placeMacs, type Size } from '../src/network/geometry.ts';
import { GATE_FIVE, GATE_SKIP, type NetworkSpec } from '../src/network/spec.ts';
import type { GpuYardsticks } from './report.ts';

const FLOAT_BYTES = 4;

/** @param gates [rows, columns] of the frame. @returns ms */
export function detailRooflineMs(
  spec: NetworkSpec,
  frame: Size,
  gates: Uint8Array,
  { copyGbPerSecond, fmaGflops }: GpuYardsticks,
): number {
  const { columns, rows } = blockGrid(spec, frame);
  let ms = 0;
  let inputStride = 1;
  for (const { layer, stride } of placeDetail(spec)) {
    let macs = 0;
    let values = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const gate = gates[row * columns + column];
        if (gate === GATE_SKIP) continue;
        const outputs = blockPlaces(spec, frame, stride, column, row);
        const inputs = blockPlaces(spec, frame, inputStride, column, row);
        macs += outputs.width * outputs.height * placeMacs(layer, gate === GATE_FIVE);
        values +=
          outputs.width * outputs.height * layer.outputs + inputs.width * inputs.height * layer.inputs;
      }
    }
    const weights = placeMacs(layer, false);
    const multiplyMs = (2 * macs) / fmaGflops / 1e6;
    const moveMs = ((values + weights) * FLOAT_BYTES) / copyGbPerSecond / 1e6;
    ms += Math.max(multiplyMs, macs > 0 ? moveMs : 0);
    inputStride = stride;
  }
  return ms;
}
