import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Resizer, resizeArea } from '../../src/session/resize.ts';

import { boxInFrame, workingSize } from '../../src/session/working-size.ts';
import { randomFrame } from '../conformance/random.ts';

const grey = (values: number[], width: number) => ({
  width,
  height: values.length / width,
  data: Uint8ClampedArray.from(values.flatMap((v) => [v, v, v, 255])),
});
const reds = (frame: { data: ArrayLike<number> }) => Array.from(frame.data).filter((_, i) => i % 4 === 0);

describe('resizing', () => {
  test('a call of the same sizes writes into the same memory, and what it gives is no mixture of two frames', () => {
    const resizer = new Resizer();
    const size = { width: 5, height: 4 };
    const first = resizer.resize(randomFrame({ width: 9, height: 8 }, 1), size);
    const frame = randomFrame({ width: 9, height: 8 }, 2);
    const second = resizer.resize(frame, size);
    expect(second.data).toBe(first.data);
    expect(second.data).toEqual(resizeArea(frame, size).data);
    expect(resizer.resize(randomFrame({ width: 8, height: 9 }, 3), size).data).not.toBe(first.data);
  });

  test('an equal size is the frame itself', () => {
    const frame = randomFrame({ width: 5, height: 4 }, 1);
    expect(resizeArea(frame, { width: 5, height: 4 })).toBe(frame);
  });

  test('halving averages boxes of four', () => {
    const frame = grey([0, 100, 10, 30, 200, 100, 20, 40], 4);
    expect(reds(resizeArea(frame, { width: 2, height: 1 }))).toEqual([100, 25]);
  });

  test('a share of a pixel counts by its area', () => {
    // 3 -> 2: each output covers 1.5 inputs.
    const out = resizeArea(grey([90, 30, 240], 3), { width: 2, height: 1 });
    expect(reds(out)).toEqual([70, 170]);
  });

  test('growing is bilinear between pixel centres', () => {
    const out = resizeArea(grey([0, 100], 2), { width: 4, height: 1 });
    expect(reds(out)).toEqual([0, 25, 75, 100]);
  });

  test('a constant frame stays constant and the mean light stays', () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(side, side, side, side, (width, height, toWidth, toHeight) => {
        const constant = { width, height, data: new Uint8ClampedArray(width * height * 4).fill(77) };
        const out = resizeArea(constant, { width: toWidth, height: toHeight });
        expect(out.data.length).toBe(toWidth * toHeight * 4);
        expect(out.data.every((value) => value === 77)).toBe(true);
      }),
      { seed: 3, numRuns: 100 },
    );
    const frame = randomFrame({ width: 37, height: 23 }, 2);
    const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(mean(reds(resizeArea(frame, { width: 11, height: 7 })))).toBeCloseTo(mean(reds(frame)), 0);
  });
});

describe('workingSize', () => {
  test('leaves small frames and keeps the aspect ratio of large ones', () => {
    expect(workingSize({ width: 480, height: 360 }, 230_400)).toEqual({ width: 480, height: 360 });
    expect(workingSize({ width: 1920, height: 1080 }, 230_400)).toEqual({ width: 640, height: 360 });
    expect(workingSize({ width: 1080, height: 1920 }, 230_400)).toEqual({ width: 360, height: 640 });
  });

  test('never has more pixels than allowed nor a side of nothing', () => {
    const side = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 10_000 }), (width, height, maxPixels) => {
        const size = workingSize({ width, height }, maxPixels);
        expect(size.width * size.height).toBeLessThanOrEqual(maxPixels);
        expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(1);
        expect(size.width <= width && size.height <= height).toBe(true);
      }),
      { seed: 5 },
    );
  });

  test('boxes go back to the frame and end at its edges', () => {
    const working = { width: 100, height: 50 };
    const frame = { width: 200, height: 150 };
    expect(boxInFrame({ x: 10, y: 10, width: 20, height: 20 }, working, frame)).toEqual({
      x: 20,
      y: 30,
      width: 40,
      height: 60,
    });
    expect(boxInFrame({ x: -10, y: 40, width: 20, height: 20 }, working, frame)).toEqual({
      x: 0,
      y: 120,
      width: 20,
      height: 30,
    });
    expect(boxInFrame({ x: 120, y: 0, width: 5, height: 5 }, working, frame)).toBeNull();
  });
});
