/**
 * A halo that is computed instead of zero, as a backend: the detail network runs on the attended blocks and, as context
 * only, on their eight neighbours; cells are handed on of the attended ones alone. So everything downstream (decoding,
 * metrics) sees the same choice of blocks, whose cells had more than zeros around them.
 *
 * What is still zero: nothing that 3x3 layers read (four of them reach 4 cells, the width of the ring), but for the row
 * and the column of the first stem layer that lie before the ring, and what a 5x5 layer reads one cell further.
 */
import type { Backend, Executor, Inspection } from '../../src/backends/backend.ts';
import type { Grid } from '../../src/network/geometry.ts';
import { GATE_SKIP, GATE_THREE } from '../../src/network/spec.ts';

/** The gates, and 3x3 kernels for every skipped block that touches an attended one. @param gates [rows, columns] */
export function withNeighbours(gates: Uint8Array, { columns, rows }: Grid): Uint8Array {
  return gates.map((gate, block) => {
    if (gate !== GATE_SKIP) return gate;
    const [x, y] = [block % columns, Math.floor(block / columns)];
    for (let v = Math.max(0, y - 1); v <= Math.min(rows - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(columns - 1, x + 1); u++) {
        if (gates[v * columns + u] !== GATE_SKIP) return GATE_THREE;
      }
    }
    return GATE_SKIP;
  });
}

/** What an inspection says of the blocks that `gates` attends to; its MACs are left as they were executed. */
export function onlyAttended(inspection: Inspection, gates: Uint8Array): Inspection {
  const { blocks, cells, macs } = inspection;
  const length = blocks.length === 0 ? 0 : cells.length / blocks.length;
  const kept = [...blocks.keys()].filter((index) => gates[blocks[index]] !== GATE_SKIP);
  const own = new Float32Array(kept.length * length);
  kept.forEach((index, to) => {
    own.set(cells.subarray(index * length, (index + 1) * length), to * length);
  });
  return { blocks: Uint32Array.from(kept, (index) => blocks[index]), cells: own, macs };
}

/** `inner` with context around the attended blocks. Not for backends that keep a frame to themselves (`resident`). */
export function withContext(inner: Backend): Backend {
  return {
    name: inner.name,
    unavailable: () => inner.unavailable(),
    load: async (model, options) => surround(await inner.load(model, options)),
  };
}

function surround(inner: Executor): Executor {
  let grid: Grid = { columns: 0, rows: 0 };
  return {
    backend: inner.backend,
    upload: (frame) => inner.upload(frame),
    async glance() {
      const glance = await inner.glance();
      grid = { columns: glance.columns, rows: glance.rows };
      return glance;
    },
    inspect: async (gates) => onlyAttended(await inner.inspect(withNeighbours(gates, grid)), gates),
    read: (name) => inner.read(name),
    memoryBytes: () => inner.memoryBytes(),
    dispose: () => inner.dispose(),
  };
}
