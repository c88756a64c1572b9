/**
 * The claim behind `explain`: a skipped block's own pixels cannot matter but by the down-sampled frame of the attention
 * network. So they may be changed at will, as long as the means of 2x2 px stay: no output changes by a bit.
 */
import { describe, expect, test } from 'vitest';
import type { PixelFrame } from '../../src/backends/backend.ts';
import { referenceBackend } from '../../src/backends/reference/index.ts';
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import { PLAIN_FILTERS } from '../../src/conditioning/filters.ts';
import { treatmentReach } from '../../src/conditioning/reach.ts';
import { RawFrame, treated } from '../../src/conditioning/treatment.ts';
import { Session } from '../../src/session/session.ts';
import { randomModel } from '../../train/random-model.ts';
import { noisy, plainFrame } from '../conditioning/frames.ts';
import { EVEN_NET, ODD_NET } from '../conformance/nets.ts';
import { randomFrame } from '../conformance/random.ts';
import { swappedPairs } from './swapped-pairs.ts';

const SIZE = { width: 112, height: 80 };

const withoutTimes = async (session: Session, frame: PixelFrame, { conditioning = false } = {}) => {
  const { result, glance, inspection } = await session.trace(frame, {
    ...{ scoreThreshold: 0.01, budget: 0.3, conditioning },
  });
  const { timings: _, ...rest } = result;
  return { ...rest, look: glance.look, five: glance.five, cells: inspection.cells };
};

describe.each([
  ['reference', referenceBackend],
  ['wasm', wasmBackend],
] as const)('%s', (_, backend) => {
  test.each([
    ['even', EVEN_NET],
    ['odd', ODD_NET],
  ] as const)('what is skipped comes in by the means of the frame alone: %s widths', async (_name, net) => {
    const session = await Session.create({ ...randomModel(net, 7), gateThreshold: -9 }, await backend());
    const frame = randomFrame(SIZE, 3);
    const before = await withoutTimes(session, frame);
    const { attention } = before;
    expect(attention.gates.filter((gate) => gate > 0).length).toBeGreaterThan(3);
    expect(before.detections.length).toBeGreaterThan(0);

    const skipped = swappedPairs(frame, attention, { attended: false, haloPx: 1 });
    expect(skipped.changed).toBeGreaterThan(1000);
    expect(await withoutTimes(session, skipped.frame)).toEqual(before);

    // The same done to one attended block changes what is seen, so the test can fail.
    const seen = swappedPairs(frame, attention, { attended: true, haloPx: 0 });
    const after = await withoutTimes(session, seen.frame);
    expect(after.look).toEqual(before.look);
    expect(after.attention.gates).toEqual(before.attention.gates);
    expect(after.cells).not.toEqual(before.cells);
    session.dispose();
  });

  test('a clear frame is measured, and what is skipped comes in by the means alone as long as it stays clear', async () => {
    const session = await Session.create({ ...randomModel(EVEN_NET, 7), gateThreshold: -9 }, await backend());
    // Noise of 3 levels, so that every pair that is swapped differs.
    const frame = noisy(plainFrame(SIZE), 3, 4);
    const before = await withoutTimes(session, frame, { conditioning: true });
    expect(before.treatment).toBeUndefined();
    const skipped = swappedPairs(frame, before.attention, { attended: false, haloPx: 1 });
    expect(skipped.changed).toBeGreaterThan(1000);
    expect(await withoutTimes(session, skipped.frame, { conditioning: true })).toEqual(before);
    session.dispose();
  });

  test('where a noisy frame is treated, pixels of skipped blocks reach a few px further and no more', async () => {
    const executor = await (await backend()).load(randomModel(EVEN_NET, 7));
    const frame = randomFrame(SIZE, 3);
    const treatment = { outliers: true, smoothing: 0.75, gain: 1.5, offset: -20 };
    const filters = async () => PLAIN_FILTERS;
    await executor.upload(await treated(new RawFrame(frame, filters), treatment));
    const { columns, rows } = await executor.glance();
    const gates = new Uint8Array(columns * rows).fill(1, columns, columns + 2);
    const cells = async (seen: PixelFrame) => {
      await executor.upload(await treated(new RawFrame(seen, filters), treatment));
      return (await executor.inspect(gates)).cells.slice();
    };
    const before = await cells(frame);
    const attention = { columns, rows, blockWidth: 16, blockHeight: 16, gates };
    const haloPx = 1 + treatmentReach(treatment);
    const beyond = swappedPairs(frame, attention, { attended: false, haloPx });
    expect(beyond.changed).toBeGreaterThan(1000);
    expect(await cells(beyond.frame)).toEqual(before);
    const within = swappedPairs(frame, attention, { attended: false, haloPx: 1 });
    expect(await cells(within.frame)).not.toEqual(before);
    executor.dispose();
  });
});
