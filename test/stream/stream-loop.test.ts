/** The loop between a camera and a consumer, without either: frames are counted objects, computing is a promise. */
import { expect, test } from 'vitest';
import type { Result } from '../../src/result.ts';
import type { EngineReply } from '../../src/session/engine-api.ts';
import { Mailbox } from '../../src/stream/mailbox.ts';
import { type RunFrame, StreamLoop } from '../../src/stream/stream-loop.ts';

const tick = () => new Promise((resolve) => setTimeout(resolve));

function camera() {
  const mailbox = new Mailbox();
  const frames: { closed: number }[] = [];
  const shoot = () => {
    const state = { closed: 0 };
    const frame = { close: () => state.closed++ } as unknown as VideoFrame;
    const timestampMs = frames.push(state);
    mailbox.put({ frame, timestampMs, capturedMs: timestampMs });
  };
  return { mailbox, frames, shoot };
}

const replyAt = (timestampMs: number, alerts?: string[]) =>
  ({
    result: {
      timestampMs,
      ...(alerts ? { alerts: alerts.map((kind) => ({ kind })) } : {}),
    } as unknown as Result,
    memory: { backendBytes: 0, framesHeld: 0 },
  }) satisfies EngineReply;

test('frames go on being computed while nobody takes results; alerts join the next one', async () => {
  const { mailbox, shoot, frames } = camera();
  const run: RunFrame = async ({ timestampMs }) =>
    replyAt(timestampMs, timestampMs === 2 ? undefined : [`alert ${timestampMs}`]);
  const loop = new StreamLoop(mailbox, run, () => {});
  for (let i = 0; i < 3; i++) {
    shoot();
    await tick();
  }
  const { reply, capturedMs, counts } = await loop.take();
  expect(reply?.result.timestampMs).toBe(3);
  expect(capturedMs).toBe(3);
  expect(reply?.result.alerts).toEqual([{ kind: 'alert 1' }, { kind: 'alert 3' }]);
  expect(counts).toEqual({ seen: 3, used: 3, dropped: 0, closed: 3, unread: 2 });
  expect(frames.map(({ closed }) => closed > 0)).toEqual([true, true, true]);
  mailbox.end();
  expect((await loop.take()).reply).toBeUndefined();
});

test('while a frame is computed only the newest of those that come is kept', async () => {
  const { mailbox, shoot, frames } = camera();
  const done: (() => void)[] = [];
  const run: RunFrame = ({ timestampMs }) =>
    new Promise((resolve) => done.push(() => resolve(replyAt(timestampMs))));
  const loop = new StreamLoop(mailbox, run, () => {});
  for (let i = 0; i < 4; i++) shoot();
  await tick();
  expect(done).toHaveLength(1);
  done[0]();
  expect((await loop.take()).reply?.result.timestampMs).toBe(1);
  await tick();
  done[1]();
  expect((await loop.take()).reply?.result.timestampMs).toBe(4);
  expect(frames.map(({ closed }) => closed)).toEqual([1, 1, 1, 1]);
  expect(await loop.stop()).toEqual({ seen: 4, used: 2, dropped: 2, closed: 4, unread: 0 });
});

test('a lost frame is passed over, an error ends it, and what stops the camera is called once', async () => {
  const { mailbox, shoot, frames } = camera();
  const failure = new Error('broken');
  let released = 0;
  const run: RunFrame = async ({ timestampMs }) => {
    if (timestampMs === 1) return undefined;
    throw failure;
  };
  const loop = new StreamLoop(mailbox, run, () => released++);
  shoot();
  await tick();
  const taking = loop.take();
  shoot();
  await expect(taking).rejects.toBe(failure);
  shoot();
  expect(await loop.stop()).toEqual({ seen: 3, used: 2, dropped: 1, closed: 3, unread: 0 });
  expect(frames.every(({ closed }) => closed > 0)).toBe(true);
  expect(released).toBe(1);
});

test('stop aborts what runs, ends the taker quietly and closes every frame', async () => {
  const { mailbox, shoot } = camera();
  const run: RunFrame = (_, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const loop = new StreamLoop(mailbox, run, () => {});
  shoot();
  await tick();
  shoot();
  const taking = loop.take();
  expect(await loop.stop()).toEqual({ seen: 2, used: 1, dropped: 1, closed: 2, unread: 0 });
  expect((await taking).reply).toBeUndefined();
});
