/**
 * How old results are, on a clock of the test: a camera at 30 Hz, a browser that hands its frames over by a pipe that holds
 * the oldest two, and a worker that computes for long and reads none meanwhile.
 */
import { expect, test } from 'vitest';
import type { EngineReply } from '../../src/session/engine-api.ts';
import { type CapturedFrame, type Clock, Mailbox } from '../../src/stream/mailbox.ts';
import { StreamLoop } from '../../src/stream/stream-loop.ts';

const FRAME_MS = 1000 / 30;
/** What the pipe holds, and how long it takes to hand one over. */
const PIPE = 2;
const HAND_MS = 1;

const reply = { result: {}, memory: { backendBytes: 0, framesHeld: 0 } } as unknown as EngineReply;

class Timeline implements Clock {
  #now = 0;
  #events: { atMs: number; run: () => void }[] = [];

  now = () => this.#now;

  after = (ms: number, run: () => void) => {
    this.#events.push({ atMs: this.#now + ms, run });
  };

  async go(untilMs: number): Promise<void> {
    for (;;) {
      for (let i = 0; i < 20; i++) await Promise.resolve();
      this.#events.sort((a, b) => a.atMs - b.atMs);
      const next = this.#events[0];
      if (!next || next.atMs > untilMs) return;
      this.#events.shift();
      this.#now = next.atMs;
      next.run();
    }
  }
}

/** Ages of results in ms, the first ones left out. */
async function agesOf(computeMs: number, mailboxOn: (timeline: Timeline) => Mailbox) {
  const timeline = new Timeline();
  const mailbox = mailboxOn(timeline);
  const pipe: CapturedFrame[] = [];
  let newest: CapturedFrame | undefined;
  let computing = false;
  let closed = 0;
  const shoot = () => {
    const capturedMs = timeline.now();
    const frame = { close: () => closed++ } as unknown as VideoFrame;
    const captured = { frame, timestampMs: capturedMs, capturedMs };
    if (pipe.length < PIPE) pipe.push(captured);
    else newest = captured;
    timeline.after(FRAME_MS, shoot);
  };
  const hand = () => {
    const next = computing ? undefined : pipe.shift();
    if (next) mailbox.put(next);
    if (next && newest) pipe.push(newest);
    if (next) newest = undefined;
    timeline.after(HAND_MS, hand);
  };
  const ages: number[] = [];
  new StreamLoop(
    mailbox,
    ({ capturedMs }) =>
      new Promise((resolve) => {
        computing = true;
        timeline.after(computeMs, () => {
          computing = false;
          ages.push(timeline.now() - capturedMs);
          resolve(reply);
        });
      }),
    () => {},
  );
  shoot();
  hand();
  await timeline.go(10_000);
  const { used, dropped } = mailbox.counts;
  expect(closed).toBe(used + dropped - (computing ? 1 : 0));
  return ages.slice(3);
}

const paced = (timeline: Timeline) => new Mailbox(timeline);
const greedy = () => new Mailbox();

test.each([40, 70, 100, 250])('with %i ms a computation a result is younger than two of them', async (ms) => {
  const ages = await agesOf(ms, paced);
  expect(ages.length).toBeGreaterThan((0.5 * 10_000) / (ms + FRAME_MS));
  expect(Math.max(...ages)).toBeLessThan(2 * ms);
  // Never more than 1.1 camera frames and the hand-over before the computation begins.
  expect(Math.max(...ages) - ms).toBeLessThan(1.1 * FRAME_MS + 2 * HAND_MS);
});

test('whoever takes the frames as they come gets older results', async () => {
  expect(Math.max(...(await agesOf(100, greedy)))).toBeGreaterThan(200);
});

test('a computation that is quicker than the camera takes every frame at once', async () => {
  const ages = await agesOf(10, paced);
  expect(ages.length).toBeGreaterThan(280);
  expect(Math.max(...ages)).toBeLessThan(10 + 2 * HAND_MS);
});

test('an old frame is given all the same where no newer one comes', async () => {
  const timeline = new Timeline();
  const mailbox = new Mailbox(timeline);
  const frame = (capturedMs: number): CapturedFrame => ({
    ...{ timestampMs: capturedMs, capturedMs },
    frame: { close: () => {} } as unknown as VideoFrame,
  });
  mailbox.put(frame(-900));
  mailbox.put(frame(-860));
  let taken: CapturedFrame | null | undefined;
  void mailbox.take().then((got) => {
    taken = got;
  });
  await timeline.go(39);
  expect(taken).toBeUndefined();
  await timeline.go(41);
  expect(taken?.capturedMs).toBe(-860);
});
