/**
 * The kernels as they are cut for a GPU (other register tiles, larger workgroups, float16 where there is `shader-f16`),
 * on the software adapter, which is kept from saying what it is: nowhere else does a test run them.
 */
import { afterAll, describe, expect, it } from 'vitest';
import type { SourceFrame } from '../../src/backends/backend.ts';
import { isSoftware, requestDevice } from '../../src/backends/webgpu/device.ts';
import { webgpuBackend } from '../../src/backends/webgpu/index.ts';
import { kernelShape } from '../../src/backends/webgpu/shapes.ts';
import { Session } from '../../src/session/session.ts';
import { randomFrame } from '../conformance/random.ts';
import { shippedCase } from '../conformance/shipped.ts';
import { conformanceSuite } from '../conformance/suite.ts';

const { model, ...shipped } = await shippedCase();
const device = await openDevice();
afterAll(() => device.destroy());

conformanceSuite(() => webgpuBackend({ device, precision: 'float32' }), {
  timeoutMs: 60_000,
  models: [{ ...shipped, model }],
});

async function openDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  const opened = await requestDevice(adapter!);
  const info = { vendor: 'nvidia', architecture: 'ampere', device: '', description: '' };
  Object.defineProperty(opened, 'adapterInfo', { value: info });
  return opened;
}

describe('cut for a GPU', () => {
  it('kernels are others than for an emulated one', () => {
    expect(isSoftware(device.adapterInfo)).toBe(false);
    expect(webgpuBackend({ device }).softwareAdapter).toBe(false);
    const [gpu, emulated] = [kernelShape(false, 'float32'), kernelShape(true, 'float32')];
    expect(gpu.workgroup).toBeGreaterThan(emulated.workgroup);
    expect(gpu.places).toBeLessThan(emulated.places);
  });

  it('frames that stay on it give what those on the emulated one give', async () => {
    const options = { scoreThreshold: 0.1 };
    const ours = await Session.create(model, webgpuBackend({ device, precision: 'float32' }), options);
    const emulated = await Session.create(model, webgpuBackend({ precision: 'float32' }), options);
    const frames: SourceFrame[] = [1, 2].map((seed) => randomFrame({ width: 112, height: 80 }, seed));
    for (const frame of frames) {
      for (const budget of [0, 0.1, 0.5, 1]) {
        const [a, b] = [await ours.detect(frame, { budget }), await emulated.detect(frame, { budget })];
        expect(a.attention.gates).toEqual(b.attention.gates);
        expect(a.macs).toEqual(b.macs);
        expect(a.detections.length).toBe(b.detections.length);
        a.detections.forEach(({ label, score, box }, i) => {
          expect(label).toBe(b.detections[i].label);
          expect(Math.abs(score - b.detections[i].score)).toBeLessThan(1e-3);
          expect(Math.abs(box.x - b.detections[i].box.x)).toBeLessThan(0.25);
        });
      }
    }
    ours.dispose();
    emulated.dispose();
  });
});
