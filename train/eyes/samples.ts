/**
 * Windows to learn from, as the detector sees them: squares of a picture at half its size, side 20 to 34 px, cut out a
 * little off, turned, blurred, lit and noisy. Of each only the 16 x 16 px that questions can ask for are kept, less their
 * mean and over their deviation.
 */
import { GRID, offsetsOf, WINDOW_SIDES } from '../../src/attention/eyes/face-cascade.ts';
import { between, normal, type Random } from '../random.ts';

export const POINTS = GRID * GRID;
const ALL_POINTS = Uint8Array.from({ length: POINTS }, (_, i) => i);

export interface Grey {
  readonly width: number;
  readonly height: number;
  /** [height, width], 0..255. */
  readonly data: Float32Array;
}

export interface Square {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly roll?: number;
}

/** Of an RGBA frame, by the weights that attention/grey.ts has. */
export function greyOf({
  width,
  height,
  data,
}: {
  width: number;
  height: number;
  data: ArrayLike<number>;
}): Grey {
  const grey = new Float32Array(width * height);
  for (let i = 0; i < grey.length; i++) grey[i] = (data[4 * i] + 2 * data[4 * i + 1] + data[4 * i + 2]) / 4;
  return { width, height, data: grey };
}

/** How far a face may lie off its window, shares of a side: windows lie a step apart. */
const OFF = 0.05;
const OFF_SIZE = 0.1;

/** One way to see `square` of a picture: a window [side, side], 0..255. */
export function seen(random: Random, picture: Grey, square: Square, side: number): Float32Array {
  const mirrored = random() < 0.5 ? -1 : 1;
  const roll = normal(random) * 0.08 - (square.roll ?? 0) * (random() < 0.7 ? 0 : 1) + (square.roll ?? 0);
  const size = square.width * (1 + between(random, -OFF_SIZE, OFF_SIZE));
  const cx = square.x + square.width * (0.5 + between(random, -OFF, OFF));
  const cy = square.y + square.width * (0.5 + between(random, -OFF, OFF));
  const blur = random() < 0.4 ? 1 : between(random, 1, 2);
  const step = size / side;
  const [c, s] = [Math.cos(roll) * step, Math.sin(roll) * step];
  const window = new Float32Array(side * side);
  const taps = Math.max(2, Math.min(6, Math.ceil(step * blur)));
  for (let row = 0, i = 0; row < side; row++) {
    for (let column = 0; column < side; column++, i++) {
      let sum = 0;
      for (let k = 0; k < taps * taps; k++) {
        const u = (column + 0.5 - side / 2 + (((k % taps) + 0.5) / taps - 0.5) * blur) * mirrored;
        const v = row + 0.5 - side / 2 + ((Math.floor(k / taps) + 0.5) / taps - 0.5) * blur;
        sum += at(picture, cx + c * u - s * v - 0.5, cy + s * u + c * v - 0.5);
      }
      window[i] = sum / (taps * taps);
    }
  }
  relight(random, window, side);
  return window;
}

/** Gamma, exposure, light from one side, noise, and the small blocks of bad compression. */
function relight(random: Random, window: Float32Array, side: number): void {
  const gamma = Math.exp(normal(random) * 0.25);
  const gain = between(random, 0.6, 1.25);
  const [dx, dy] = [normal(random) * 0.25, normal(random) * 0.2];
  const noise = random() < 0.5 ? 1 : between(random, 1, 5);
  const block = random() < 0.3 ? between(random, 1, 3.5) : 0;
  const blocks = Float32Array.from({ length: 100 }, () => normal(random) * block);
  for (let i = 0; i < window.length; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    const light = Math.max(0.2, 1 + dx * (x / side - 0.5) + dy * (y / side - 0.5));
    const value = 255 * (Math.max(0, window[i]) / 255) ** gamma * gain * light;
    window[i] = Math.max(0, Math.min(255, value + normal(random) * noise + blocks[(x >> 2) + 10 * (y >> 2)]));
  }
}

function at({ width, height, data }: Grey, x: number, y: number): number {
  const u = Math.max(0, Math.min(width - 1.001, x));
  const v = Math.max(0, Math.min(height - 1.001, y));
  const i = Math.floor(u);
  const j = Math.floor(v);
  const from = j * width + i;
  const top = data[from] + (u - i) * (data[from + 1] - data[from]);
  const foot = data[from + width] + (u - i) * (data[from + width + 1] - data[from + width]);
  return top + (v - j) * (foot - top);
}

const OFFSETS = new Map(WINDOW_SIDES.map((side) => [side, offsetsOf(ALL_POINTS, side, side)]));

/** [POINTS] of a window, less its mean and over its deviation; null where it is plain. */
export function points(window: Float32Array, side: number, leastDeviation = 8): Float32Array | null {
  let [sum, square] = [0, 0];
  for (const value of window) {
    sum += value;
    square += value * value;
  }
  const mean = sum / window.length;
  const deviation = Math.sqrt(Math.max(0, square / window.length - mean * mean));
  if (deviation < leastDeviation) return null;
  const offsets = OFFSETS.get(side)!;
  return Float32Array.from(offsets, (offset) => (window[offset] - mean) / deviation);
}
