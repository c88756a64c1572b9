import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFrameSource } from '../../cli/frame-sources.ts';
import { openY4m } from '../../cli/y4m.ts';
import { encodeJpeg } from '../../train/data/images.ts';
import { randomFrame } from '../conformance/random.ts';

const directory = mkdtempSync(join(tmpdir(), 'saccadenet-clips-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function clip(name: string, ...parts: (string | number[])[]): string {
  const file = join(directory, name);
  writeFileSync(
    file,
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part)))),
  );
  return file;
}

const pixel = (data: ArrayLike<number>, i: number) => Array.from({ length: 3 }, (_, c) => data[4 * i + c]);

describe('y4m', () => {
  // 3 x 2 px, 4:2:0: 6 luma, 2 + 2 chroma samples. BT.601 limited: 16 black, 235 white, (81, 90, 240) red.
  const grey = [16, 235, 126, 16, 235, 126, 128, 128, 128, 128];
  const red = [81, 81, 81, 81, 81, 81, 90, 90, 240, 240];

  it('reads frames, their colours and times', () => {
    const header = 'YUV4MPEG2 W3 H2 F10:1 Ip A1:1 C420jpeg\n';
    const file = clip('two.y4m', header, 'FRAME\n', grey, 'FRAME Ip\n', red);
    const opened = openY4m(file);
    expect([opened.frameCount, opened.framesPerSecond]).toEqual([2, 10]);
    const [first, second, ...rest] = [...opened.frames()];
    expect(rest).toEqual([]);
    expect([first.width, first.height]).toEqual([3, 2]);
    expect([0, 1, 2].map((i) => pixel(first.data, i)[1])).toEqual([0, 255, 128]);
    const [r, g, b] = pixel(second.data, 5);
    expect(r).toBeGreaterThan(250);
    expect(Math.max(g, b)).toBeLessThan(5);
    const frames = [...openFrameSource(file, { video: false }).frames()];
    expect(frames.map(({ frame, timestampMs, name }) => [frame, timestampMs, name])).toEqual([
      [0, 0, 'two-00000'],
      [1, 100, 'two-00001'],
    ]);
  });

  it('reads grey and 4:4:4 clips', () => {
    const mono = [...openY4m(clip('mono.y4m', 'YUV4MPEG2 W2 H1 Cmono\nFRAME\n', [16, 235])).frames()];
    expect(pixel(mono[0].data, 1)).toEqual([255, 255, 255]);
    const full = 'YUV4MPEG2 W1 H1 C444 XCOLORRANGE=FULL\nFRAME\n';
    const [frame] = openY4m(clip('full.y4m', full, [100, 128, 128])).frames();
    expect(pixel(frame.data, 0)).toEqual([100, 100, 100]);
  });

  it('says what is wrong with a clip', () => {
    expect(() => openY4m(clip('a.y4m', 'RIFF'))).toThrow(/does not begin with YUV4MPEG2/);
    expect(() => openY4m(clip('b.y4m', 'YUV4MPEG2 W0 H2\n'))).toThrow(/size 0x2/);
    expect(() => openY4m(clip('c.y4m', 'YUV4MPEG2 W2 H2 C420p10\n'))).toThrow(/C420p10/);
    const header = 'YUV4MPEG2 W2 H2\n'; // frames of 6 bytes
    expect(() => openY4m(clip('none.y4m', header))).toThrow(/within frame 0: 0 bytes .* 2x2 px; convert/);
    expect(() => openY4m(clip('huge.y4m', 'YUV4MPEG2 W999999 H999999\nFRAME\n', [1]))).toThrow(/999999 px/);
    const short = openY4m(clip('d.y4m', header, 'FRAME\n', [1, 2, 3, 4, 5, 6], 'FRAME\n', [1, 2, 3]));
    expect(() => [...short.frames()]).toThrow(/ends within frame 1/);
    const odd = openY4m(clip('e.y4m', 'YUV4MPEG2 W1 H1 Cmono\nFRAME\n', [1], 'FRUME\n', [1]));
    expect(() => [...odd.frames()]).toThrow(/frame 1 does not begin with FRAME/);
  });
});

describe('mjpeg', () => {
  const pictures = [1, 2, 3].map((seed) => encodeJpeg(randomFrame({ width: 17, height: 9 }, seed), 80));

  it('gives frames', () => {
    const file = clip('three.mjpeg', ...pictures.map((bytes) => [...bytes]));
    const source = openFrameSource(file, { video: false });
    expect([source.frameCount, source.isClip]).toEqual([3, true]);
    const frames = [...source.frames()];
    expect(frames.map(({ pixels }) => [pixels.width, pixels.height])).toEqual(Array(3).fill([17, 9]));
  });
});
