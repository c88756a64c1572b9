import { expect, test } from 'vitest';
import { Mailbox } from '../../src/stream/mailbox.ts';

function frames(count: number) {
  return Array.from({ length: count }, (_, i) => {
    const state = { closed: 0 };
    const frame = { close: () => state.closed++ } as unknown as VideoFrame;
    return { captured: { frame, timestampMs: i, capturedMs: i }, state };
  });
}

test('the newest frame wins and the displaced one is closed', async () => {
  const mailbox = new Mailbox();
  const [a, b, c] = frames(3);
  mailbox.put(a.captured);
  mailbox.put(b.captured);
  expect(await mailbox.take()).toBe(b.captured);
  expect([a.state.closed, b.state.closed]).toEqual([1, 0]);
  const taking = mailbox.take();
  mailbox.put(c.captured);
  expect(await taking).toBe(c.captured);
  expect(c.state.closed).toBe(0);
});

test('frames that do not come later are closed', async () => {
  const mailbox = new Mailbox();
  const [a, b] = frames(2);
  mailbox.put(b.captured);
  mailbox.put(a.captured);
  mailbox.put({ ...a.captured, timestampMs: 1 });
  expect(await mailbox.take()).toBe(b.captured);
  expect(a.state.closed).toBe(2);
});

test('after the end the waiting frame comes, then null; late frames are closed', async () => {
  const mailbox = new Mailbox();
  const [a, b] = frames(2);
  mailbox.put(a.captured);
  mailbox.end();
  mailbox.put(b.captured);
  expect(b.state.closed).toBe(1);
  expect(await mailbox.take()).toBe(a.captured);
  expect(await mailbox.take()).toBeNull();
});

test('a failure reaches the taker and closes what waits', async () => {
  const mailbox = new Mailbox();
  const [a] = frames(1);
  const reason = new Error('enough');
  const taking = mailbox.take();
  mailbox.fail(reason);
  await expect(taking).rejects.toBe(reason);
  await expect(mailbox.take()).rejects.toBe(reason);

  const other = new Mailbox();
  other.put(a.captured);
  other.fail(reason);
  expect(a.state.closed).toBe(1);
});

test('paused, frames are closed as they come; every frame is counted', async () => {
  const mailbox = new Mailbox();
  const [a, b, c, d] = frames(4);
  mailbox.put(a.captured);
  mailbox.paused = true;
  mailbox.put(b.captured);
  expect([a.state.closed, b.state.closed]).toEqual([1, 1]);
  mailbox.paused = false;
  mailbox.put(c.captured);
  expect(await mailbox.take()).toBe(c.captured);
  mailbox.put(d.captured);
  expect(mailbox.counts).toEqual({ seen: 4, used: 1, dropped: 2, closed: 2, unread: 0 });
  mailbox.free(c.captured);
  mailbox.fail(undefined);
  expect(mailbox.counts).toEqual({ seen: 4, used: 1, dropped: 3, closed: 4, unread: 0 });
});
