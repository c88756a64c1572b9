import { describe, expect, test } from 'vitest';
import { type Filters, PLAIN_FILTERS } from '../../src/conditioning/filters.ts';
import { createWasmFilters } from '../../src/conditioning/wasm-filters.ts';
import { randomFrame } from '../conformance/random.ts';
import { noisy, plainFrame, struck } from './frames.ts';

const wasm = await createWasmFilters();
const SIZE = { width: 83, height: 61 };

function changed(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) if (i % 4 !== 3 && a[i] !== b[i]) count++;
  return count / ((a.length / 4) * 3);
}

function meanError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (i % 4 !== 3) sum += Math.abs(a[i] - b[i]);
  return sum / ((a.length / 4) * 3);
}

test.each([
  [1, 1],
  [2, 1],
  [1, 5],
  [3, 3],
  [5, 2],
  [16, 16],
  [83, 61],
  [200, 7],
])('wasm gives the bytes of the readable filters: %d x %d', (width, height) => {
  const frame = randomFrame({ width, height }, width + height);
  frame.data.forEach((_, i) => {
    if (i % 4 === 3) frame.data[i] = 255; // alpha: the readable ones leave it alone
  });
  for (const given of [frame, struck(plainFrame({ width, height }), 2)]) {
    const before = given.data.slice();
    expect(wasm.withoutOutliers(given)).toEqual(PLAIN_FILTERS.withoutOutliers(given));
    for (const share of [1, 0.5, 37 / 128, 0])
      expect(wasm.smoothed(given, share)).toEqual(PLAIN_FILTERS.smoothed(given, share));
    expect(given.data, 'frames are only read').toEqual(before);
  }
});

test('wasm keeps nothing of a larger frame before', () => {
  const small = randomFrame({ width: 20, height: 12 }, 4);
  const first = wasm.smoothed(small, 1);
  wasm.smoothed(randomFrame({ width: 300, height: 200 }, 5), 1);
  expect(wasm.smoothed(small, 1)).toEqual(first);
});

describe.each([
  ['readable', PLAIN_FILTERS],
  ['wasm', wasm],
] as [string, Filters][])('%s', (_, filters) => {
  test('a hot pixel and a dead one become what is around them', () => {
    const frame = plainFrame(SIZE, 80, 160);
    const hot = { ...frame, data: Uint8ClampedArray.from(frame.data) };
    hot.data[4 * (30 * SIZE.width + 22) + 1] = 255;
    hot.data[4 * (12 * SIZE.width + 62)] = 0;
    const { data } = filters.withoutOutliers(hot);
    expect(
      Math.abs(data[4 * (30 * SIZE.width + 22) + 1] - frame.data[4 * (30 * SIZE.width + 22) + 1]),
    ).toBeLessThan(4);
    expect(Math.abs(data[4 * (12 * SIZE.width + 62)] - frame.data[4 * (12 * SIZE.width + 62)])).toBeLessThan(
      4,
    );
  });

  test('what is clear stays: thin lines too', () => {
    const frame = plainFrame(SIZE);
    expect(changed(filters.withoutOutliers(frame).data, frame.data)).toBeLessThan(0.002);
  });

  test('of dropped and stuck bytes most are mended, of noise that is everywhere hardly any is taken for them', () => {
    const frame = plainFrame(SIZE, 60, 200);
    const broken = struck(frame, 7);
    const mended = filters.withoutOutliers(broken);
    expect(meanError(mended.data, frame.data)).toBeLessThan(0.25 * meanError(broken.data, frame.data));
    const grainy = noisy(frame, 25, 8);
    expect(changed(filters.withoutOutliers(grainy).data, grainy.data)).toBeLessThan(0.05);
  });

  test('smoothing leaves a constant frame alone and noise at a quarter', () => {
    const data = new Uint8ClampedArray(4 * SIZE.width * SIZE.height).fill(91);
    const flat = { ...SIZE, data };
    expect(filters.smoothed(flat, 1).data).toEqual(data);
    const grainy = noisy(flat, 20, 9);
    const left = meanError(filters.smoothed(grainy, 1).data, data) / meanError(grainy.data, data);
    expect(left).toBeGreaterThan(0.22);
    expect(left).toBeLessThan(0.33);
  });

  test('smoothing some of the way is that share of the whole way, and none of it nothing', () => {
    const grainy = noisy(plainFrame(SIZE), 20, 9);
    const whole = filters.smoothed(grainy, 1).data;
    expect(filters.smoothed(grainy, 0).data).toEqual(grainy.data);
    const part = filters.smoothed(grainy, 0.375).data;
    const most = Math.max(
      ...part.map((level, i) => Math.abs(level - (grainy.data[i] + 0.375 * (whole[i] - grainy.data[i])))),
    );
    expect(most).toBeLessThanOrEqual(0.5);
  });
});
