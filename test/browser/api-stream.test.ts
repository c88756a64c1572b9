/** stream(): a camera, a canvas, a video; latest frame wins, every frame is closed. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Result } from '../../src/index.ts';
import { create, gradient, SIZE } from './api-helpers.ts';

const SMALL = { maxWorkingPixels: 1000 };

/** Every VideoFrame that a processor gave out while the tests run. */
const given: VideoFrame[] = [];
const givenMs: number[] = [];
const openFrames = () => given.filter((frame) => frame.format !== null).length;
/** The machine may be busy. */
const PATIENT = { timeout: 20_000 };
type ProcessorClass = new (init: object) => { readable: ReadableStream<VideoFrame> };
const page = globalThis as unknown as { MediaStreamTrackProcessor?: ProcessorClass };
const original = page.MediaStreamTrackProcessor;

beforeEach(() => {
  given.length = 0;
  givenMs.length = 0;
  if (!original) return;
  page.MediaStreamTrackProcessor = class {
    readonly readable: ReadableStream<VideoFrame>;
    constructor(init: object) {
      const note = new TransformStream<VideoFrame, VideoFrame>(
        {
          transform(frame, controller) {
            given.push(frame);
            givenMs.push(frame.timestamp / 1000);
            controller.enqueue(frame);
          },
        },
        undefined,
        { highWaterMark: 0 },
      );
      this.readable = new original!(init).readable.pipeThrough(note);
    }
  };
});
afterEach(() => {
  page.MediaStreamTrackProcessor = original;
});

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
  return { canvas, stream, end };
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

describe('stream', () => {
  test('a canvas’s stream, every frame closed', async () => {
    await using net = await create();
    const { stream, end } = movingCanvas();
    const results = await takeResults(net.stream(stream, SMALL), 6);
    expectRising(results);
    expect(results[0]).toMatchObject(SIZE);
    expect(given.length).toBeGreaterThanOrEqual(6);
    // The reader may have had one more on its way when the loop broke off.
    await expect.poll(openFrames, PATIENT).toBe(0);
    expect(net.memory().framesHeld).toBe(0);
    expect(stream.getVideoTracks()[0].readyState, 'the track stays the caller’s').toBe('live');
    end();
  });

  test('the fake camera', async () => {
    await using net = await create();
    const camera = await navigator.mediaDevices.getUserMedia({ video: true });
    const [track] = camera.getVideoTracks();
    const { width, height } = track.getSettings();
    const results = await takeResults(net.stream(track, SMALL), 3);
    expectRising(results);
    expect(results[0]).toMatchObject({ width, height });
    await expect.poll(openFrames, PATIENT).toBe(0);
    track.stop();
  });

  test('a slow consumer gets the latest frame, not a queue', async () => {
    await using net = await create();
    const { stream, end } = movingCanvas();
    let taken = 0;
    let leastMs = 0;
    for await (const { timestampMs = 0 } of net.stream(stream, SMALL)) {
      expect(timestampMs).toBeGreaterThanOrEqual(leastMs);
      if (++taken === 4) break;
      const before = given.length;
      await expect.poll(() => given.length, PATIENT).toBeGreaterThan(before + 4);
      leastMs = givenMs[givenMs.length - 2]; // the last one may be on its way yet
    }
    await expect.poll(openFrames, PATIENT).toBe(0);
    end();
  });

  test('a video element, and a track where there is no processor', async () => {
    await using net = await create();
    const { stream, end } = movingCanvas();
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = stream;
    await video.play();
    expectRising(await takeResults(net.stream(video, SMALL), 3));
    page.MediaStreamTrackProcessor = undefined;
    expectRising(await takeResults(net.stream(stream.getVideoTracks()[0], SMALL), 3));
    end();
  });

  test('ends with the track, by the signal’s reason, and by dispose', async () => {
    const net = await create();
    const { stream, end } = movingCanvas();
    const reason = new Error('enough');
    const controller = new AbortController();
    const aborted = (async () => {
      for await (const _ of net.stream(stream, { ...SMALL, signal: controller.signal }))
        controller.abort(reason);
    })();
    await expect(aborted).rejects.toBe(reason);

    let seen = 0;
    for await (const _ of net.stream(stream, SMALL)) if (++seen === 2) end();
    expect(seen).toBeGreaterThanOrEqual(2);

    const other = movingCanvas();
    const disposed = (async () => {
      for await (const _ of net.stream(other.stream, SMALL)) void net.dispose();
    })();
    await expect(disposed).rejects.toMatchObject({ code: 'DISPOSED' });
    other.end();
    await expect.poll(openFrames, PATIENT).toBe(0);
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
