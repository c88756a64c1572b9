/** The 15 corruptions: what each does to pictures small enough to reckon, and what holds for all of them. */
import { describe, expect, it } from 'vitest';
import type { PixelFrame } from '../../src/backends/backend.ts';
import {
  CORRUPTION_KINDS,
  type CorruptionKind,
  corruptFrame,
  corruptionRandom,
  corruptView,
  SEVERITIES,
  TESTED_ONLY_KINDS,
  TRAINED_KINDS,
} from '../../train/data/corruptions/index.ts';
import { seededRandom } from '../../train/random.ts';

const SIZE = { width: 160, height: 120 };

/** A street in a few strokes: sky, ground, walls, a few poles, fine texture. */
function street(): PixelFrame {
  const random = seededRandom(7);
  const data = new Uint8ClampedArray(SIZE.width * SIZE.height * 4).fill(255);
  for (let y = 0; y < SIZE.height; y++) {
    for (let x = 0; x < SIZE.width; x++) {
      const wall = x > 90 && y > 20 && y < 90;
      const pole = x % 40 > 36 && y > 30 && y < 100;
      const grey = pole ? 40 : wall ? 120 + 40 * ((x >> 2) & 1) : y < 60 ? 190 : 90;
      const at = (y * SIZE.width + x) * 4;
      for (let c = 0; c < 3; c++) data[at + c] = grey + 12 * c - 12 + 20 * (random() - 0.5);
    }
  }
  return { ...SIZE, data };
}

const frame = street();
const corrupted = (kind: CorruptionKind, severity: number, name = 'a.png') =>
  corruptFrame(kind, severity, frame, corruptionRandom(name, kind, severity));

function flat(grey: number, width = 64, height = 64): PixelFrame {
  return { width, height, data: new Uint8ClampedArray(width * height * 4).fill(grey) };
}

/** Mean and standard deviation of the colours. */
function statistics({ data }: PixelFrame): [mean: number, deviation: number] {
  const colours = Float64Array.from(data).filter((_, i) => i % 4 < 3);
  const mean = colours.reduce((sum, v) => sum + v, 0) / colours.length;
  const square = colours.reduce((sum, v) => sum + (v - mean) ** 2, 0) / colours.length;
  return [mean, Math.sqrt(square)];
}

function meanChange(a: PixelFrame, b: PixelFrame): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i] - b.data[i]);
  return sum / a.data.length;
}

/** expect's own comparison takes seconds for so many numbers. */
function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return Buffer.from(a as Uint8Array).equals(Buffer.from(b as Uint8Array));
}

/** Of the green values. */
function correlation(a: PixelFrame, b: PixelFrame): number {
  const [meanA, deviationA] = statistics(green(a));
  const [meanB, deviationB] = statistics(green(b));
  let sum = 0;
  for (let i = 1; i < a.data.length; i += 4) sum += (a.data[i] - meanA) * (b.data[i] - meanB);
  return sum / (a.data.length / 4) / (deviationA * deviationB);
}

/** Mean bend of the green values along a row: a cloud has slopes, and no bends. */
function sharpness({ data }: PixelFrame): number {
  let sum = 0;
  for (let i = 5; i < data.length - 4; i += 4) sum += Math.abs(2 * data[i] - data[i - 4] - data[i + 4]);
  return sum / (data.length / 4);
}

function green(frame: PixelFrame): PixelFrame {
  return { ...frame, data: frame.data.map((_, i) => frame.data[i - (i % 4) + 1]) };
}

describe('every corruption', () => {
  it('is trained or only tested, never both, and at least four are only tested', () => {
    expect(CORRUPTION_KINDS).toHaveLength(15);
    expect([...TRAINED_KINDS, ...TESTED_ONLY_KINDS].sort()).toEqual([...CORRUPTION_KINDS].sort());
    // One of noise, blur, weather and digital at least that training never sees.
    expect(TESTED_ONLY_KINDS).toEqual(
      expect.arrayContaining(['impulse_noise', 'zoom_blur', 'frost', 'elastic_transform']),
    );
  });

  it.each(CORRUPTION_KINDS)('%s keeps the size, leaves the frame alone and repeats itself', (kind) => {
    const before = frame.data.slice();
    const first = corrupted(kind, 3);
    expect(first).toMatchObject(SIZE);
    expect(same(frame.data, before)).toBe(true);
    expect(same(corrupted(kind, 3).data, first.data)).toBe(true);
    expect(first.data.every((value, i) => i % 4 < 3 || value === 255)).toBe(true);
  });

  it.each(CORRUPTION_KINDS)('%s hides more from severity 1 to 3 to 5', (kind) => {
    // Weather falls in places, and lightens: what is left of the frame is measured, over some names. Fog takes contrast.
    const weather = ['snow', 'frost'].includes(kind);
    const harm = (severity: number) => {
      const names = weather ? ['a', 'b', 'c', 'd'] : ['a'];
      const of = names.map((name) => corrupted(kind, severity, name));
      const each = of.map((other) => {
        if (kind === 'fog') return 1 - sharpness(other) / sharpness(frame);
        return weather ? 1 - correlation(frame, other) : meanChange(frame, other) / 255;
      });
      return each.reduce((sum, value) => sum + value, 0) / names.length;
    };
    expect(harm(1)).toBeGreaterThan(0.002);
    expect(harm(3)).toBeGreaterThan(harm(1));
    expect(harm(5)).toBeGreaterThan(harm(3));
  });

  it('differs from name to name where it is random', () => {
    for (const kind of [
      'gaussian_noise',
      'glass_blur',
      'snow',
      'frost',
      'fog',
      'elastic_transform',
    ] as const) {
      expect(same(corrupted(kind, 3, 'b.png').data, corrupted(kind, 3).data)).toBe(false);
    }
  });

  // So that figures of last month stay comparable: a change here is a change of the benchmark.
  it('has the statistics that it had', () => {
    const rounded = CORRUPTION_KINDS.map(
      (kind) => `${kind} ${statistics(corrupted(kind, 3)).map(Math.round).join(' ')}`,
    );
    expect(rounded).toMatchInlineSnapshot(`
      [
        "gaussian_noise 134 65",
        "shot_noise 132 67",
        "impulse_noise 134 61",
        "defocus_blur 134 44",
        "glass_blur 134 44",
        "motion_blur 131 45",
        "zoom_blur 134 45",
        "snow 202 51",
        "frost 192 46",
        "fog 123 46",
        "brightness 196 46",
        "contrast 134 14",
        "elastic_transform 135 49",
        "pixelate 134 49",
        "jpeg_compression 133 49",
      ]
    `);
  });

  it('works at odd and tiny sizes', () => {
    for (const kind of CORRUPTION_KINDS) {
      for (const severity of SEVERITIES) {
        const small = corruptFrame(kind, severity, flat(99, 17, 9), seededRandom(1));
        expect([small.width, small.height, small.data.length]).toEqual([17, 9, 17 * 9 * 4]);
      }
    }
  });
});

describe('single corruptions', () => {
  it('gaussian noise has the deviation of the paper', () => {
    const [mean, deviation] = statistics(corruptFrame('gaussian_noise', 1, flat(128), seededRandom(3)));
    expect(mean).toBeCloseTo(128, -0.5);
    expect(deviation / 255).toBeCloseTo(0.08, 2);
  });

  it('shot noise is Poisson: variance over mean is one photon', () => {
    const [mean, deviation] = statistics(corruptFrame('shot_noise', 2, flat(128), seededRandom(3)));
    expect(mean / 255).toBeCloseTo(128 / 255, 1);
    expect((deviation / 255) ** 2 / (mean / 255)).toBeCloseTo(1 / 25, 2);
  });

  it('impulse noise makes its share of the values black or white', () => {
    const { data } = corruptFrame('impulse_noise', 5, flat(128), seededRandom(3));
    const colours = data.filter((_, i) => i % 4 < 3);
    const share = (value: number) => colours.filter((v) => v === value).length / colours.length;
    expect(share(0)).toBeCloseTo(0.135, 1);
    expect(share(255)).toBeCloseTo(0.135, 1);
  });

  it('defocus spreads a point evenly over a disk', () => {
    const point = flat(0, 31, 31);
    point.data.fill(255, (15 * 31 + 15) * 4, (15 * 31 + 16) * 4);
    const { data } = corruptFrame('defocus_blur', 1, point, seededRandom(1));
    const lit = Array.from({ length: 31 * 31 }, (_, p) => data[p * 4]).filter((v) => v > 0);
    expect(lit).toEqual(Array(29).fill(Math.round(255 / 29))); // radius 3: 29 pixels
  });

  it('blurs and elastic leave a flat frame as it is', () => {
    for (const kind of CORRUPTION_KINDS.filter((name) => /blur|elastic|pixelate|contrast/.test(name))) {
      for (const severity of SEVERITIES) {
        const { data } = corruptFrame(kind, severity, flat(77), seededRandom(2));
        expect(data.every((v) => Math.abs(v - 77) <= 1)).toBe(true);
      }
    }
  });

  it('brightness raises the greatest colour and keeps the ratios', () => {
    const pixel: PixelFrame = { width: 1, height: 1, data: Uint8ClampedArray.of(102, 34, 0, 255) };
    // value 0.4 + 0.2
    expect([...corruptFrame('brightness', 2, pixel, seededRandom(1)).data]).toEqual([153, 51, 0, 255]);
  });

  it('contrast goes towards the mean', () => {
    const two: PixelFrame = {
      width: 2,
      height: 1,
      data: Uint8ClampedArray.of(0, 0, 0, 255, 200, 200, 200, 255),
    };
    expect([...corruptFrame('contrast', 3, two, seededRandom(1)).data]).toEqual([
      80, 80, 80, 255, 120, 120, 120, 255,
    ]);
  });

  it('pixelate shows the means of squares', () => {
    const { data } = corruptFrame('pixelate', 5, frame, seededRandom(1));
    for (let y = 0; y < 4; y++)
      for (let x = 0; x < 4; x++) expect(data[(y * SIZE.width + x) * 4]).toBe(data[0]);
  });
});

describe('training views', () => {
  const view = () => {
    const out = new Float32Array(SIZE.width * SIZE.height * 4);
    for (let i = 0; i < out.length; i++) out[i] = i % 4 === 3 ? i : frame.data[i] / 127.5 - 1;
    return out;
  };

  it.each(CORRUPTION_KINDS)('%s does to a view what it does to a frame', (kind) => {
    const own = view();
    corruptView(kind, 4, own, SIZE.width, SIZE.height, seededRandom(5));
    const { data } = corruptFrame(kind, 4, frame, seededRandom(5));
    const farthest = own.reduce(
      (most, value, i) =>
        Math.max(most, i % 4 === 3 ? Math.abs(value - i) : Math.abs((value + 1) * 127.5 - data[i])),
      0,
    );
    expect(farthest).toBeLessThan(1.01); // of 255: the frame is rounded
  });
});
