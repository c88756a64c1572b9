/** What the measurements of blocks and halos count and choose: never their timings. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { onlyAttended, withContext, withNeighbours } from '../../bench/blocks/context.ts';
import { frameProducts } from '../../bench/blocks/frame-products.ts';
import { fusedBytes, fusedShape } from '../../bench/blocks/fused-kernel.ts';
import { FusionOracle } from '../../bench/blocks/fusion-oracle.ts';
import { haloMacs, reaches } from '../../bench/blocks/halo-macs.ts';
import { subgroupCode, subgroupThreads, WAYS } from '../../bench/blocks/subgroup-kernel.ts';
import { referenceBackend } from '../../src/backends/reference/index.ts';
import { attentionMacs, detailMacs } from '../../src/network/geometry.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET } from '../conformance/nets.ts';
import { randomFrame } from '../conformance/random.ts';

const SIZE = { width: 80, height: 80 };
/** 5x5 blocks. */
const only = (...blocks: number[]) =>
  Uint8Array.from({ length: 25 }, (_, block) => Number(blocks.includes(block)));

describe('neighbours as context', () => {
  it('touch an attended block, within the grid, and keep its gate', () => {
    const gates = new Uint8Array(12);
    gates[3] = 2; // the right end of the first row of four
    expect([...withNeighbours(gates, { columns: 4, rows: 3 })]).toEqual([0, 0, 1, 2, 0, 0, 1, 1, 0, 0, 0, 0]);
  });

  it('are computed but say nothing', () => {
    const inspection = {
      blocks: Uint32Array.of(1, 2, 5),
      cells: Float32Array.of(10, 11, 20, 21, 50, 51),
      macs: 7,
    };
    const own = onlyAttended(inspection, only(2, 5));
    expect([...own.blocks]).toEqual([2, 5]);
    expect([...own.cells]).toEqual([20, 21, 50, 51]);
    expect(own.macs).toBe(7);
  });

  it('give an attended block the cells that it has when all blocks are attended', async () => {
    const model = randomModel(EVEN_NET, 3);
    const run = async (context: boolean, gates: Uint8Array) => {
      const executor = await (context ? withContext(referenceBackend()) : referenceBackend()).load(model);
      await executor.upload(randomFrame(SIZE, 1));
      await executor.glance();
      return executor.inspect(gates);
    };
    const [near, all] = [await run(true, only(12)), await run(false, new Uint8Array(25).fill(1))];
    const length = all.cells.length / 25;
    const same = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).every((v, i) => v === b[i]);
    expect([...near.blocks]).toEqual([12]);
    // The corner at the top left may lack one row and column of the first stem layer; the last cell lacks nothing.
    const channels = EVEN_NET.detail.head.outputs;
    const own = all.cells.slice(12 * length, 13 * length);
    expect(same(near.cells.slice(-channels), own.slice(-channels))).toBe(true);
    const alone = await run(false, only(12));
    expect(same(alone.cells.slice(-channels), own.slice(-channels))).toBe(false);
  });
});

describe('multiply-accumulates of a halo', () => {
  const spec = peopleVsPoles();

  it('shared are those of the network', () => {
    const gates = only(0, 7, 8, 24);
    expect(haloMacs(spec, SIZE, gates, 'shared')).toBe(detailMacs(spec, SIZE, gates));
  });

  it('are the same recomputed once or by every block where a block stands alone', () => {
    expect(haloMacs(spec, SIZE, only(12), 'ring')).toBe(haloMacs(spec, SIZE, only(12), 'alone'));
    expect(haloMacs(spec, SIZE, only(12), 'ring')).toBeGreaterThan(haloMacs(spec, SIZE, only(12), 'shared'));
  });

  it('need no ring where every block is attended', () => {
    const all = new Uint8Array(25).fill(1);
    expect(haloMacs(spec, SIZE, all, 'ring')).toBe(haloMacs(spec, SIZE, all, 'shared'));
  });

  it('reach a place further each layer back, and twice as many through the strided stem', () => {
    expect(reaches(spec).map(({ before, after }) => [before, after])).toEqual([
      [9, 8],
      [4, 4],
      [3, 3],
      [2, 2],
      [1, 1],
      [0, 0],
      [0, 0],
    ]);
  });
});

describe('fusion', () => {
  it('takes more than the default workgroup memory with its halo, in float32, and less without or in float16', () => {
    const spec = peopleVsPoles();
    const [whole, blind] = [fusedShape(spec, 'recomputed'), fusedShape(spec, 'blind')];
    expect(fusedBytes(whole, 16)).toBeGreaterThan(16384);
    expect(fusedBytes(whole, 16)).toBeLessThan(32768);
    expect(fusedBytes(whole, 8)).toBeLessThan(16384);
    expect(fusedBytes(blind, 16)).toBeLessThan(16384);
  });

  it('blind is the spec for a block alone, and is not where blocks touch', async () => {
    const oracle = await FusionOracle.create(randomModel(EVEN_NET, 5), randomFrame(SIZE, 2));
    const alone = await oracle.expected(only(24, 12));
    expect(alone.blind).toEqual(alone.spec);
    const together = await oracle.expected(only(12, 13));
    expect(together.blind).not.toEqual(together.spec);
  });
});

describe('products of a frame', () => {
  const spec = peopleVsPoles();
  const none = frameProducts(spec, SIZE, only());

  it('of a block with 3x3 kernels: 9 of the direct layers, 81 / 16 at stride 2, 36 / 16 of the trunk', () => {
    const trunk = 36 * (60 * 56 + 3 * 56 * 56);
    const stem = 64 * 9 * 4 * 16 + 81 * 16 * 32;
    expect(frameProducts(spec, SIZE, only(12)) - none).toBeCloseTo(stem + trunk + 16 * 56 * 12, 6);
  });

  it('are fewer than the multiply-accumulates, and of a 5x5 layer by more', () => {
    expect(none).toBeLessThan(attentionMacs(spec, SIZE));
    const five = only(12).map((gate) => 2 * gate);
    const saved = (gates: Uint8Array) =>
      detailMacs(spec, SIZE, gates) / (frameProducts(spec, SIZE, gates) - none);
    expect(saved(only(12))).toBeGreaterThan(3);
    expect(saved(five)).toBeGreaterThan(saved(only(12)));
    expect(frameProducts(spec, SIZE, five) - frameProducts(spec, SIZE, only(12))).toBe((64 - 36) * 56 * 56);
  });

  it('of clumps: 64 a tile of 36 places, a fifth fewer than of single blocks', () => {
    // 12 x 12 blocks: 16 clumps of four tiles.
    const size = { width: 192, height: 192 };
    const all = new Uint8Array(144).fill(1);
    const trunk = 60 * 56 + 3 * 56 * 56;
    const others = (64 * 9 * 4 * 16 + 81 * 16 * 32 + 16 * 56 * 12) * 144;
    const glance = frameProducts(spec, size, new Uint8Array(144));
    expect(frameProducts(spec, size, all) - glance).toBe(16 * 4 * 64 * trunk + others);
    // Below eight clumps blocks go one by one.
    const few = all.map((_, block) => Number(block % 12 < 6));
    expect(frameProducts(spec, size, few) - glance).toBe(8 * 4 * 64 * trunk + others / 2);
    const fewer = all.map((_, block) => Number(block % 12 < 5));
    expect(frameProducts(spec, size, fewer) - glance).toBe(60 * 36 * trunk + (others * 60) / 144);
  });
});

describe('the convolution by subgroups', () => {
  const shape = { workgroup: 8, places: 16, columns: 2, precision: 'float32' } as const;
  const conv = readFileSync('src/backends/webgpu/kernels/conv.wgsl', 'utf8');

  it.each([
    [4, 2],
    [8, 1],
    [32, 1],
  ])('of %i lanes: eight weights of a step, %i loaded by a lane', (lanes, loads) => {
    const [today, inLanes, shared] = WAYS.map((way) => subgroupCode(way, shape, lanes, conv));
    const count = (text: string, what: RegExp) => text.match(what)?.length ?? 0;
    expect([today, inLanes, shared].map((text) => count(text, / = weights\[w \+/g))).toEqual([8, 8, loads]);
    expect([today, inLanes, shared].map((text) => count(text, /subgroupBroadcast\(/g))).toEqual([0, 0, 8]);
    expect(count(shared, /\{\w+\}/g)).toBe(0);
  });

  it('takes whole subgroups of places for every pair of columns', () => {
    const step = { places: 16, outputs: 14 };
    expect(subgroupThreads('today', shape, 4, 5, step)).toBe(35);
    expect(subgroupThreads('broadcast', shape, 4, 5, step)).toBe(56);
    expect(subgroupThreads('broadcast', shape, 4, 8, step)).toBe(56);
  });
});
