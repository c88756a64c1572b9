/** A lost GPU as the user of a net sees it: events, `lost`, and the calls after it. */
import { getEventListeners } from 'node:events';
import { beforeEach, expect, test, vi } from 'vitest';
import { type CreateOptions, createSaccadeNet } from '../../src/index.ts';
import { randomFrame } from '../conformance/random.ts';
import { gpu } from '../session/fake-gpu.ts';
import { tinyModelBytes } from './fixture.ts';

vi.mock('../../src/backends/webgpu/index.ts', async () => ({
  webgpuBackend: (await import('../session/fake-gpu.ts')).fakeGpuBackend,
}));

const frame = randomFrame({ width: 70, height: 50 }, 1);

async function create(options: CreateOptions = {}) {
  const net = await createSaccadeNet({
    model: tinyModelBytes(),
    backends: ['webgpu', 'wasm'],
    warmup: false,
    ...options,
  });
  const told: unknown[] = [];
  net.on('devicelost', () => told.push('devicelost'));
  net.on('restored', ({ backend, tookMs }) => told.push(backend, Math.sign(tookMs)));
  net.on('warning', ({ code }) => told.push(code));
  net.on('error', ({ code }) => told.push(code));
  return { net, told };
}

beforeEach(() => {
  gpu.reset();
  vi.spyOn(console, 'warn')
    .mockImplementation(() => {})
    .mockClear();
});

test('replaced once, given up at the second loss: lost settles and the net goes on with wasm', async () => {
  const { net, told } = await create();
  const settled = vi.fn();
  void net.lost.then(settled);
  gpu.loseAll();
  expect((await net.detect(frame)).backend).toBe('webgpu');
  expect(told).toEqual(['devicelost', 'webgpu', 1]);
  expect(settled).not.toHaveBeenCalled();
  gpu.loseAll();
  expect((await net.detect(frame)).backend).toBe('wasm');
  expect(told.slice(3)).toEqual(['devicelost', 'wasm', 1, 'DEVICE_LOST']);
  expect(await net.lost).toMatchObject({ reason: 'device', goesOnWith: 'wasm' });
  expect(net.backend).toBe('wasm');
  expect(net.memory().backendBytes).toBeGreaterThan(0);
  await net.dispose();
  expect(await net.lost, 'settled once').toMatchObject({ reason: 'device' });
});

test('with no other backend the net has ended, and says so to every call', async () => {
  const { net, told } = await create({ backends: ['webgpu'] });
  gpu.plan = [
    { stage: 'glance', manner: 'before' },
    { stage: 'inspect', manner: 'zeros' },
  ];
  const calls = [net.detect(frame), net.detect(frame)];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'DEVICE_LOST' });
  await expect(net.detect(frame)).rejects.toMatchObject({ code: 'DEVICE_LOST' });
  expect(told).toEqual(['devicelost', 'webgpu', 1, 'devicelost', 'DEVICE_LOST']);
  const info = await net.lost;
  expect(info).toMatchObject({ reason: 'device' });
  expect(info).not.toHaveProperty('goesOnWith');
});

test('a GPU that is lost for good while the net starts is told of once there is a net', async () => {
  gpu.plan = [
    { stage: 'inspect', manner: 'before' },
    { stage: 'load', manner: 'after' },
  ];
  const { net } = await create({ warmup: true });
  expect(net.backend).toBe('wasm');
  expect(await net.lost).toMatchObject({ reason: 'device', goesOnWith: 'wasm' });
  expect(console.warn).toHaveBeenCalledOnce();
});

test("dispose takes the net's listeners from the caller's signals", async () => {
  const { signal } = new AbortController();
  const { net } = await create({ signal });
  net.on('error', () => {}, { signal });
  net.on('restored', () => {}, { signal });
  await net.detect(frame, { signal });
  expect(getEventListeners(signal, 'abort')).toHaveLength(2);
  await net.dispose();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
