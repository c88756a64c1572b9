/** The fused kernels of bench/blocks against the reference, on the software adapter: a network and tiles that compile fast. */
import { expect, test } from 'vitest';
import { FusionBench, WAYS } from '../../bench/blocks/fusion-bench.ts';
import { DeviceHandle } from '../../src/backends/webgpu/device.ts';
import { randomModel } from '../../train/random-model.ts';
import { ODD_NET } from '../conformance/nets.ts';
import { randomFrame } from '../conformance/random.ts';

const SHAPE = { workgroup: 32, places: 2, columns: 1, precision: 'float32' } as const;

test('a block fused is what its rule says: with its halo the spec, blind without what neighbours have', async () => {
  const adapter = await navigator.gpu.requestAdapter();
  const handle = new DeviceHandle(await adapter!.requestDevice(), true);
  // Blocks of the last row and column reach over the edge.
  const frame = randomFrame({ width: 72, height: 56 }, 4);
  const bench = await FusionBench.create(handle, randomModel(ODD_NET, 6), frame, {
    today: SHAPE,
    fused: SHAPE,
  });
  for (const attended of [
    [0, 1, 6, 7, 13, 19],
    [8, 9, 14],
  ]) {
    bench.choose(Uint8Array.from({ length: 20 }, (_, block) => Number(attended.includes(block))));
    const expected = await bench.expected();
    expect(expected.blind).not.toEqual(expected.spec);
    await bench.run('stem');
    for (const way of WAYS) {
      await bench.run(way);
      const cells = await bench.cells(way);
      const wanted = way === 'blind' ? expected.blind : expected.spec;
      const off = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - cells[i])), 0);
      const greatest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(cells.length, way).toBe(wanted.length);
      expect(off / greatest, way).toBeLessThan(1e-4);
    }
  }
  handle.release();
}, 240_000);
