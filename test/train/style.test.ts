/** Restyled views: other colours and textures, the same shapes and coordinates. */
import { describe, expect, it } from 'vitest';
import { AUGMENTS } from '../../train/data/augment-settings.ts';
import { restyleView } from '../../train/data/style.ts';
import { makeBatch } from '../../train/loop/batch.ts';
import { seededRandom } from '../../train/random.ts';
import { EVEN_NET } from '../conformance/nets.ts';

const [WIDTH, HEIGHT] = [32, 24];
const BOX = { x0: 10, y0: 6, x1: 22, y1: 18 };
/** Half of the greatest kernel. */
const REACH = 2;

/** Grey-green ground with one reddish box; the fourth channel counts the pixels. */
function boxView(): Float32Array {
  const frame = new Float32Array(WIDTH * HEIGHT * 4);
  for (let p = 0; p < WIDTH * HEIGHT; p++) {
    const colours = inBox(p, 0) ? [0.5, -0.25, -0.5] : [-0.25, 0, -0.125];
    frame.set([...colours, p / 1024], p * 4);
  }
  return frame;
}

/** Whether the pixel lies in the box, made larger by `grow` on each side. */
function inBox(pixel: number, grow: number): boolean {
  const [x, y] = [pixel % WIDTH, Math.floor(pixel / WIDTH)];
  return x >= BOX.x0 - grow && x < BOX.x1 + grow && y >= BOX.y0 - grow && y < BOX.y1 + grow;
}

function restyled(seed: number): Float32Array {
  const frame = boxView();
  restyleView(frame, WIDTH, HEIGHT, seededRandom(seed));
  return frame;
}

/** Largest less smallest value of a colour over the pixels chosen. */
function span(frame: Float32Array, colour: number, chosen: (pixel: number) => boolean): number {
  const values = Array.from({ length: WIDTH * HEIGHT }, (_, p) => p)
    .filter(chosen)
    .map((p) => frame[p * 4 + colour]);
  return Math.max(...values) - Math.min(...values);
}

describe('restyled views', () => {
  it('keep every shape where it was', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const frame = restyled(seed);
      for (let c = 0; c < 3; c++) {
        expect(span(frame, c, (p) => inBox(p, -REACH))).toBeLessThan(1e-5);
        expect(span(frame, c, (p) => !inBox(p, REACH))).toBeLessThan(1e-5);
      }
    }
  });

  it('have other colours, in the range of a view, the same for the same seed', () => {
    const plain = boxView();
    let other = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const frame = restyled(seed);
      expect(frame).toEqual(restyled(seed));
      const colours = frame.filter((_, i) => i % 4 < 3);
      expect(Math.max(...colours.map(Math.abs))).toBeLessThanOrEqual(1);
      other += Number(frame.some((value, i) => Math.abs(value - plain[i]) > 0.1));
      expect(frame.filter((_, i) => i % 4 === 3)).toEqual(plain.filter((_, i) => i % 4 === 3));
    }
    // A few are mixed with next to nothing.
    expect(other).toBeGreaterThanOrEqual(15);
  });

  it('are shown in the share of views that was asked for, with the targets of the plain ones', () => {
    const augment = { ...AUGMENTS.none, styleShare: 0.5 };
    const size = 24;
    const view = { width: WIDTH, height: HEIGHT };
    const rgb = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => (i * 37) % 256);
    const box = { x: BOX.x0, y: BOX.y0, width: BOX.x1 - BOX.x0, height: BOX.y1 - BOX.y0 };
    const instances = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, p) => Number(inBox(p, 0)));
    const labelled = [true, true];
    const picture = { width: WIDTH, height: HEIGHT, rgb, instances, objects: [{ label: 0, box }], labelled };
    const batchOf = (settings: typeof augment | typeof AUGMENTS.none) =>
      makeBatch(
        EVEN_NET,
        Object.assign(() => picture, { augment: settings }),
        size,
        view,
        5,
        1,
      );
    const [plain, styled] = [batchOf(AUGMENTS.none), batchOf(augment)];
    const length = plain.frames.length / size;
    const changed = Array.from({ length: size }, (_, n) => n).filter((n) =>
      styled.frames
        .subarray(n * length, (n + 1) * length)
        .some((value, i) => value !== plain.frames[n * length + i]),
    );
    expect(changed.length).toBeGreaterThan(size / 4);
    expect(changed.length).toBeLessThan((3 * size) / 4);
    expect(styled.targets).toEqual(plain.targets);
  });
});
