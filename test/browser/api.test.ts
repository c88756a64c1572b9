/** createSaccadeNet in a page with a real worker. */
import { describe, expect, test } from 'vitest';
import { checkSupport, SaccadeNetError } from '../../src/index.ts';
import {
  canvasOf,
  create,
  gradient,
  imageData,
  picture,
  realWorker,
  SIZE,
  watchedWorker,
} from './api-helpers.ts';

describe('frames', () => {
  test('every kind gives what its pixels give, and stays the caller’s', async () => {
    await using net = await create();
    const expected = await net.detect(picture());
    expect(expected.detections.length).toBeGreaterThan(0);
    const canvas = canvasOf();
    const offscreen = new OffscreenCanvas(SIZE.width, SIZE.height);
    offscreen.getContext('2d')?.putImageData(imageData(), 0, 0);
    const bitmap = await createImageBitmap(imageData());
    const image = new Image();
    image.src = canvas.toDataURL('image/png');
    await image.decode();
    for (const source of [imageData(), canvas, offscreen, bitmap, image]) {
      const { timings: _, ...result } = await net.detect(source);
      expect(result).toMatchObject({ detections: expected.detections, macs: expected.macs, ...SIZE });
      expect(result.attention).toEqual(expected.attention);
    }
    expect(bitmap.width, 'still open').toBe(SIZE.width);
    expect(net.memory().framesHeld).toBe(0);
    bitmap.close();
  });

  test('a VideoFrame, with its rotation', async () => {
    await using net = await create();
    const canvas = gradient();
    const expected = await net.detect(canvas, { attention: { policy: 'dense' } });
    const frame = new VideoFrame(canvas, { timestamp: 0 });
    const result = await net.detect(frame, { attention: { policy: 'dense' } });
    expect(result).toMatchObject(SIZE);
    for (const [i, p] of (result.attention.priority ?? []).entries()) {
      expect(Math.abs(p - (expected.attention.priority?.[i] ?? 0))).toBeLessThan(0.05);
    }
    expect(frame.format, 'still open').not.toBeNull();
    const turned = new VideoFrame(frame, { timestamp: 0, rotation: 90 } as VideoFrameInit);
    expect(await net.detect(turned)).toMatchObject({ width: SIZE.height, height: SIZE.width });
    frame.close();
    turned.close();
  });

  test('a playing video', async () => {
    await using net = await create();
    const video = document.createElement('video');
    await expect(net.detect(video)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('loadeddata'),
    });
    const canvas = gradient();
    video.muted = true;
    video.srcObject = canvas.captureStream(30);
    await video.play();
    expect(await net.detect(video)).toMatchObject(SIZE);
    video.srcObject = null;
  });

  test('closed, empty and foreign frames are refused with a sentence', async () => {
    await using net = await create();
    const bitmap = await createImageBitmap(imageData());
    bitmap.close();
    const frame = new VideoFrame(gradient(), { timestamp: 0 });
    frame.close();
    const empty = document.createElement('canvas');
    empty.width = 0;
    const sources: [unknown, string][] = [
      [bitmap, 'ImageBitmap is closed'],
      [frame, 'VideoFrame is closed'],
      [empty, 'canvas is empty'],
      [new Image(), 'not loaded'],
      [document.createElement('div'), 'without RGBA'],
    ];
    for (const [source, said] of sources) {
      await expect(net.detect(source as ImageBitmap)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(said),
      });
    }
    expect(await net.detect(picture())).toMatchObject(SIZE);
  });

  test('the copies of frames are closed, however their calls end', async () => {
    const copies: ImageBitmap[] = [];
    const original = globalThis.createImageBitmap;
    globalThis.createImageBitmap = (async (source: ImageBitmapSource) => {
      const bitmap = await original(source);
      copies.push(bitmap);
      return bitmap;
    }) as typeof createImageBitmap;
    try {
      for (const worker of [false, realWorker]) {
        copies.length = 0;
        const net = await create({ worker });
        const controller = new AbortController();
        const canvas = canvasOf();
        const calls = Promise.allSettled([
          net.detect(canvas),
          net.detect(canvas, { signal: controller.signal }),
          net.detect(canvas),
        ]);
        controller.abort();
        await calls;
        const late = Promise.allSettled([net.detect(canvas), net.detect(canvas)]);
        await net.dispose();
        await late;
        expect(copies).toHaveLength(5);
        // Closed, or handed over to the worker, which ended.
        await expect.poll(() => copies.filter(({ width }) => width > 0).length, { timeout: 20_000 }).toBe(0);
      }
    } finally {
      globalThis.createImageBitmap = original;
    }
  });

  test('no request is made for a frame', async () => {
    await using net = await create();
    await net.detect(canvasOf());
    const before = performance.getEntriesByType('resource').length;
    for (let seed = 0; seed < 3; seed++) await net.detect(canvasOf(picture(seed)));
    expect(performance.getEntriesByType('resource').length).toBe(before);
  });

  test('in-thread and in the worker give the same', async () => {
    await using inThread = await create({ worker: false });
    await using inWorker = await create();
    const [one, other] = await Promise.all([inThread.detect(canvasOf()), inWorker.detect(canvasOf())]);
    expect(one.detections).toEqual(other.detections);
    expect(one.attention).toEqual(other.attention);
  });
});

describe('the worker', () => {
  test('errors cross whole', async () => {
    const error = await create({ model: new Uint8Array([1, 2, 3]) }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SaccadeNetError);
    expect(error).toMatchObject({ name: 'SaccadeNetError', code: 'MODEL_FORMAT' });
    expect((error as Error).stack).toContain('SaccadeNetError');
    const local = await create({ worker: false, model: new Uint8Array([1, 2, 3]) }).catch((e: unknown) => e);
    const { message, details } = local as SaccadeNetError;
    expect(error).toMatchObject({ message, details });
  });

  test('an abort rejects at once with the very reason, running or waiting', async () => {
    const { worker, handedOver } = watchedWorker();
    await using net = await create({ worker });
    const reason = { why: 'a reason that need not be an Error' };
    const controller = new AbortController();
    const options = { signal: controller.signal, attention: { policy: 'dense' as const } };
    const big = picture(1, { width: 480, height: 360 });
    const calls = [net.detect(big, options), net.detect(canvasOf(), options)];
    const after = net.detect(canvasOf());
    await handedOver; // no reply can have come yet
    controller.abort(reason);
    for (const call of calls) await expect(call).rejects.toBe(reason);
    expect(await after).toMatchObject(SIZE);
    expect(net.memory().framesHeld).toBe(0);
  });

  test('an abort while the net is made', async () => {
    await expect(create({ signal: AbortSignal.abort('why') })).rejects.toBe('why');
    for (const stage of ['worker', 'decode', 'backend']) {
      const controller = new AbortController();
      const making = create({
        signal: controller.signal,
        onProgress: (progress) => progress.stage === stage && controller.abort(stage),
      });
      await expect(making).rejects.toBe(stage);
    }
  });

  test('dispose rejects what is in flight and ends the worker', async () => {
    const thread = { terminated: false };
    const net = await create({
      worker: () => {
        const worker = new Worker(new URL('../../workers/worker.ts', import.meta.url), { type: 'module' });
        const terminate = worker.terminate.bind(worker);
        worker.terminate = () => {
          thread.terminated = true;
          terminate();
        };
        return worker;
      },
    });
    const calls = Promise.allSettled([net.detect(canvasOf()), net.detect(canvasOf())]);
    await net.dispose();
    expect(thread.terminated).toBe(true);
    for (const outcome of await calls) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'DISPOSED' } });
    }
    await expect(net.detect(canvasOf())).rejects.toMatchObject({ code: 'DISPOSED' });
    expect(await net.lost).toMatchObject({ reason: 'disposed' });
  });

  test('the inlined worker is the default', async () => {
    await using net = await create({ worker: undefined });
    expect(await net.detect(canvasOf())).toMatchObject(SIZE);
  });

  test('a worker that does not start is WORKER_START with what to change', async () => {
    const script = (text: string) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    const cases: [string, RegExp, number?][] = [
      [script('// says nothing'), /did not answer within 300 ms/, 300],
      [script('throw new Error("no luck")'), /no luck/],
      ['/no-such-worker.js', /failed to start|did not answer/, 3000],
      ['https://example.test/worker.js', /could not be made|failed to start/],
      [script('onmessage = () => postMessage({ saccadenet: "ready", version: -1 })'), /speaks protocol -1/],
    ];
    for (const [worker, said, workerTimeoutMs = 20_000] of cases) {
      const error = await create({ worker, workerTimeoutMs }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(SaccadeNetError);
      expect(error).toMatchObject({ code: 'WORKER_START', message: expect.stringMatching(said) });
      expect((error as Error).message).toContain('Content-Security-Policy');
    }
    await expect(create({ worker: () => null as unknown as Worker })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });

  test('a worker that the page’s policy blocks is told at once', async () => {
    const frame = document.createElement('iframe');
    frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="worker-src 'none'">`;
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
    document.body.append(frame);
    await loaded;
    const page = frame.contentWindow as unknown as { Worker: typeof Worker };
    const url = URL.createObjectURL(new Blob(['// never runs'], { type: 'text/javascript' }));
    await expect(create({ worker: () => new page.Worker(url) })).rejects.toMatchObject({
      code: 'WORKER_START',
      message: expect.stringContaining('may have blocked it'),
    });
    frame.remove();
  });

  test('a crash rejects what is in flight with WORKER_CRASHED, and is told', async () => {
    const worker = new Worker(new URL('./api-crash-worker.ts', import.meta.url), { type: 'module' });
    const net = await create({ worker });
    const told: SaccadeNetError[] = [];
    net.on('error', (error) => told.push(error));
    const calls = Promise.allSettled([
      net.detect(picture(1, { width: 480, height: 360 }), { attention: { policy: 'dense' } }),
      net.detect(canvasOf()),
    ]);
    worker.postMessage({ crash: true });
    const outcomes = await calls;
    expect(outcomes[1]).toMatchObject({ status: 'rejected', reason: { code: 'WORKER_CRASHED' } });
    await expect(net.detect(canvasOf())).rejects.toMatchObject({
      code: 'WORKER_CRASHED',
      message: expect.stringContaining('told to crash'),
    });
    expect(told).toHaveLength(1);
    expect(told[0]).toBeInstanceOf(SaccadeNetError);
    expect(await net.lost).toMatchObject({ reason: 'crashed' });
    await net.dispose();
    await expect(net.detect(canvasOf())).rejects.toMatchObject({ code: 'DISPOSED' });
  });
});

test('checkSupport says what runs here', async () => {
  const support = await checkSupport();
  expect(support.supported).toBe(true);
  expect(support.wasm).toEqual({ available: true });
  expect(support.worker).toEqual({ available: true });
  expect(support.webgpu).toMatchObject({ available: true, adapter: 'software' });
});
