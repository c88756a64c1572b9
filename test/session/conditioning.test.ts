import { describe, expect, test } from 'vitest';
import type { PixelFrame } from '../../src/backends/backend.ts';
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import { PLAIN_FILTERS } from '../../src/conditioning/filters.ts';
import { RawFrame, treated } from '../../src/conditioning/treatment.ts';
import type { Result, Treatment } from '../../src/result.ts';
import { StreamConditioning } from '../../src/session/conditioning.ts';
import { Session } from '../../src/session/session.ts';
import { StreamState } from '../../src/session/stream-state.ts';
import { randomModel } from '../../train/random-model.ts';
import { noisy, plainFrame } from '../conditioning/frames.ts';
import { EVEN_NET } from '../conformance/nets.ts';

const SIZE = { width: 112, height: 80 };
const clear = plainFrame(SIZE);
const grainy = noisy(clear, 25, 1);
const flat = plainFrame(SIZE, 100, 160);
const session = await Session.create({ ...randomModel(EVEN_NET, 5), gateThreshold: 0 }, wasmBackend(), {
  scoreThreshold: 0.01,
});

const seen = ({ detections, attention: { gates, priority } }: Result) => ({ detections, gates, priority });
const plain = async () => PLAIN_FILTERS;

describe('a session', () => {
  test('leaves clear frames as they are', async () => {
    const on = await session.detect(clear);
    const off = await session.detect(clear, { conditioning: false });
    expect(on.treatment).toBeUndefined();
    expect(seen(on)).toEqual(seen(off));
  });

  test.each([
    ['noisy', grainy],
    ['flat', flat],
  ])('sees of a %s frame what it sees of the treated one, and tells how it was treated', async (_, frame) => {
    const on = await session.detect(frame);
    const off = await session.detect(frame, { conditioning: false });
    expect(on.treatment).toBeDefined();
    expect(off.treatment).toBeUndefined();
    expect(on.timings.conditioningMs).toBeGreaterThan(0);
    const by = await treated(new RawFrame(frame, plain), on.treatment as Treatment);
    expect(seen(on)).toEqual(seen(await session.detect(by, { conditioning: false })));
    expect(seen(on)).not.toEqual(seen(off));
  });

  test('treats a frame as it is told to, or not at all', async () => {
    const { treatment } = await session.detect(grainy);
    const told = await session.detect(clear, { treatment });
    expect(told.treatment).toEqual(treatment);
    const by = await treated(new RawFrame(clear, plain), treatment as Treatment);
    expect(seen(told)).toEqual(seen(await session.detect(by, { conditioning: false })));
    expect((await session.detect(grainy, { treatment: null })).treatment).toBeUndefined();
  });

  test('large frames are measured and treated at the size that they are worked at', async () => {
    const large = noisy(plainFrame({ width: 224, height: 160 }), 60, 2);
    const { treatment, width, height } = await session.detect(large, { maxWorkingPixels: 112 * 80 });
    expect(treatment?.smoothing).toBeGreaterThan(0.5);
    expect([width, height]).toEqual([224, 160]);
  });

  test('a stream is measured once a second', async () => {
    const stream = new StreamState();
    const told: (Treatment | undefined)[] = [];
    const frames: [PixelFrame, number][] = [
      [clear, 0],
      [grainy, 66],
      [grainy, 999],
      [grainy, 1000],
      [clear, 1066],
      [clear, 2000],
    ];
    for (const [frame, timestampMs] of frames) {
      told.push((await session.detect(frame, { stream, timestampMs, policy: 'saccade' })).treatment);
    }
    expect(told.map((treatment) => treatment !== undefined)).toEqual([
      false,
      false,
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('the conditioning of a stream', () => {
  test('gives the same for the same frame again, and measures anew where time goes back', async () => {
    const conditioning = new StreamConditioning();
    let measured = 0;
    const ask = (timestampMs: number, frame: PixelFrame) =>
      conditioning.treatment(timestampMs, () => {
        measured++;
        return new RawFrame(frame, plain);
      });
    const first = await ask(5000, grainy);
    expect(await ask(5000, clear)).toEqual(first);
    expect(measured).toBe(1);
    expect(await ask(40, clear)).toBeUndefined();
    expect(measured).toBe(2);
  });
});
