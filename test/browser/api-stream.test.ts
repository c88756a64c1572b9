/** stream(): a camera, a canvas, a video, in a worker and in the page; latest frame wins, every frame is closed. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CreateOptions, Result, ResultStream, StreamOptions } from '../../src/index.ts';
import { create, gradient, picture, SIZE } from './api-helpers.ts';

const SMALL: StreamOptions = { maxWorkingPixels: 1000 };
/** The machine may be busy. */
const PATIENT = { timeout: 20_000 };

type Page = { MediaStreamTrackProcessor?: unknown; VideoFrame: typeof VideoFrame };
const page = globalThis as unknown as Page;
const original = { ...pick(page) };
function pick({ MediaStreamTrackProcessor, VideoFrame }: Page): Page {
  return { MediaStreamTrackProcessor, VideoFrame };
}

/** VideoFrames that were made in the page. */
const made: VideoFrame[] = [];
beforeEach(() => {
  made.length = 0;
  page.VideoFrame = class extends original.VideoFrame {
    constructor(source: CanvasImageSource, init?: VideoFrameInit) {
      super(source, init);
      made.push(this);
    }
  } as typeof VideoFrame;
});
afterEach(() => {
  Object.assign(page, original);
  showPage();
});

/** Nets whose workers tell of their frames. */
async function createWatched(options: CreateOptions = {}) {
  const workers: Worker[] = [];
  const worker = () => {
    workers.push(new Worker(new URL('./api-stream-worker.ts', import.meta.url), { type: 'module' }));
    return workers[workers.length - 1];
  };
  const net = await create({ worker, ...options });
  const ask = () =>
    new Promise<{ givenMs: number[]; open: number }>((resolve) => {
      const at = workers[workers.length - 1];
      const onMessage = ({ data }: MessageEvent) => {
        if (!Array.isArray(data?.givenMs)) return;
        at.removeEventListener('message', onMessage);
        resolve(data);
      };
      at.addEventListener('message', onMessage);
      at.postMessage({ askFrames: true });
    });
  const crash = () => workers[workers.length - 1].postMessage({ crash: true });
  return { net, ask, crash, workers };
}

/** A canvas that is painted anew all the time. */
function movingCanvas() {
  const canvas = gradient();
  const context = canvas.getContext('2d')!;
  let i = 0;
  const timer = setInterval(() => {
    context.fillStyle = `hsl(${i * 7} 80% 50%)`;
    context.fillRect(i++ % SIZE.width, 10, 20, 20);
  }, 10);
  const stream = canvas.captureStream(60);
  const end = () => {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
  };
  return { stream, end };
}

async function camera(): Promise<MediaStreamTrack> {
  return (await navigator.mediaDevices.getUserMedia({ video: true })).getVideoTracks()[0];
}

async function playing(stream: MediaStream): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = stream;
  await video.play();
  return video;
}

function hidePage(): void {
  Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}

function showPage(): void {
  Reflect.deleteProperty(document, 'visibilityState');
  document.dispatchEvent(new Event('visibilitychange'));
}

async function takeResults(results: AsyncIterable<Result>, count: number): Promise<Result[]> {
  const taken: Result[] = [];
  for await (const result of results) if (taken.push(result) === count) break;
  return taken;
}

function expectRising(results: Result[]): void {
  const times = results.map(({ timestampMs }) => timestampMs ?? Number.NaN);
  for (let i = 1; i < times.length; i++) expect(times[i]).toBeGreaterThan(times[i - 1]);
}

/** What the statistics say at the end of every stream. */
function expectAllClosed({ stats }: ResultStream): void {
  expect(stats!.framesUsed).toBeGreaterThan(0);
  expect(stats!.framesSeen).toBe(stats!.framesUsed + stats!.framesDropped);
  expect(stats!.framesClosed).toBe(stats!.framesSeen);
  expect(made.filter(({ format }) => format !== null)).toEqual([]);
}

describe('where frames are read', () => {
  test('in the worker, from the readable of a track processor', async () => {
    const { net, ask } = await createWatched();
    const { stream, end } = movingCanvas();
    const results = net.stream(stream, SMALL);
    const taken = await takeResults(results, 6);
    expectRising(taken);
    expect(taken[0]).toMatchObject(SIZE);
    expect(results.stats).toMatchObject({ tier: 'processor', results: 6, restarts: 0, paused: false });
    expectAllClosed(results);
    expect(made, 'the page made none').toEqual([]);
    const { givenMs, open } = await ask();
    expect(givenMs.length).toBeGreaterThanOrEqual(results.stats!.framesSeen);
    expect(open).toBe(0);
    for (const { timings } of taken) expect(timings.ageMs).toBeGreaterThan(0);
    // Of the frame before, taken or not, on the same clock.
    taken.slice(1).forEach(({ hindsight, timestampMs }, i) => {
      expect(hindsight?.timestampMs).toBeGreaterThanOrEqual(taken[i].timestampMs!);
      expect(hindsight?.timestampMs).toBeLessThan(timestampMs!);
    });
    const { last, p50, p95 } = results.stats!.ageMs;
    expect(last).toBe(taken[5].timings.ageMs);
    expect(p95).toBeGreaterThanOrEqual(p50);
    expect(net.memory().framesHeld).toBe(0);
    expect(stream.getVideoTracks()[0].readyState, 'the track stays the caller’s').toBe('live');
    end();
    await net.dispose();
  });

  test('of the fake camera, while the page is busy', async () => {
    const { net, ask } = await createWatched();
    const track = await camera();
    const { width, height } = track.getSettings();
    const results = net.stream(track, SMALL);
    const { value } = await results.next();
    expect(value).toMatchObject({ width, height });
    const used = () => results.stats!.framesUsed;
    await expect
      .poll(async () => {
        await results.next();
        const before = used();
        const untilMs = performance.now() + 300;
        while (performance.now() < untilMs);
        await results.next(); // may have waited
        await results.next();
        return used() - before;
      }, PATIENT)
      .toBeGreaterThan(2);
    await results.return();
    expectAllClosed(results);
    expect((await ask()).open).toBe(0);
    track.stop();
    await net.dispose();
  });

  test('in this thread where there is no worker', async () => {
    await using net = await create({ worker: false });
    const { stream, end } = movingCanvas();
    const results = net.stream(stream, SMALL);
    expectRising(await takeResults(results, 3));
    expect(results.stats).toMatchObject({ tier: 'processor', results: 3 });
    expectAllClosed(results);
    end();
  });

  test('from a video; from a track without a processor; by a canvas without requestVideoFrameCallback', async () => {
    await using net = await create();
    const { stream, end } = movingCanvas();
    const [track] = stream.getVideoTracks();
    const video = await playing(stream);
    const expectTier = async (source: HTMLVideoElement | MediaStreamTrack, tier: string, frames: boolean) => {
      made.length = 0;
      const results = net.stream(source, SMALL);
      const taken = await takeResults(results, 3);
      expectRising(taken);
      expect(taken[0]).toMatchObject(SIZE);
      expect(results.stats).toMatchObject({ tier, results: 3 });
      expectAllClosed(results);
      expect(made.length > 0).toBe(frames);
    };
    await expectTier(video, 'video-frame-callback', true);
    page.MediaStreamTrackProcessor = undefined;
    await expectTier(track, 'video-frame-callback', true);
    const { prototype } = HTMLVideoElement;
    const callback = Object.getOwnPropertyDescriptor(prototype, 'requestVideoFrameCallback')!;
    Reflect.deleteProperty(prototype, 'requestVideoFrameCallback');
    try {
      await expectTier(video, 'canvas', false);
      await expectTier(track, 'canvas', false);
    } finally {
      Object.defineProperty(prototype, 'requestVideoFrameCallback', callback);
    }
    end();
  });

  test('sources without video are refused', async () => {
    await using net = await create();
    const { stream, end } = movingCanvas();
    end();
    const audio = new AudioContext().createMediaStreamDestination().stream;
    const sources: [unknown, string][] = [
      [new MediaStream(), 'no video track'],
      [audio.getAudioTracks()[0], "kind is 'audio'"],
      [stream, 'has ended'],
      [{}, 'Object'],
      [undefined, 'Undefined'],
    ];
    for (const [source, said] of sources) {
      await expect(net.stream(source as MediaStream).next()).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(said),
      });
    }
  });
});

describe('while it runs', () => {
  test('a slow consumer slows nothing, and gets the newest result', async () => {
    const { net, ask } = await createWatched();
    const { stream, end } = movingCanvas();
    const results = net.stream(stream, SMALL);
    await results.next();
    for (let turn = 0; turn < 3; turn++) {
      const before = (await ask()).givenMs.length;
      await expect.poll(async () => (await ask()).givenMs.length, PATIENT).toBeGreaterThan(before + 12);
      const { givenMs } = await ask();
      const { value } = await results.next();
      expect(value!.timestampMs).toBeGreaterThan(givenMs[before + 2]);
    }
    const { resultsUnread, framesUsed } = results.stats!;
    expect(resultsUnread).toBeGreaterThan(2);
    expect(framesUsed).toBeGreaterThanOrEqual(resultsUnread + 4);
    await results.return();
    expectAllClosed(results);
    expect((await ask()).open).toBe(0);
    end();
    await net.dispose();
  });

  test.each([true, false])('a hidden page computes nothing, in a worker: %s', async (worker) => {
    const { net } = await createWatched(worker ? {} : { worker: false });
    const { stream, end } = movingCanvas();
    const results = net.stream(stream, SMALL);
    await results.next();
    let came = 0;
    let over = false;
    const taking = (async () => {
      while (!over) {
        await results.next();
        came++;
      }
    })();
    const cameWithin = async (ms: number) => {
      const before = came;
      await new Promise((resolve) => setTimeout(resolve, ms));
      return came - before;
    };
    expect(await cameWithin(2000)).toBeGreaterThan(0);
    hidePage();
    expect(results.stats!.paused).toBe(true);
    // What was under way may still come.
    await expect.poll(() => cameWithin(400), PATIENT).toBe(0);
    const before = results.stats!.framesDropped;
    showPage();
    await expect.poll(() => cameWithin(100), PATIENT).toBeGreaterThan(0);
    expect(results.stats!.paused).toBe(false);
    expect(results.stats!.framesDropped).toBeGreaterThan(before + 3);
    over = true;
    await taking;
    hidePage();
    await results.return();
    expectAllClosed(results);
    showPage();

    const always = net.stream(stream, { ...SMALL, pauseWhenHidden: false });
    hidePage();
    await takeResults(always, 5);
    expect(always.stats!.paused).toBe(false);
    end();
    await net.dispose();
  });

  test('two streams and calls on one net', async () => {
    const { net, ask } = await createWatched();
    const one = movingCanvas();
    const other = movingCanvas();
    const streams = [net.stream(one.stream, SMALL), net.stream(other.stream, SMALL)];
    const taken = await Promise.all([
      ...streams.map((results) => takeResults(results, 4)),
      net.detect(picture()).then((result) => [result]),
    ]);
    for (const results of taken) expectRising(results);
    for (const results of streams) expectAllClosed(results);
    expect((await ask()).open).toBe(0);
    one.end();
    other.end();
    await net.dispose();
  });
});

describe('how it ends', () => {
  test('with the track, by the signal’s reason, and by dispose', async () => {
    const { net, ask } = await createWatched();
    const { stream, end } = movingCanvas();
    const reason = new Error('enough');
    const controller = new AbortController();
    const first = net.stream(stream, { ...SMALL, signal: controller.signal });
    const aborted = (async () => {
      for await (const _ of first) controller.abort(reason);
    })();
    await expect(aborted).rejects.toBe(reason);
    expectAllClosed(first);

    let seen = 0;
    const second = net.stream(stream, SMALL);
    for await (const _ of second) if (++seen === 2) end();
    expect(seen).toBeGreaterThanOrEqual(2);
    expectAllClosed(second);
    expect((await ask()).open).toBe(0);

    const other = movingCanvas();
    const disposed = (async () => {
      for await (const _ of net.stream(other.stream, SMALL)) void net.dispose();
    })();
    await expect(disposed).rejects.toMatchObject({ code: 'DISPOSED' });
    other.end();
  });

  test('not by a crash of its worker: that is restarted, and calls in flight are told', async () => {
    const { net, crash, ask, workers } = await createWatched();
    const told: string[] = [];
    net.on('warning', ({ code }) => told.push(code));
    net.on('restored', ({ backend }) => told.push(backend));
    net.on('error', ({ code }) => told.push(code));
    const { stream, end } = movingCanvas();
    const results = net.stream(stream, SMALL);
    await results.next();
    const calls = Promise.allSettled([
      ...[1, 2, 3].map((seed) =>
        net.detect(picture(seed, { width: 480, height: 360 }), { attention: { policy: 'dense' } }),
      ),
      net.detect(picture()),
    ]);
    crash();
    // What ran is lost with the worker; what had been answered is not, and what waited runs in the next one.
    const lost = (await calls).filter(({ status }) => status === 'rejected');
    expect(lost).toHaveLength(1);
    expect(lost[0]).toMatchObject({ reason: { code: 'WORKER_CRASHED', details: { restarts: true } } });
    await expect
      .poll(async () => {
        expect((await results.next()).value).toMatchObject(SIZE);
        return results.stats!.restarts;
      }, PATIENT)
      .toBe(1);
    expect(workers).toHaveLength(2);
    expect((await net.detect(picture())).detections.length).toBeGreaterThan(0);
    expect(told).toEqual(['WORKER_CRASHED', 'reference']);
    expect((await results.next()).done).toBe(false);
    expect((await ask()).givenMs.length).toBeGreaterThan(0);

    // The second within 10 s: it would crash for ever.
    crash();
    await expect(
      (async () => {
        for await (const _ of results);
      })(),
    ).rejects.toMatchObject({ code: 'WORKER_CRASHED', details: { restarts: false } });
    await expect(net.detect(picture())).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
    expect(await net.lost).toMatchObject({ reason: 'crashed' });
    expect(told).toEqual(['WORKER_CRASHED', 'reference', 'WORKER_CRASHED']);
    end();
    await net.dispose();
  });

  test('frames that the page reads go on after a crash too; with the track, though its worker is gone', async () => {
    const { net, crash } = await createWatched();
    const { stream, end } = movingCanvas();
    const results = net.stream(await playing(stream), SMALL);
    await results.next();
    const restored = new Promise((resolve) => net.on('restored', resolve));
    crash();
    await restored;
    expectRising(await takeResults(results, 3));
    expect(results.stats!.tier).toBe('video-frame-callback');
    end();
    await net.dispose();

    const next = await createWatched();
    const other = movingCanvas();
    const ending = next.net.stream(other.stream, SMALL);
    await ending.next();
    next.crash();
    other.end();
    let left = 0;
    for await (const _ of ending) left++;
    expect(left).toBeLessThan(20);
    await next.net.dispose();
  });
});
