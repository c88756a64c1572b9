/**
 * Seeded frames: a grey street with upright boxes and noise. No data set is read; content only steers the gates. Clear, as
 * src/conditioning measures them: so they are measured, which counts, and the peers get the same pixels.
 */
import type { PixelFrame } from '../src/backends/backend.ts';
import type { Size } from '../src/network/geometry.ts';
import { seededRandom } from '../train/random.ts';

const BOXES = 14;
const NOISE_LEVELS = 16;

export function benchFrame(size: Size, seed: number): PixelFrame {
  const { width, height } = size;
  const uniform = seededRandom(seed);
  const boxes = Array.from({ length: BOXES }, () => ({
    left: uniform() * width,
    top: uniform() * height * 0.6,
    wide: 3 + uniform() * 30,
    tall: 30 + uniform() * 120,
    grey: 255 * uniform(),
  }));
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const box = boxes.find(
        ({ left, top, wide, tall }) => x >= left && x < left + wide && y >= top && y < top + tall,
      );
      const base = box?.grey ?? (y > height * 0.55 ? 30 : 235);
      const at = (y * width + x) * 4;
      for (let c = 0; c < 3; c++) data[at + c] = base + NOISE_LEVELS * (uniform() - 0.5);
      data[at + 3] = 255;
    }
  }
  return { width, height, data };
}
