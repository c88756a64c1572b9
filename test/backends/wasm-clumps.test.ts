/** Blocks that wasm computes in clumps: how they are found, and that the results are the reference's. */
import { describe, expect, it } from 'vitest';
import type { Executor } from '../../src/backends/backend.ts';
import { referenceBackend } from '../../src/backends/reference/index.ts';
import { ClumpFinder } from '../../src/backends/wasm/block-clumps.ts';
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import { blockGrid, detailMacs } from '../../src/network/geometry.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { seededRandom } from '../../train/random.ts';
import { randomModel } from '../../train/random-model.ts';
import { expectClose, expectSameMaps } from '../conformance/compare.ts';
import { randomFrame } from '../conformance/random.ts';

const BLOCK = 4;

function find(gates: Uint8Array, columns: number, map: { width: number; height: number }, most = 2) {
  const finder = new ClumpFinder({ columns, rows: gates.length / columns }, map);
  const [clumps, singles] = [new Int32Array(2 * gates.length), new Int32Array(2 * gates.length)];
  finder.find(gates, 1, most, { entries: clumps }, { entries: singles });
  const pairs = (entries: Int32Array, count: number) =>
    Array.from({ length: count }, (_, n) => [entries[2 * n], entries[2 * n + 1]]);
  return { clumps: pairs(clumps, finder.clumps), singles: pairs(singles, finder.singles) };
}

/** The map of a grid without part blocks. */
const whole = (columns: number, rows: number) => ({ width: columns * BLOCK, height: rows * BLOCK });

describe('clumps', () => {
  it('hold every attended block once, three by three, whatever the gates', () => {
    const random = seededRandom(3);
    const [columns, rows] = [20, 17];
    let most = 0;
    for (let round = 0; round < 20; round++) {
      const gates = Uint8Array.from({ length: columns * rows }, () => (random() < 0.03 * round ? 0 : 1));
      const { clumps, singles } = find(gates, columns, whole(columns, rows));
      const seen = new Uint8Array(gates.length);
      for (const [x, y] of clumps) {
        for (let j = 0; j < 3; j++) for (let i = 0; i < 3; i++) seen[(y + j) * columns + x + i]++;
      }
      for (const [x, y] of singles) seen[y * columns + x]++;
      expect([...seen]).toEqual([...gates]);
      most = Math.max(most, clumps.length);
    }
    expect(most).toBe(30);
  });

  it('are of the gates asked for', () => {
    const gates = new Uint8Array(81).fill(1);
    expect(find(gates, 9, whole(9, 9)).clumps).toHaveLength(9);
    gates[0] = 2;
    expect(find(gates, 9, whole(9, 9)).clumps).toHaveLength(9);
    const three = find(gates, 9, whole(9, 9), 1);
    // The first three by three lacks its corner; one begins a block further right, and there is no room for a third.
    expect(three.clumps.slice(0, 2)).toEqual([
      [1, 0],
      [4, 0],
    ]);
    expect(three.singles).not.toContainEqual([0, 0]);
    expect(three.clumps.length * 9 + three.singles.length).toBe(80);
  });

  it('lie over the edge only where that makes fewer products', () => {
    const columns = 24;
    const gates = new Uint8Array(columns * 5).fill(1);
    // Two rows of blocks are left below the first clumps: of 8 places, 4 tiles for 6 blocks; of 6 places, 2 tiles.
    const full = find(gates, columns, { width: 96, height: 20 });
    expect([full.clumps.length, full.singles.length]).toEqual([8, 48]);
    const part = find(gates, columns, { width: 96, height: 18 });
    expect([part.clumps.length, part.singles.length]).toEqual([16, 0]);
  });

  it('are not made where fewer than eight are found', () => {
    const gates = new Uint8Array(9 * 9).fill(1);
    gates.fill(0, 54);
    const { clumps, singles } = find(gates, 9, whole(9, 9));
    expect([clumps.length, singles.length]).toEqual([0, 54]);
  });
});

describe('the wasm backend with clumps', () => {
  const spec = peopleVsPoles({
    ...{ attention: [4, 8, 8], attentionDepth: 1, stem: [4, 8], features: 4, trunk: 12, trunkDepth: 2 },
  });
  const model = randomModel(spec, 5);

  const compare = async (
    actual: Executor,
    reference: Executor,
    gates: Uint8Array,
    frame: ReturnType<typeof randomFrame>,
  ) => {
    const a = await actual.inspect(gates);
    const b = await reference.inspect(gates);
    expect([...a.blocks]).toEqual([...b.blocks]);
    expectClose('cells', a.cells, b.cells);
    expect(a.macs).toBe(detailMacs(spec, frame, gates));
    await expectSameMaps(spec, actual, reference);
  };

  it.each([
    [192, 144],
    [203, 149],
    [230, 151],
  ])('agrees with the reference, tensor by tensor, at %i x %i', async (width, height) => {
    const frame = randomFrame({ width, height }, 9);
    const [actual, reference] = [await wasmBackend().load(model), await referenceBackend().load(model)];
    for (const executor of [actual, reference]) {
      await executor.upload(frame);
      await executor.glance();
    }
    const { columns, rows } = blockGrid(spec, frame);
    const random = seededRandom(width);
    const holes = (share: number, gate: number) =>
      Uint8Array.from({ length: columns * rows }, () => (random() < share ? gate : 1));
    for (const gates of [holes(0, 0), holes(0.05, 0), holes(0.05, 2), holes(1, 2), holes(0.03, 0)]) {
      await compare(actual, reference, gates, frame);
    }
    // The first is all clumps but for the edges, so clumps did run.
    expect(
      find(holes(0, 0), columns, { width: Math.ceil(width / 4), height: Math.ceil(height / 4) }).clumps
        .length,
    ).toBeGreaterThan(8);
    actual.dispose();
    reference.dispose();
  });
});
