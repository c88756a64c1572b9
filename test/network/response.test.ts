/** The response to levels, by its own words: ends, middle, and what it is for. */
import { describe, expect, it } from 'vitest';
import { respond, responseOf, responseTable } from '../../src/network/response.ts';

describe('the response to a level', () => {
  it.each([
    [undefined, undefined],
    [1, undefined],
    [48, undefined],
    [1000, undefined],
    [16, 0.25],
    [16, 1],
  ])(
    'goes from -1 to 1 and always up: half saturation %j, linear share %j',
    (halfSaturation, linearShare) => {
      const table = responseTable({ halfSaturation, linearShare });
      expect(table[0]).toBe(-1);
      expect(table[255]).toBeCloseTo(1, 12);
      for (let level = 1; level < 256; level++) expect(table[level]).toBeGreaterThan(table[level - 1]);
    },
  );

  it('is linear without half saturation, and nearly so with a great one', () => {
    const linear = responseTable({});
    const great = responseTable({ halfSaturation: 65_536 });
    for (const level of [3, 64, 200]) {
      expect(linear[level]).toBeCloseTo(level / 127.5 - 1, 12);
      expect(great[level]).toBeCloseTo(linear[level], 2);
    }
  });

  it('is at the half of its unbounded height where it says', () => {
    const response = responseOf({ halfSaturation: 48 });
    const unbounded = respond(response, 1e9) + 1;
    expect(respond(response, 48) + 1).toBeCloseTo(unbounded / 2, 5);
  });

  it('shows the dark: 10 and 20 of 255 differ by more than three times as much as without', () => {
    const [curved, linear] = [responseTable({ halfSaturation: 48 }), responseTable({})];
    expect(curved[20] - curved[10]).toBeGreaterThan(3 * (linear[20] - linear[10]));
  });

  it('lies between the curve and the line by the share that is linear', () => {
    const [curved, linear] = [responseTable({ halfSaturation: 16 }), responseTable({})];
    const mixed = responseTable({ halfSaturation: 16, linearShare: 0.25 });
    for (const level of [5, 60, 240]) {
      expect(mixed[level]).toBeCloseTo(0.75 * curved[level] + 0.25 * linear[level], 12);
    }
    expect(responseTable({ halfSaturation: 16, linearShare: 1 })[60]).toBeCloseTo(linear[60], 12);
  });

  it('keeps the contrast of the light that a steep curve alone loses', () => {
    const [curved, mixed] = [
      responseTable({ halfSaturation: 16 }),
      responseTable({ halfSaturation: 16, linearShare: 0.25 }),
    ];
    expect(mixed[240] - mixed[200]).toBeGreaterThan(2 * (curved[240] - curved[200]));
  });

  it('takes levels below 0 as 0', () => {
    expect(respond(responseOf({ halfSaturation: 48 }), -5)).toBe(-1);
  });
});
