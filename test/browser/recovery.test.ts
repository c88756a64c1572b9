/** Devices that are really lost: replaced, given up, the caller's; and what is left on the GPU afterwards. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Engine } from '../../src/session/engine.ts';
import type { EngineEvent, EngineInit } from '../../src/session/engine-api.ts';
import { SECOND_LOSS_MS } from '../../src/session/live-session.ts';
// @ts-expect-error: plain JavaScript of the tools, without types
import { openLedger } from '../../tools/soak/gpu-ledger.mjs';
import { tinyModelBytes } from '../api/fixture.ts';
import { create, picture } from './api-helpers.ts';

interface Ledger {
  devices(): GPUDevice[];
  live(): { objects: number; bytes: number };
  loseAll(): Promise<void>;
  frameCalls(work: () => Promise<unknown>): Promise<string[]>;
  loseAt(index: number, manner: 'before' | 'after'): { done: boolean };
  close(): void;
}

let ledger: Ledger;
beforeEach(() => {
  ledger = openLedger();
});
afterEach(() => ledger.close());

/** Before the frame is sent, while it is computed, and when it comes back; `npm run soak` takes every call in turn. */
const LOST_AT = [
  ['before', 'GPUQueue.submit'],
  ['before', 'GPUBuffer.mapAsync'],
  ['after', 'GPUBuffer.mapAsync'],
  ['before', 'GPUBuffer.getMappedRange'],
] as const;

/** Few blocks: the software adapter is slow. */
const SMALL = { width: 40, height: 24 };
/** Every device compiles all pipelines anew, in software. */
vi.setConfig({ testTimeout: 300_000 });

async function start(init: Partial<EngineInit> = {}) {
  const clock = { ms: 0 };
  const events: EngineEvent[] = [];
  const engine = new Engine((event) => event.type !== 'progress' && events.push(event), {
    now: () => clock.ms,
  });
  let calls = 0;
  await engine.start(calls++, {
    modelBytes: tinyModelBytes(),
    backends: ['webgpu', 'wasm'],
    frame: { budget: 0.5, scoreThreshold: 0.1 },
    warmup: false,
    ...init,
  });
  const detect = async () => {
    const { result } = await engine.detect(calls++, picture(1, SMALL), {});
    const { backend, detections, attention, macs } = result;
    return { backend, detections, attention, macs };
  };
  return { clock, engine, events, detect, told: () => events.map(({ type }) => type) };
}

const later = (clock: { ms: number }) => {
  clock.ms += SECOND_LOSS_MS;
};

describe('our own device', () => {
  test('lost at any stage of a frame: the frame is late, never wrong, and the GPU holds no more than before', async () => {
    const { clock, engine, detect, told } = await start();
    const expected = await detect();
    expect(expected.detections.length).toBeGreaterThan(0);
    const held = ledger.live();
    expect(held.objects).toBeGreaterThan(0);
    const calls = await ledger.frameCalls(detect);
    for (const [, name] of LOST_AT) expect(calls).toContain(name);
    let losses = 0;
    for (const [manner, name] of LOST_AT) {
      later(clock);
      const loss = ledger.loseAt(calls.lastIndexOf(name), manner);
      expect(await detect(), `${manner} ${name}`).toEqual(expected);
      expect(loss.done).toBe(true);
      losses++;
      // A loss that came too late for this frame is mended before the next.
      expect(await detect()).toEqual(expected);
      expect(ledger.live(), name).toEqual(held);
      expect(ledger.devices()).toHaveLength(1);
    }
    expect(told()).toEqual(Array.from({ length: losses }, () => ['devicelost', 'restored']).flat());
    engine.dispose();
    expect(ledger.devices()).toEqual([]);
  });

  test('lost while several frames are on it: each has its own result, late', async () => {
    const { engine, detect, told } = await start();
    const budgets = [0.2, 0.6, 1];
    const several = () =>
      Promise.all(
        budgets.map(async (budget, i) => {
          const { result } = await engine.detect(1000 + i, picture(1 + i, SMALL), { budget });
          return { detections: result.detections, attention: result.attention, macs: result.macs };
        }),
      );
    await detect();
    const expected = await several();
    const attended = expected.map(({ attention }) => attention.gates.filter((gate) => gate > 0).length);
    expect(attended[0] < attended[1] && attended[1] < attended[2]).toBe(true);
    const held = ledger.live();
    // The first reply of the three is on its way back.
    const loss = ledger.loseAt((await ledger.frameCalls(several)).indexOf('GPUBuffer.mapAsync'), 'after');
    expect(await several()).toEqual(expected);
    expect(loss.done).toBe(true);
    expect(told()).toEqual(['devicelost', 'restored']);
    expect(ledger.live()).toEqual(held);
    engine.dispose();
    expect(ledger.devices()).toEqual([]);
  });

  test('lost a second time within 10 s: wasm goes on and nothing is left on the GPU', async () => {
    const { clock, engine, detect, told } = await start();
    const expected = await detect();
    await ledger.loseAll();
    expect(await detect()).toEqual(expected);
    clock.ms += SECOND_LOSS_MS - 1;
    ledger.loseAt(1, 'before');
    const after = await detect();
    expect(after.backend).toBe('wasm');
    expect(after.attention.gates).toEqual(expected.attention.gates);
    expect(after.detections).toHaveLength(expected.detections.length);
    expect(told()).toEqual(['devicelost', 'restored', 'devicelost', 'restored', 'lost', 'warning']);
    expect(ledger.devices()).toEqual([]);
    engine.dispose();
  });
});

describe("the caller's device", () => {
  async function requestDevice(): Promise<GPUDevice> {
    return (await navigator.gpu.requestAdapter())!.requestDevice();
  }

  test('nets come and go: it stays alive, and nothing of theirs stays on it', async () => {
    const device = await requestDevice();
    for (let i = 0; i < 5; i++) {
      const { engine, detect } = await start({ device });
      expect((await detect()).backend).toBe('webgpu');
      expect(ledger.live().objects).toBeGreaterThan(0);
      engine.dispose();
      expect(ledger.live()).toEqual({ objects: 0, bytes: 0 });
    }
    expect(ledger.devices()).toEqual([device]);
    device.destroy();
  });

  test('lost in the midst of a frame: no other is asked for, wasm takes over where it is allowed', async () => {
    const device = await requestDevice();
    const { engine, detect, told } = await start({ device });
    const expected = await detect();
    ledger.loseAt(2, 'before');
    const after = await detect();
    expect(after.backend).toBe('wasm');
    expect(after.attention.gates).toEqual(expected.attention.gates);
    expect(told()).toEqual(['devicelost', 'restored', 'lost', 'warning']);
    expect(ledger.devices(), 'neither destroyed nor replaced').toEqual([device]);
    engine.dispose();
  });
});

test('in a worker: told of across it, replaced once, then given up for wasm', async () => {
  const worker = new Worker(new URL('./lost-worker.ts', import.meta.url), { type: 'module' });
  await using net = await create({ worker, backends: ['webgpu', 'wasm'], warmup: false });
  const told: string[] = [];
  const restored = () =>
    new Promise<number>((resolve) => {
      net.on('restored', ({ backend, tookMs }) => {
        told.push(backend);
        resolve(tookMs);
      });
    });
  const expected = await net.detect(picture(1, SMALL));
  const first = restored();
  worker.postMessage('lose');
  // No frame is needed for it.
  expect(await first).toBeGreaterThan(0);
  const after = await net.detect(picture(1, SMALL));
  expect(after.backend).toBe('webgpu');
  expect(after.detections).toEqual(expected.detections);
  worker.postMessage('lose');
  expect((await net.detect(picture(1, SMALL))).attention.gates).toEqual(expected.attention.gates);
  expect(await net.lost).toMatchObject({ reason: 'device', goesOnWith: 'wasm' });
  expect((await net.detect(picture(1, SMALL))).backend).toBe('wasm');
  expect(told).toEqual(['webgpu', 'wasm']);
});
