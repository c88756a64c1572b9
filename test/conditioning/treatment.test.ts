import { describe, expect, test } from 'vitest';
import type { PixelFrame } from '../../src/backends/backend.ts';
import { blockEdges } from '../../src/conditioning/block-edges.ts';
import { PLAIN_FILTERS } from '../../src/conditioning/filters.ts';
import { lightRange } from '../../src/conditioning/light-range.ts';
import { noiseLevel } from '../../src/conditioning/noise.ts';
import { treatmentReach } from '../../src/conditioning/reach.ts';
import { SMOOTHING_STEPS } from '../../src/conditioning/smooth.ts';
import { RawFrame, treated, treatmentOf } from '../../src/conditioning/treatment.ts';
import type { Treatment } from '../../src/result.ts';
import { coded, noisy, plainFrame, street, struck } from './frames.ts';

const SIZE = { width: 128, height: 96 };
const plain = async () => PLAIN_FILTERS;
const unasked = () => Promise.reject(new Error('a clear frame needs no filters'));
const of = (frame: PixelFrame, before?: Treatment) => treatmentOf(new RawFrame(frame, plain), before);
const clearly = (frame: PixelFrame) => new RawFrame(frame, unasked);

describe('what is done to a frame', () => {
  test('nothing where it is clear, and no filter is made for it', async () => {
    expect(await treatmentOf(clearly(plainFrame(SIZE)))).toBeUndefined();
    expect(await treatmentOf(clearly(noisy(plainFrame(SIZE), 2, 1)))).toBeUndefined();
  });

  test('noise is smoothed, and is less then', async () => {
    const frame = noisy(plainFrame(SIZE), 20, 2);
    const treatment = await of(frame);
    expect(treatment).toMatchObject({ outliers: false, gain: 1, offset: 0 });
    const after = await treated(new RawFrame(frame, plain), treatment as Treatment);
    expect(noiseLevel(after)).toBeLessThan(0.5 * noiseLevel(frame));
    expect(after).toMatchObject(SIZE);
  });

  test('noise is smoothed by its share of noise and detail together, in steps', async () => {
    let last = 0.2;
    for (const deviation of [9, 12, 18, 30, 60]) {
      const frame = noisy(plainFrame(SIZE), deviation, 2);
      const { outliers, smoothing } = (await of(frame)) as Treatment;
      const noise = noiseLevel(frame);
      expect(Math.abs(smoothing - noise ** 2 / (noise ** 2 + 144))).toBeLessThanOrEqual(1 / 256);
      expect(smoothing * SMOOTHING_STEPS).toBe(Math.round(smoothing * SMOOTHING_STEPS));
      expect(outliers).toBe(false);
      expect(smoothing).toBeGreaterThan(last);
      last = smoothing;
    }
    expect(last).toBeGreaterThan(0.9);
  });

  test('dropped bytes alone are mended without smoothing', async () => {
    expect(await of(struck(plainFrame(SIZE), 3))).toMatchObject({ outliers: true, smoothing: 0 });
  });

  test('of many dropped bytes some are left, and smoothed', async () => {
    const { outliers, smoothing } = (await of(struck(plainFrame(SIZE), 3, 5))) as Treatment;
    expect(outliers).toBe(true);
    expect(smoothing).toBeGreaterThan(0.5);
  });

  test('blocks of a coder are smoothed, as far as they stand out, at most half of the way', async () => {
    const frame = coded(street(31), 5);
    const edges = blockEdges(frame);
    const treatment = (await of(frame)) as Treatment;
    expect(treatment.outliers).toBe(false);
    expect(treatment.smoothing).toBeCloseTo(Math.min(0.5, (edges - 1) / 0.6), 2);
    expect(treatment.smoothing).toBeGreaterThan(0.2);
    const after = await treated(new RawFrame(frame, plain), { ...treatment, gain: 1, offset: 0 });
    expect(after).toEqual(PLAIN_FILTERS.smoothed(frame, treatment.smoothing));
    expect((await of(street(31)))?.smoothing ?? 0).toBe(0);
  });

  test('a flat frame gets contrast, the more the flatter, never less than it had', async () => {
    let last = 1;
    for (const [low, high] of [
      [30, 205],
      [60, 200],
      [90, 180],
      [110, 140],
    ]) {
      const frame = plainFrame(SIZE, low, high);
      const treatment = (await treatmentOf(clearly(frame))) as Treatment;
      expect(treatment).toMatchObject({ outliers: false, smoothing: 0 });
      expect(treatment.gain).toBeGreaterThan(last);
      last = treatment.gain;
      const before = lightRange(frame);
      const after = lightRange(await treated(clearly(frame), treatment));
      expect(after.high - after.low).toBeGreaterThan(before.high - before.low);
      expect(after.high).toBeLessThanOrEqual(255);
    }
  });

  test('what is measured is made once: outliers are replaced once a frame', async () => {
    let mended = 0;
    const counting = async () => ({
      ...PLAIN_FILTERS,
      withoutOutliers: (frame: PixelFrame) => {
        mended++;
        return PLAIN_FILTERS.withoutOutliers(frame);
      },
    });
    const raw = new RawFrame(struck(plainFrame(SIZE), 2), counting);
    const treatment = (await treatmentOf(raw)) as Treatment;
    expect(treatment.outliers).toBe(true);
    await treated(raw, treatment);
    expect(mended).toBe(1);
  });

  test('a covered lens stays dark', async () => {
    const frame = noisy(plainFrame(SIZE, 6, 6), 0.6, 4);
    const after = await treated(new RawFrame(frame, plain), (await of(frame)) as Treatment);
    expect(lightRange(after).high).toBeLessThan(64);
  });

  test('comes later than it goes: noise between the two leaves it as it was', async () => {
    const frame = noisy(plainFrame(SIZE), 6.3, 5);
    expect(noiseLevel(frame)).toBeGreaterThan(5);
    expect(noiseLevel(frame)).toBeLessThan(7);
    expect(await of(frame)).toBeUndefined();
    const before = (await of(noisy(plainFrame(SIZE), 9, 5))) as Treatment;
    const { smoothing } = (await of(frame, before)) as Treatment;
    expect(smoothing).toBeGreaterThan(0.1);
    expect(smoothing).toBeLessThan(before.smoothing);
    expect(await of(noisy(plainFrame(SIZE), 2, 5), before)).toBeUndefined();
  });
});

describe('how far a treatment reaches', () => {
  const frame = noisy(plainFrame(SIZE), 20, 6);
  const at = { x: 64, y: 48 };
  const changedAt = async (treatment: Treatment, distance: number) => {
    const data = Uint8ClampedArray.from(frame.data);
    for (let y = 0; y < SIZE.height; y++) {
      for (let x = 0; x < SIZE.width; x++) {
        const far = Math.max(Math.abs(x - at.x), Math.abs(y - at.y));
        if (far >= distance) for (let c = 0; c < 3; c++) data[4 * (y * SIZE.width + x) + c] ^= 0xff;
      }
    }
    const pixel = ({ data: bytes }: PixelFrame) =>
      [...bytes.subarray(4 * (at.y * SIZE.width + at.x))].slice(0, 3);
    const [before, after] = await Promise.all(
      [frame, { ...SIZE, data }].map((one) => treated(new RawFrame(one, plain), treatment)),
    );
    return JSON.stringify(pixel(before)) !== JSON.stringify(pixel(after));
  };

  test.each([
    [{ outliers: true, smoothing: 0.5, gain: 2, offset: -60 }, 3],
    [{ outliers: false, smoothing: 1, gain: 1, offset: 0 }, 2],
    [{ outliers: false, smoothing: 0, gain: 2, offset: -60 }, 0],
  ] as [Treatment, number][])('%o: %d px', async (treatment, reach) => {
    expect(treatmentReach(treatment)).toBe(reach);
    expect(await changedAt(treatment, reach + 1)).toBe(false);
    if (reach > 0) expect(await changedAt(treatment, reach - (treatment.outliers ? 1 : 0))).toBe(true);
  });
});
