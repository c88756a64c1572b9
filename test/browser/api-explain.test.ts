/** explain() in a page: frames of any kind, and what was skipped on WebGPU. */
import { expect, test } from 'vitest';
import { swappedPairs } from '../session/swapped-pairs.ts';
import { canvasOf, create, picture } from './api-helpers.ts';

test('a canvas is explained as its pixels are', async () => {
  await using net = await create();
  const byPixels = await net.explain(picture());
  const byCanvas = await net.explain(canvasOf());
  const bitmap = await createImageBitmap(canvasOf());
  const byBitmap = await net.explain(bitmap);
  for (const { detection, blocks, scoreWithout, scoreAlone, skipped } of [byCanvas, byBitmap]) {
    expect({ detection, blocks, scoreWithout, scoreAlone, skipped }).toEqual({
      detection: byPixels.detection,
      blocks: byPixels.blocks,
      scoreWithout: byPixels.scoreWithout,
      scoreAlone: byPixels.scoreAlone,
      skipped: byPixels.skipped,
    });
  }
  expect(bitmap.width, 'it stays the caller’s').toBe(70);
});

test('on WebGPU too pixels of skipped blocks come in by their means alone', async () => {
  await using net = await create({
    ...{ backends: ['webgpu'], warmup: false, attention: { budget: 0.3 }, scoreThreshold: 0.1 },
  });
  const frame = picture(3, { width: 80, height: 64 });
  const before = await net.detect(frame);
  expect(before.detections.length).toBeGreaterThan(0);
  const same = swappedPairs(frame, before.attention, { attended: false, haloPx: 1 });
  expect(same.changed).toBeGreaterThan(1000);
  const after = await net.detect(same.frame);
  expect(after.attention.gates).toEqual(before.attention.gates);
  expect(after.detections.length).toBe(before.detections.length);
  for (const [i, { label, score, box }] of after.detections.entries()) {
    expect(label).toBe(before.detections[i].label);
    // As backends agree (contract): 1e-3.
    expect(Math.abs(score - before.detections[i].score)).toBeLessThan(1e-3);
    expect(Math.abs(box.x - before.detections[i].box.x)).toBeLessThan(0.05);
  }
});
