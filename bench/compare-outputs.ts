/** Whether a peer computes what ours computes: the largest differences, and the largest values beside them. Pure. */
import type { Inspection } from '../src/backends/backend.ts';
import { blockGrid, mapSize, type Size } from '../src/network/geometry.ts';
import type { NetworkSpec } from '../src/network/spec.ts';
import type { Trace } from '../src/session/session.ts';
import type { DenseTensors } from './peers/peer.ts';

export interface Difference {
  readonly maxAbsDifference: { readonly gates: number; readonly cells: number };
  readonly maxAbs: { readonly gates: number; readonly cells: number };
}

/** Ours in the peers' form. @param trace of the policy dense */
export function denseTensors(spec: NetworkSpec, { working, glance, inspection }: Trace): DenseTensors {
  const gates = new Float32Array(2 * glance.look.length);
  for (let block = 0; block < glance.look.length; block++) {
    gates[2 * block] = glance.look[block];
    gates[2 * block + 1] = glance.five[block];
  }
  return { gates, cells: cellMap(spec, working, inspection) };
}

export function difference(ours: DenseTensors, theirs: DenseTensors): Difference {
  const pairs = { gates: [ours.gates, theirs.gates], cells: [ours.cells, theirs.cells] } as const;
  for (const [name, [a, b]] of Object.entries(pairs)) {
    if (a.length !== b.length) throw new Error(`gives ${b.length} values of ${name}, ours ${a.length}`);
  }
  const largest = (values: Float32Array) =>
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const apart = ([a, b]: readonly [Float32Array, Float32Array]) => largest(a.map((value, i) => value - b[i]));
  return {
    maxAbsDifference: { gates: apart(pairs.gates), cells: apart(pairs.cells) },
    maxAbs: { gates: largest(ours.gates), cells: largest(ours.cells) },
  };
}

/** Cells of blocks [blocks, n, n, channels] as a map [J, I, channels]. */
function cellMap(spec: NetworkSpec, frame: Size, { blocks, cells }: Inspection): Float32Array {
  const channels = spec.detail.head.outputs;
  const { columns } = blockGrid(spec, frame);
  const side = spec.block / spec.cell;
  const { width, height } = mapSize(frame, spec.cell);
  const map = new Float32Array(width * height * channels);
  blocks.forEach((block, index) => {
    const left = (block % columns) * side;
    const top = Math.floor(block / columns) * side;
    const run = Math.min(side, width - left) * channels;
    for (let row = 0; row < Math.min(side, height - top); row++) {
      const from = (index * side + row) * side * channels;
      map.set(cells.subarray(from, from + run), ((top + row) * width + left) * channels);
    }
  });
  return map;
}
