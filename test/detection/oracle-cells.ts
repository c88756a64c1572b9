/** Made-up objects, and the cells that a perfect detail network would give for them. Seeded. */
import type { Inspection } from '../../src/backends/backend.ts';
import { encodeCellBox, LABEL_CHANNELS } from '../../src/detection/cell-box.ts';
import { blockGrid, mapSize, type Size } from '../../src/network/geometry.ts';
import type { NetworkSpec } from '../../src/network/spec.ts';
import type { Box } from '../../src/result.ts';
import { seededRandom } from '../../train/random.ts';

export interface Thing {
  label: string;
  box: Box;
}

/** People and thin poles that stand apart from others of their kind by at least `gapPx` sideways. */
export function makeThings(frame: Size, seed: number, gapPx = 10): Thing[] {
  const random = seededRandom(seed);
  const things: Thing[] = [];
  for (const label of ['person', 'pole']) {
    let x = 2 + random() * 20;
    while (x < frame.width - 40) {
      const width = label === 'pole' ? 2 + random() * 8 : 6 + random() * 30;
      const height = label === 'pole' ? width * 3 + 30 + random() * 150 : width * (2 + random());
      const y = random() * (frame.height - height - 1);
      things.push({ label, box: { x, y, width, height: Math.min(height, frame.height - y) } });
      x += width + gapPx + random() * 40;
    }
  }
  return things;
}

/**
 * Head outputs as a perfect network gives them: a cell that touches a thing speaks for it (for the nearest centre
 * line where there are several), with noise of `noise` in every geometry channel.
 */
export function oracleCells(
  spec: NetworkSpec,
  frame: Size,
  things: readonly Thing[],
  options: { noise?: number; seed?: number; gates?: Uint8Array } = {},
): Inspection {
  const { noise = 0, seed = 1 } = options;
  const random = seededRandom(seed);
  const { columns, rows } = blockGrid(spec, frame);
  const gates = options.gates ?? new Uint8Array(columns * rows).fill(1);
  const blocks = Uint32Array.from([...gates.keys()].filter((i) => gates[i] > 0));
  const side = spec.block / spec.cell;
  const channels = spec.detail.head.outputs;
  const map = mapSize(frame, spec.cell);
  const cells = new Float32Array(blocks.length * side * side * channels);
  blocks.forEach((block, b) => {
    for (let within = 0; within < side * side; within++) {
      const column = (block % columns) * side + (within % side);
      const row = Math.floor(block / columns) * side + Math.floor(within / side);
      if (column >= map.width || row >= map.height) continue;
      const x = (column + 0.5) * spec.cell;
      const y = (row + 0.5) * spec.cell;
      spec.labels.forEach((label, index) => {
        const at = (b * side * side + within) * channels + index * LABEL_CHANNELS;
        const reach = spec.cell / 2;
        const thing = things
          .filter((t) => t.label === label)
          .filter(({ box }) => x + reach > box.x && x - reach < box.x + box.width)
          .filter(({ box }) => y > box.y && y < box.y + box.height)
          .sort(
            (p, q) => Math.abs(p.box.x + p.box.width / 2 - x) - Math.abs(q.box.x + q.box.width / 2 - x),
          )[0];
        if (!thing) {
          cells.set([-8, 0, 0, 0, 0, 0], at);
          return;
        }
        const { x: x0, y: y0, width, height } = thing.box;
        const target = encodeCellBox(x, y, { x0, y0, x1: x0 + width, y1: y0 + height });
        const off = () => noise * (2 * random() - 1);
        cells.set(
          [
            3 + random(),
            2,
            target.centre + off(),
            target.width + off(),
            target.top + off(),
            target.bottom + off(),
          ],
          at,
        );
      });
    }
  });
  return { blocks, cells, macs: 0 };
}
