import { describe, expect, test } from 'vitest';
import type { Backend, Executor } from '../../src/backends/backend.ts';
import { referenceBackend } from '../../src/backends/reference/index.ts';
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { attentionMacs, denseMacs, detailMacs } from '../../src/network/geometry.ts';
import { Session } from '../../src/session/session.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET } from '../conformance/nets.ts';
import { randomFrame } from '../conformance/random.ts';

const model = { ...randomModel(EVEN_NET, 5), gateThreshold: 0 };
const create = (options = {}) => Session.create(model, referenceBackend(), options);
const frame = randomFrame({ width: 70, height: 50 }, 1);

describe('Session', () => {
  test('tells down-sampling and attention apart where the backend does, and no time twice', async () => {
    const session = await Session.create(model, wasmBackend());
    const { totalMs, ...stages } = (await session.detect(frame)).timings;
    expect(stages.downsampleMs).toBeGreaterThanOrEqual(0);
    expect(stages.attentionMs).toBeGreaterThanOrEqual(0);
    const sum = Object.values(stages).reduce((total, ms) => total + ms, 0);
    expect(Math.abs(sum - totalMs)).toBeLessThan(1e-6);
    session.dispose();
  });

  test('gives a whole result, and counts the MACs that were executed', async () => {
    const session = await create({ budget: 0.5 });
    const result = await session.detect(frame, { timestampMs: 40, scoreThreshold: 0.01 });
    expect(result).toMatchObject({ width: 70, height: 50, backend: 'reference', timestampMs: 40 });
    expect(result.attention).toMatchObject({ columns: 5, rows: 4, blockWidth: 16, blockHeight: 16 });
    expect(result.attention.gates.filter((gate) => gate > 0)).toHaveLength(10);
    expect(result.macs).toEqual({
      attention: attentionMacs(EVEN_NET, frame),
      detail: detailMacs(EVEN_NET, frame, result.attention.gates),
      dense: denseMacs(EVEN_NET, frame),
    });
    expect(result.detections.length).toBeGreaterThan(0);
    for (const { label, score, box } of result.detections) {
      expect(EVEN_NET.labels).toContain(label);
      expect(score).toBeGreaterThanOrEqual(0.01);
      expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= 70 && box.y + box.height <= 50).toBe(true);
    }
    expect(result.timings.totalMs).toBeGreaterThan(0);
    session.dispose();
  });

  test('works on large frames scaled down and answers in their pixels', async () => {
    const session = await create({ policy: 'dense', maxWorkingPixels: 1200 });
    const { result, working, inspection } = await session.trace(randomFrame({ width: 160, height: 120 }, 2));
    expect(working).toEqual({ width: 40, height: 30 });
    expect(result.attention).toMatchObject({ columns: 3, rows: 2, blockWidth: 64, blockHeight: 64 });
    expect(inspection.blocks).toHaveLength(6);
    expect(result.macs.detail + result.macs.attention).toBe(result.macs.dense);
  });

  test('attends a fifth of the blocks where no budget is given', async () => {
    const session = await create();
    const { gates } = (await session.detect(frame)).attention;
    expect(gates.filter((gate) => gate > 0)).toHaveLength(4);
    session.dispose();
  });

  test('frames of any size work, 1x1 too', async () => {
    const session = await create();
    for (const size of [
      { width: 1, height: 1 },
      { width: 3, height: 90 },
      { width: 17, height: 15 },
    ]) {
      const result = await session.detect(randomFrame(size, 3), { policy: 'dense' });
      expect(result).toMatchObject(size);
    }
  });

  test('a frame whose data does not fit its size is refused', async () => {
    const session = await create({ maxWorkingPixels: 100 });
    for (const bad of [
      { ...frame, width: 71 },
      { ...frame, width: 0, data: new Uint8Array(0) },
    ]) {
      await expect(session.detect(bad)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    }
  });

  test('forced gates, as values or by a function', async () => {
    const session = await create();
    const gates = Uint8Array.from({ length: 20 }, (_, i) => i % 3);
    const byValue = await session.detect(frame, { gates });
    const byFunction = await session.detect(frame, { gates: () => gates });
    expect(byValue.attention.gates).toEqual(gates);
    expect(byFunction.detections).toEqual(byValue.detections);
    await expect(session.detect(frame, { gates: gates.slice(1) })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('19'),
    });
    await expect(session.detect(frame, { gates: gates.map(() => 3) })).rejects.toThrow(SaccadeNetError);
  });

  test("the model's own score threshold holds by label where none is named", async () => {
    const strict = { ...model, scoreThresholds: { person: 1.1, pole: 0 } };
    const session = await Session.create(strict, referenceBackend(), { budget: 1 });
    const labels = (await session.detect(frame)).detections.map(({ label }) => label);
    expect(labels).toContain('pole');
    expect(labels).not.toContain('person');
  });

  test('calls run in call order, one at a time', async () => {
    const log: string[] = [];
    const session = await Session.create(model, logged(referenceBackend(), log));
    await Promise.all([session.detect(frame), session.detect(frame)]);
    expect(log).toEqual(['upload', 'glance', 'inspect', 'upload', 'glance', 'inspect']);
  });

  test('a trace outlives the next call', async () => {
    const session = await create({ policy: 'dense' });
    const trace = await session.trace(frame);
    const before = trace.inspection.cells.slice();
    await session.detect(randomFrame({ width: 70, height: 50 }, 9));
    expect(trace.inspection.cells).toEqual(before);
  });

  test('an abort rejects with its reason and leaves the session usable', async () => {
    const session = await create();
    const controller = new AbortController();
    const reason = new Error('enough');
    const call = session.detect(frame, { signal: controller.signal });
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(session.detect(frame)).resolves.toMatchObject({ width: 70 });
    await expect(Session.create(model, referenceBackend(), { signal: controller.signal })).rejects.toBe(
      reason,
    );
  });

  test('after dispose calls reject with DISPOSED', async () => {
    const session = await create();
    const running = session.detect(frame);
    session.dispose();
    session.dispose();
    await expect(running).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(session.detect(frame)).rejects.toMatchObject({ code: 'DISPOSED' });
    expect(session.memoryBytes()).toBe(0);
  });
});

function logged(backend: Backend, log: string[]): Backend {
  return {
    ...backend,
    async load(...args) {
      const executor = await backend.load(...args);
      const note = async <T>(name: string, call: () => Promise<T>) => {
        log.push(name);
        await new Promise((resolve) => setTimeout(resolve, 2));
        return call();
      };
      return {
        backend: executor.backend,
        upload: (given) => note('upload', () => executor.upload(given)),
        glance: () => note('glance', () => executor.glance()),
        inspect: (gates) => note('inspect', () => executor.inspect(gates)),
        read: (name) => executor.read(name),
        memoryBytes: () => executor.memoryBytes(),
        dispose: () => executor.dispose(),
      } satisfies Executor;
    },
  };
}
