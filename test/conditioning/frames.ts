/** Frames of known noise and light. */
import type { PixelFrame } from '../../src/backends/backend.ts';
import type { Size } from '../../src/network/geometry.ts';
import { corruptFrame } from '../../train/data/corruptions/index.ts';
import { normal, seededRandom } from '../../train/random.ts';
import { renderScene } from '../../train/scenes/index.ts';

/** A street of sorts: a slope of light, walls with sharp edges, thin upright lines; levels from `low` to `high`. */
export function plainFrame({ width, height }: Size, low = 10, high = 240): PixelFrame {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wall = x % 48 < 20 && y > height / 3 ? 0.3 : 0;
      const line = x % 37 === 5 ? 0.4 : 0;
      const light = Math.min(
        1,
        Math.max(0, 1.1 - (y / height) * 0.8 - wall - line - (y > 0.9 * height ? 0.3 : 0)),
      );
      data.fill(low + (high - low) * light, 4 * (y * width + x), 4 * (y * width + x) + 3);
      data[4 * (y * width + x) + 3] = 255;
    }
  }
  return { width, height, data };
}

/** Normal noise of this deviation, in levels, on top. */
export function noisy(frame: PixelFrame, deviation: number, seed: number): PixelFrame {
  const random = seededRandom(seed);
  const data = Uint8ClampedArray.from(frame.data, (level, i) =>
    i % 4 === 3 ? level : level + deviation * normal(random),
  );
  return { ...frame, data };
}

/** Bytes dropped and stuck, as the corruption has them. @param severity 1..5 */
export function struck(frame: PixelFrame, seed: number, severity = 3): PixelFrame {
  return corruptFrame('impulse_noise', severity, frame, seededRandom(seed));
}

/** Coded as JPEG and decoded, as the corruption does. @param severity 1..5 */
export function coded(frame: PixelFrame, severity: number): PixelFrame {
  return corruptFrame('jpeg_compression', severity, frame, seededRandom(1));
}

/** A procedural street of 480x360 px by daylight or dusk. */
export function street(seed: number): PixelFrame {
  return renderScene(seed).frame;
}
