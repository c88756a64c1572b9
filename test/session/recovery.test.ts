/** What becomes of a net whose GPU device is lost; on a GPU that can be lost at will (fake-gpu.ts). */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Engine } from '../../src/session/engine.ts';
import type { EngineEvent, EngineInit } from '../../src/session/engine-api.ts';
import { SECOND_LOSS_MS } from '../../src/session/live-session.ts';
import { tinyModelBytes } from '../api/fixture.ts';
import { randomFrame } from '../conformance/random.ts';
import { gpu, type Manner, type Stage } from './fake-gpu.ts';

vi.mock('../../src/backends/webgpu/index.ts', async () => ({
  webgpuBackend: (await import('./fake-gpu.ts')).fakeGpuBackend,
}));

const picture = randomFrame({ width: 70, height: 50 }, 1);
const frame = () => ({ ...picture, data: picture.data.slice() });
const lost = { code: 'DEVICE_LOST', name: 'SaccadeNetError' };

async function start(init: Partial<EngineInit> = {}) {
  const clock = { ms: 5 };
  const events: EngineEvent[] = [];
  const engine = new Engine((event) => event.type !== 'progress' && events.push(event), {
    now: () => clock.ms,
  });
  let calls = 0;
  const status = await engine.start(calls++, {
    modelBytes: tinyModelBytes(),
    backends: ['webgpu', 'wasm'],
    frame: { budget: 0.5, scoreThreshold: 0.01 },
    warmup: false,
    ...init,
  });
  const detect = async () => (await engine.detect(calls++, frame(), {})).result;
  return {
    ...{ clock, engine, events, status, detect },
    told: () => events.map(({ type }) => type),
    calls: () => calls,
    backend: async () => (await detect()).backend,
    detail: async () => {
      const { detections, attention, macs } = await detect();
      return { detections, attention, macs };
    },
  };
}

beforeEach(() => gpu.reset());

describe('a lost device', () => {
  test('is replaced each time, fifty times, and every frame has its result', async () => {
    const { clock, engine, events, detail } = await start();
    const expected = await detail();
    expect(expected.detections.length).toBeGreaterThan(0);
    for (let loss = 1; loss <= 50; loss++) {
      clock.ms += SECOND_LOSS_MS;
      gpu.loseAll();
      expect(await detail()).toEqual(expected);
      expect(gpu.loads).toBe(loss + 1);
      expect(gpu.live.size).toBe(1);
    }
    expect(events.map(({ type }) => type)).toEqual(
      Array.from({ length: 50 }, () => ['devicelost', 'restored']).flat(),
    );
    engine.dispose();
    expect(gpu.live.size).toBe(0);
  });

  test('is replaced while nobody calls, and how long that took is told', async () => {
    const { clock, events, told } = await start();
    gpu.loseAll();
    expect(told()).toEqual(['devicelost']);
    clock.ms += 70;
    await vi.waitFor(() => expect(told()).toEqual(['devicelost', 'restored']));
    expect(events[1]).toMatchObject({ tookMs: 70, status: { backend: 'webgpu' } });
    expect(gpu.live.size).toBe(1);
  });

  const places = (['upload', 'glance', 'inspect'] as Stage[]).flatMap((stage) =>
    (['before', 'after', 'zeros', 'oddly'] as Manner[]).map((manner) => [stage, manner] as const),
  );
  test.each(places)('at %s, %s it: the frame under way is late, not wrong', async (stage, manner) => {
    const { detail, told } = await start();
    const expected = await detail();
    gpu.plan = [{ stage, manner }];
    expect(await detail()).toEqual(expected);
    expect(told()).toEqual(['devicelost', 'restored']);
    expect(gpu.plan).toEqual([]);
  });

  test('an error of another kind stays what it is, and the device too', async () => {
    const { detect, told } = await start();
    gpu.plan = [{ stage: 'glance', manner: 'fails' }];
    await expect(detect()).rejects.toThrow('a bug');
    expect((await detect()).backend).toBe('webgpu');
    expect(told()).toEqual([]);
    expect(gpu.loads).toBe(1);
  });

  test('makes those that wait late, in their order', async () => {
    const { detail } = await start();
    const expected = await detail();
    gpu.plan = [{ stage: 'inspect', manner: 'zeros' }];
    const done: number[] = [];
    const call = (n: number) =>
      detail().then((result) => {
        done.push(n);
        return result;
      });
    expect(await Promise.all([call(0), call(1), call(2)])).toEqual([expected, expected, expected]);
    expect(done).toEqual([0, 1, 2]);
    expect(gpu.loads).toBe(2);
  });

  test('a call that is aborted meanwhile rejects with its reason; the next one finds the new device', async () => {
    const { engine, calls, detail, told } = await start();
    const expected = await detail();
    gpu.loseAll();
    const number = calls() + 1000;
    const call = engine.detect(number, frame(), {});
    engine.abort(number);
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(await detail()).toEqual(expected);
    expect(told()).toEqual(['devicelost', 'restored']);
  });

  test('dispose meanwhile frees the new device too', async () => {
    const { engine, detect, told } = await start();
    gpu.loseAll();
    const call = detect();
    engine.dispose();
    await expect(call).rejects.toMatchObject({ code: 'DISPOSED' });
    await vi.waitFor(() => expect(gpu.live.size).toBe(0));
    expect(told()).toEqual(['devicelost']);
  });
});

describe('a device that is lost again', () => {
  test('within 10 s of a recovery is given up: wasm goes on, and nothing asks for the GPU again', async () => {
    const { clock, events, told, detail, backend } = await start();
    const expected = await detail();
    gpu.loseAll();
    await detail();
    clock.ms += SECOND_LOSS_MS - 1;
    gpu.loseAll();
    const after = await detail();
    expect(after.attention.gates).toEqual(expected.attention.gates);
    expect(after.detections.map(({ label }) => label)).toEqual(expected.detections.map(({ label }) => label));
    expect(told()).toEqual(['devicelost', 'restored', 'devicelost', 'restored', 'lost', 'warning']);
    expect(events[3]).toMatchObject({ status: { backend: 'wasm' } });
    expect(events[4]).toMatchObject({ goesOnWith: 'wasm', message: expect.stringContaining('wasm') });
    clock.ms += 10 * SECOND_LOSS_MS;
    expect(await backend()).toBe('wasm');
    expect(gpu.loads).toBe(2);
    expect(gpu.live.size).toBe(0);
  });

  test('10 s after it or later is replaced', async () => {
    const { clock, backend } = await start();
    for (let i = 0; i < 3; i++) {
      gpu.loseAll();
      expect(await backend()).toBe('webgpu');
      clock.ms += SECOND_LOSS_MS;
    }
  });

  test('while it is replaced is given up', async () => {
    const { told, backend } = await start();
    gpu.plan = [
      { stage: 'inspect', manner: 'before' },
      { stage: 'load', manner: 'after' },
    ];
    expect(await backend()).toBe('wasm');
    expect(told()).toEqual(['devicelost', 'restored', 'lost', 'warning']);
  });

  test('ends the engine where no other backend is allowed', async () => {
    const { events, told, detect } = await start({ backends: ['webgpu'] });
    gpu.plan = [
      { stage: 'inspect', manner: 'zeros' },
      { stage: 'inspect', manner: 'zeros' },
    ];
    await expect(detect()).rejects.toMatchObject(lost);
    await expect(detect()).rejects.toMatchObject({
      ...lost,
      message: expect.stringContaining("name 'wasm'"),
    });
    expect(told()).toEqual(['devicelost', 'restored', 'devicelost', 'lost']);
    expect(events[3]).not.toHaveProperty('goesOnWith');
    expect(gpu.loads).toBe(2);
  });

  test('goes on with wasm where there is no adapter any more', async () => {
    const { told, backend } = await start();
    gpu.present = false;
    gpu.loseAll();
    expect(await backend()).toBe('wasm');
    expect(told()).toEqual(['devicelost', 'restored', 'lost', 'warning']);
  });
});

describe("the caller's own device", () => {
  const device = { queue: {} } as GPUDevice;

  test('is never replaced: wasm takes over at the first loss', async () => {
    const { told, backend } = await start({ device, backends: undefined });
    expect(await backend()).toBe('webgpu');
    gpu.loseAll();
    expect(await backend()).toBe('wasm');
    expect(told()).toEqual(['devicelost', 'restored', 'lost', 'warning']);
    expect(gpu.devices).toEqual([device]);
  });

  test('ends the engine where no other backend is allowed', async () => {
    const { told, detect } = await start({ device, backends: ['webgpu'] });
    gpu.loseAll();
    await expect(detect()).rejects.toMatchObject({
      ...lost,
      message: expect.stringContaining('only its owner'),
    });
    expect(told()).toEqual(['devicelost', 'lost']);
    expect(gpu.devices).toEqual([device]);
  });
});
