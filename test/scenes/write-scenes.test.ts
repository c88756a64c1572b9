import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { command } from '../../cli/scenes.ts';
import { MASK_PERSON, MASK_POLE, openDataset } from '../../train/data/dataset.ts';
import { decodeImage, readImage, readMask } from '../../train/data/images.ts';
import { writeScenes } from '../../train/scenes/write-scenes.ts';

const root = mkdtempSync(join(tmpdir(), 'scenes-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SMALL = { width: 160, height: 120 };

/** Start offsets of the JPEGs in a file of many. */
function jpegStarts(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  for (let i = 0; i + 2 < bytes.length; i++)
    if (bytes[i] === 0xff && bytes[i + 1] === 0xd8 && bytes[i + 2] === 0xff) starts.push(i);
  return starts;
}

describe('writeScenes', () => {
  it('writes a set that reads back in the data form', () => {
    const directory = join(root, 'set');
    const summary = writeScenes({ frames: 3, seed: 5, video: false, directory, ...SMALL });
    const set = openDataset(directory);
    expect(set.labelled).toEqual(['person', 'pole']);
    expect(set.images.length).toBe(3);
    let valid = 0;
    for (const image of set.images) {
      const frame = readImage(image.file);
      const mask = readMask(image.maskFile ?? '');
      expect([frame.width, frame.height, mask.width, mask.height]).toEqual([160, 120, 160, 120]);
      for (const { label, box, ignore } of image.annotations) {
        if (ignore) continue;
        valid++;
        const value = label === 'person' ? MASK_PERSON : MASK_POLE;
        const row = mask.data.subarray(box.y * 160 + box.x, box.y * 160 + box.x + box.width);
        expect(row.includes(value)).toBe(true);
      }
    }
    expect(valid).toBe(summary.persons + summary.poles);
    expect(valid).toBeGreaterThan(0);
  });

  it('writes a clip of whole JPEGs with tracks', () => {
    const mjpeg = join(root, 'clip', 'street.mjpeg');
    const summary = writeScenes({ frames: 4, seed: 9, video: true, mjpeg, ...SMALL });
    const bytes = readFileSync(mjpeg);
    expect(bytes.length).toBe(summary.bytes);
    const starts = jpegStarts(bytes);
    expect(starts.length).toBe(4);
    starts.forEach((start, i) => {
      const picture = decodeImage(bytes.subarray(start, starts[i + 1]), `frame ${i}`);
      expect([picture.width, picture.height]).toEqual([160, 120]);
    });
    const { images, annotations } = JSON.parse(readFileSync(join(root, 'clip', 'annotations.json'), 'utf8'));
    expect(images.map((image: { frame: number }) => image.frame)).toEqual([0, 1, 2, 3]);
    expect(annotations.every((a: { track_id?: number }) => Number.isInteger(a.track_id))).toBe(true);
  });
});

describe('saccadenet scenes', () => {
  it('names what is missing or wrong', async () => {
    await expect(command.run(['--seed', '1', '-o', root])).rejects.toThrow(/--frames/);
    await expect(command.run(['--frames', '1', '--seed', '1'])).rejects.toThrow(/--out/);
    await expect(command.run(['--frames', '0', '--seed', '1', '-o', root])).rejects.toThrow(/--frames.*'0'/);
    await expect(
      command.run(['--frames', '1', '--seed', '1', '--mjpeg', join(root, 'a.mjpeg')]),
    ).rejects.toThrow(/--video/);
  });
});

describe('committed clip and fixtures', () => {
  it('the sample clip: 60 pictures of 480 x 360, at most 2 MB, as annotated', () => {
    const bytes = readFileSync('demo/clip/street.mjpeg');
    expect(bytes.length).toBeLessThanOrEqual(2e6);
    expect(jpegStarts(bytes).length).toBe(60);
    const first = decodeImage(bytes.subarray(0, jpegStarts(bytes)[1]), 'first');
    expect([first.width, first.height]).toEqual([480, 360]);
    const { images, annotations } = JSON.parse(readFileSync('demo/clip/annotations.json', 'utf8'));
    expect(images.length).toBe(60);
    expect(annotations.filter((a: { ignore: number }) => !a.ignore).length).toBeGreaterThan(300);
  });

  it('the fixture set opens and holds people and poles', () => {
    const set = openDataset('test/fixtures/scenes');
    expect(set.images.length).toBe(6);
    const all = set.images.flatMap(({ annotations }) => annotations.filter(({ ignore }) => !ignore));
    expect(all.filter(({ label }) => label === 'person').length).toBeGreaterThan(6);
    expect(all.filter(({ label }) => label === 'pole').length).toBeGreaterThan(6);
  });
});
