import { describe, expect, it } from 'vitest';
import { annotate } from '../../cli/draw/annotate.ts';
import { Canvas, textSize } from '../../cli/draw/canvas.ts';
import { createProgress } from '../../cli/progress.ts';
import type { Result } from '../../src/result.ts';

const grey = (width: number, height: number) => ({
  width,
  height,
  data: new Uint8Array(width * height * 4).fill(128),
});
const at = (frame: { width: number; data: ArrayLike<number> }, x: number, y: number) =>
  [0, 1, 2].map((c) => frame.data[4 * (y * frame.width + x) + c]);

describe('annotate', () => {
  const result: Result = {
    width: 64,
    height: 48,
    backend: 'wasm',
    detections: [
      { label: 'person', score: 0.9, box: { x: 20, y: 14, width: 10, height: 16 } },
      { label: 'pole', score: 0.4, box: { x: 60, y: -5, width: 50, height: 400 } },
    ],
    attention: {
      ...{ columns: 4, rows: 3, blockWidth: 16, blockHeight: 16 },
      gates: Uint8Array.of(0, 1, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0),
    },
    macs: { attention: 1, detail: 2, dense: 10 },
    timings: { totalMs: 12 },
  };

  it('dims skipped blocks and tints the others by their kernels', () => {
    const picture = annotate(grey(64, 48), { ...result, detections: [] });
    expect([picture.width, picture.height]).toEqual([128, 96]);
    const [skipped, three, five] = [at(picture, 4, 4), at(picture, 36, 4), at(picture, 68, 4)];
    expect(Math.max(...skipped)).toBeLessThan(90);
    expect(three[2]).toBeGreaterThan(three[0] + 40); // blue
    expect(five[0]).toBeGreaterThan(five[2] + 40); // amber
  });

  it('frames what was found, also where it reaches over the edge', () => {
    const picture = annotate(grey(64, 48), result);
    expect(at(picture, 50, 28)).toEqual([240, 228, 66]); // the top edge of the person, twice enlarged
    expect(at(picture, 119, 60)).toEqual([47, 214, 181]);
  });

  it('leaves large frames at their size and the given frame as it was', () => {
    const frame = grey(1000, 16);
    const picture = annotate(frame, { ...result, detections: [] });
    expect(picture.width).toBe(1000);
    expect(frame.data.every((v) => v === 128)).toBe(true);
  });
});

describe('text', () => {
  it('draws the dots of a glyph', () => {
    const canvas = new Canvas({ width: 8, height: 8, data: new Uint8Array(256) }, 1);
    canvas.text('L', 0, 0, 1, [255, 0, 0]);
    const dots = Array.from({ length: 7 }, (_, y) =>
      Array.from({ length: 5 }, (_, x) => (at(canvas, x, y)[0] > 0 ? '#' : '.')).join(''),
    );
    expect(dots).toEqual(['#....', '#....', '#....', '#....', '#....', '#....', '#####']);
    expect(textSize('ab', 2)).toEqual({ width: 22, height: 16 });
  });
});

describe('progress', () => {
  function bar(options: { isTTY: boolean; quiet?: boolean }) {
    let text = '';
    let nowMs = 0;
    const stream = { isTTY: options.isTTY, columns: 120, write: (more: string) => (text += more) };
    const progress = createProgress('work', 4, { stream, quiet: options.quiet, now: () => nowMs });
    nowMs = 1000;
    progress.update(1);
    progress.end();
    return text;
  }

  it('shows the share and the time left on a terminal', () => {
    expect(bar({ isTTY: true })).toContain('work [######------------------] 1/4 0:03 left');
  });

  it('is silent elsewhere and when told so', () => {
    expect(bar({ isTTY: false })).toBe('');
    expect(bar({ isTTY: true, quiet: true })).toBe('');
  });
});
