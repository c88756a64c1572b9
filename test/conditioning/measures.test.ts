import { describe, expect, test } from 'vitest';
import type { PixelFrame } from '../../src/backends/backend.ts';
import { blockEdges } from '../../src/conditioning/block-edges.ts';
import { lightRange } from '../../src/conditioning/light-range.ts';
import { noiseLevel } from '../../src/conditioning/noise.ts';
import { corruptFrame } from '../../train/data/corruptions/index.ts';
import { seededRandom } from '../../train/random.ts';
import { coded, noisy, plainFrame, street } from './frames.ts';

const SIZE = { width: 160, height: 96 };

test.each([4, 8, 16])('noise of %d levels is measured to a fifth, edges or not', (deviation) => {
  const grey = { ...SIZE, data: new Uint8ClampedArray(4 * SIZE.width * SIZE.height).fill(128) };
  for (const frame of [grey, plainFrame(SIZE, 60, 190)]) {
    const level = noiseLevel(noisy(frame, deviation, 3));
    expect(level).toBeGreaterThan(0.8 * deviation);
    expect(level).toBeLessThan(1.2 * deviation);
  }
});

test('edges, slopes and lines are no noise', () => {
  expect(noiseLevel(plainFrame(SIZE))).toBeLessThan(1);
});

test('leaves and gravel in part of the frame are no noise', () => {
  const frame = plainFrame(SIZE);
  const rough = noisy(frame, 30, 5);
  const half = frame.data.length / 2;
  rough.data.set(frame.data.subarray(half), half);
  expect(noiseLevel(rough)).toBeLessThan(1);
});

test('a frame that holds no whole block has no noise', () => {
  expect(noiseLevel(noisy(plainFrame({ width: 15, height: 90 }), 30, 1))).toBe(0);
});

test('the range of light leaves a hundredth out at either end', () => {
  const data = new Uint8ClampedArray(4 * 40_000);
  for (let i = 0; i < 40_000; i++)
    data.fill(i < 200 ? 0 : i >= 39_800 ? 255 : 50 + (i % 100), 4 * i, 4 * i + 3);
  const { low, high } = lightRange({ width: 200, height: 200, data });
  expect(low).toBeGreaterThanOrEqual(50);
  expect(low).toBeLessThanOrEqual(52);
  expect(high).toBeGreaterThanOrEqual(145);
  expect(high).toBeLessThanOrEqual(149);
});

test('a frame of one level has a range of none', () => {
  const data = new Uint8ClampedArray(4 * 64).fill(77);
  expect(lightRange({ width: 8, height: 8, data })).toEqual({ low: 77, high: 77 });
});

describe('blocks of JPEG', () => {
  const clean = street(31);

  test('stand out where they are coarse, wherever their grid lies, and in a clean street do not', () => {
    for (const seed of [31, 32, 33]) {
      const frame = street(seed);
      expect(blockEdges(frame), `street ${seed}`).toBeLessThan(0.7);
      for (const severity of [3, 5]) {
        const blocky = coded(frame, severity);
        expect(blockEdges(blocky), `street ${seed} at severity ${severity}`).toBeGreaterThan(1);
        expect(blockEdges(cropped(blocky, 3, 5))).toBeGreaterThan(1);
      }
    }
  });

  test('stand out less where frames were coded with more bits, and hardly at all where they were not', () => {
    const streets = [31, 32, 33, 34].map(street);
    const mean = (frames: PixelFrame[]) =>
      frames.reduce((sum, frame) => sum + blockEdges(frame), 0) / frames.length;
    const [clear, fine, coarse] = [
      mean(streets),
      mean(streets.map((frame) => coded(frame, 1))),
      mean(streets.map((frame) => coded(frame, 5))),
    ];
    expect(fine).toBeGreaterThan(clear + 0.3);
    expect(coarse).toBeGreaterThan(fine);
  });

  test('are those of another grid where a frame was pixelated', () => {
    expect(blockEdges(corruptFrame('pixelate', 5, clean, seededRandom(1)))).toBeLessThan(0.5);
  });
});

test('noise, lines and a grid in one direction are no blocks', () => {
  expect(blockEdges(noisy(plainFrame(SIZE), 25, 1))).toBeLessThan(1);
  const fence = plainFrame(SIZE);
  for (let i = 0; i < fence.data.length; i += 32) fence.data.fill(0, i, i + 3);
  expect(blockEdges(fence)).toBeLessThan(1);
  expect(blockEdges(plainFrame({ width: 2, height: 1 }))).toBe(0);
});

function cropped({ width, height, data }: PixelFrame, left: number, top: number): PixelFrame {
  const rows = Array.from({ length: height - top }, (_, y) =>
    data.subarray(4 * ((y + top) * width + left), 4 * (y + top + 1) * width),
  );
  return {
    ...{ width: width - left, height: height - top },
    data: Uint8ClampedArray.from(rows.flatMap((row) => [...row])),
  };
}
