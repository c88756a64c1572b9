import { expect, test } from 'vitest';
import { Calls } from '../../src/api/calls.ts';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import type { EngineApi, EngineFrame, EngineReply } from '../../src/session/engine-api.ts';

/** An engine whose calls end when the test says so. */
function manualEngine(mostRunning?: () => number) {
  const log: string[] = [];
  const running = new Map<number, { resolve(reply: EngineReply): void; reject(error: unknown): void }>();
  const engine: EngineApi = {
    start: () => Promise.reject(new Error('not used')),
    detect: (call) => {
      log.push(`detect ${call}`);
      return new Promise((resolve, reject) => running.set(call, { resolve, reject }));
    },
    abort: (call) => log.push(`abort ${call}`),
    sightings: async () => [],
    reset: () => {},
    dispose: () => {},
  };
  return { calls: new Calls(engine, mostRunning), log, running };
}

const reply = (n: number) => ({ n }) as unknown as EngineReply;
const frame = (closed: string[], name: string) =>
  Promise.resolve({ close: () => closed.push(name) } as unknown as EngineFrame);
const turns = () => new Promise((resolve) => setTimeout(resolve));

test('one call at a time, in call order, although frames come in another', async () => {
  const { calls, log, running } = manualEngine();
  let giveFirst: (frame: EngineFrame) => void = () => {};
  const first = calls.detect(new Promise((resolve) => (giveFirst = resolve)), {});
  const second = calls.detect(frame([], 'b'), {});
  await turns();
  expect(log).toEqual([]);
  giveFirst(await frame([], 'a'));
  await turns();
  expect(log).toEqual(['detect 1']);
  running.get(1)?.resolve(reply(1));
  expect(await first).toEqual({ n: 1 });
  await turns();
  running.get(2)?.resolve(reply(2));
  expect(await second).toEqual({ n: 2 });
});

test('an abort of a running call is told to the engine, of a waiting one frees its frame', async () => {
  const { calls, log, running } = manualEngine();
  const closed: string[] = [];
  const [one, two] = [new AbortController(), new AbortController()];
  const first = calls.detect(frame(closed, 'a'), {}, one.signal);
  const second = calls.detect(frame(closed, 'b'), {}, two.signal);
  const third = calls.detect(frame(closed, 'c'), {});
  await turns();
  two.abort('two');
  await expect(second).rejects.toBe('two');
  expect(closed).toEqual(['b']);
  one.abort('one');
  await expect(first).rejects.toBe('one');
  expect(log).toEqual(['detect 1', 'abort 1']);
  await turns();
  expect(log, 'the engine has not ended the first call yet').toHaveLength(2);
  running.get(1)?.reject(new Error('aborted'));
  await turns();
  expect(log).toEqual(['detect 1', 'abort 1', 'detect 3']);
  running.get(3)?.resolve(reply(3));
  expect(await third).toEqual({ n: 3 });
});

test('an engine that overlaps calls is given as many as it takes, in call order', async () => {
  let most = 2;
  const { calls, log, running } = manualEngine(() => most);
  const closed: string[] = [];
  const third = new AbortController();
  const done = [
    calls.detect(frame(closed, 'a'), {}),
    calls.detect(frame(closed, 'b'), {}),
    calls.detect(frame(closed, 'c'), {}, third.signal),
    calls.detect(frame(closed, 'd'), {}),
  ];
  await turns();
  expect(log).toEqual(['detect 1', 'detect 2']);
  third.abort('c');
  await expect(done[2]).rejects.toBe('c');
  running.get(2)?.resolve(reply(2));
  expect(await done[1]).toEqual({ n: 2 });
  await turns();
  expect(log).toEqual(['detect 1', 'detect 2', 'detect 4']);
  most = 1;
  const fifth = calls.detect(frame(closed, 'e'), {});
  running.get(1)?.reject(new SaccadeNetError('INTERNAL', 'one of two'));
  await expect(done[0]).rejects.toMatchObject({ message: 'one of two' });
  await turns();
  expect(log, 'the engine has gone on to a backend that takes one').toHaveLength(3);
  running.get(4)?.resolve(reply(4));
  expect(await done[3]).toEqual({ n: 4 });
  await turns();
  running.get(5)?.resolve(reply(5));
  expect(await fifth).toEqual({ n: 5 });
  expect(closed).toEqual(['c', 'a']);
});

test('a frame that cannot be had rejects its call only', async () => {
  const { calls, running } = manualEngine();
  const error = new SaccadeNetError('INVALID_OPTION', 'no frame');
  await expect(calls.detect(Promise.reject(error), {})).rejects.toBe(error);
  const next = calls.detect(frame([], 'b'), {});
  await turns();
  running.get(2)?.resolve(reply(2));
  expect(await next).toEqual({ n: 2 });
});

test('rejectAll ends what waits and what runs, once', async () => {
  const { calls, running } = manualEngine();
  const closed: string[] = [];
  const outcomes = Promise.allSettled([
    calls.detect(frame(closed, 'a'), {}),
    calls.detect(frame(closed, 'b'), {}),
  ]);
  await turns();
  calls.rejectAll('gone');
  running.get(1)?.resolve(reply(1));
  expect((await outcomes).map((outcome) => (outcome as PromiseRejectedResult).reason)).toEqual([
    'gone',
    'gone',
  ]);
  expect(closed).toEqual(['b']);
});

test('pixels that the browser keeps from the page are told as such', async () => {
  const { calls, running } = manualEngine();
  const call = calls.detect(frame([], 'a'), {});
  await turns();
  running.get(1)?.reject(new DOMException('tainted', 'SecurityError'));
  await expect(call).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining('crossOrigin'),
  });
});
