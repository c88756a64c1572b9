/** The auxiliary head that names what each cell of a block shows: where its truth lies, and the gradient of its loss. */
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../train/loop/batch.ts';
import { blockMaps, mapLoss, mapOutputs } from '../../train/loop/block-map.ts';
import { blockOfCells } from '../../train/loop/truth.ts';
import { normal, seededRandom } from '../../train/random.ts';
import { TINY_SPEC } from '../helpers/tiny-step.ts';

function replaced(values: Float32Array, at: number, value: number): Float32Array {
  const copy = values.slice();
  copy[at] = value;
  return copy;
}

/** Two views of 2 x 3 blocks. */
const VIEW = { width: 48, height: 32 };
const CELLS = 2 * (48 / 4) * (32 / 4);

describe('blockMaps', () => {
  it('has every cell of every view once, row by row in its block', () => {
    const score = Float32Array.from({ length: 2 * CELLS }, (_, i) => i);
    const targets = { score, weight: score };
    const batch = { size: 2, view: VIEW, targets } as unknown as Batch;
    const maps = blockMaps(TINY_SPEC, batch, blockOfCells(TINY_SPEC, batch), 12);
    expect(mapOutputs(TINY_SPEC)).toBe(32);
    expect([...maps.score].sort((a, b) => a - b)).toEqual([...score]);
    // Second view, second row of blocks, third column; in it third row, second column; poles.
    const cell = 96 + (4 + 2) * 12 + (8 + 1);
    expect(maps.score[(6 + 3 + 2) * 32 + (2 * 4 + 1) * 2 + 1]).toBe(2 * cell + 1);
  });
});

describe('mapLoss', () => {
  const random = seededRandom(3);
  const logits = Float32Array.from({ length: 64 }, () => normal(random));
  const score = Float32Array.from(logits, () => Number(random() < 0.2));
  const weight = Float32Array.from(logits, () => Number(random() < 0.8));

  it('has the gradient of its loss', () => {
    const { gradient } = mapLoss(logits, { score, weight });
    logits.forEach((value, i) => {
      const at = (moved: number) => mapLoss(replaced(logits, i, moved), { score, weight }).total;
      const [up, down] = [Math.fround(value + 0.01), Math.fround(value - 0.01)];
      expect(gradient[i]).toBeCloseTo((at(up) - at(down)) / (up - down), 3);
    });
  });

  it('has none where nothing is judged', () => {
    const { total, gradient } = mapLoss(logits, { score, weight: new Float32Array(64) });
    expect(total).toBe(0);
    expect(gradient.every((g) => g === 0)).toBe(true);
  });
});
