/** The package's own choice of backend, and every backend by name, in a real worker. */
import { describe, expect, test } from 'vitest';
import { webgpuAdapter } from '../../src/session/webgpu-adapter.ts';
import { create, picture } from './api-helpers.ts';

/** Few blocks: the software adapter is slow. */
const small = () => picture(1, { width: 40, height: 24 });
/** Scores from here on leave frames on the GPU. */
const RESIDENT = { scoreThreshold: 0.1, warmup: false };
const DENSE = { attention: { policy: 'dense' as const } };

describe('backends', () => {
  test('wasm comes first where the adapter is a software fallback', async () => {
    expect(await webgpuAdapter()).toEqual({ kind: 'software' });
    await using net = await create({ backends: undefined });
    expect(net.backend).toBe('wasm');
    expect(net.passedOver).toEqual([]);
  });

  test.each(['wasm', 'webgpu'] as const)('%s finds what the reference finds', async (backend) => {
    await using reference = await create();
    await using net = await create({ backends: [backend], warmup: false });
    expect(net.backend).toBe(backend);
    const [one, other] = [await reference.detect(small(), DENSE), await net.detect(small(), DENSE)];
    expect(other.backend).toBe(backend);
    expect(other.attention.gates).toEqual(one.attention.gates);
    expect(other.macs).toEqual(one.macs);
    expect(other.detections.length).toBe(one.detections.length);
    for (const [i, { label, score, box }] of other.detections.entries()) {
      expect(label).toBe(one.detections[i].label);
      expect(score).toBeCloseTo(one.detections[i].score, 2);
      expect(Math.abs(box.x - one.detections[i].box.x)).toBeLessThan(0.5);
    }
    expect(net.memory().backendBytes).toBeGreaterThan(0);
  });

  test('the benchmark tells of WebGPU how many pipelines it needs and what a frame brings back', async () => {
    await using net = await create({ backends: ['webgpu'], ...RESIDENT });
    const report = await net.benchmark({ frames: 1, image: small(), shares: [0.5] });
    expect(report.pipelines).toBeGreaterThan(0);
    expect(report.pipelines).toBeLessThanOrEqual(24);
    for (const { readbackBytes } of [report.foveated, report.dense, ...report.shares]) {
      expect(readbackBytes).toBeGreaterThan(0);
      expect(readbackBytes).toBeLessThanOrEqual(4096);
    }
  });

  test('frames of one net are on the GPU together, at most three', async () => {
    const device = await (await navigator.gpu.requestAdapter())!.requestDevice();
    const log: string[] = [];
    const { submit } = device.queue;
    device.queue.submit = (buffers) => {
      if ([...buffers].some(({ label }) => label === 'frame')) log.push('submit');
      submit.call(device.queue, buffers);
    };
    await using net = await create({ worker: undefined, backends: ['webgpu'], device, ...RESIDENT });
    await net.detect(small());
    log.length = 0;
    const calls = [0, 1, 2, 3].map(async () => {
      await net.detect(small());
      log.push('result');
    });
    await Promise.all(calls);
    expect(log.slice(0, 4)).toEqual(['submit', 'submit', 'submit', 'result']);
    expect(log.slice(4).sort()).toEqual(['result', 'result', 'result', 'submit']);
    device.destroy();
  });

  test("the caller's device is used in this thread and not destroyed", async () => {
    const adapter = await navigator.gpu.requestAdapter();
    const device = await adapter!.requestDevice();
    let lost = false;
    void device.lost.then(() => {
      lost = true;
    });
    const net = await create({ worker: undefined, backends: undefined, device, warmup: false });
    expect(net.backend).toBe('webgpu');
    expect((await net.detect(small())).backend).toBe('webgpu');
    await net.dispose();
    await device.queue.onSubmittedWorkDone();
    expect(lost).toBe(false);
    device.destroy();
  });

  test("when the caller's device is lost the net has ended", async () => {
    const device = await (await navigator.gpu.requestAdapter())!.requestDevice();
    await using net = await create({ worker: undefined, backends: ['webgpu'], device, warmup: false });
    await net.detect(small());
    const told: string[] = [];
    net.on('devicelost', () => told.push('devicelost'));
    net.on('error', ({ code }) => told.push(code));
    device.destroy();
    await device.lost;
    for (let i = 0; i < 2; i++) {
      await expect(net.detect(small())).rejects.toMatchObject({ code: 'DEVICE_LOST' });
    }
    expect(told).toEqual(['devicelost', 'DEVICE_LOST']);
    expect(await net.lost).toMatchObject({ reason: 'device' });
  });

  test('a lost device is replaced and the frame still gets its result', async () => {
    const devices: GPUDevice[] = [];
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...args) {
      const device = await requestDevice.apply(this, args);
      devices.push(device);
      return device;
    };
    try {
      await using net = await create({ worker: false, backends: ['webgpu', 'reference'], warmup: false });
      const expected = await net.detect(small());
      const told: string[] = [];
      net.on('devicelost', () => told.push('devicelost'));
      net.on('restored', ({ backend }) => told.push(backend));
      for (const device of devices) device.destroy();
      await Promise.all(devices.map((device) => device.lost));
      const after = await net.detect(small());
      expect(after.attention).toEqual(expected.attention);
      expect(told).toEqual(['devicelost', 'webgpu']);
      expect(net.backend).toBe('webgpu');
    } finally {
      GPUAdapter.prototype.requestDevice = requestDevice;
    }
  });
});
