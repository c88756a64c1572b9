/** The WebGPU backend on the software adapter: the conformance suite, and what only a device can do wrong. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Executor } from '../../src/backends/backend.ts';
import { DeviceHandle, isSoftware, USAGE } from '../../src/backends/webgpu/device.ts';
import { type WebgpuOptions, webgpuBackend } from '../../src/backends/webgpu/index.ts';
import { PipelineCache } from '../../src/backends/webgpu/pipelines.ts';
import { detailMacs } from '../../src/network/geometry.ts';
import { Engine } from '../../src/session/engine.ts';
import { randomModel } from '../../train/random-model.ts';
import { tinyModelBytes } from '../api/fixture.ts';
import { EVEN_NET } from '../conformance/nets.ts';
import { randomFrame } from '../conformance/random.ts';
import { shippedCase } from '../conformance/shipped.ts';
import { conformanceSuite } from '../conformance/suite.ts';

conformanceSuite(() => webgpuBackend(), {
  timeoutMs: 60_000,
  models: [await shippedCase()],
});

const shippedModel = async () => (await shippedCase()).model;
const model = randomModel(EVEN_NET, 5);
const size = { width: 64, height: 32 };
const gates = Uint8Array.of(1, 0, 0, 2, 0, 1, 0, 0);

async function requestDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  return adapter!.requestDevice();
}

/** An executor that has run a frame. */
async function ready(options?: WebgpuOptions): Promise<Executor> {
  const executor = await webgpuBackend(options).load(model);
  await executor.upload(randomFrame(size, 1));
  await executor.glance();
  return executor;
}

describe('sparse', () => {
  const dispatch = GPUComputePassEncoder.prototype.dispatchWorkgroups;
  let dispatched: number[] = [];

  beforeEach(() => {
    dispatched = [];
    GPUComputePassEncoder.prototype.dispatchWorkgroups = function (x, y = 1, z = 1) {
      dispatched.push(x * y * z);
      dispatch.call(this, x, y, z);
    };
  });
  afterEach(() => {
    GPUComputePassEncoder.prototype.dispatchWorkgroups = dispatch;
  });

  it('a skipped block costs no dispatch and no MACs', async () => {
    const size = { width: 128, height: 96 };
    const blocks = 48;
    const executor = await webgpuBackend().load(model);
    await executor.upload(randomFrame(size, 1));
    await executor.glance();
    const run = async (gateOf: (block: number) => number) => {
      dispatched = [];
      const gates = Uint8Array.from({ length: blocks }, (_, block) => gateOf(block));
      const { macs } = await executor.inspect(gates);
      expect(macs).toBe(detailMacs(EVEN_NET, size, gates));
      return { macs, dispatches: dispatched.length, groups: dispatched.reduce((sum, n) => sum + n, 0) };
    };
    expect(await run(() => 0)).toEqual({ macs: 0, dispatches: 0, groups: 0 });
    const eight = await run((block) => Number(block < 8));
    const all = await run(() => 1);
    expect(all.macs).toBe(6 * eight.macs);
    expect(all.dispatches).toBe(eight.dispatches);
    // Six times as many, but that workgroups are whole: those of eight blocks may stand partly empty.
    expect(all.groups).toBeGreaterThan(3 * eight.groups);
    const mixed = await run((block) => Number(block < 8) * (1 + (block % 2)));
    expect(mixed.dispatches).toBe(eight.dispatches + 1);
    executor.dispose();
  });
});

describe('device', () => {
  it('knows a software adapter', async () => {
    const backend = webgpuBackend();
    expect(backend.softwareAdapter).toBe(false);
    expect(await backend.unavailable()).toBeNull();
    expect(backend.softwareAdapter).toBe(true);
    const device = await requestDevice();
    expect(webgpuBackend({ device }).softwareAdapter).toBe(true);
    device.destroy();
  });

  it('does not take a GPU for a software adapter', () => {
    const info = { vendor: 'nvidia', architecture: 'ampere', device: '', description: '' } as GPUAdapterInfo;
    expect(isSoftware(info)).toBe(false);
    expect(isSoftware({ ...info, vendor: 'google', architecture: 'swiftshader' })).toBe(true);
    expect(isSoftware({ ...info, isFallbackAdapter: true })).toBe(true);
    expect(isSoftware({ ...info, description: 'llvmpipe (LLVM 15, 256 bits)' })).toBe(true);
    expect(isSoftware(undefined)).toBe(false);
  });

  it('says why it is unavailable, and load is UNSUPPORTED then', async () => {
    const backend = webgpuBackend();
    const adapter = vi.spyOn(navigator.gpu, 'requestAdapter');
    adapter.mockResolvedValue(null);
    expect(await backend.unavailable()).toMatch(/adapter.*wasm/);
    await expect(backend.load(model)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    adapter.mockRejectedValue(new Error('driver says no'));
    expect(await backend.unavailable()).toMatch(/driver says no/);
    adapter.mockRestore();
    const gpu = vi.spyOn(Navigator.prototype, 'gpu', 'get').mockReturnValue(undefined as unknown as GPU);
    expect(await backend.unavailable()).toMatch(/no WebGPU/);
    await expect(backend.load(model)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    gpu.mockRestore();
    expect(await backend.unavailable()).toBeNull();
  });

  it("leaves the caller's device alive and clean", async () => {
    const device = await requestDevice();
    const errors: string[] = [];
    device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
    let lost = false;
    device.lost.then(() => {
      lost = true;
    });
    const first = await ready({ device });
    const second = await ready({ device });
    first.dispose();
    first.dispose();
    expect((await second.inspect(gates)).blocks).toHaveLength(3);
    second.dispose();
    await device.queue.onSubmittedWorkDone();
    const buffer = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ });
    await buffer.mapAsync(GPUMapMode.READ);
    expect(lost).toBe(false);
    expect(errors).toEqual([]);
    device.destroy();
  });

  it('rejects with DEVICE_LOST once the device is lost, and disposes all the same', async () => {
    const device = await requestDevice();
    const executor = await ready({ device });
    const lost = { code: 'DEVICE_LOST', name: 'SaccadeNetError' };
    device.destroy();
    await expect(executor.inspect(gates)).rejects.toMatchObject(lost);
    await expect(executor.glance()).rejects.toMatchObject(lost);
    await expect(executor.upload(randomFrame(size, 2))).rejects.toMatchObject(lost);
    await expect(executor.read('a1')).rejects.toMatchObject(lost);
    await expect(webgpuBackend({ device }).load(model)).rejects.toMatchObject(lost);
    executor.dispose();
    await expect(executor.glance()).rejects.toMatchObject({ code: 'DISPOSED' });
  });

  it('rejects calls under way with DISPOSED when it is disposed', async () => {
    for (const options of [undefined, { device: await requestDevice() }]) {
      const executor = await ready(options);
      const inspection = executor.inspect(gates);
      executor.dispose();
      await expect(inspection).rejects.toMatchObject({ code: 'DISPOSED' });
      expect(executor.memoryBytes()).toBe(0);
      options?.device.destroy();
    }
  });

  it('refuses a size that its buffers cannot hold with OUT_OF_MEMORY and stays usable', async () => {
    const device = await requestDevice();
    const executor = await ready({ device });
    const before = await executor.inspect(gates);
    const createBuffer = vi
      .spyOn(device.limits, 'maxStorageBufferBindingSize', 'get')
      .mockReturnValue(30_000);
    const large = randomFrame({ width: 128, height: 128 }, 3);
    await expect(executor.upload(large)).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: expect.stringContaining('128x128'),
    });
    createBuffer.mockRestore();
    await executor.upload(randomFrame(size, 1));
    await executor.glance();
    const after = await executor.inspect(gates);
    expect(after.cells).toEqual(before.cells);
    executor.dispose();
    device.destroy();
  });

  it("tells the GPU's refusals apart: OUT_OF_MEMORY and INTERNAL", async () => {
    const device = await requestDevice();
    const handle = new DeviceHandle(device, true);
    const create = (usage: number) => () => device.createBuffer({ size: 16, usage });
    expect((await handle.scoped('a buffer', create(USAGE.storage))).size).toBe(16);
    await expect(handle.scoped('a buffer', create(USAGE.mapRead | USAGE.storage))).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('a buffer'),
    });
    const pop = vi.spyOn(device, 'popErrorScope');
    pop.mockResolvedValueOnce(null).mockResolvedValueOnce(new GPUOutOfMemoryError('no room'));
    await expect(handle.scoped('a buffer', create(USAGE.storage))).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: expect.stringMatching(/a buffer.*no room.*maxWorkingPixels/),
    });
    pop.mockRestore();
    handle.release();
    expect((await device.lost).reason).toBe('destroyed');
  });

  it('stops loading when the signal aborts meanwhile', async () => {
    const controller = new AbortController();
    const loading = webgpuBackend().load(model, { signal: controller.signal });
    controller.abort(new Error('changed my mind'));
    await expect(loading).rejects.toThrow('changed my mind');
  });

  it('compiles each kernel once a device, whatever the network: at most 24 pipelines', async () => {
    const device = await requestDevice();
    const create = vi.spyOn(device, 'createComputePipelineAsync');
    const first = await webgpuBackend({ device }).load(model);
    const compiled = create.mock.calls.length;
    expect(compiled).toBe(first.pipelines);
    expect(compiled).toBeLessThanOrEqual(24);
    const second = await webgpuBackend({ device }).load(await shippedModel());
    expect(create.mock.calls.length).toBe(compiled);
    first.dispose();
    second.dispose();
    device.destroy();
  });

  it('compiles all kernels side by side: the last is asked for before the first is done', async () => {
    const device = await requestDevice();
    const create = device.createComputePipelineAsync.bind(device);
    const blocking = vi.spyOn(device, 'createComputePipeline');
    let asked = 0;
    const askedWhenOneWasDone: number[] = [];
    vi.spyOn(device, 'createComputePipelineAsync').mockImplementation(async (descriptor) => {
      asked++;
      const pipeline = await create(descriptor);
      askedWhenOneWasDone.push(asked);
      return pipeline;
    });
    const executor = await webgpuBackend({ device }).load(model);
    expect(askedWhenOneWasDone).toEqual(Array(executor.pipelines).fill(executor.pipelines));
    expect(blocking).not.toHaveBeenCalled();
    executor.dispose();
    device.destroy();
  });

  it('is warmed up by default: a first frame asks for no shader or pipeline and takes no other way', async () => {
    const device = await requestDevice();
    const stages: string[] = [];
    const engine = new Engine((event) => event.type === 'progress' && stages.push(event.stage));
    const dispatches = vi.spyOn(GPUComputePassEncoder.prototype, 'setPipeline');
    await engine.start(1, { modelBytes: tinyModelBytes(), frame: { scoreThreshold: 0.1 }, device });
    const warmed = new Set(dispatches.mock.calls.map(([pipeline]) => pipeline));
    expect(stages).toContain('warmup');
    dispatches.mockClear();
    const compiled = (
      ['createShaderModule', 'createComputePipelineAsync', 'createComputePipeline'] as const
    ).map((name) => vi.spyOn(device, name));
    await engine.detect(2, randomFrame(size, 1), {});
    for (const call of compiled) expect(call).not.toHaveBeenCalled();
    const used = dispatches.mock.calls.map(([pipeline]) => pipeline);
    expect(used.length).toBeGreaterThan(5);
    for (const pipeline of used) expect(warmed.has(pipeline), pipeline.label).toBe(true);
    dispatches.mockRestore();
    engine.dispose();
    device.destroy();
  });

  it('tells what a shader was refused for', async () => {
    const device = await requestDevice();
    const errors: string[] = [];
    device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
    const cache = PipelineCache.of(device);
    await expect(cache.compile('broken', 'fn main() { let a = nowhere; }', {})).rejects.toMatchObject({
      code: 'SHADER_COMPILE',
      message: expect.stringContaining('nowhere'),
      details: { kernel: 'broken', messages: [expect.stringMatching(/^error at 1:\d+: .*nowhere/)] },
    });
    expect(errors).toEqual([]);
    device.destroy();
  });
});
