/** Multiply-accumulates of the detail network by choice of halo, cells counted singly. Pure. See halo.ts for the choices. */
import { blockGrid, mapSize, placeDetail, placeMacs, type Size } from '../../src/network/geometry.ts';
import { GATE_SKIP, type NetworkSpec } from '../../src/network/spec.ts';
import type { Halo } from './halo.ts';

/** Places that a layer is needed at beyond a block: to the left and above, to the right and below. */
export interface Reach {
  readonly before: number;
  readonly after: number;
}

/** Of each detail layer, the head last, for the head to be whole on a block: 3x3 branches. */
export function reaches(spec: NetworkSpec): Reach[] {
  let reach: Reach = { before: 0, after: 0 };
  const backwards = [...placeDetail(spec)].reverse().map(({ layer }) => {
    const own = reach;
    const pad = (layer.kernel - 1) / 2;
    reach = {
      before: own.before * layer.stride + pad,
      after: own.after * layer.stride + pad - (layer.stride - 1),
    };
    return own;
  });
  return backwards.reverse();
}

/** @param gates [rows, columns]; every attended block takes 3x3 kernels */
export function haloMacs(spec: NetworkSpec, frame: Size, gates: Uint8Array, halo: Halo): number {
  const { columns } = blockGrid(spec, frame);
  const reach = reaches(spec);
  const attended = [...gates.keys()].filter((block) => gates[block] !== GATE_SKIP);
  return placeDetail(spec).reduce((sum, { layer, stride }, index) => {
    const map = mapSize(frame, stride);
    const side = spec.block / stride;
    const { before, after } = halo === 'shared' ? { before: 0, after: 0 } : reach[index];
    // How often each place is computed.
    const counts = new Uint32Array(map.width * map.height);
    for (const block of attended) {
      const [x, y] = [(block % columns) * side, Math.floor(block / columns) * side];
      for (let v = Math.max(0, y - before); v < Math.min(map.height, y + side + after); v++) {
        for (let u = Math.max(0, x - before); u < Math.min(map.width, x + side + after); u++) {
          counts[v * map.width + u]++;
        }
      }
    }
    const places = counts.reduce(
      (total, count) => total + (halo === 'alone' ? count : Math.min(count, 1)),
      0,
    );
    return sum + places * placeMacs(layer, false);
  }, 0);
}
