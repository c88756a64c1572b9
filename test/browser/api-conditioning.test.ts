/** Noisy frames in a page: treated the same whatever they come as, and on whatever backend. */
import { expect, test } from 'vitest';
import { canvasOf, create, picture } from './api-helpers.ts';

test.each(['wasm', 'webgpu'] as const)(
  '%s: a canvas, a bitmap and a video frame are treated as pixels are',
  async (backend) => {
    await using net = await create({
      ...{ backends: [backend], warmup: false, conditioning: true, scoreThreshold: 0.1 },
    });
    const byPixels = await net.detect(picture());
    expect(byPixels.treatment).toMatchObject({ outliers: false, smoothing: expect.closeTo(0.98, 1) });
    expect(byPixels.detections.length).toBeGreaterThan(0);
    const bitmap = await createImageBitmap(canvasOf());
    const video = new VideoFrame(canvasOf(), { timestamp: 0 });
    for (const source of [canvasOf(), bitmap, video]) {
      const { treatment, detections, attention, width } = await net.detect(source);
      expect(width).toBe(70);
      expect(treatment).toEqual(byPixels.treatment);
      expect(attention.gates).toEqual(byPixels.attention.gates);
      expect(detections.length).toBe(byPixels.detections.length);
      for (const [i, { score, box }] of detections.entries()) {
        expect(Math.abs(score - byPixels.detections[i].score)).toBeLessThan(1e-3);
        expect(Math.abs(box.x - byPixels.detections[i].box.x)).toBeLessThan(0.05);
      }
    }
    video.close();
    const off = await net.detect(picture(), { conditioning: false });
    expect(off.treatment).toBeUndefined();
    expect(off.detections).not.toEqual(byPixels.detections);
  },
);
