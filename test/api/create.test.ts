import { describe, expect, test, vi } from 'vitest';
import type { PriorContext } from '../../src/index.ts';
import {
  checkSupport,
  createSaccadeNet,
  type Detection,
  type LoadProgress,
  type PixelFrame,
  type Result,
  SaccadeNetError,
} from '../../src/index.ts';
import { randomFrame } from '../conformance/random.ts';
import { tinyModelBytes } from './fixture.ts';

const frame = randomFrame({ width: 70, height: 50 }, 1);
const create = (options = {}) =>
  createSaccadeNet({
    model: tinyModelBytes(),
    backends: ['reference'],
    attention: { budget: 0.5 },
    ...options,
  });

describe('createSaccadeNet in Node', () => {
  test('detects in-thread, and says what it is', async () => {
    const model = tinyModelBytes();
    await using net = await create({ model });
    expect(net.backend).toBe('reference');
    expect(net.passedOver).toEqual([]);
    expect(net.model).toMatchObject({
      name: 'people-vs-poles',
      labels: ['person', 'pole'],
      fileBytes: model.length,
    });
    const result = await net.detect(frame);
    expect(result).toMatchObject({ width: 70, height: 50, backend: 'reference' });
    expect(result).not.toHaveProperty('timestampMs');
    expect(result.attention.gates.filter((gate) => gate > 0)).toHaveLength(10);
    expect(result.detections.length).toBeGreaterThan(0);
    expect(net.memory().backendBytes).toBeGreaterThan(0);
    expect(net.memory().framesHeld).toBe(0);
    expect(model.length, 'the file given stays whole').toBe(net.model.fileBytes);
  });

  test("a call's options go before the net's", async () => {
    await using net = await create({ scoreThreshold: 1 });
    expect((await net.detect(frame)).detections).toEqual([]);
    const result = await net.detect(frame, {
      attention: { policy: 'dense' },
      scoreThreshold: 0.01,
      maxDetections: 3,
      maxWorkingPixels: 400,
    });
    expect(result.detections).toHaveLength(3);
    expect(result.attention.gates.every((gate) => gate === 1)).toBe(true);
    expect(result.attention.blockWidth).toBeGreaterThan(16);
  });

  test('the frame is read when the call is made', async () => {
    await using net = await create();
    const expected = await net.detect(frame);
    const changing: PixelFrame = { ...frame, data: frame.data.slice() };
    const calls = [net.detect(changing), net.detect(changing)];
    changing.data.fill(0);
    for (const result of await Promise.all(calls)) expect(result.detections).toEqual(expected.detections);
  });

  test('progress comes in stages, with the bytes of the file', async () => {
    const seen: LoadProgress[] = [];
    await using net = await create({
      onProgress: (progress: LoadProgress) => seen.push(progress),
      warmup: true,
    });
    expect([...new Set(seen.map(({ stage }) => stage))]).toEqual([
      'fetch',
      'worker',
      'decode',
      'backend',
      'warmup',
    ]);
    for (const { loadedBytes } of seen) expect(loadedBytes).toBe(net.model.fileBytes);
  });

  test('frames that are none are refused with a sentence', async () => {
    await using net = await create();
    const bad: [unknown, string][] = [
      [undefined, 'undefined'],
      ['frame.png', '"frame.png"'],
      [{}, 'without RGBA bytes'],
      [{ data: new Uint8Array(0), width: 0, height: 0 }, '0x0'],
      [{ data: new Uint8Array(4), width: 1.5, height: 1 }, '1.5x1'],
      [{ data: new Uint8Array(3), width: 1, height: 1 }, '3 bytes'],
      [{ data: new Float32Array(4), width: 1, height: 1 }, 'without RGBA bytes'],
    ];
    for (const [source, said] of bad) {
      await expect(net.detect(source as PixelFrame)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(said),
      });
    }
    await expect(net.detect(frame)).resolves.toMatchObject({ width: 70 });
  });

  test('bad options reject the call, not the net', async () => {
    await using net = await create();
    await expect(net.detect(frame, { attention: { budget: 2 } })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
    await expect(createSaccadeNet({ bakends: [] } as object)).rejects.toThrow('There is no options.bakends');
    expect(() => net.on('lost' as 'error', () => {})).toThrow(SaccadeNetError);
  });

  test('the prior eyes works where it is asked for, of the net or of a call, without a warning', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      await using net = await create({ attention: { priors: { eyes: true } } });
      expect(await net.detect(frame)).toMatchObject({ eyes: { leastFacePx: 40 } });
      const off = await net.detect(frame, { attention: { priors: { eyes: false } } });
      expect(off).not.toHaveProperty('eyes');
      await expect(
        net.detect(frame, { attention: { priors: { eyes: 'on' as unknown as boolean } } }),
      ).rejects.toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('eyes') });
      expect(warn).not.toHaveBeenCalled();
    } finally {
      warn.mockRestore();
    }
  });

  test("the caller's own prior draws the eye, is told of the last result, and is checked", async () => {
    const told: (number | undefined)[] = [];
    let strength = 0;
    const custom = ({ timestampMs, previous }: PriorContext) => {
      told.push(timestampMs, previous?.timestampMs);
      return [{ box: { x: 0, y: 0, width: 8, height: 8 }, strength }];
    };
    await using net = await create({ attention: { priors: { custom } } });
    const first = async (at: number) => (await net.detectForVideo(frame, at)).attention.gates[0];
    strength = 40;
    expect(await first(10)).toBeGreaterThan(0);
    strength = -40;
    expect(await first(20)).toBe(0);
    expect(told).toEqual([10, undefined, 20, 10]);
    strength = Number.NaN;
    await expect(first(30)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  test('a file that is no model is MODEL_FORMAT', async () => {
    await expect(create({ model: new TextEncoder().encode('<!doctype html>') })).rejects.toMatchObject({
      name: 'SaccadeNetError',
      code: 'MODEL_FORMAT',
    });
  });

  test('where no backend runs every reason is told', async () => {
    const error = await create({ backends: ['webgpu'] }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('webgpu:') });
    await using net = await create({ backends: ['webgpu', 'reference'] });
    expect(net.backend).toBe('reference');
    expect(net.passedOver).toMatchObject([{ backend: 'webgpu' }]);
  });

  test('wasm is what runs in Node unless another backend is named', async () => {
    await using net = await create({ backends: undefined });
    expect(net.backend).toBe('wasm');
    expect(net.passedOver).toMatchObject([{ backend: 'webgpu' }]);
    await using reference = await create();
    const [one, other] = await Promise.all([net.detect(frame), reference.detect(frame)]);
    expect(one.attention.gates).toEqual(other.attention.gates);
    expect(one.detections.length).toBe(other.detections.length);
  });

  test('checkSupport says so too', async () => {
    expect(await checkSupport()).toMatchObject({
      supported: true,
      wasm: { available: true },
      webgpu: { available: false, adapter: 'none', reason: expect.stringContaining('WebGPU') },
    });
  });

  test('a worker where there are none is UNSUPPORTED', async () => {
    await expect(create({ worker: true })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('a net in Node', () => {
  test('timestamps of a stream must rise, each stream for itself', async () => {
    await using net = await create();
    const first = await net.detectForVideo(frame, 40);
    expect(first.timestampMs).toBe(40);
    await expect(net.detectForVideo(frame, 40)).rejects.toMatchObject({
      code: 'TIMESTAMP_ORDER',
      details: { timestampMs: 40, lastMs: 40, streamId: 'default' },
    });
    await expect(net.detectForVideo(frame, 1, { streamId: 'left' })).resolves.toMatchObject({
      timestampMs: 1,
    });
    net.resetState('default');
    await expect(net.detectForVideo(frame, 3)).resolves.toMatchObject({ timestampMs: 3 });
    await expect(net.detectForVideo(frame, 0, { streamId: 'left' })).rejects.toMatchObject({
      code: 'TIMESTAMP_ORDER',
    });
    net.resetState();
    await expect(net.detectForVideo(frame, 0, { streamId: 'left' })).resolves.toMatchObject({
      timestampMs: 0,
    });
  });

  test('calls end in call order', async () => {
    await using net = await create();
    const ended: number[] = [];
    await Promise.all([3, 1, 2].map((n, i) => net.detectForVideo(frame, i).then(() => ended.push(n))));
    expect(ended).toEqual([3, 1, 2]);
  });

  test('an abort rejects with its reason, at once where the call waits', async () => {
    await using net = await create();
    const reason = new Error('enough');
    await expect(net.detect(frame, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const ended: string[] = [];
    const running = net.detect(frame).then(() => ended.push('running'));
    const controller = new AbortController();
    const waiting = net.detect(frame, { signal: controller.signal }).catch((e) => {
      expect(e).toBe(reason);
      ended.push('waiting');
    });
    controller.abort(reason);
    await Promise.all([running, waiting]);
    expect(ended).toEqual(['waiting', 'running']);
    await expect(net.detect(frame)).resolves.toMatchObject({ width: 70 });
    await expect(create({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('an abort while the net is made rejects with its reason', async () => {
    for (const stage of ['fetch', 'worker', 'decode', 'backend', 'warmup']) {
      const controller = new AbortController();
      const making = create({
        warmup: true,
        signal: controller.signal,
        onProgress: (progress: LoadProgress) => progress.stage === stage && controller.abort(stage),
      });
      await expect(making, stage).rejects.toBe(stage);
    }
  });

  test('after dispose every call rejects with DISPOSED, those in flight too', async () => {
    const net = await create();
    const calls = [net.detect(frame), net.detect(frame), net.detectForVideo(frame, 1)];
    const settled = Promise.allSettled(calls);
    await net.dispose();
    await net.dispose();
    for (const outcome of await settled) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'DISPOSED' } });
    }
    await expect(net.detect(frame)).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(net.detectForVideo(frame, 2)).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(net.benchmark()).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(net.explain(frame)).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(net.stream({} as MediaStreamTrack).next()).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(net.lost).resolves.toMatchObject({ reason: 'disposed' });
    expect(net.memory().backendBytes).toBe(0);
    expect(net.backend).toBe('reference');
  });

  test('explain names the blocks under a detection, and what is left without them', async () => {
    await using net = await create({ conditioning: false });
    // Of random weights and pixels: a frame whose best box stays near its place without the other blocks.
    const steady = randomFrame({ width: 70, height: 50 }, 3);
    const explanation = await net.explain(steady);
    const { result, detection, blocks, scoreWithout } = explanation;
    expect(detection).toEqual(result.detections[0]);
    const { box } = detection;
    expect(blocks).toContainEqual(
      expect.objectContaining({
        column: Math.floor((box.x + box.width / 2) / 16),
        row: Math.floor((box.y + 1) / 16),
      }),
    );
    for (const { column, row, gate } of blocks) expect(result.attention.gates[row * 5 + column]).toBe(gate);
    expect(scoreWithout).toBeGreaterThanOrEqual(0);
    expect(scoreWithout).toBeLessThan(detection.score);
    expect(explanation.scoreAlone).toBeGreaterThan(0);
    expect(explanation.skipped).toMatchObject({ haloPx: 1 });
    expect(explanation.earlier, 'a still image has no past').toEqual([]);
    const oneBlock = randomFrame({ width: 16, height: 16 }, 2);
    await expect(net.explain(oneBlock)).rejects.toThrow('Nothing was found');
    await using whole = await create({ attention: { budget: 1 }, conditioning: false });
    const alone = await whole.explain(oneBlock);
    expect(alone.blocks).toEqual([{ column: 0, row: 0, gate: alone.result.attention.gates[0] }]);
    expect(alone.scoreWithout, 'nothing is left without its only block').toBe(0);
    expect(alone.scoreAlone, 'there is no other block').toBeCloseTo(alone.detection.score, 6);
    expect(alone.skipped, 'nothing was skipped').toEqual({
      ...{ haloPx: 1, gatesChanged: 0 },
      scoreWithout: alone.scoreAlone,
    });
    const fromResult = await net.explain(result, result.detections[1]);
    expect(fromResult.detection).toBe(result.detections[1]);
    expect(fromResult.scoreWithout).toBeUndefined();
    for (const wrong of [{ label: 'person' }, { box: { x: 0, y: 0, width: Number.NaN, height: 1 } }]) {
      await expect(net.explain(frame, wrong as unknown as Detection)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        details: { field: 'detection' },
      });
    }
    await expect(net.explain({ ...result, detections: [] })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });

  test('explain of a noisy frame holds how it was treated, and knows how far that reaches', async () => {
    await using net = await create({ attention: { budget: 0.5 } });
    const noise = randomFrame({ width: 70, height: 50 }, 3);
    const { result, skipped, scoreAlone } = await net.explain(noise);
    expect(result.treatment).toMatchObject({ outliers: false, smoothing: expect.closeTo(0.98, 1) });
    expect(skipped?.haloPx, 'the halo of 1 px and 2 of the filter').toBe(3);
    expect(scoreAlone).toBeGreaterThan(0);
    await using whole = await create({ attention: { budget: 1 } });
    const all = await whole.explain(noise);
    expect(all.skipped, 'nothing was skipped').toMatchObject({ gatesChanged: 0 });
    expect(all.skipped?.scoreWithout).toBeCloseTo(all.detection.score, 6);
  });

  test('explain names the earlier frames of a track', async () => {
    await using net = await create({ attention: { budget: 0.5 } });
    const results: Result[] = [];
    for (let i = 0; i < 6; i++) results.push(await net.detectForVideo(frame, 66 * i));
    const last = results[5];
    const detection = last.detections.find(({ ageFrames = 0 }) => ageFrames > 1)!;
    expect(detection).toBeDefined();
    const { blocks, earlier, scoreWithout } = await net.explain(last, detection);
    expect(scoreWithout).toBeUndefined();
    for (const { timestampMs } of blocks) expect(timestampMs).toBe(330);
    expect(earlier.length).toBeGreaterThan(0);
    for (const sighting of earlier) {
      const { timestampMs, attention, detections } = results.find(
        (result) => result.timestampMs === sighting.timestampMs,
      )!;
      expect(timestampMs).toBeLessThan(330);
      expect(detections.some(({ trackId }) => trackId === detection.trackId)).toBe(true);
      for (const { column, row, gate } of sighting.blocks) {
        expect(gate).toBeGreaterThan(0);
        expect(attention.gates[row * attention.columns + column]).toBe(gate);
      }
    }
    // What this frame says of the one before came of both.
    const before = last.hindsight?.detections.find(({ trackId }) => trackId === detection.trackId);
    const told = await net.explain(last, before);
    expect(told.earlier).toEqual(earlier);
    expect(told.blocks.length).toBeGreaterThan(0);
    for (const { timestampMs } of told.blocks) expect(timestampMs).toBe(330);
    const [first] = earlier;
    expect((await net.explain(results[1], detection)).earlier.length).toBeLessThan(earlier.length + 1);
    expect(
      (await net.explain(structuredClone(last), detection)).earlier,
      'of a copy nothing is known',
    ).toEqual([]);
    net.resetState();
    expect((await net.explain(last, detection)).earlier).toEqual([]);
    expect(first.blocks.length).toBeGreaterThan(0);
  });

  test('benchmark', async () => {
    await using net = await create();
    const report = await net.benchmark({ frames: 2, image: frame });
    expect(report).toMatchObject({ backend: 'reference', width: 70, height: 50, dense: { attended: 1 } });
    expect(report.foveated.attended).toBe(0.5);
    for (const { p50Ms, p95Ms, p99Ms, stages } of [report.foveated, report.dense]) {
      expect(p50Ms > 0 && p95Ms >= p50Ms && p99Ms >= p95Ms).toBe(true);
      expect(stages.detailMs).toBeGreaterThan(0);
    }
    expect(report.shares).toEqual([]);
  });

  test('benchmark: a share attends to so many blocks, whatever the frame and the budget', async () => {
    await using net = await create();
    const progress: string[] = [];
    const onProgress = (done: number, total: number) => progress.push(`${done}/${total}`);
    const report = await net.benchmark({ frames: 1, image: frame, shares: [0, 0.25, 1], onProgress });
    const { rows, columns } = (await net.detect(frame)).attention;
    expect(report.shares.map(({ attended }) => attended * rows * columns)).toEqual([
      0,
      Math.floor(rows * columns * 0.25),
      rows * columns,
    ]);
    expect(report.shares.map(({ share }) => share)).toEqual([0, 0.25, 1]);
    expect(report.dense.realised).toBe(1);
    expect(report.shares[0].macs).toBeLessThan(report.shares[1].macs);
    expect(progress).toEqual(['1/5', '2/5', '3/5', '4/5', '5/5']);
    await expect(net.benchmark({ shares: [1.5] })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  test('no two nets share anything', async () => {
    const [one, other] = await Promise.all([create(), create()]);
    await one.dispose();
    await expect(other.detect(frame)).resolves.toMatchObject({ width: 70 });
    await other.dispose();
  });

  test('nothing is said on the console', async () => {
    const spies = (['log', 'warn', 'error', 'info'] as const).map((name) => vi.spyOn(console, name));
    await using net = await create({ backends: ['webgpu', 'reference'] });
    await net.detect(frame);
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });
});
