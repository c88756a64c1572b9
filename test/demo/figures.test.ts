import { expect, it } from 'vitest';
import { treatmentText } from '../../demo/figures.ts';
import type { Result, Treatment } from '../../src/result.ts';

it.each([
  [undefined, 'clear'],
  [{ outliers: true, smoothing: 0.5, gain: 1, offset: 0 }, 'smoothed'],
  [{ outliers: true, smoothing: 0, gain: 1, offset: 0 }, 'mended'],
  [{ outliers: false, smoothing: 0, gain: 1.84, offset: -20 }, 'contrast × 1.8'],
  [{ outliers: true, smoothing: 0.5, gain: 3, offset: -80 }, 'smoothed, contrast × 3.0'],
] as [Treatment | undefined, string][])('%o: %s', (treatment, text) => {
  expect(treatmentText({ treatment } as Result)).toBe(text);
});
