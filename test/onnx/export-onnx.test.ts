/** The ONNX export, run by onnxruntime-web, against the dense network of the reference. */
import { describe, expect, it } from 'vitest';
import { referenceBackend } from '../../src/backends/reference/index.ts';
import { blockGrid } from '../../src/network/geometry.ts';
import { exportOnnx, framePlanes } from '../../train/onnx/export-onnx.ts';
import { cellsAsMap, loadOnnx } from '../../train/onnx/onnx-runtime.ts';
import { randomModel } from '../../train/random-model.ts';
import { expectClose } from '../conformance/compare.ts';
import { COARSE_NET, EVEN_NET, FINE_NET, ODD_NET } from '../conformance/nets.ts';
import { randomFrame } from '../conformance/random.ts';

describe.each([
  ['even', EVEN_NET, { width: 64, height: 48 }],
  ['odd, a size that no block divides', ODD_NET, { width: 50, height: 37 }],
  ['fine, down-sampled by 4 with edges', FINE_NET, { width: 33, height: 29 }],
  ['coarse', COARSE_NET, { width: 70, height: 45 }],
] as const)('exported net: %s', (_, network, size) => {
  it('computes what dense gates compute', async () => {
    const model = randomModel(network, 5);
    const frame = randomFrame(size, 6);
    const reference = await referenceBackend().load(model);
    await reference.upload(frame);
    const glance = await reference.glance();
    const { columns, rows } = blockGrid(network, size);
    await reference.inspect(new Uint8Array(columns * rows).fill(1));
    const head = await reference.read(network.detail.head.name);

    const runner = await loadOnnx(exportOnnx(model, size), size);
    const { gates, cells } = await runner.run(framePlanes(network, frame));
    await runner.release();
    expectClose('look', gates.subarray(0, columns * rows), glance.look);
    expectClose('five', gates.subarray(columns * rows), glance.five);
    expectClose('cells', cellsAsMap(network, size, cells), head.data);
    expect(Math.max(...head.data.map(Math.abs))).toBeGreaterThan(0.01);
  });
});
