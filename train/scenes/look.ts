/** The camera's look: exposure, tone curve, glow around what is too bright, softness, noise. Linear to 8 bit. */
import type { PixelFrame } from '../../src/backends/backend.ts';
import type { Canvas } from './canvas.ts';
import { Random } from './random.ts';

export interface Look {
  readonly exposure: number;
  readonly contrast: number;
  readonly saturation: number;
  /** White balance. */
  readonly tint: readonly [number, number, number];
  /** Share of each pixel that leaks to its neighbours across and down, -0.15 (sharpened) to 0.3. */
  readonly softness: number;
  /** Standard deviation, 8-bit levels. */
  readonly noise: number;
  readonly vignette: number;
  readonly black: number;
}

export function makeLook(rng: Random, exposure: number, dark: boolean): Look {
  const warm = rng.normal() * 0.05;
  return {
    exposure: exposure * 2 ** (rng.normal() * 0.25 - 0.1),
    contrast: rng.range(1, 1.45),
    saturation: rng.range(0.55, 1.05),
    tint: [1 + warm, 1 + rng.normal() * 0.015, 1 - warm],
    softness: rng.range(-0.1, 0.15),
    noise: dark ? rng.range(0.6, 3) : rng.range(0.4, 2.4),
    vignette: rng.range(0, 0.25),
    black: rng.range(0, 8),
  };
}

const STEPS = 2048;
const TOP = 4;

/** Square-root spaced table from linear light to 8 bit. */
function toneTable(look: Look): Float32Array {
  const table = new Float32Array(STEPS + 1);
  for (let i = 0; i <= STEPS; i++) {
    const linear = TOP * (i / STEPS) ** 2 * look.exposure;
    // A shoulder above 0.7, then the display's gamma.
    const kept = linear < 0.7 ? linear : 0.7 + 0.34 * (1 - Math.exp(-(linear - 0.7) / 0.4));
    let v = kept ** (1 / 2.2);
    v = 0.42 + (v - 0.42) * look.contrast;
    table[i] = Math.max(look.black, Math.min(255, v * 255));
  }
  return table;
}

const NOISE_LENGTH = 65536;
let noiseTable: Float32Array | undefined;

function gaussians(): Float32Array {
  if (!noiseTable) {
    const rng = new Random(123);
    noiseTable = Float32Array.from({ length: NOISE_LENGTH }, () => rng.normal());
  }
  return noiseTable;
}

/** @param seed of the noise: another one each frame. */
export function develop(canvas: Canvas, look: Look, seed: number, mirrored: boolean): PixelFrame {
  const { width, height, rgb } = canvas;
  soften(canvas, look.softness);
  const table = toneTable(look);
  const noise = gaussians();
  const rng = new Random(seed, 40);
  const data = new Uint8ClampedArray(width * height * 4);
  const scale = STEPS / Math.sqrt(TOP);
  const s = look.saturation;
  const [tr, tg, tb] = look.tint;
  const spread = look.noise;
  for (let y = 0; y < height; y++) {
    let n = Math.floor(rng.next() * (NOISE_LENGTH - width * 3 - 3));
    const vy = ((y + 0.5) / height - 0.5) ** 2;
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) * 3;
      const v = 1 - look.vignette * 2 * (((x + 0.5) / width - 0.5) ** 2 + vy);
      const r = table[index(rgb[i] * v * tr, scale)];
      const g = table[index(rgb[i + 1] * v * tg, scale)];
      const b = table[index(rgb[i + 2] * v * tb, scale)];
      const grey = 0.3 * r + 0.59 * g + 0.11 * b;
      // Mostly brightness noise, some of it coloured; whites that clip hide it.
      const common = grey > 250 ? 0 : noise[n] * spread;
      const o = (y * width + (mirrored ? width - 1 - x : x)) * 4;
      data[o] = grey + (r - grey) * s + common + noise[n + 1] * spread * 0.4;
      data[o + 1] = grey + (g - grey) * s + common;
      data[o + 2] = grey + (b - grey) * s + common + noise[n + 2] * spread * 0.4;
      data[o + 3] = 255;
      n += 3;
    }
  }
  return { width, height, data };
}

function index(linear: number, scale: number): number {
  const i = Math.sqrt(Math.max(0, linear)) * scale;
  return i >= STEPS ? STEPS : i | 0;
}

/** Separable [k, 1 - 2k, k] in place. */
function soften(canvas: Canvas, k: number): void {
  if (k === 0) return;
  const { width, height, rgb } = canvas;
  const m = 1 - 2 * k;
  const row = width * 3;
  for (let y = 0; y < height; y++) {
    const o = y * row;
    for (let c = 0; c < 3; c++) {
      let left = rgb[o + c];
      for (let i = o + c; i < o + row - 3; i += 3) {
        const here = rgb[i];
        rgb[i] = left * k + here * m + rgb[i + 3] * k;
        left = here;
      }
    }
  }
  const above = rgb.slice(0, row);
  for (let y = 0; y < height - 1; y++) {
    const o = y * row;
    for (let i = 0; i < row; i++) {
      const here = rgb[o + i];
      rgb[o + i] = above[i] * k + here * m + rgb[o + row + i] * k;
      above[i] = here;
    }
  }
}
