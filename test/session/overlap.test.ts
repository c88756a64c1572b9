/** Frames of one net overlap on a device that takes the next one while it works. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Engine } from '../../src/session/engine.ts';
import type { EngineDetectOptions, EngineEvent } from '../../src/session/engine-api.ts';
import { tinyModelBytes } from '../api/fixture.ts';
import { randomFrame } from '../conformance/random.ts';
import { gpu } from './fake-gpu.ts';

vi.mock('../../src/backends/webgpu/index.ts', async () => ({
  webgpuBackend: (await import('./fake-gpu.ts')).fakeGpuBackend,
}));

/** Frames are told apart by their widths. */
const WIDTHS = [64, 80, 96, 112];

async function start() {
  gpu.resident = true;
  const events: EngineEvent[] = [];
  const engine = new Engine((event) => events.push(event));
  let calls = 0;
  const modelBytes = tinyModelBytes();
  const frame = { scoreThreshold: 0.5 };
  await engine.start(calls++, { modelBytes, backends: ['webgpu'], frame, warmup: false });
  const done: number[] = [];
  const detect = (width: number, options: EngineDetectOptions = {}) => {
    const call = calls++;
    const reply = engine.detect(call, randomFrame({ width, height: 48 }, 1), options).then(({ result }) => {
      done.push(result.width);
      return result;
    });
    reply.catch(() => {});
    return { call, reply };
  };
  return { engine, events, done, detect };
}

const flying = () => gpu.flying.map(({ width }) => width);
const answer = () => gpu.flying.shift()!.reply();
/** Long enough for whatever can happen without a reply. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

beforeEach(() => gpu.reset());

describe('frames of one net', () => {
  test('are on the device together, in the order of the calls, and so are their results', async () => {
    const { done, detect } = await start();
    const replies = WIDTHS.map((width) => detect(width).reply);
    await vi.waitFor(() => expect(flying()).toEqual(WIDTHS));
    expect(done).toEqual([]);
    while (gpu.flying.length > 0) answer();
    await Promise.all(replies);
    expect(done).toEqual(WIDTHS);
  });

  test('are taken one by one in a stream, whose next frame is chosen by the last', async () => {
    const { done, detect } = await start();
    const replies = WIDTHS.map((width, i) => detect(width, { streamId: 'a', timestampMs: 10 * i }).reply);
    for (const [i, width] of WIDTHS.entries()) {
      await vi.waitFor(() => expect(flying()).toEqual([width]));
      await settle();
      expect(done).toEqual(WIDTHS.slice(0, i));
      expect(flying()).toEqual([width]);
      answer();
    }
    await Promise.all(replies);
  });

  test('that are on a device when it is lost run again on the next one, which is opened once', async () => {
    const { done, detect, events } = await start();
    const replies = WIDTHS.map((width) => detect(width).reply);
    await vi.waitFor(() => expect(flying()).toEqual(WIDTHS));
    gpu.loseAll();
    await vi.waitFor(() => expect(flying()).toEqual(WIDTHS));
    expect(gpu.loads).toBe(2);
    expect(gpu.live.size).toBe(1);
    expect(done).toEqual([]);
    while (gpu.flying.length > 0) answer();
    await Promise.all(replies);
    expect(done).toEqual(WIDTHS);
    expect(events.filter(({ type }) => type === 'restored')).toHaveLength(1);
  });

  test('reject together when the net is disposed', async () => {
    const { engine, detect } = await start();
    const replies = WIDTHS.map((width) => detect(width).reply);
    await vi.waitFor(() => expect(flying()).toEqual(WIDTHS));
    engine.dispose();
    while (gpu.flying.length > 0) answer();
    for (const reply of replies) await expect(reply).rejects.toMatchObject({ code: 'DISPOSED' });
  });

  test('that are aborted before their turn are never taken', async () => {
    const { engine, detect } = await start();
    const first = detect(WIDTHS[0], { streamId: 'a', timestampMs: 0 });
    const second = detect(WIDTHS[1]);
    await vi.waitFor(() => expect(flying()).toEqual([WIDTHS[0]]));
    engine.abort(second.call);
    answer();
    await first.reply;
    await expect(second.reply).rejects.toMatchObject({ name: 'AbortError' });
    expect(flying()).toEqual([]);
  });
});
